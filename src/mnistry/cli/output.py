"""What the command line prints: nothing leaves it but through here."""

import click

from mnistry.escape import for_terminal


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
