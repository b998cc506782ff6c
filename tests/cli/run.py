"""Run the command line in this process, as a shell would see it."""

import contextlib
import io
from typing import NamedTuple

import pytest

from mnistry.cli import main


class Done(NamedTuple):
    code: int
    out: str
    err: str


def run(*arguments: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main(list(arguments))
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())
