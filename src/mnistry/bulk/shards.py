"""Shards: the rows of about ten thousand pictures, written as Parquet all at once.

Until a shard is complete its rows are in a journal beside it, an Arrow IPC stream: who
is killed at any moment loses the pictures that were being read, and nothing else.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mnistry.bulk.schema import ERROR
from mnistry.bulk.sources import Picture
from mnistry.errors import FormatError, UsageError
from mnistry.extras import require
from mnistry.formats.atomic import atomic_path

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = require("pyarrow", extra="bulk")
    pq = require("pyarrow.parquet", extra="bulk")

NUMBER = "__number__"  # the column that says which picture of the job a row is of
KEY = b"mnistry"  # of a shard's facts in its Parquet metadata


class Facts(NamedTuple):
    """What a shard's file says of itself.

    Attributes:
        pictures: How many it has.
        names: SHA-256 of their names and pages.
        errors: Which of them cannot be read, counted from the shard's first.
    """

    pictures: int
    names: str
    errors: tuple[int, ...]


class Names:
    """The SHA-256 of pictures' names and pages, one added after the other."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0

    def add(self, picture: Picture) -> None:
        """Take in one more picture."""
        facts = f"{picture.name}\0{picture.page or ''}\0"
        self._digest.update(facts.encode(errors="surrogateescape"))
        self.count += 1

    def result(self) -> str:
        """Give the hash of those added."""
        return self._digest.hexdigest()


def shard_path(folder: Path, number: int) -> Path:
    """Name a shard's file.

    Args:
        folder: Of the job.
        number: From 0.

    Example:
        >>> shard_path(Path("out"), 12).name
        'shard-00012.parquet'
    """
    return folder / f"shard-{number:05}.parquet"


def shard_paths(folder: Path) -> list[Path]:
    """Give the files of all finished shards, in order.

    Args:
        folder: Of the job.
    """
    return sorted(folder.glob("shard-*.parquet"))


def read_facts(path: Path) -> Facts | None:
    """Give what a shard says of itself; None if it is not there.

    Args:
        path: Of a shard.

    Raises:
        FormatError: A file that is no shard.
    """
    if not path.exists():
        return None
    try:
        facts = json.loads(pq.read_metadata(path).metadata[KEY])
        return Facts(facts["pictures"], facts["names"], tuple(facts["errors"]))
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        message = (
            f"{path} is no shard that mnistry wrote. Move it away, and run again: its"
            " pictures are then read once more."
        )
        raise FormatError(message) from error


class Shard:
    """The rows of a shard while its pictures are read."""

    def __init__(self, folder: Path, number: int, first: int) -> None:
        self._path = shard_path(folder, number)
        self._journal = self._path.with_suffix(".journal")
        self._first = first
        self._batches: list[Any] = []
        self._writer: Any = None
        self._file: Any = None
        self.done: dict[int, str] = {}
        for batch in _recovered(self._journal):
            self._take(batch)

    def wants(self, number: int, picture: Picture) -> bool:
        """Say whether a picture is still to be read.

        Args:
            number: Of the picture in the job.
            picture: For its name, which must be that in the journal.

        Raises:
            UsageError: The journal has another picture in its place.
        """
        before = self.done.get(number)
        if before not in {None, f"{picture.name}\0{picture.page or 1}"}:
            raise changed(self._path.parent)
        return before is None

    def is_complete(self, names: Names) -> bool:
        """Say whether all pictures are done.

        Args:
            names: Of all its pictures.
        """
        return len(self.done) == names.count

    def add(self, batch: Any) -> None:
        """Add rows of pictures that are done.

        Args:
            batch: A `pyarrow.RecordBatch` with the column `NUMBER`.
        """
        if self._writer is None:
            self._open(batch.schema)
        self._take(batch)
        self._writer.write_batch(batch)
        self._file.flush()

    def finish(self, names: Names) -> None:
        """Write the shard; its journal is no longer needed.

        Args:
            names: Of all its pictures.
        """
        table = pa.Table.from_batches(self._batches)
        table = table.sort_by(NUMBER)  # which is stable
        wrong = table.filter(pa.compute.equal(table["status"], ERROR))
        errors = [number - self._first for number in wrong[NUMBER].to_pylist()]
        facts = Facts(names.count, names.result(), tuple(errors))
        write_shard(self._path, table.drop_columns([NUMBER]), facts)
        self.close()
        self._journal.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the journal, which is read when the job is run again."""
        if self._file is not None:
            self._file.close()
            self._writer = self._file = None

    def _take(self, batch: Any) -> None:
        self._batches.append(batch)
        names = batch.column("name").to_pylist()
        pages = batch.column("page").to_pylist()
        for number, name, page in zip(
            batch.column(NUMBER).to_pylist(), names, pages, strict=True
        ):
            self.done.setdefault(number, f"{name}\0{page}")

    def _open(self, schema: Any) -> None:
        """Begin a journal with the rows that were recovered from the last one."""
        with atomic_path(self._journal) as part:
            self._file = part.open("wb")
            self._writer = pa.ipc.new_stream(self._file, schema)
            for batch in self._batches:
                self._writer.write_batch(batch)
            self._file.flush()


class Retried:
    """A finished shard of which the errors are read again."""

    def __init__(self, folder: Path, number: int, first: int, facts: Facts) -> None:
        self._path = shard_path(folder, number)
        self._facts = facts
        self._found: dict[int, Any] = {}
        self._first = first

    def wants(self, number: int, _: Picture) -> bool:
        """Say whether a picture is to be read again."""
        return number - self._first in self._facts.errors

    def is_complete(self, _: Names) -> bool:
        """Say whether all errors have been read again."""
        return len(self._found) == len(self._facts.errors)

    def add(self, batch: Any) -> None:
        """Add rows of pictures that are done."""
        numbers = batch.column(NUMBER)
        rows = batch.drop_columns([NUMBER])
        for number in set(numbers.to_pylist()):
            self._found[number] = rows.filter(pa.compute.equal(numbers, number))

    def finish(self, _: Names) -> None:
        """Write the shard anew, the new rows in the places of the errors."""
        old = pq.read_table(self._path)
        errors = pa.compute.equal(old["status"], ERROR).to_pylist()
        places = [place for place, is_error in enumerate(errors) if is_error]
        parts, begin, failed = [], 0, []
        for place, error in zip(places, self._facts.errors, strict=True):
            rows = self._found[self._first + error]
            if ERROR in rows.column("status").to_pylist():
                failed.append(error)
            parts += [old.slice(begin, place - begin), pa.Table.from_batches([rows])]
            begin = place + 1
        schema = old.schema.remove_metadata()
        parts.append(old.slice(begin))
        table = pa.concat_tables([part.cast(schema) for part in parts])
        write_shard(self._path, table, self._facts._replace(errors=tuple(failed)))

    def close(self) -> None:
        """Forget what was read: the shard is as it was."""


def changed(folder: Path) -> UsageError:
    """Make the error for sources that are not those of the last run.

    Args:
        folder: Of the job.
    """
    message = (
        f"{folder} was read from other pictures than the sources have now: files came,"
        " went, or were renamed. Read into another folder, or put them back."
    )
    return UsageError(message)


def write_shard(path: Path, table: Any, facts: Facts) -> None:
    """Write the file of a shard, complete or not at all.

    Args:
        path: Where to.
        table: A `pyarrow.Table` of its rows.
        facts: What it says of itself.

    Raises:
        CacheError: The folder cannot be written, or the disk is full.
    """
    text = json.dumps(facts._asdict())
    table = table.replace_schema_metadata({KEY: text.encode()})
    with atomic_path(path) as part:
        pq.write_table(table, part, compression="zstd")


def _recovered(journal: Path) -> Iterator[Any]:
    """Give the record batches of a journal, up to where it was cut."""
    with (
        suppress(pa.ArrowException, EOFError, OSError),
        journal.open("rb") as file,
        pa.ipc.open_stream(file) as reader,
    ):
        yield from reader
