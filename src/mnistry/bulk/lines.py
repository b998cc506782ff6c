"""Lines of JSON for pictures that several processes read, in the pictures' order."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from mnistry.bulk.pool import run
from mnistry.bulk.process import Task
from mnistry.bulk.rows import check_settings
from mnistry.bulk.shards import NUMBER
from mnistry.bulk.sources import Picture, to_batch
from mnistry.bulk.worker import TASKS
from mnistry.extras import require

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="bulk")

FEW = 16  # pictures that are read before processes would have started


def json_lines(
    pictures: Iterable[Picture], processes: int, **settings: Any
) -> Iterator[str]:
    """Read pictures into lines of JSON, as `mnistry read --json` prints them.

    Args:
        pictures: As `find` gives them.
        processes: Number of processes; a few pictures are read without any.
        settings: As for `mnistry.read`.

    Yields:
        A line for each picture, in their order; one that is broken has `error`.

    Raises:
        UsageError: A setting is invalid.
    """
    check_settings(settings)
    numbered = (
        picture._replace(columns={NUMBER: number})
        for number, picture in enumerate(pictures)
    )
    task = Task("json", settings, columns=pa.schema([(NUMBER, pa.int64())]))
    first = list(islice(numbered, FEW))
    if processes < 2 or len(first) < FEW:
        for picture in chain(first, numbered):
            batch = to_batch([picture], task.columns)
            yield from _lines(TASKS["json"](batch, _ignore, settings)).values()
        return
    waiting: dict[int, str] = {}
    next_one = 0
    for answer in run(chain(first, numbered), task, processes):
        waiting |= _lines(answer)
        while next_one in waiting:
            yield waiting.pop(next_one)
            next_one += 1


def _lines(answer: Any) -> dict[int, str]:
    numbers = answer.column(NUMBER).to_pylist()
    return dict(zip(numbers, answer.column("json").to_pylist(), strict=True))


def _ignore(_: int) -> None:
    """Nobody waits for the picture that begins."""
