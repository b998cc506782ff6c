"""What the command line prints or writes: nothing leaves it but through here."""

import sys
from pathlib import Path

import click

from mnistry.errors import UsageError
from mnistry.escape import for_terminal
from mnistry.formats.atomic import expect_writable

STDIN = "-"  # in place of a name


def read_stdin() -> bytes:
    """Read all that is handed in.

    Raises:
        UsageError: stdin is closed.
    """
    if sys.stdin is None or sys.stdin.closed:
        message = "stdin is closed; expected a picture there for -. Name a file."
        raise UsageError(message)
    return sys.stdin.buffer.read()


def expect_png(path: Path) -> None:
    """Refuse, before the work, a name that is no PNG's or cannot be written."""
    if path.suffix.lower() != ".png":
        message = f"{path} is not named as a PNG; expected a name such as grid.png"
        raise click.UsageError(message)
    expect_writable(path)


def expect_page(path: Path) -> None:
    """Refuse, before the work, a name that is no page's or cannot be written."""
    from mnistry.report.evaluation import named_as_page

    named_as_page(path)
    expect_writable(path)


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text, in which names may do nothing to a terminal.

    Args:
        text: One line or several; JSON stays JSON.
        err: To stderr.
        nl: With a line feed at the end.
    """
    click.echo(for_terminal(text), err=err, nl=nl)


def echo_drawing(text: str) -> None:
    """Print what `look.terminal.to_text` drew; its colours are sequences of ours."""
    click.echo(text)
