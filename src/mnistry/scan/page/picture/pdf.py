"""Pages of PDFs, drawn by a process of their own that can be ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import FormatError
from mnistry.extras import require
from mnistry.formats.budget import DECODED_BYTES, SECONDS, megabytes
from mnistry.plural import counted
from mnistry.scan.page.picture import pdf_process
from mnistry.scan.page.picture.pdf_process import SHAPE
from mnistry.scan.page.picture.pixels import LONGEST_SIDE

MOST_PAGES = 500  # of one file
HAS_LIMITS = sys.platform != "win32"  # of processor time, by `pdf_process.limit`
PATIENCE = 6 if HAS_LIMITS else 1  # by the clock: others may have the processor
ENDED_BY_LIMIT = -getattr(signal, "SIGXCPU", sys.maxsize)

Page = tuple[NDArray[np.uint8], float]
"""(rows, columns, 3) uint8; its size, compared with 200 dots per inch."""

_contained = threading.Event()


def contain() -> None:
    """Draw in this process from now on: it has limits of its own, and may be ended."""
    _contained.set()


def pdf_pages(data: bytes, name: str, wanted: int | None = None) -> Iterator[Page]:
    """Draw the pages of a PDF, one after the other.

    Args:
        data: The bytes of its file.
        name: What to call it in errors.
        wanted: The only page that is wanted, from 1; None: all.

    Yields:
        Pages, 500 at most.

    Raises:
        FormatError: It is broken, or takes more memory or time than a file of its size
            may (`mnistry.formats.budget`).
        MissingExtraError: pypdfium2 is not installed.
    """
    require("pypdfium2", extra="read")
    if _contained.is_set() or not sys.executable:
        yield from _drawn_here(data, name, wanted)
        return
    drawing = _Drawing(data, name)
    try:
        count, _, _, _ = drawing.ask(data)
        for number in page_numbers(count, wanted, name):
            rows, columns, scale, pixels = drawing.ask(str(number).encode())
            shape = rows, columns, 3
            yield np.frombuffer(pixels, np.uint8).reshape(shape), scale
    finally:
        drawing.close()


def page_numbers(count: int, page: int | None, name: str) -> Iterable[int]:
    """Return the numbers of the pages that are wanted, from 0; 500 at most.

    Args:
        count: How many there are.
        page: The only one that is wanted, from 1; None: all.
        name: Of the file, for the error.

    Raises:
        FormatError: There is no such page.
    """
    if page is None:
        return range(min(count, MOST_PAGES))
    if 1 <= page <= count:
        return (page - 1,)
    message = (
        f"{name} has {counted(count, 'page')}, and page {page} was asked for; expected"
        " one that is there. Count from 1."
    )
    raise FormatError(message)


def broken(name: str, reason: object) -> FormatError:
    """Make the error for a file that a decoder cannot read.

    Args:
        name: Of the file.
        reason: The decoder's message, or its error.
    """
    text = str(reason).rstrip(".") or type(reason).__name__
    if "password" in text:  # as PDFium says it
        message = (
            f"{name} needs a password; expected a PDF that opens without one. Open it,"
            " print it into a new PDF, and read that."
        )
        return FormatError(message)
    message = (
        f"{name} is broken: {text}; expected a whole picture. Take or fetch it again."
    )
    return FormatError(message)


class _Drawing:
    """A process that draws the pages of one PDF, and how long it is still waited for.

    It ends itself after so many seconds of processor time; the clock is for one that
    waits for something.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._most_bytes = DECODED_BYTES * megabytes(len(data))
        self._seconds = SECONDS * megabytes(len(data))
        self._left = PATIENCE * self._seconds
        seconds = max(1, int(self._seconds))
        arguments = map(str, (self._most_bytes, seconds, LONGEST_SIDE))
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", pdf_process.__name__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )

    def ask(self, message: bytes) -> tuple[int, int, float, bytes]:
        """Send a message, give rows, columns, scale and pixels of the answer."""
        timer = threading.Timer(self._left, self._process.kill)
        begun = time.monotonic()
        timer.start()
        answer = b""
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        try:
            with suppress(OSError):  # it has ended
                pdf_process.send(self._process.stdin, message)
            answer = pdf_process.receive(self._process.stdout)
        finally:
            timer.cancel()
            self._left -= time.monotonic() - begun
        if len(answer) < SHAPE.size:
            raise self._ended()
        rows, columns, scale = SHAPE.unpack_from(answer)
        if rows < 0:
            text = answer[SHAPE.size :].decode()
            raise self._ended() if text == "MemoryError" else broken(self._name, text)
        return rows, columns, scale, answer[SHAPE.size :]

    def _ended(self) -> FormatError:
        kind = f"{self._seconds:g} seconds"
        self._process.kill()
        if self._left > 0 and self._process.wait() != ENDED_BY_LIMIT:
            kind = f"{self._most_bytes >> 20:,} MB of memory, or its reader fails"
        message = (
            f"{self._name} takes more than {kind}; expected a PDF that a file of its"
            " size can be. Print it to a new PDF, or save its pages as pictures."
        )
        return FormatError(message)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what could not be sent any more
                if pipe:
                    pipe.close()


def _drawn_here(data: bytes, name: str, wanted: int | None) -> Iterator[Page]:
    try:
        document = pdf_process.open_document(data)
    except Exception as error:  # decoders raise anything on broken files
        raise broken(name, error) from error
    try:
        for number in page_numbers(len(document), wanted, name):
            try:
                page = pdf_process.draw(document, number, LONGEST_SIDE)
            except Exception as error:
                raise broken(f"page {number + 1} of {name}", error) from error
            yield page
    finally:
        document.close()
