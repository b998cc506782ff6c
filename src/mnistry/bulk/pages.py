"""The bytes of a picture: given, or from a file or part of one; PDFs page by page.

Each page becomes a separate PDF, so that several processes can read pages of one file.
"""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from mnistry.errors import FormatError
from mnistry.extras import require
from mnistry.formats.plain import refuse_special
from mnistry.plural import counted
from mnistry.scan.page.picture.load import MOST_BYTES

PICTURE = "the picture"
PDF = b"%PDF-"  # within its first kilobyte, as readers of PDF accept it
MOST_PDF_PAGES = 100_000
CHUNK_BYTES = 1 << 20

Source = Callable[[], bytes]


def pages(picture: Mapping[str, Any]) -> Iterator[tuple[int, Source]]:
    """Yield the pages of a picture.

    Args:
        picture: `content`, or `path` with `offset` and `length`; `page`, or None.

    Yields:
        The number of each page, or of the requested one, and a function that returns
        its bytes.

    Raises:
        FormatError: A PDF that is broken, too many bytes, or fewer than `length`.
        OSError: The file cannot be opened.
    """
    page = picture["page"]
    data = content(picture)
    if PDF not in data[:1024]:
        yield page or 1, lambda: data
        return
    document = _open_pdf(data)
    try:
        last = min(len(document), MOST_PDF_PAGES)
        for number in [page] if page else range(1, last + 1):
            yield number, partial(_one_page, document, number)
    finally:
        document.close()


def page_count(picture: Mapping[str, Any]) -> int:
    """Count the pages of a PDF; 1 for any other file.

    Args:
        picture: Its inputs by name of their columns.

    Raises:
        FormatError: A PDF that is broken.
        OSError: The file cannot be opened.
    """
    data = content(picture)
    if PDF not in data[:1024]:
        return 1
    document = _open_pdf(data)
    try:
        return min(len(document), MOST_PDF_PAGES)
    finally:
        document.close()


def content(picture: Mapping[str, Any]) -> bytes:
    """Return the bytes of a picture.

    Args:
        picture: `content`, or `path` with `offset` and `length`.

    Raises:
        FormatError: Too many bytes, or fewer than `length`.
        OSError: The file cannot be opened.
    """
    if picture["content"] is not None:
        return bytes(picture["content"])
    path = Path(os.fsdecode(picture["path"]))
    try:
        refuse_special(path)
    except FormatError as error:
        raise FormatError(str(error).replace(str(path), PICTURE, 1)) from error
    with path.open("rb") as file:
        if picture["offset"]:
            file.seek(picture["offset"])
        length = picture["length"]
        data = _up_to(file, MOST_BYTES + 1 if length is None else length)
    if len(data) > MOST_BYTES:
        message = (
            f"{PICTURE} is too large; expected at most {MOST_BYTES:,} bytes."
            " Make it smaller first."
        )
        raise FormatError(message)
    if length is not None and len(data) < length:
        message = (
            f"{PICTURE} has {len(data):,} of {length:,} bytes: its archive is"
            " truncated. Fetch the archive again."
        )
        raise FormatError(message)
    return data


def _up_to(file: IO[bytes], length: int) -> bytes:
    """Read bytes in pieces: one large read would reserve all that memory."""
    parts = []
    while length and (part := file.read(min(length, CHUNK_BYTES))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _open_pdf(data: bytes) -> Any:
    pdfium = require("pypdfium2", extra="read")
    try:
        return pdfium.PdfDocument(data)
    except Exception as error:
        message = (
            f"{PICTURE} is broken: {error}; expected a complete PDF. Fetch it again."
        )
        raise FormatError(message) from error


def _one_page(document: Any, number: int) -> bytes:
    """Return one page of a PDF as a PDF."""
    pdfium = require("pypdfium2", extra="read")
    if number > len(document):
        pages = counted(len(document), "page")
        message = f"{PICTURE} has {pages}; page {number} was requested."
        raise FormatError(message)
    single = pdfium.PdfDocument.new()
    file = io.BytesIO()
    try:
        single.import_pages(document, [number - 1])
        single.save(file)
    except Exception as error:
        message = f"page {number} of {PICTURE} is broken: {error}. Fetch it again."
        raise FormatError(message) from error
    finally:
        single.close()
    return file.getvalue()
