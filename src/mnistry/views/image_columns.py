"""Columns of images in Arrow: written without a copy, and read in any form.

An image may be a tensor, lists of lists, raw bytes or a picture file; `read` takes all.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Pixels
from mnistry.errors import ShapeError
from mnistry.extras import require
from mnistry.formats import png
from mnistry.views import layout

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="data")


def nested(images: Images) -> pa.Array:
    """Return images as lists of lists of fixed sizes, in the images' own memory."""
    count, rows, columns = images.shape
    buffer = pa.py_buffer(np.ascontiguousarray(images))
    flat = pa.Array.from_buffers(pa.uint8(), images.size, [None, buffer])
    lines = _fixed(flat, columns, count * rows)
    return _fixed(lines, rows, count)


def tensors(images: Images) -> pa.Array:
    """Return images as fixed-shape tensors, in the images' own memory."""
    buffer = pa.py_buffer(np.ascontiguousarray(images))
    flat = pa.Array.from_buffers(pa.uint8(), images.size, [None, buffer])
    pixels = _fixed(flat, math.prod(images.shape[1:]), len(images))
    kind = pa.fixed_shape_tensor(pa.uint8(), images.shape[1:])
    return pa.ExtensionArray.from_storage(kind, pixels)


def _fixed(values: pa.Array, size: int, count: int) -> pa.Array:
    kind = pa.list_(values.type, size)
    return pa.Array.from_buffers(kind, count, [None], children=[values])


def pictures(images: Images) -> pa.Array:
    """Return images as PNG files, in the struct that Hugging Face's `Image` stores."""
    files = pa.array(png.encode_all(images), pa.binary())
    names = pa.nulls(len(images), pa.string())
    return pa.StructArray.from_arrays([files, names], ["bytes", "path"])


def read(column: pa.ChunkedArray, facts: dict[str, Any]) -> Images:
    """Convert a column of any of these forms to images.

    Args:
        column: Tensors, nested lists, raw bytes of a fixed length, or picture files.
        facts: The table's metadata, from `layout.read_facts`.

    Returns:
        (n, rows, columns) uint8; in the column's memory if that is one chunk of
        tensors.

    Raises:
        ShapeError: Images of several shapes, or values that are not pixels.
        FormatError: A picture is damaged.
    """
    if column.null_count:
        message = (
            f"{column.null_count} of {len(column)} images are missing;"
            " expected one in each row. Drop those rows."
        )
        raise ShapeError(message)
    chunks = [chunk for chunk in column.chunks if len(chunk)]
    if not chunks:
        shape = facts.get("shape", _type_shape(column.type))
        return np.empty((0, *shape), np.uint8)
    first = _images(chunks[0], facts)
    if len(chunks) == 1:
        return first
    images = np.empty((len(column), *first.shape[1:]), np.uint8)
    start = 0
    for chunk in chunks:
        part = _images(chunk, facts) if start else first
        if part.shape[1:] != first.shape[1:]:
            raise _several({first.shape[1:], part.shape[1:]})
        images[start : start + len(part)] = part
        start += len(part)
    return images


def _type_shape(kind: pa.DataType) -> tuple[int, ...]:
    """Return rows and columns from the type of a column that has no rows."""
    if isinstance(kind, pa.FixedShapeTensorType):
        return tuple(kind.shape[:2])
    sizes = []
    while pa.types.is_fixed_size_list(kind):
        sizes.append(kind.list_size)
        kind = kind.value_type
    return (sizes[0], sizes[1]) if len(sizes) > 1 else (28, 28)  # as MNIST has


def _images(array: pa.Array, facts: dict[str, Any]) -> Images:
    """Convert one chunk of an image column, of any form, to images."""
    if isinstance(array.type, pa.FixedShapeTensorType):
        return _flattened(array.to_numpy_ndarray(), facts)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_struct(array.type) and array.type.get_field_index("bytes") >= 0:
        array = array.field("bytes")
    if _is_bytes(array.type):
        return _from_bytes(array, facts)
    if not pa.types.is_nested(array.type):
        raise _unknown(array.type)
    sizes: list[int] = []
    while pa.types.is_nested(array.type):
        array, size = _opened(array)
        sizes.append(size)
    values = _numbers(array)
    count = values.size // max(1, math.prod(sizes))
    return _flattened(values.reshape(count, *sizes), facts)


def _opened(array: pa.Array) -> tuple[pa.Array, int]:
    """Flatten nested lists, and return their lengths."""
    if pa.types.is_fixed_size_list(array.type):
        return array.flatten(), array.type.list_size
    if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
        raise _unknown(array.type)
    lengths = array.value_lengths().unique().to_pylist()
    if len(lengths) != 1 or lengths[0] is None:
        raise _several(lengths)
    return array.flatten(), lengths[0]


def _flattened(values: NDArray[Any], facts: dict[str, Any]) -> Images:
    """Drop a channel axis of one, and reshape flat lists of pixels."""
    values = layout.as_bytes(values)
    if values.ndim == 4 and 1 in (values.shape[1], values.shape[3]):
        values = values[:, 0] if values.shape[1] == 1 else values[..., 0]
    if values.ndim == 2:
        shape = layout.shape_of(values.shape[1], facts)
        values = values.reshape(len(values), *shape)
    return values


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_null(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
    )


def _from_bytes(array: pa.Array, facts: dict[str, Any]) -> Images:
    """Decode picture files; bytes of a fixed length are the pixels themselves."""
    if pa.types.is_fixed_size_binary(array.type):
        size = array.type.byte_width
        start = array.offset * size
        raw = np.frombuffer(array.buffers()[1] or b"", np.uint8)
        raw = raw[start : start + len(array) * size]
        return _flattened(raw.reshape(len(array), size), facts)
    images: Images | None = None
    for row, picture in enumerate(_decoded(array)):
        if images is None:
            images = np.empty((len(array), *picture.shape), np.uint8)
        if picture.shape != images.shape[1:]:
            raise _several({images.shape[1:], picture.shape})
        images[row] = picture
    return np.empty((0, 28, 28), np.uint8) if images is None else images


def _decoded(array: pa.Array) -> Iterator[Pixels]:
    for row, value in enumerate(array):
        if not value.is_valid:
            message = (
                f"the image in row {row} has no bytes; expected the picture itself, not"
                " only a path. Embed the files in the table first."
            )
            raise ShapeError(message)
        yield png.decode(value.as_py(), name=f"the image in row {row}")


def _numbers(array: pa.Array) -> NDArray[Any]:
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values


def _several(shapes: Any) -> ShapeError:
    found = " and ".join(sorted(str(shape) for shape in shapes)[:4])
    message = (
        f"images have several shapes, such as {found}; expected one for all."
        " Resize them first."
    )
    return ShapeError(message)


def _unknown(kind: pa.DataType) -> ShapeError:
    message = (
        f"images are of Arrow's type {kind}; expected tensors, lists, bytes or"
        " pictures. Convert them."
    )
    return ShapeError(message)
