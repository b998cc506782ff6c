"""The command line: each command parses, calls the library, prints. No logic of digits.

Results go to stdout, progress to stderr. Exit 0: done. 1: one line beginning `error:`
that says what to do. 2: wrong usage. 130: Ctrl-C. 143: SIGTERM.
"""

import os
import shlex
import sys
import warnings
from importlib import import_module
from io import StringIO, TextIOWrapper
from typing import Any

import click

from mnistry.cli.output import echo
from mnistry.errors import MnistryError, unknown_name
from mnistry.version import __version__

COMMANDS = {  # in the order one meets them: command -> its file here
    "demo": "demo",
    "list": "data",
    "fetch": "fetch",
    "info": "data",
    "show": "data",
    "export": "data",
    "mount": "data",
    "train": "training",
    "seeds": "seeds",
    "test": "models",
    "compare": "compare",
    "mistakes": "mistakes",
    "explain": "explain",
    "convert": "convert",
    "read": "reading",
    "page": "page",
    "serve": "serve",
}


OTHERWISE = {  # what it is called elsewhere, or in Python -> what it is called here
    "classify": "read",
    "download": "fetch",
    "eval": "test",
    "evaluate": "test",
    "load": "fetch",
    "plot": "show",
    "predict": "read",
    "report": "test --report report.html",
}


DEBUG = click.Option(
    ["--debug"],
    is_flag=True,
    expose_value=False,
    help="Show the whole traceback of an error.",
)


class _Commands(click.Group):
    """Commands imported only when they are called, with a suggestion for a slip."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command:
        if name not in COMMANDS:
            if os.path.exists(name):  # noqa: PTH110, for pathlib need not be loaded
                line = f"mnistry read {shlex.quote(name)}"
                context.fail(
                    f"{name!r} is not a command. To read what is written: {line}"
                )
            if name in OTHERWISE:
                line = f"mnistry {OTHERWISE[name]}"
                context.fail(f"{name!r} is not a command. Did you mean: {line}")
            context.fail(str(unknown_name("command", name, COMMANDS)))
        module = import_module(f"mnistry.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, f"{name}_command")
        if DEBUG not in command.params:
            command.params.append(DEBUG)  # taken before the command and after it
        return command


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog="Example:  mnistry demo",
)
@click.version_option(__version__, prog_name="mnistry")
def mnistry() -> None:
    """Handwritten digits: get them, look at them, train, test, read your own."""


mnistry.params.append(DEBUG)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Args:
        arguments: What stands after the program's name; None takes the real ones.

    Raises:
        SystemExit: Always, with the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")  # a name may be of any bytes
    debug = DEBUG.opts[0] in (sys.argv if arguments is None else arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            mnistry.main(arguments, prog_name="mnistry", standalone_mode=False)
    except click.ClickException as error:
        text = StringIO()
        _naming_argument(error).show(text)
        line = text.getvalue().replace("\n\t", " ")  # choices, which click sets apart
        echo(line, err=True, nl=False)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        echo("stopped", err=True)
        # as shells have it: 128 and the number of the signal, which training names in
        # what click makes an Abort of
        named = str(error.__cause__ or error)
        sys.exit(143 if named.startswith("SIGTERM") else 130)
    except BrokenPipeError:
        sys.stdout = None  # nobody is left to flush to
        sys.exit(0)
    except (MnistryError, OSError) as error:
        if debug:
            raise
        echo(f"error: {_one_line(error)}", err=True)
        sys.exit(1)
    sys.exit(0)


def _naming_argument(error: click.ClickException) -> click.ClickException:
    """Say that what was given as an option is an argument, where it is one.

    In other commands --model is an option; click would suggest --help.
    """
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return error
    name = error.option_name.lstrip("-")
    for given in error.ctx.command.params:
        if isinstance(given, click.Argument) and (given.name or "").startswith(name):
            line = f"{error.ctx.command_path} {given.human_readable_name}"
            message = f"{error.message} Leave it out: {line}"
            return click.UsageError(message, error.ctx)
    return error


def _show_warning(message: Warning | str, *_where: Any, **_line: Any) -> None:
    echo(f"warning: {message}", err=True)  # not where in our code it was noticed


CODE = " " * 4  # lines of an error that can be typed as they are stay lines


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, MnistryError):
        place = error.filename or "a file"
        return (
            f"{place} cannot be used: {error.strerror or error}; expected a path that"
            " may be read or written. Look at it and its permissions, or add --debug."
        )
    words = [line for line in str(error).splitlines() if not line.startswith(CODE)]
    code = [line for line in str(error).splitlines() if line.startswith(CODE)]
    return "\n".join([" ".join(" ".join(words).split()), *code])
