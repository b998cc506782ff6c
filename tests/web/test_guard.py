"""The guard's log is written where somebody may look, or nobody."""

import io
import sys

import pytest

from mnistry.web.service.guard import _log


class Gone(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [None, closed(), Gone()])
def test_a_log_that_nobody_can_read_costs_no_request(
    stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    _log({"path": "/v1/read", "method": "POST"}, 200, 0.1)
