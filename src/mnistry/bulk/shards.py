"""Shards: the rows of about ten thousand pictures, written as Parquet all at once.

Until a shard is complete, its rows are in a journal beside it, an Arrow IPC stream: a
kill at any moment loses only the pictures that were being read.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistry.bulk.facts import Errors, Facts, Names, shard_path, write_shard
from mnistry.bulk.schema import ERROR
from mnistry.bulk.sources import Picture
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.formats.atomic import atomic_path

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = require("pyarrow", extra="bulk")
    pq = require("pyarrow.parquet", extra="bulk")

MOST_BATCHES = 64  # in memory, before they are merged
NUMBER = "__number__"  # the column with the number of the picture in the job


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
        """Return whether a picture must still be read.

        Args:
            number: The number of the picture in the job.
            picture: The picture, whose name must be that in the journal.

        Raises:
            UsageError: The journal has another picture under that number.
        """
        before = self.done.get(number)
        if before not in {None, f"{picture.name}\0{picture.page or 1}"}:
            raise changed(self._path.parent)
        return before is None

    def is_complete(self, names: Names) -> bool:
        """Return whether all pictures are done.

        Args:
            names: The names of all its pictures.
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
        """Write the shard, and delete its journal.

        Args:
            names: The names of all its pictures.
        """
        table = pa.Table.from_batches(self._batches)
        table = table.sort_by(NUMBER)  # which is stable
        errors = tuple(self._errors(table))
        facts = Facts(names.count, names.result(), errors, tuple(names.uncounted))
        write_shard(self._path, table.drop_columns([NUMBER]), facts)
        self.close()
        self._journal.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the journal, from which the job can be resumed."""
        if self._file is not None:
            self._file.close()
            self._writer = self._file = None

    def _take(self, batch: Any) -> None:
        self._batches.append(batch)
        if len(self._batches) > MOST_BATCHES:  # a batch of one row takes 30 kB
            table = pa.Table.from_batches(self._batches).combine_chunks()
            self._batches = table.to_batches()
        names = batch.column("name").to_pylist()
        pages = batch.column("page").to_pylist()
        for number, name, page in zip(
            batch.column(NUMBER).to_pylist(), names, pages, strict=True
        ):
            self.done.setdefault(number, f"{name}\0{page}")

    def _errors(self, table: Any) -> Iterator[Errors]:
        """Find the pictures with errors, in sorted rows."""
        numbers = table[NUMBER].to_pylist()
        wrong = pa.compute.equal(table["status"], ERROR)
        for number in dict.fromkeys(table[NUMBER].filter(wrong).to_pylist()):
            row = bisect_left(numbers, number)
            rows = bisect_right(numbers, number) - row
            yield Errors(number - self._first, row, rows)

    def _open(self, schema: Any) -> None:
        """Begin a journal with the rows that were recovered from the last one."""
        with atomic_path(self._journal) as part:
            self._file = part.open("wb")
            self._writer = pa.ipc.new_stream(self._file, schema)
            for batch in self._batches:
                self._writer.write_batch(batch)
            self._file.flush()


class Retried:
    """A finished shard whose errors are read again."""

    def __init__(self, folder: Path, number: int, first: int, facts: Facts) -> None:
        self._path = shard_path(folder, number)
        self._facts = facts
        self._errors = {first + error.picture: error for error in facts.errors}
        self._found: dict[int, Any] = {}

    def wants(self, number: int, _: Picture) -> bool:
        """Return whether a picture must be read again."""
        return number in self._errors

    def is_complete(self, _: Names) -> bool:
        """Return whether all errors have been read again."""
        return len(self._found) == len(self._errors)

    def add(self, batch: Any) -> None:
        """Add rows of pictures that are done."""
        numbers = batch.column(NUMBER)
        rows = batch.drop_columns([NUMBER])
        for number in set(numbers.to_pylist()):
            one = rows.filter(pa.compute.equal(numbers, number))
            self._found[number] = pa.Table.from_batches([one])

    def finish(self, _: Names) -> None:
        """Rewrite the shard, with new rows instead of the errors."""
        old = pq.read_table(self._path)
        schema = old.schema.remove_metadata()
        parts: list[Any] = []
        failed: list[Errors] = []
        begin = count = 0
        for number, error in self._errors.items():
            rows = self._found[number].cast(schema)
            parts += [old.slice(begin, error.row - begin).cast(schema), rows]
            count += error.row - begin
            if ERROR in rows["status"].to_pylist():
                failed.append(Errors(error.picture, count, rows.num_rows))
            count += rows.num_rows
            begin = error.row + error.rows
        table = pa.concat_tables([*parts, old.slice(begin).cast(schema)])
        write_shard(self._path, table, self._facts._replace(errors=tuple(failed)))

    def close(self) -> None:
        """Discard what was read; the shard stays unchanged."""


def changed(folder: Path) -> UsageError:
    """Make the error for sources that have changed since the last run.

    Args:
        folder: The folder of the job.
    """
    message = (
        f"{folder} was made from other pictures than the sources have now: files were"
        " added, removed or renamed. Read into another folder, or undo that."
    )
    return UsageError(message)


def _recovered(journal: Path) -> Iterator[Any]:
    """Yield the record batches of a journal, up to where it was truncated."""
    with (
        suppress(pa.ArrowException, EOFError, OSError),
        journal.open("rb") as file,
        pa.ipc.open_stream(file) as reader,
    ):
        yield from reader
