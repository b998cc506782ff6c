"""Pictures in Parquet files: a column of bytes, or of paths; other columns are kept."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistry.bulk.schema import COLUMNS, INPUTS
from mnistry.errors import FormatError
from mnistry.extras import require
from mnistry.formats.budget import DECODED_BYTES, check_unpacked, megabytes

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = require("pyarrow", extra="bulk")
    pq = require("pyarrow.parquet", extra="bulk")

# Usual names of such columns, in the order in which they are tried.
BYTES_NAMES = ("content", "bytes", "image", "data")
PATH_NAMES = ("path", "file", "file_name", "filename")
SHARD_BEGINS = COLUMNS.names[:9]  # those of the first version, which stay
COPIES = 3  # of a row at a time: in the file, in its batch, as bytes of Python
ROWS_AT_A_TIME = 64  # in memory: of scans of 1 MB, 64 MB


def is_table(name: str) -> bool:
    """Return whether a file's name is that of a Parquet file.

    Args:
        name: Of a file.

    Example:
        >>> is_table("forms.parquet")
        True
    """
    return name.lower().endswith(".parquet")


def is_shard(path: str) -> bool:
    """Return whether a file is a table of results, not of pictures.

    Args:
        path: Of a Parquet file.
    """
    if not Path(path).is_file():  # a pipe is not opened
        return False
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError):
        return False  # `rows` gives the problem
    return bool(names[: len(SHARD_BEGINS)] == SHARD_BEGINS)


def user_columns(path: str) -> list[tuple[str, Any]]:
    """Return names and types of a table's columns other than picture and name.

    Args:
        path: Of a Parquet file; one that is broken has none.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        return []  # `rows` gives the problem
    ours = {*INPUTS, "name", "page", _picture_column(schema)}
    return [(field.name, field.type) for field in schema if field.name not in ours]


def rows(path: str, size: int) -> Iterator[dict[str, Any]]:
    """Find the pictures in a table.

    Args:
        path: Of a Parquet file. Bytes are in a column `content`, `bytes`, `image` or
            `data`, also as a struct with a field `bytes`; paths, from the table's
            folder, in one called `path`, `file`, `file_name` or `filename`.
        size: Its bytes.

    Yields:
        Facts of a `Picture`, called by the column `name`, the path, or the row's
        number; one with a problem if the table is broken.
    """
    try:
        with pq.ParquetFile(path) as file:
            column = _picture_column(file.schema_arrow)
            if column is None:
                names = ", ".join(file.schema_arrow.names)
                yield _problem(path, size, f"has no column of pictures, but {names}")
                return
            share = size // max(1, file.metadata.num_rows)
            number = 0
            for batch in file.iter_batches(_rows_at_a_time(file, path, size)):
                for row in batch.to_pylist():
                    yield _picture(path, number, row, column) | {"size": share}
                    number += 1
    except FormatError as error:
        yield {"name": path, "problem": str(error), "size": size}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        yield _problem(path, size, f"is broken: {reason}")


def _rows_at_a_time(file: Any, path: str, size: int) -> int:
    """Choose how many rows to load: each may be as large as its whole group.

    In a dictionary many rows share the same bytes, which are stored once.

    Raises:
        FormatError: A single row may be more than a file of this size may take.
    """
    groups = (file.metadata.row_group(n) for n in range(file.num_row_groups))
    largest = max((group.total_byte_size for group in groups), default=0)
    check_unpacked(path, COPIES * largest, size)
    most = DECODED_BYTES * megabytes(size) // (COPIES * max(1, largest))
    return max(1, min(ROWS_AT_A_TIME, most))


def _problem(path: str, size: int, what: str) -> dict[str, Any]:
    problem = (
        f"the table {what}; expected Parquet with one of {', '.join(BYTES_NAMES)} or"
        f" {', '.join(PATH_NAMES)}. Write it again."
    )
    return {"name": path, "problem": problem, "size": size}


def _picture_column(schema: Any) -> str | None:
    """Return the name of the column that has the pictures."""
    for name in (*BYTES_NAMES, *PATH_NAMES):
        if name in schema.names:
            kind = schema.field(name).type
            if name in PATH_NAMES and _is_text(kind):
                return name
            if name in BYTES_NAMES and _holds_bytes(kind):
                return name
    return None


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _holds_bytes(kind: Any) -> bool:
    if pa.types.is_struct(kind):
        inside = kind.get_field_index("bytes")
        return inside >= 0 and _holds_bytes(kind.field(inside).type)
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _picture(
    path: str, number: int, row: Mapping[str, Any], column: str
) -> dict[str, Any]:
    value = row[column]
    data = value["bytes"] if isinstance(value, Mapping) else value
    ours = {*INPUTS, "name", "page", column}
    facts: dict[str, Any] = {
        "name": row.get("name") or f"{path}/{number}",
        "page": row.get("page"),
        "columns": {name: of for name, of in row.items() if name not in ours},
    }
    if data is None:
        return facts | {"problem": f"the table has no picture in row {number}."}
    if isinstance(data, bytes):
        return facts | {"content": data}
    place = str(Path(path).parent / data)
    return facts | {"name": row.get("name") or place, "path": place}
