"""Limits of memory and time for a file, by its size: small files stay cheap.

Some kilobytes can claim gigabytes. The law: no file below a megabyte takes more than a
gigabyte or ten seconds; each further megabyte allows as much again, so that large files
which are what they claim are read.
"""

import math
from typing import Any

from mnistry.errors import FormatError

MEGABYTE = 1 << 20
DECODED_BYTES = 700 << 20  # for a megabyte; the rest of the gigabyte is Python and nets
SECONDS = 10.0  # for a megabyte
MOST_SECONDS = 1_000_000  # eleven days; timers of the system take 32 bits of them
MOST_COUNTED = 1_000_000_000  # of anything; bytes of as many MB fit in 64 bits
SCANNED_PIXELS = 5_000_000_000  # for a megabyte; ten scans of 88 million take a second
START_OF_SCAN = b"\xff\xda"  # of a JPEG; a progressive one has about ten

STORED_BYTES = {"1": 1, "L": 1, "P": 1, "LA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2}
"""Of a pixel, as Pillow keeps it, by its modes; four of all others."""

DECODER_BYTES = {"WEBP": 12, "JPEG2000": 19, "HEIF": 8}
"""Of a pixel, beside Pillow's, while it is decoded; measured with Pillow 12."""


def megabytes(file_bytes: int) -> int:
    """Return a file's size in megabytes, rounded up, at least 1.

    Example:
        >>> megabytes(17), megabytes(3 << 20)
        (1, 3)
    """
    return max(1, math.ceil(file_bytes / MEGABYTE))


def check_unpacked(name: str, unpacked_bytes: int, file_bytes: int) -> None:
    """Raise if a file would unpack to more than a file of its size may.

    Args:
        name: Of the file, for the error.
        unpacked_bytes: What it claims.
        file_bytes: What it has; of several files, all together.

    Raises:
        FormatError: It claims more.

    Example:
        >>> check_unpacked("train.tar", 47_040_000, 12_000_000)
    """
    most = DECODED_BYTES * megabytes(file_bytes)
    if unpacked_bytes > most:
        message = (
            f"{name} has {file_bytes:,} bytes and would be unpacked to"
            f" {unpacked_bytes:,}; expected at most {most:,}, {DECODED_BYTES:,} for"
            " each megabyte begun. Leave it alone if it is not yours; else take it"
            " apart."
        )
        raise FormatError(message)


def most_pixels(picture: Any, data: bytes) -> int:
    """Return how many pixels may be decoded from a file of this size and kind.

    Args:
        picture: As Pillow opened it, nothing decoded yet.
        data: The bytes of its file.

    Example:
        >>> from PIL import Image
        >>> most_pixels(Image.new("L", (1, 1)), b"a small file")
        734003200
    """
    cost = STORED_BYTES.get(picture.mode, 4) + DECODER_BYTES.get(picture.format, 0)
    if picture.format == "JPEG" and picture.info.get("progressive"):
        # all coefficients, before a pixel; of those fewer, for it can be made smaller
        cost = 2 * len(picture.getbands()) + 1
    if picture.format == "TIFF":
        bits = picture.tag_v2.get(258, (1,))  # of each sample; a strip may be all of it
        cost += math.ceil(sum(bits) / 8)
    most = DECODED_BYTES // cost
    if picture.format == "JPEG":  # each scan goes over all of them
        most = min(most, SCANNED_PIXELS // max(1, data.count(START_OF_SCAN)))
    return most * megabytes(len(data))
