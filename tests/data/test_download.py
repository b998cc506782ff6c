import errno
import hashlib
import http.client
import os
import ssl
from pathlib import Path

import pytest

from mnistry.data import download as room
from mnistry.data.download import RemoteFile, download
from mnistry.errors import FetchError
from tests.server import Server

DATA = bytes(range(256)) * 1000
PART = ".file.gz.part"
REMOTE = RemoteFile("file.gz", len(DATA), hashlib.sha256(DATA).hexdigest(), "tiny")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    server.files["file.gz"] = DATA
    monkeypatch.setattr(room, "WAIT_SECONDS", 0.01)


def get(server: Server, target: Path, *manners: str, seconds: float = 5) -> str:
    urls = [server.url(manner) + "file.gz" for manner in manners]
    return download(REMOTE, urls, target, timeout_seconds=seconds)


def test_a_good_mirror_gives_the_file(server: Server, tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    url = server.url("good") + "file.gz"
    source = download(
        REMOTE, [url], tmp_path / "file.gz", progress=lambda *now: calls.append(now)
    )
    assert source == url
    assert (tmp_path / "file.gz").read_bytes() == DATA
    assert calls[-1] == ("file.gz", len(DATA), len(DATA))
    assert [done for _, done, _ in calls] == sorted(done for _, done, _ in calls)


BAD = {
    "missing": "answered 404",
    "page": "offers 37 bytes of .*, expected 256,000",
    "padded-page": "SHA-256 is ",
    "flipped": "SHA-256 is ",
    "endless": "sent more than the 256,000 bytes expected",
    "moved-to-http": "is not an https address \\(http\\)",
}


@pytest.mark.parametrize("manner", BAD)
def test_after_a_bad_mirror_the_next_is_asked(
    server: Server, tmp_path: Path, manner: str
) -> None:
    assert "/good/" in get(server, tmp_path / "file.gz", manner, "good")
    assert (tmp_path / "file.gz").read_bytes() == DATA


@pytest.mark.parametrize("manner", BAD)
def test_what_each_mirror_answered_is_in_the_error(
    server: Server, tmp_path: Path, manner: str
) -> None:
    with pytest.raises(FetchError, match=f"/{manner}/file.gz {BAD[manner]}"):
        get(server, tmp_path / "file.gz", manner)
    assert not (tmp_path / PART).exists()


def test_all_mirrors_down_lists_all(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="from 2 mirrors") as caught:
        get(server, tmp_path / "file.gz", "missing", "page")
    assert "/missing/" in str(caught.value)
    assert "/page/" in str(caught.value)
    assert str(REMOTE.sha256) in str(caught.value)
    assert "the data set drawn, which needs no file" in str(caught.value)
    assert str(caught.value).endswith("mnistry fetch tiny --from DIR")


def test_what_several_mirrors_answer_is_reported_once(
    server: Server, tmp_path: Path
) -> None:
    host = server.url("").split("/")[2]
    with pytest.raises(FetchError) as caught:
        get(server, tmp_path / "file.gz", "missing", "missing/too", "page")
    assert str(caught.value).count("answered 404") == 1
    assert f"404 Not Found: {host}, {host}; " in str(caught.value)
    assert "/page/file.gz offers 37 bytes" in str(caught.value)


def test_a_broken_transfer_goes_on_where_it_stopped(
    server: Server, tmp_path: Path
) -> None:
    get(server, tmp_path / "file.gz", "broken", "good")
    assert (tmp_path / "file.gz").read_bytes() == DATA
    ranges = [asked for path, asked in server.asked if path.startswith("/good")]
    assert ranges == [f"bytes={len(DATA) // 2}-"]


@pytest.mark.parametrize(
    "url",
    [
        "{server}missing/file.gz",
        "{server}page/file.gz",
        "https://mirror.invalid/file.gz",
        "http://mirror.example/file.gz",
        "no address",
    ],
)
def test_who_gives_nothing_does_not_cost_what_was_there(
    server: Server, tmp_path: Path, url: str
) -> None:
    (tmp_path / PART).write_bytes(DATA[:1000])
    asked = url.format(server=server.url("").removesuffix("/"))
    with pytest.raises(FetchError):
        download(REMOTE, [asked], tmp_path / "file.gz")
    assert (tmp_path / PART).read_bytes() == DATA[:1000]


def test_a_mirror_that_cannot_go_on_starts_afresh(
    server: Server, tmp_path: Path
) -> None:
    get(server, tmp_path / "file.gz", "broken", "whole")
    assert (tmp_path / "file.gz").read_bytes() == DATA


def test_a_broken_mirror_that_is_alone_is_asked_again(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(FetchError, match="stopped after [0-9,]+ of 256,000 bytes"):
        get(server, tmp_path / "file.gz", "broken")
    assert server.tries["/broken/file.gz"] == room.ROUNDS
    assert (tmp_path / PART).stat().st_size > len(DATA) // 2


def test_a_part_of_another_file_is_not_trusted(server: Server, tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(b"x" * 100)
    get(server, tmp_path / "file.gz", "good")
    assert (tmp_path / "file.gz").read_bytes() == DATA


def test_a_stall_moves_on_to_the_next_mirror(server: Server, tmp_path: Path) -> None:
    assert "/good/" in get(server, tmp_path / "file.gz", "stalled", "good", seconds=0.3)


def test_a_drip_is_a_stall(server: Server, tmp_path: Path) -> None:
    assert "/good/" in get(
        server, tmp_path / "file.gz", "dripping", "good", seconds=0.3
    )


def test_a_busy_mirror_is_asked_again_later(server: Server, tmp_path: Path) -> None:
    assert "/busy-once/" in get(server, tmp_path / "file.gz", "busy-once")


def test_a_refused_connection_is_named(tmp_path: Path, server: Server) -> None:
    url = "https://127.0.0.1:1/file.gz"
    with pytest.raises(FetchError, match="Connection refused"):
        download(REMOTE, [url], tmp_path / "file.gz")


def test_plain_http_elsewhere_is_never_spoken(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="is not an https address"):
        download(REMOTE, ["http://mirror.example/file.gz"], tmp_path / "file.gz")


def test_https_is_never_retried_as_http(tmp_path: Path, server: Server) -> None:
    """A mirror that speaks no TLS is asked in TLS only."""
    url = server.url("good").replace("http:", "https:") + "file.gz"
    with pytest.raises(FetchError, match="(?i)ssl|connection"):
        download(REMOTE, [url], tmp_path / "file.gz")
    assert server.asked == []


def test_an_unknown_certificate_is_refused_and_a_known_one_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Server() as secure:
        secure.files["file.gz"] = DATA
        inner = secure._server
        inner.socket = context.wrap_socket(inner.socket, server_side=True)
        url = secure.url("good").replace("http:", "https:") + "file.gz"
        with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
            download(REMOTE, [url], tmp_path / "file.gz")
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert download(REMOTE, [url], tmp_path / "file.gz") == url


def test_a_proxy_named_by_the_usual_variable_is_used(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = server.url("good").removesuffix("good/")
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(FetchError, match=r"501|Tunnel|Unsupported"):
        download(REMOTE, ["https://mirror.example/file.gz"], tmp_path / "file.gz")


def test_wrong_bytes_of_one_mirror_do_not_spoil_the_next(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / PART).write_bytes(b"x" * 1000)
    assert "/good/" in get(server, tmp_path / "file.gz", "good")
    assert (tmp_path / "file.gz").read_bytes() == DATA


@pytest.mark.parametrize(
    "address", ["https://[x/", "https://a..b/", "https://h/\xfc/", "https://\u2028/"]
)
def test_what_is_no_address_is_named(tmp_path: Path, address: str) -> None:
    with pytest.raises(FetchError, match="is not a valid address"):
        download(REMOTE, [address], tmp_path / "file.gz")


LOST = [
    OSError(code, os.strerror(code))
    for code in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN)
] + [ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC]")]


@pytest.mark.parametrize("error", LOST, ids=str)
def test_a_network_that_goes_away_in_mid_file_is_the_mirrors_fault(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    read1 = http.client.HTTPResponse.read1
    reads: list[str] = []

    def break_once(self: http.client.HTTPResponse, count: int) -> bytes:
        reads.append(self.geturl())
        if len(reads) == 2:
            raise error
        return read1(self, count)

    monkeypatch.setattr(http.client.HTTPResponse, "read1", break_once)
    assert "/whole/" in get(server, tmp_path / "file.gz", "good", "whole")
    assert (tmp_path / "file.gz").read_bytes() == DATA
    reads.clear()
    (tmp_path / "file.gz").unlink()
    assert "/good/" in get(server, tmp_path / "file.gz", "good")  # alone: asked again
    assert server.tries["/good/file.gz"] == 3
    assert (tmp_path / "file.gz").read_bytes() == DATA


def test_no_route_to_a_mirror_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def unreachable(address: object, *_: object, **__: object) -> None:
        asked.append(address)
        raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))

    monkeypatch.setattr("socket.create_connection", unreachable)
    with pytest.raises(FetchError, match="No route to host"):
        download(REMOTE, ["https://127.0.0.1:1/file.gz"], tmp_path / "file.gz")
    assert len(asked) == room.ROUNDS


def test_a_disk_that_fails_is_not_the_mirrors_fault(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_part: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(room, "open_part", full)
    with pytest.raises(OSError, match="No space left") as caught:
        get(server, tmp_path / "file.gz", "good", "whole")
    assert not isinstance(caught.value, FetchError)
    assert len(server.asked) == 1
