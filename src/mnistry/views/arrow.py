"""Digits as an Arrow table, in one of three layouts.

`tensor`: column `image` is Arrow's fixed-shape tensor of uint8, in the digits' own
memory. `pixels`: a column for each pixel, `label` last. `picture`: column `image` holds
PNG files as Hugging Face's `Image` does, and the table's metadata marks them for
`datasets`.
Name, split, source, classes and shape are in the schema's metadata.
"""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnistry.arrays import Images
from mnistry.digits import Digits
from mnistry.errors import unknown_name
from mnistry.extras import require
from mnistry.views import image_columns
from mnistry.views import layout as table_layout

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="data")

LAYOUTS = "tensor", "pixels", "picture"
BLOCK_ROWS = 4000  # transposed at a time: 3 MB; no power of two, which caches dislike


def to_arrow(digits: Digits, *, layout: str = "tensor") -> pa.Table:
    """Convert digits to an Arrow table; the layout "tensor" needs no copy.

    Args:
        digits: Any digits.
        layout: "tensor", "pixels" or "picture", see `mnistry.views.arrow`.

    Returns:
        Columns `image` (or "0", "1", …), the digits' further columns, `label`: uint8,
        in the layout "picture" int64, as in Hugging Face.

    Raises:
        UnknownNameError: No such layout.
        UsageError: A column of the digits has the name of a pixel, "image" or "label".
        MissingExtraError: pyarrow is not installed.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> to_arrow(toy)["image"].type.shape
        [28, 28]
    """
    if layout not in LAYOUTS:
        raise unknown_name("layout", layout, LAYOUTS)
    more = table_layout.more_columns(digits)
    labels = pa.array(digits.labels)
    if layout == "tensor":
        columns = {"image": image_columns.tensors(digits.images)}
    elif layout == "pixels":
        columns = pixel_columns(digits)
    else:
        columns = {"image": image_columns.pictures(digits.images)}
        labels = labels.cast(pa.int64())
    columns |= {name: pa.array(column) for name, column in more.items()}
    facts = metadata(digits, layout)
    return pa.table({**columns, "label": labels}, metadata=facts)


def metadata(digits: Digits, layout: str) -> dict[str, str]:
    """Return the metadata of the table: our facts; for pictures also `datasets`'."""
    facts = {table_layout.KEY: table_layout.facts(digits)}
    return facts | {"huggingface": _features(digits)} if layout == "picture" else facts


def from_arrow(table: Any) -> Digits:
    """Convert an Arrow table of any layout to digits.

    Args:
        table: A table, record batch, reader of record batches, or any object with
            Arrow's protocol, such as DuckDB's and Polars'. It has `label` and either a
            column for each pixel or `image`: tensors, nested lists, raw bytes, or
            picture files. Other columns become columns of the digits.

    Returns:
        Digits; they share the table's memory if images are tensors in one chunk.

    Raises:
        UsageError: It is not an Arrow object.
        ShapeError: No label or image columns; values that are not pixels or labels;
            images of several shapes.
        FormatError: A picture in it is damaged.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> from_arrow(to_arrow(toy, layout="picture")) == toy
        True
    """
    table = _as_table(table)
    found = table_layout.find(table.column_names)
    metadata = table.schema.metadata or {}
    facts = table_layout.read_facts(metadata.get(table_layout.KEY.encode()))
    if "classes" not in facts:
        facts["classes"] = _classes(metadata.get(b"huggingface"))
    if found.image is None:
        images = _from_pixels(table, found.pixels, facts)
    else:
        images = image_columns.read(table.column(found.image), facts)
    columns = {table.column_names[at]: _values(table.column(at)) for at in found.more}
    labels = _values(table.column(found.label))
    return table_layout.make(images, labels, columns, facts)


def _as_table(given: Any) -> pa.Table:
    """Convert any Arrow object to a table, without a copy.

    Raises:
        UsageError: It is not an Arrow object.
    """
    taken = isinstance(given, pa.Table | pa.Array | pa.ChunkedArray)
    protocols = "__arrow_c_stream__", "__arrow_c_array__"
    if not taken and any(hasattr(given, name) for name in protocols):
        given = pa.table(given)
    table_layout.expect(given, "an Arrow table, or a record batch", pa.Table)
    table: pa.Table = given
    return table


def pixel_columns(digits: Digits, dtype: DTypeLike = np.uint8) -> dict[str, pa.Array]:
    """Return a column for each pixel, of integers of any width."""
    names = table_layout.pixel_names(digits)
    rows = digits.images.reshape(len(digits), len(names))
    columns = np.empty((len(names), len(digits)), dtype)
    for start in range(0, len(digits), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        columns[:, block] = rows[block].T
    return dict(zip(names, map(pa.array, columns), strict=True))


def _features(digits: Digits) -> str:
    """Describe the columns to `datasets`, as its own Parquet files do."""
    more = {
        name: {"dtype": str(pa.array(column[:0]).type), "_type": "Value"}
        for name, column in digits.columns.items()
    }
    classes = {"names": class_names(digits), "_type": "ClassLabel"}
    features = {"image": {"_type": "Image"}, **more, "label": classes}
    return json.dumps({"info": {"features": features}})


def class_names(digits: Digits) -> list[str]:
    """Return a name for each label from 0 on: its class name, or its number.

    Names are unique, as `datasets` requires: a second 7 becomes 7'.
    """
    count = max(len(digits.counts()), len(digits.classes))
    names: dict[str, None] = {}
    for label in range(count):
        name = digits.classes[label] if label < len(digits.classes) else str(label)
        while name in names:
            name += "'"
        names[name] = None
    return list(names)


def _classes(text: bytes | None) -> tuple[str, ...]:
    try:
        names = json.loads(text or "")["info"]["features"]["label"]["names"]
        return tuple(map(str, names))
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()


def _from_pixels(table: pa.Table, at: Any, facts: dict[str, Any]) -> Images:
    shape = table_layout.shape_of(len(at), facts)
    images = np.empty((table.num_rows, len(at)), np.uint8)
    start = 0
    for batch in table.select(list(at)).to_batches(max_chunksize=BLOCK_ROWS):
        for number, column in enumerate(batch.columns):
            if number == 0:
                block = np.empty((len(at), len(column)), np.uint8)
            block[number] = table_layout.as_bytes(column.to_numpy(zero_copy_only=False))
        images[start : start + len(batch)] = block.T
        start += len(batch)
    return images.reshape(table.num_rows, *shape)


def _values(column: pa.ChunkedArray) -> NDArray[Any]:
    return table_layout.as_text(column.to_numpy())
