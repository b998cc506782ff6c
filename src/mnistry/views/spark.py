"""Digits as a Spark data frame: one binary column `image`, or a column for each pixel.

Spark's bytes are signed, so pixels in arrays or columns must be shorts, twice as large;
as binary, the type of Spark's own image source, they stay bytes.
Name, split, source, classes and shape are in the metadata of the column `label`.
"""

import os
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, unknown_name
from mnistry.extras import require
from mnistry.views import arrow
from mnistry.views import layout as table_layout

if TYPE_CHECKING:
    import pyarrow as pa
    import pyspark.sql
    from pyspark.sql import types
else:
    pa = require("pyarrow", extra="spark")
    pyspark = require("pyspark", extra="spark")
    types = require("pyspark.sql.types", extra="spark")

LAYOUTS = "image", "pixels"
WIDER = {  # Spark has no unsigned numbers
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.int64(),
}


def to_spark(
    digits: Digits, session: pyspark.sql.SparkSession, *, layout: str = "image"
) -> pyspark.sql.DataFrame:
    """Convert digits to a Spark data frame, through Arrow.

    Args:
        digits: Any digits.
        session: A session, such as that of `start_session`.
        layout: "image": one binary column `image`, the pixels row by row. "pixels": a
            short column for each pixel, "0" to "783", as in Azure Open Datasets.

    Returns:
        The columns of the layout, the digits' further columns, `label` int; in the
        digits' order.

    Raises:
        UnknownNameError: No such layout.
        UsageError: A column of the digits has the name of a pixel, "image" or "label".
        MissingExtraError: pyspark or pyarrow is not installed.

    Example::

        frame = to_spark(mnistry.load("mnist", split="test"), start_session())
        frame.groupBy("label").count().show()
    """
    if layout not in LAYOUTS:
        raise unknown_name("layout", layout, LAYOUTS)
    if layout == "pixels":
        images = arrow.pixel_columns(digits, np.int16)
    else:
        images = {"image": _raw(digits)}
    more = table_layout.more_columns(digits)
    columns = images | {name: pa.array(column) for name, column in more.items()}
    table = pa.table(columns | {"label": pa.array(digits.labels)})
    fields = [pa.field(of.name, WIDER.get(of.type, of.type)) for of in table.schema]
    fields[-1] = pa.field("label", pa.int32())
    table = table.cast(pa.schema(fields))
    frame = session.createDataFrame(table)
    facts = {table_layout.KEY: table_layout.facts(digits)}
    return frame.withMetadata("label", facts)


def from_spark(frame: pyspark.sql.DataFrame) -> Digits:
    """Collect a Spark data frame as digits.

    Args:
        frame: `label` and either `image` (binary: pixels as from `to_spark`, or picture
            files) or a column for each pixel; other columns become columns of the
            digits.

    Returns:
        Digits, in the frame's order.

    Raises:
        UsageError: It is not a Spark data frame.
        ShapeError: No label or image columns; values that are not pixels or labels.
        FormatError: A picture in it is damaged.
    """
    mend = "For other libraries use from_pandas or from_arrow."
    table_layout.expect(frame, "a Spark data frame", pyspark.sql.DataFrame, mend=mend)
    metadata: dict[str, Any] = {}
    if "label" in frame.columns:
        metadata = frame.schema["label"].metadata or {}
    text = metadata.get(table_layout.KEY)
    table = frame.toArrow()
    shape = table_layout.read_facts(text).get("shape")
    if shape and "image" in table.column_names:
        at = table.column_names.index("image")
        size = int(np.prod(shape))
        fixed = [_fixed(chunk, size) for chunk in table.column(at).chunks]
        column = pa.chunked_array(fixed, pa.binary(size))
        table = table.set_column(at, "image", column)
    facts = {table_layout.KEY: text} if text else None
    return arrow.from_arrow(table.replace_schema_metadata(facts))


def start_session() -> pyspark.sql.SparkSession:
    """Return the running Spark session, or start a local one.

    Raises:
        MissingExtraError: pyspark or Java is not installed.
    """
    active = pyspark.sql.SparkSession.getActiveSession()
    if active is not None:
        return active
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        message = (
            "Java is not installed; Spark needs version 17 or later."
            " Run: apt install openjdk-17-jre-headless"
        )
        raise MissingExtraError(message, name="java")
    builder = pyspark.sql.SparkSession.builder.master("local[*]").appName("mnistry")
    for key, value in LOCAL.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


LOCAL = {  # no contact outside this machine
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


def _raw(digits: Digits) -> pa.Array:
    """Return images as a binary array, in the digits' own memory."""
    size = int(np.prod(digits.images.shape[1:]))
    offsets = np.arange(len(digits) + 1, dtype=np.int64) * size
    images = pa.py_buffer(np.ascontiguousarray(digits.images))
    buffers = [None, pa.py_buffer(offsets), images]
    return pa.Array.from_buffers(pa.large_binary(), len(digits), buffers)


def _fixed(images: pa.Array, size: int) -> pa.Array:
    """Convert binary values to a fixed size, without a copy if possible."""
    large = pa.types.is_large_binary(images.type)
    if len(images) and not images.null_count and (large or _is_binary(images)):
        _, offsets, values = images.buffers()
        ends = np.frombuffer(offsets, np.int64 if large else np.int32)
        ends = ends[images.offset : images.offset + len(images) + 1]
        if size and (np.diff(ends) == size).all():
            pixels = values.slice(int(ends[0]), len(images) * size)
            return pa.Array.from_buffers(pa.binary(size), len(images), [None, pixels])
    return images.cast(pa.binary(size))  # raises if sizes differ


def _is_binary(images: pa.Array) -> bool:
    return bool(pa.types.is_binary(images.type))
