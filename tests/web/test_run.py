"""The address that is printed is one that somebody can open."""

import ipaddress
import socket
from typing import NoReturn

import pytest

from mnistry.web.service.run import ELSEWHERE, reachable

NOBODY = [nobody for _, nobody, _ in ELSEWHERE.values()]  # no packet goes there


@pytest.mark.allow_hosts([*NOBODY, "127.0.0.1", "::1"])
@pytest.mark.parametrize("host", ELSEWHERE)
def test_for_all_addresses_one_of_this_machine_is_printed(host: str) -> None:
    address = ipaddress.ip_address(reachable(host))
    assert not address.is_unspecified
    with socket.socket(ELSEWHERE[host][0]) as here:
        here.bind((str(address), 0))  # only an address of one's own can be bound


@pytest.mark.parametrize(("host", "here"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])  # noqa: S104
def test_without_a_network_it_is_this_machine(
    host: str, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> NoReturn:
        raise OSError

    monkeypatch.setattr(socket, "socket", unreachable)
    assert reachable(host) == here


def test_an_address_that_was_named_stays() -> None:
    assert reachable("127.0.0.1") == "127.0.0.1"
