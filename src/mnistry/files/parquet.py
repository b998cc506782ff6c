"""Parquet, in the three layouts of the Arrow view.

A table is written and read a group of rows at a time: it takes memory for the images
and one group.
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.extras import require
from mnistry.files import splits
from mnistry.files.disk import reading
from mnistry.formats.atomic import atomic_path
from mnistry.formats.budget import check_unpacked
from mnistry.views import arrow

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = require("pyarrow", extra="data")
    pq = require("pyarrow.parquet", extra="data")

MANY_COLUMNS = 40  # from here on whole groups are read at once: four times as fast
BROKEN = pa.ArrowException, OSError, ValueError  # what pyarrow raises for bad bytes
GROUP_ROWS = 4000  # 3 MB of MNIST; with more, tensors take several times their memory
GROUP_ROWS_OF_PIXELS = 16_000  # below it many columns become slow


def save(
    by_split: Mapping[str, Digits], folder: Path, *, layout: str = "tensor"
) -> list[Path]:
    """Write a file for each split, such as train.parquet.

    In the layout "picture" they are named as on the Hugging Face hub,
    train-00000-of-00001.parquet, and `datasets.load_dataset(folder)` loads them.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder.
        layout: "tensor", "pixels" or "picture".

    Returns:
        The files.
    """
    written = []
    rows = GROUP_ROWS_OF_PIXELS if layout == "pixels" else GROUP_ROWS
    shard = "-00000-of-00001" if layout == "picture" else ""
    for split, digits in by_split.items():
        path = folder / f"{split}{shard}.parquet"
        facts = arrow.metadata(digits, layout)
        schema = arrow.to_arrow(digits[:0], layout=layout).schema.with_metadata(facts)
        with atomic_path(path) as part, pq.ParquetWriter(part, schema) as writer:
            for start in range(0, len(digits), rows):
                group = digits[start : start + rows]
                writer.write_table(arrow.to_arrow(group, layout=layout))
        written.append(path)
    return written


def load(path: Path) -> dict[str, Digits]:
    """Read one file, or all in a folder; shards of one split together.

    Raises:
        FormatError: Not Parquet, damaged, or not a table of digits.
    """
    found = splits.files(path, "*.parquet") or splits.files(path, "*.pq")
    return {split: _together(files) for split, files in found.items()}


def _together(files: list[Path]) -> Digits:
    """Read shards into one array, each group of rows to its place."""
    with reading(files[0], *BROKEN):
        total = sum(pq.ParquetFile(file).metadata.num_rows for file in files)
    labels = np.empty(0, np.uint8)
    columns: dict[str, list[NDArray[Any]]] = {}
    facts: dict[str, Any] = {}
    start = 0
    for file in files:
        with reading(file, *BROKEN):
            for part in _groups(file):
                if not facts:
                    size = total * math.prod(part.images.shape[1:])
                    sizes = sum(path.stat().st_size for path in files)
                    check_unpacked(str(file), size, sizes)
                    images = np.empty((total, *part.images.shape[1:]), np.uint8)
                    labels = np.empty(total, np.uint8)
                    words = "name", "split_name", "source", "classes"
                    facts = {word: getattr(part, word) for word in words}
                images[start : start + len(part)] = part.images
                labels[start : start + len(part)] = part.labels
                for name, column in part.columns.items():
                    columns.setdefault(name, []).append(column)
                start += len(part)
    with reading(files[-1]):
        if start != total or not facts:
            message = f"its footer counts {total} rows, but there are {start or 'none'}"
            raise ShapeError(message)
    more = {name: np.concatenate(parts) for name, parts in columns.items()}
    return Digits(images, labels, columns=more, **facts)


def _groups(file: Path) -> Iterator[Digits]:
    opened = pq.ParquetFile(file)
    schema = opened.schema_arrow
    if not opened.metadata.num_rows:
        yield arrow.from_arrow(schema.empty_table())
    _check_groups(opened, file)
    if len(schema) > MANY_COLUMNS:
        for number in range(opened.num_row_groups):
            yield arrow.from_arrow(opened.read_row_group(number))
        return
    for batch in opened.iter_batches(GROUP_ROWS):
        yield arrow.from_arrow(pa.Table.from_batches([batch], schema))


def _check_groups(opened: Any, file: Path) -> None:
    """Refuse groups of rows that would take more memory than such a file may.

    The footer gives the unpacked size of pages, but not of rows from a dictionary; the
    values of pixel columns are in memory twice more while they are transposed.
    """
    schema, file_bytes = opened.schema_arrow, file.stat().st_size
    row_bytes = 0
    if len(schema) > MANY_COLUMNS:
        primitive = [kind for kind in schema.types if pa.types.is_primitive(kind)]
        bits = sum(kind.bit_width for kind in primitive)
        row_bytes = bits // 8 + 2 * len(schema)
    for number in range(opened.num_row_groups):
        group = opened.metadata.row_group(number)
        claimed = max(group.total_byte_size, group.num_rows * row_bytes)
        check_unpacked(str(file), claimed, file_bytes)
