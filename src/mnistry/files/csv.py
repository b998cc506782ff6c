"""CSV: a line for each image, its label first or last, its pixels row by row.

The first line names the columns, "label" and "0", "1", …. In files without header, such
as the well-known mnist_train.csv, the label is found from the values. Numbers are
written and read with array arithmetic, a block of lines at a time.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.files import folder as pictures
from mnistry.files import splits
from mnistry.files.disk import reading
from mnistry.formats.atomic import atomic_path
from mnistry.formats.progress import Progress
from mnistry.views import layout

BLOCK_ROWS = 512  # written at a time: 1.6 MB of text
BLOCK_BYTES = 1 << 20  # read at a time; the arithmetic takes some twenty times as much
MOST_LINE_BYTES = 1 << 24  # of one line: an image of 4 million pixels
TEN = 10  # labels of digits are below it
COMMA, NEWLINE, ZERO = b",\n0"


def _texts() -> NDArray[np.uint8]:
    """Write each byte as text and a comma, filled up with zero bytes: (256, 4)."""
    words = [f"{value},".encode().ljust(4, b"\0") for value in range(256)]
    return np.frombuffer(b"".join(words), np.uint8).reshape(256, 4)


TEXTS = _texts()


def save(
    by_split: Mapping[str, Digits], folder: Path, *, label: str = "first"
) -> list[Path]:
    """Write a file for each split, such as train.csv.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder.
        label: "first" or "last".

    Returns:
        The files.
    """
    written = []
    for split, digits in by_split.items():
        path = folder / f"{split}.csv"
        pixels = layout.pixel_names(digits)
        names = ["label", *pixels] if label == "first" else [*pixels, "label"]
        at = 0 if label == "first" else len(pixels)
        with atomic_path(path) as part, part.open("wb") as file:
            file.write(",".join(names).encode() + b"\n")
            for start in range(0, len(digits), BLOCK_ROWS):
                block = digits[start : start + BLOCK_ROWS]
                rows = block.images.reshape(len(block), len(pixels))
                file.write(_lines(np.insert(rows, at, block.labels, axis=1)))
        written.append(path)
    return written


def load(
    path: Path, *, as_they_are: bool = False, progress: Progress | None = None
) -> dict[str, Digits]:
    """Read one file, or all in a folder; or the pictures that a file lists.

    Args:
        path: The file or folder.
        as_they_are: Do not frame the listed pictures.
        progress: Called after each of them.

    Raises:
        FormatError: A value is not a number from 0 to 255, lines differ in length,
            there is no label, or two files hold the same split.
    """
    files = splits.single_files(path, "*.csv")
    return splits.together(
        (file, _load(split, file, as_they_are=as_they_are, progress=progress))
        for split, file in files.items()
    )


def _load(split: str, file: Path, **options: Any) -> dict[str, Digits]:
    """Read one file: its pixels, or the pictures that it lists."""
    with reading(file, ValueError, csv.Error, UnicodeDecodeError):
        if not pictures.is_listing(file):
            return {split: _read(file)}
        listed = pictures.load_listing(file, **options)
    if listed.keys() == {splits.ALL} and split in splits.ORDER:
        return {split: listed[splits.ALL]}  # train.csv needs no column for it
    return listed


def _lines(rows: NDArray[np.uint8]) -> bytes:
    text = TEXTS[rows]
    text[:, -1][text[:, -1] == COMMA] = NEWLINE
    packed: NDArray[np.uint8] = text[text != 0]
    return packed.tobytes()


class _Columns(NamedTuple):
    """How many fields a line has, and which they are."""

    fields: int
    label: int
    pixels: list[int]


def _read(path: Path) -> Digits:
    data = bytearray()  # grows in place, where a list of arrays would be joined twice
    with path.open("rb") as file:
        first = file.readline(MOST_LINE_BYTES)
        columns, is_header = _columns(first)
        if not is_header:
            file.seek(0)
        line = 1 + is_header
        for block in _blocks(file):
            rows = _fast(block, columns.fields)
            if rows is None:
                rows = _slow(block, columns.fields, line)
            data += rows.tobytes()
            line += block.count(b"\n")  # empty ones too
    rows = np.frombuffer(data, np.uint8).reshape(-1, columns.fields)
    if not is_header:
        columns = _with_label_at(_place_of_label(rows), columns.fields)
    shape = layout.shape_of(len(columns.pixels), {})
    images = rows[:, _span(columns.pixels)].reshape(len(rows), *shape)
    return Digits(images, rows[:, columns.label])


def _span(places: list[int]) -> slice | list[int]:
    """Return consecutive indices as a slice, which avoids a copy."""
    first, count = places[0], len(places)
    is_row = places == list(range(first, first + count))
    return slice(first, first + count) if is_row else places


def _with_label_at(place: int, fields: int) -> _Columns:
    return _Columns(fields, place, [at for at in range(fields) if at != place])


def _place_of_label(rows: NDArray[np.uint8]) -> int:
    """Decide whether the first or the last unnamed number of a line is the label.

    Labels differ from line to line, pixels in a corner hardly ever do. If that decides
    nothing, the label is taken to be the first.

    Raises:
        ShapeError: Either might be the label.
    """
    first, last = 0, rows.shape[1] - 1
    if not len(rows):
        return first
    columns = [rows[:, at] for at in (first, last)]
    differs = [bool((column != column[0]).any()) for column in columns]
    if differs[0] != differs[1]:
        return first if differs[0] else last
    if not differs[0]:
        return last if columns[0][0] == 0 < columns[1][0] < TEN else first
    is_digit = [bool((column < TEN).all()) for column in columns]
    if all(is_digit):
        message = (
            "it has no header, and either the first or the last number of a line might"
            " be the label; expected a first line such as label,0,1,2 and so on"
        )
        raise ShapeError(message)
    return last if is_digit[1] else first


def _columns(line: bytes) -> tuple[_Columns, bool]:
    fields = next(csv.reader([line.decode("utf-8-sig")]), [])
    if not any(field.strip() for field in fields):
        message = "its first line is empty; expected names of columns, or numbers"
        raise ShapeError(message)
    if len(fields) > 2 and fields == [str(number) for number in range(len(fields))]:
        message = "its first line numbers the columns; expected one called 'label'"
        raise ShapeError(message)
    if len(fields) > 1 and all(_is_number(field) for field in fields):
        return _with_label_at(0, len(fields)), False
    found = layout.find([field.strip() for field in fields])
    pixels = list(found.pixels)
    if found.more or found.image is not None:
        odd = [fields[at] for at in found.more][:4] or fields
        message = (
            f"its columns {odd} are missing or unexpected; expected 'label' and one"
            " column for each pixel, '0', '1', …"
        )
        raise ShapeError(message)
    return _Columns(len(fields), found.label, pixels), True


def _is_number(field: str) -> bool:
    return field.strip().replace(".", "", 1).isdecimal()


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file in blocks of complete lines, with newlines normalised."""
    rest = b""
    while chunk := file.read(BLOCK_BYTES):
        chunk = (rest + chunk).replace(b"\r\n", b"\n")
        end = chunk.rfind(b"\n") + 1
        rest = chunk[end:]
        if len(rest) > MOST_LINE_BYTES:
            message = f"a line is longer than {MOST_LINE_BYTES:,} bytes"
            raise ShapeError(message)
        if end:
            yield chunk[:end]
    if rest.strip():
        yield rest.rstrip(b"\r\n") + b"\n"


def _fast(block: bytes, count: int) -> NDArray[np.uint8] | None:
    """Read lines of nothing but digits and commas; None if there is anything else."""
    text = np.frombuffer(block, np.uint8)
    is_end = (text == COMMA) | (text == NEWLINE)
    ends = np.flatnonzero(is_end)
    digits = text - np.uint8(ZERO)
    if len(ends) % count or not (is_end | (digits <= 9)).all():
        return None
    newlines = text[ends].reshape(-1, count) == NEWLINE
    lengths = np.diff(ends, prepend=-1) - 1
    if newlines[:, :-1].any() or not newlines[:, -1].all():
        return None
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    values = digits[ends - 1].astype(np.uint16)
    values += 10 * digits[ends - 2].astype(np.uint16) * (lengths > 1)
    values += 100 * digits[ends - 3].astype(np.uint16) * (lengths > 2)
    if values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(-1, count)


def _slow(block: bytes, count: int, line: int) -> NDArray[np.uint8]:
    """Read lines with quotes, spaces, 7.0, as CSV allows; or name the wrong line."""
    rows = []
    for number, fields in enumerate(csv.reader(block.decode().splitlines()), line):
        if not any(field.strip() for field in fields):
            continue  # an empty line
        if len(fields) != count:
            message = f"line {number} has {len(fields)} fields; expected {count}"
            raise ShapeError(message)
        rows.append(
            layout.as_bytes(np.array(fields, object), f"fields of line {number}")
        )
    return np.array(rows, np.uint8).reshape(len(rows), count)
