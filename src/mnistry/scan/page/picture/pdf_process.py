"""The process that draws pages of PDFs: it may take little memory, and may be ended.

A PDF is a program: two kilobytes of forms that draw each other take minutes and
gigabytes. So it is drawn by a process of its own, which nothing but `pdf.py` starts.
Messages are a length in eight bytes and that many; the first is the PDF, each further
one the number of a page.
"""

import math
import struct
import sys
import time
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require

DOTS_PER_INCH = 200  # at which pages are drawn
POINTS_PER_INCH = 72  # PDF's unit
LENGTH = struct.Struct("<Q")
SHAPE = struct.Struct("<qqd")  # rows, columns, scale; rows -1: a message follows
STATUS = Path("/proc/self/status")


def main() -> None:
    """Draw the pages that are asked for, until nobody asks."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    memory_bytes, seconds, longest = map(int, sys.argv[1:4])
    data = receive(questions)
    limit(memory_bytes, seconds)
    try:
        document = open_document(data)
        send(answers, SHAPE.pack(len(document), 0, 0.0))
        while message := receive(questions):
            picture, scale = draw(document, int(message), longest)
            send(answers, SHAPE.pack(*picture.shape[:2], scale) + picture.tobytes())
    except Exception as error:  # noqa: BLE001 - decoders raise anything
        text = str(error) or type(error).__name__
        send(answers, SHAPE.pack(-1, 0, 0.0) + text.encode(errors="replace"))


def open_document(data: bytes) -> Any:
    """Open a PDF.

    Args:
        data: The bytes of its file.

    Raises:
        pypdfium2.PdfiumError: It is broken.
    """
    return require("pypdfium2", extra="read").PdfDocument(data)


def draw(document: Any, number: int, longest: int) -> tuple[NDArray[np.uint8], float]:
    """Draw a page.

    Args:
        document: As `open_document` gives it.
        number: Of the page, from 0.
        longest: Pixels that its longer side may have.

    Returns:
        (rows, columns, 3) uint8; its size, compared with 200 dots per inch.

    Raises:
        pypdfium2.PdfiumError: There is no such page, or it is broken.
    """
    page = document[number]
    side = max(page.get_size()) * DOTS_PER_INCH / POINTS_PER_INCH
    scale = min(1.0, longest / max(1.0, side))
    bitmap = page.render(scale=scale * DOTS_PER_INCH / POINTS_PER_INCH)
    picture = bitmap.to_numpy()[:, :, :3][:, :, ::-1].copy()
    bitmap.close()
    page.close()
    return picture, scale


def send(file: IO[bytes], data: bytes) -> None:
    """Write a message.

    Args:
        file: A pipe.
        data: The message.
    """
    file.write(LENGTH.pack(len(data)))
    file.write(data)
    file.flush()


def receive(file: IO[bytes]) -> bytes:
    """Read a message; empty at the end of the input, also if that is within one.

    Args:
        file: A pipe.
    """
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    (length,) = LENGTH.unpack(head)
    data = file.read(length)
    return data if len(data) == length else b""


def limit(memory_bytes: int, seconds: int) -> None:
    """Bound this process: so much more memory than it has, so many seconds of work.

    Args:
        memory_bytes: Where the system counts what a process takes (Linux).
        seconds: Of processor time from now on, however busy the machine is.
    """
    if sys.platform == "win32":
        return
    import resource

    used = math.ceil(time.process_time())  # to start
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 1))
    if STATUS.exists():
        lines = STATUS.read_text("ascii").splitlines()
        (taken,) = (int(line.split()[1]) for line in lines if line[:7] == "VmData:")
        most = (taken << 10) + memory_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    main()
