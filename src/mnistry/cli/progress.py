"""Progress bars on stderr, there only while somebody looks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mnistry.escape import is_terminal
from mnistry.formats.progress import PICTURES, Progress

if TYPE_CHECKING:
    from rich.progress import TaskID


def amount(name: str, done: int, total: int) -> str:
    """Say how much is done: bytes of a file, or pictures.

    Example:
        >>> amount("132 pictures", 40, 132), amount("train.gz", 9_000_000, 9_912_422)
        ('40 of 132', '9.0 of 9.9 MB')
    """
    if name.endswith(PICTURES):
        return f"{done:,} of {total:,}"
    return f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB"


@contextmanager
def transfer() -> Iterator[Progress]:
    """Show a bar for what takes long: a file from a mirror, pictures made or framed."""
    if not is_terminal(sys.stderr):
        yield lambda _name, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total, amount="")
            bars.update(tasks[name], completed=done, amount=amount(name, done, total))

        yield show
