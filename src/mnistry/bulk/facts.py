"""The file of a shard: where it is, and what it records."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mnistry.bulk.sources import Picture, is_pdf
from mnistry.errors import FormatError
from mnistry.extras import require
from mnistry.formats.atomic import atomic_path

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = require("pyarrow", extra="bulk")
    pq = require("pyarrow.parquet", extra="bulk")

KEY = b"mnistry"  # of a shard's facts in its Parquet metadata


class Errors(NamedTuple):
    """A picture of a shard of which something cannot be read.

    Attributes:
        picture: Which one, counted from the shard's first.
        row: The first of its rows.
        rows: How many it has.
    """

    picture: int
    row: int
    rows: int


class Facts(NamedTuple):
    """What a shard's file records.

    Attributes:
        pictures: How many it has.
        names: SHA-256 of their names and pages.
        errors: Those that cannot be read.
        uncounted: PDFs among them, counted from the shard's first, that are one picture
            each: their pages could not be counted.
    """

    pictures: int
    names: str
    errors: tuple[Errors, ...]
    uncounted: tuple[int, ...] = ()


class Names:
    """The SHA-256 of pictures' names and pages, one added after the other."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0
        self.uncounted: list[int] = []

    def add(self, picture: Picture) -> None:
        """Take in one more picture."""
        if is_pdf(picture) and picture.page is None:
            self.uncounted.append(self.count)
        facts = f"{picture.name}\0{picture.page or ''}\0"
        self._digest.update(facts.encode(errors="surrogateescape"))
        self.count += 1

    def result(self) -> str:
        """Return the hash of those added."""
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
    """Return the files of all finished shards, in order.

    Args:
        folder: Of the job.
    """
    return sorted(folder.glob("shard-*.parquet"))


def read_facts(path: Path) -> Facts | None:
    """Return what a shard records; None if it is not there.

    Args:
        path: Of a shard.

    Raises:
        FormatError: A file that is no shard.
    """
    if not path.exists():
        return None
    try:
        facts = json.loads(pq.read_metadata(path).metadata[KEY])
        errors = tuple(Errors(*one) for one in facts["errors"])
        uncounted = tuple(facts["uncounted"])
        return Facts(facts["pictures"], facts["names"], errors, uncounted)
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        message = (
            f"{path} is no shard that mnistry wrote. Move it away, and run again: its"
            " pictures are then read once more."
        )
        raise FormatError(message) from error


def write_shard(path: Path, table: Any, facts: Facts) -> None:
    """Write the file of a shard, complete or not at all.

    Args:
        path: Where to.
        table: A `pyarrow.Table` of its rows.
        facts: What it records.

    Raises:
        CacheError: The folder cannot be written, or the disk is full.
    """
    text = json.dumps(facts._asdict())
    table = table.replace_schema_metadata({KEY: text.encode()})
    with atomic_path(path) as part:
        pq.write_table(table, part, compression="zstd")
