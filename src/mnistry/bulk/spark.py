"""Reading on a Spark cluster: the same function, the same rows as on one machine.

Each Python worker of Spark loads the nets once and keeps them. Batches should be
limited by bytes, not by rows: see docs/how-to/bulk.md.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from mnistry.bulk.pool import read_all
from mnistry.bulk.process import PictureLimits, ReadingProcess, Task
from mnistry.bulk.rows import check_settings, read_batch
from mnistry.bulk.schema import COLUMNS, kept, output_schema
from mnistry.bulk.sources import INPUT_TYPES, Picture
from mnistry.extras import require

if TYPE_CHECKING:
    import cv2
    import pyarrow as pa
    import pyspark.sql
    from pyspark.sql.pandas import types
else:
    cv2 = require("cv2", extra="read")
    pa = require("pyarrow", extra="spark")
    pyspark = require("pyspark", extra="spark")
    types = require("pyspark.sql.pandas.types", extra="spark")

BINARY_FILE = {"path", "modificationTime", "length", "content"}  # Spark's own source
SCHEME = "file:"  # of a path as Spark gives it: file:/scans/a.png, file:///scans/a.png


def read_pictures(
    frame: "pyspark.sql.DataFrame",
    *,
    limits: PictureLimits | None = None,
    **settings: Any,
) -> "pyspark.sql.DataFrame":
    """Read the pictures of a Spark data frame.

    Args:
        frame: From `session.read.format("binaryFile")`; or any frame with a column
            `content` (binary) or `path` (of files that all machines see), optionally
            `name` and `page`, and columns of your own, which are kept.
        limits: Limits for one picture; by default none. With limits each task of Spark
            starts a reading process, as `mnistry.read_many` does.
        settings: `single`, `pattern` and `allowed`, as for `mnistry.read`.

    Returns:
        A data frame with the columns of `mnistry.bulk.schema`, then your own; a row for
        each line of digits, and one for each page that has none or cannot be read.

    Raises:
        UsageError: A setting or a column is invalid.

    Example::

        scans = session.read.format("binaryFile").load("/scans/*.png")
        read_pictures(scans, pattern="[0-9]{6}").write.parquet("/read")
    """
    check_settings(settings)
    if set(frame.columns) == BINARY_FILE:
        frame = frame.select(frame["path"].alias("name"), "content")
    ours = types.from_arrow_schema(COLUMNS)
    inputs = pa.schema([(name, pa.null()) for name in frame.columns])
    output_schema(inputs)
    own = [frame.schema[name] for name in kept(inputs)]
    schema = type(ours)([*ours.fields, *own])
    read = partial(_read, settings=settings, limits=limits)
    return frame.mapInArrow(read, schema)


def _read(
    batches: Iterator[Any], settings: dict[str, Any], limits: PictureLimits | None
) -> Iterator[Any]:
    """Read the batches of a task, on one thread."""
    cv2.setNumThreads(1)
    if limits is None:
        for batch in batches:
            yield read_batch(_local(batch), **settings)
        return
    for batch in batches:
        own = kept(batch.schema)
        task = Task("rows", settings, limits, [batch.schema.field(n) for n in own])
        pictures = [_picture(row, own) for row in _local(batch).to_pylist()]
        with closing(ReadingProcess(task)) as worker:
            yield from read_all(worker, pictures, task)


def _local(batch: Any) -> Any:
    """Return a batch with URIs replaced by paths of files."""
    if "path" not in batch.schema.names or "content" in batch.schema.names:
        return batch
    place = batch.schema.get_field_index("path")
    paths = [_without_scheme(path) for path in batch.column(place).to_pylist()]
    return batch.set_column(place, "path", pa.array(paths, pa.string()))


def _without_scheme(path: str | None) -> str | None:
    if path is None or not path.startswith(SCHEME):
        return path
    return "/" + path[len(SCHEME) :].lstrip("/")


def _picture(row: dict[str, Any], own: list[str]) -> Picture:
    facts: dict[str, Any] = {name: row.get(name) for name in INPUT_TYPES}
    facts["name"] = facts["name"] or facts["path"] or ""
    return Picture(**facts, columns={name: row[name] for name in own})
