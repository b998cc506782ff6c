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
    """A picture in a shard that could not be read, at least in part.

    Attributes:
        picture: Its index in the shard.
        row: Its first row.
        rows: Number of its rows.
    """

    picture: int
    row: int
    rows: int


class Facts(NamedTuple):
    """What a shard's file records.

    Attributes:
        pictures: Number of pictures.
        names: SHA-256 of their names and pages.
        errors: Pictures that could not be read.
        uncounted: Indices in the shard of PDFs that count as one picture each, because
            their pages could not be counted.
    """

    pictures: int
    names: str
    errors: tuple[Errors, ...]
    uncounted: tuple[int, ...] = ()


class Names:
    """An incremental SHA-256 of pictures' names and pages."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.count = 0
        self.uncounted: list[int] = []

    def add(self, picture: Picture) -> None:
        """Add a picture."""
        if is_pdf(picture) and picture.page is None:
            self.uncounted.append(self.count)
        facts = f"{picture.name}\0{picture.page or ''}\0"
        self._digest.update(facts.encode(errors="surrogateescape"))
        self.count += 1

    def result(self) -> str:
        """Return the hash of those added."""
        return self._digest.hexdigest()


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of a shard.

    Args:
        folder: The folder of the job.
        number: The number of the shard, from 0.

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
            f"{path} is not a shard that mnistry wrote. Move it away, and run again:"
            " its pictures are then read again."
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
