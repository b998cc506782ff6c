"""What `mnistry read` does with many pictures: a folder of tables, or lines of JSON."""

import importlib.util
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from mnistry.cli.output import STDIN, echo, read_stdin
from mnistry.cli.values import COUNT, PROCESSES, SECONDS, FolderPath, OpenFile
from mnistry.escape import is_terminal
from mnistry.plural import counted

if TYPE_CHECKING:
    from mnistry.bulk.job import Progress
    from mnistry.bulk.sources import Picture

BYTE_ORDER_MARK = "\ufeff"  # editors of Windows begin files with it
TABLE = "table.csv"
MINUTE = 60.0  # seconds from line to line in a log
AS_TABLE = "For one table: --csv without --out, and > with the name of the file."


def bulk_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options about many pictures to a command.

    Args:
        command: A function that takes them.
    """
    options = [
        click.option(
            "--out",
            type=FolderPath(AS_TABLE),
            help="Folder for Parquet files; run again to continue.",
        ),
        click.option(
            "--list",
            "names",
            type=OpenFile("r", errors="surrogateescape"),
            help='File that lists pictures, one per line or NUL-terminated; or "-".',
        ),
        click.option(
            "--processes",
            type=PROCESSES,
            help="Number of reading processes. Default: one per usable core.",
        ),
        click.option(
            "--retry-errors", is_flag=True, help="With --out: retry what failed."
        ),
        click.option(
            "--time-limit",
            default=60.0,
            show_default=True,
            type=SECONDS,
            help="With --out: seconds that one page may take.",
        ),
        click.option(
            "--memory-limit",
            default=3000,
            show_default=True,
            type=COUNT,
            help="With --out: megabytes that one page may take.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def listed(file: IO[str] | None) -> Iterator[str]:
    r"""Yield the names in a list, one a line; or ended by NUL, as `find -print0` does.

    Blanks around a line are no part of the name; those that NUL ends may have some.

    Args:
        file: Open for reading, or none.

    Example:
        >>> import io
        >>> list(listed(io.StringIO("a.png\n\nb c.png\n")))
        ['a.png', 'b c.png']
    """
    text = file.read().removeprefix(BYTE_ORDER_MARK) if file else ""
    if "\0" in text:
        yield from filter(None, text.split("\0"))
    else:  # as xargs does
        yield from filter(None, map(str.strip, text.splitlines()))


def read_into(
    sources: Iterable[str], options: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Read pictures into a folder of tables; print the summary.

    Args:
        sources: As `mnistry.read_many` takes them.
        options: Of the command.
        settings: As `mnistry.read` takes them.
    """
    from mnistry.bulk.job import read_many
    from mnistry.bulk.process import PictureLimits
    from mnistry.bulk.spreadsheet import write_csv

    names = list(sources)
    if STDIN in names:
        message = (
            'a picture on standard input ("-") cannot be read again, as --out promises.'
            " Write it into a file; for a list of names on standard input: --list -"
        )
        raise click.UsageError(message)
    out: Path = options["out"]
    try:
        with _progress() as watch:
            summary = read_many(
                names,
                out,
                options["processes"],
                retry_errors=options["retry_errors"],
                limits=PictureLimits(options["time_limit"], options["memory_limit"]),
                watch=watch,
                **settings,
            )
    except KeyboardInterrupt:
        echo(f"{out} keeps what was read; run the same command to continue", err=True)
        raise
    if options["as_csv"]:
        write_csv(out, out / TABLE)
    text = json.dumps(summary.to_dict(), ensure_ascii=False)
    echo(text if options["as_json"] else str(summary))
    if summary.failed and not options["as_json"]:
        echo(
            "rows with an error name what failed; once that is mended, the same command"
            " with --retry-errors reads it again",
            err=True,
        )


def can_read_side_by_side() -> bool:
    """Return whether what several processes need is installed."""
    return importlib.util.find_spec("pyarrow") is not None


def print_json(
    sources: Iterable[str], processes: int | None, settings: dict[str, Any]
) -> Counter[str]:
    """Print a line of JSON for each picture, in order, read on all cores.

    Args:
        sources: Names, as `mnistry.read_many` takes them; "-" is a picture on stdin.
        processes: How many read; by default as many as there are cores to use.
        settings: As `mnistry.read` takes them.

    Returns:
        How many were read, empty (without digits), and an error.
    """
    from mnistry.bulk.lines import json_lines
    from mnistry.cores import usable_cores

    counts: Counter[str] = Counter()
    for line in json_lines(_pictures(sources), processes or usable_cores(), **settings):
        echo(line)
        facts = json.loads(line)
        if "error" in facts:
            counts["error"] += 1
            echo(f"error: {facts['error']}", err=True)
        else:
            counts["empty" if facts["reason"] else "read"] += 1
    return counts


def _pictures(sources: Iterable[str]) -> "Iterator[Picture]":
    from mnistry.bulk.sources import Picture, find

    for source in sources:
        if source == STDIN:
            yield Picture(STDIN, content=read_stdin())
        else:
            yield from find([source])


@contextmanager
def _progress() -> "Iterator[Callable[[Progress], None] | None]":
    """Show pages, rate, errors and time left; nobody looking, a line a minute."""
    if not is_terminal(sys.stderr):
        yield _line_a_minute()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.progress import TimeRemainingColumn as Left

    text = TextColumn("{task.description}")
    with Bars(
        text, BarColumn(), TimeElapsedColumn(), Left(), console=Console(stderr=True)
    ) as bars:
        task = bars.add_task("reading", total=1.0)

        def show(progress: "Progress") -> None:
            elapsed = bars.tasks[task].elapsed or 0.0
            words = _so_far(progress, elapsed)
            bars.update(task, completed=progress.share, description=words)

        yield show


def _so_far(progress: "Progress", elapsed: float) -> str:
    rate = progress.read_now / elapsed if elapsed else 0.0
    pages = counted(progress.pictures, "page")
    return f"{pages}, {rate:,.0f}/s, {counted(progress.errors, 'error')}"


def _line_a_minute(
    clock: "Callable[[], float]" = time.monotonic,
) -> "Callable[[Progress], None]":
    """Say how far a job is where stderr is a file: nohup, the log of a container."""
    began = last = clock()

    def echo_line(progress: "Progress") -> None:
        nonlocal last
        if clock() - last < MINUTE:
            return
        last = clock()
        minutes = f"{(last - began) / MINUTE:.0f} min"
        share = f"{100 * progress.share:.0f} %"
        echo(f"{minutes}: {_so_far(progress, last - began)}, {share}", err=True)

    return echo_line
