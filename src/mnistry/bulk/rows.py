"""The function that all reading in bulk runs: a record batch in, a record batch out.

Nothing is kept between batches except the nets, which are loaded once per process. A
picture that cannot be read becomes a row with the reason, never an exception.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.bulk.pages import PICTURE, Source, pages
from mnistry.bulk.schema import COLUMNS, EMPTY, ERROR, READ, kept, output_schema
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.scan.folders import not_there
from mnistry.scan.read import read
from mnistry.scan.results import ReadDigit, Reading, ReadLine
from mnistry.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="bulk")

NO_MEMORY = -4  # the code of cv2.error, as cv2.Error.StsNoMem
Row = dict[str, Any]
Started = Callable[[int], None]


def read_batch(batch: Any, *, started: Started | None = None, **settings: Any) -> Any:
    """Read the pictures of a record batch.

    Args:
        batch: A `pyarrow.RecordBatch`, a row for each picture: `content` (binary: the
            bytes of a picture or PDF) or `path`, with `offset` and `length` for a part
            of the file; `name`, by default the path; `page` of a PDF, from 1, by
            default all; `problem`, the reason for not reading it; and columns of your
            own, which are kept.
        started: Called with the number of each row before it is read.
        settings: `single`, `pattern` and `allowed`, as for `mnistry.read`.

    Returns:
        A `pyarrow.RecordBatch` of `mnistry.bulk.schema.output_schema`: the rows of the
        first picture, of the second, and so on; at least one for each.

    Raises:
        UsageError: A setting or a column is invalid.

    Example:
        >>> names, pictures = ["a.png", "b.png"], [b"", b"no picture"]
        >>> table = read_batch(pa.record_batch({"name": names, "content": pictures}))
        >>> table.column("status").to_pylist()
        ['error', 'error']
    """
    schema = output_schema(batch.schema)
    rows: list[Row] = []
    sources: list[int] = []
    for number in range(batch.num_rows):
        if started:
            started(number)
        found = read_row(_picture(batch, number), settings)
        rows += found
        sources += [number] * len(found)
    ours = pa.RecordBatch.from_pylist(rows, COLUMNS)
    theirs = batch.select(kept(batch.schema)).take(pa.array(sources, pa.int64()))
    return pa.RecordBatch.from_arrays([*ours.columns, *theirs.columns], schema=schema)


SETTINGS = ("single", "pattern", "allowed")


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raise for settings with which no picture could be read; loads no net.

    Args:
        settings: As for `mnistry.read`.

    Raises:
        UsageError: The pattern or the allowed digits are invalid; no such setting.
    """
    for name in settings:
        if name not in SETTINGS:
            expected = ", ".join(SETTINGS)
            message = f"there is no setting {name!r}; expected {expected}."
            raise UsageError(f"{message} Is it misspelt?")
    read(np.full((64, 160), 255, np.uint8), **settings)


def load_nets(settings: Mapping[str, Any]) -> None:
    """Load what reading needs, by reading something.

    Args:
        settings: As for `mnistry.read`.

    Raises:
        UsageError: The pattern or the allowed digits are invalid.
    """
    strokes = np.full((64, 160), 255, np.uint8)
    strokes[12:52, 30:36] = strokes[12:52, 90:96] = 0
    read(strokes, **settings)


def read_row(picture: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Row]:
    """Read one picture of a batch.

    Args:
        picture: Its inputs, by column name.
        settings: As for `mnistry.read`.

    Returns:
        Its rows, without the user's columns; at least one.

    Raises:
        UsageError: A setting is invalid.
    """
    if picture["problem"]:
        return [error_row(picture["name"], 1, picture["problem"], 0.0)]
    began = time.perf_counter()
    rows: list[Row] = []
    try:
        for page, source in pages(picture):
            rows += _page_rows(picture, page, source, settings)
    except Exception as error:
        if isinstance(error, UsageError):
            raise
        reason = _reason(error)
        seconds = time.perf_counter() - began
        rows.append(error_row(picture["name"], picture["page"] or 1, reason, seconds))
    return rows


def _page_rows(
    picture: Mapping[str, Any], page: int, source: Source, settings: Mapping[str, Any]
) -> list[Row]:
    began = time.perf_counter()
    try:
        reading = read(source(), **settings)
        return _rows(picture["name"], page, reading, time.perf_counter() - began)
    except Exception as error:  # decoders raise anything
        if isinstance(error, UsageError):
            raise
        reason = _reason(error)
        seconds = time.perf_counter() - began
        return [error_row(picture["name"], page, reason, seconds)]


def error_row(name: str, page: int, reason: str, seconds: float) -> Row:
    """Return the row of a picture that cannot be read.

    Args:
        name: Its name.
        page: The page, from 1.
        reason: What is wrong with it.
        seconds: Time spent on it.
    """
    return _common(name, page, ERROR, seconds) | {"error": reason}


@cache
def model_id() -> str:
    """Return the SHA-256 of the packaged nets, to identify them."""
    digest = hashlib.sha256()
    folder = Path(str(resources.files("mnistry") / "models"))
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _picture(batch: Any, number: int) -> Row:
    """Return the inputs of a row of a batch; missing ones are None."""
    names = set(batch.schema.names)
    inputs = ("name", "page", "content", "path", "offset", "length", "problem")
    row = {
        name: batch.column(name)[number].as_py() if name in names else None
        for name in inputs
    }
    row["name"] = row["name"] or row["path"] or ""
    return row


def _is_of_memory(error: BaseException | None) -> bool:
    """Return whether Python or OpenCV ran out of memory."""
    return isinstance(error, MemoryError) or getattr(error, "code", 0) == NO_MEMORY


def _reason(error: Exception) -> str:
    """Return the message of an error on one line, without the file's name."""
    if any(map(_is_of_memory, (error, error.__cause__))):
        return f"{PICTURE} needs more memory than one picture may take."
    if isinstance(error, FileNotFoundError):
        text = str(not_there(PICTURE))
    elif isinstance(error, OSError):
        text = f"{PICTURE} cannot be read: {error.strerror or type(error).__name__}."
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())


def _rows(name: str, page: int, reading: Reading, seconds: float) -> list[Row]:
    rows = []
    for empty in reading.pages_without_lines():
        row = _common(name, page + empty.number - 1, EMPTY, seconds)
        rows.append(row | {"reason": empty.reason})
    reasons = {one.number: one.reason for one in reading.pages}
    numbers: Counter[int] = Counter()
    for line in reading.lines:
        numbers[line.page] += 1
        reason = reasons[line.page]
        row = _common(name, page + line.page - 1, EMPTY if reason else READ, seconds)
        row |= {"line": numbers[line.page], "reason": reason or None}
        rows.append(row | _line(line))
    return sorted(rows, key=lambda row: (row["page"], row["line"]))


def _common(name: str, page: int, status: str, seconds: float) -> Row:
    return {
        "name": name,
        "page": page,
        "line": 0,
        "text": "",
        "confidence": 0.0,
        "digits": [],
        "status": status,
        "error": None,
        "model": model_id(),
        "box": None,
        "seconds": seconds,
        "version": __version__,
        "reason": None,
    }


def _line(line: ReadLine) -> Row:
    return {
        "text": line.text,
        "confidence": line.confidence,
        "digits": [_digit(digit) for digit in line.digits],
        "box": line.box._asdict(),
    }


def _digit(digit: ReadDigit) -> Row:
    return {
        "value": digit.value,
        "confidence": digit.confidence,
        "box": digit.box._asdict(),
        "alternatives": [
            {"value": value, "confidence": confidence}
            for value, confidence in digit.alternatives
        ],
        "rejected": digit.rejected,
    }
