"""Grey pictures as PNG files: the same bytes on every machine, and lossless.

`encode` writes 8-bit grey with filter 0 and needs zlib only. `decode` reads such files
itself, and leaves every other kind of picture (PNG with filters or colours, JPEG, BMP,
TIFF …) to Pillow. Source: PNG specification, third edition,
https://www.w3.org/TR/png-3/, sections 5 and 11.2.
"""

import math
import struct
import zlib
from typing import Any

import numpy as np

from mnistry.arrays import Images, Pixels
from mnistry.errors import FormatError
from mnistry.formats.pictures import on_white, open_picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY = bytes([8, 0, 0, 0, 0])  # bits, colour type, compression, filters, no interlace
HEADER_BYTES = 13  # two sizes of four bytes, and five bytes as GREY
FIRST_DATA = len(SIGNATURE) + 12 + HEADER_BYTES  # a chunk: length, name, data, CRC
LEVEL = 3  # on MNIST: 41 µs and 255 bytes an image; level 6 takes 57 µs for 251
MOST_PIXELS = 1 << 24  # 4096 by 4096: a photograph; more is no picture of one digit
FADED = "LA", "PA", "RGBA", "RGBa", "La"  # Pillow's modes with transparency


def encode(pixels: Pixels, *, level: int = LEVEL) -> bytes:
    """Turn one grey picture into the bytes of a PNG file.

    Args:
        pixels: (rows, columns) uint8, unchanged: 0 black to 255 white.
        level: Of zlib, 0 to 9. At 0 nothing is compressed, and pictures of one shape
            give files of one size.

    Example:
        >>> encode(np.zeros((2, 2), np.uint8))[1:4]
        b'PNG'
    """
    return encode_all(pixels[None], level=level)[0]


def encode_all(images: Images, *, level: int = LEVEL) -> list[bytes]:
    """Turn grey pictures into the bytes of as many PNG files.

    Args:
        images: (n, rows, columns) uint8.
        level: Of zlib, as for `encode`.

    Example:
        >>> [len(png) for png in encode_all(np.zeros((2, 28, 28), np.uint8))]
        [76, 76]
    """
    count, rows, columns = images.shape
    lines = np.zeros((count, rows, columns + 1), np.uint8)  # each line's filter is 0
    lines[:, :, 1:] = images
    start = SIGNATURE + _chunk(b"IHDR", struct.pack(">II", columns, rows) + GREY)
    end = _chunk(b"IEND", b"")
    return [
        start + _chunk(b"IDAT", zlib.compress(picture, level)) + end
        for picture in lines
    ]


def decode(data: bytes, *, name: str = "the picture") -> Pixels:
    """Turn the bytes of a picture file into grey pixels.

    Colours become their luminance; what is transparent, white paper (`on_white`); a
    camera that was turned is turned back (EXIF).

    Args:
        data: PNG, or whatever else Pillow reads.
        name: What to call it in errors.

    Returns:
        (rows, columns) uint8, 0 black to 255 white; read-only.

    Raises:
        FormatError: Not a picture, a damaged one, or one of more than 16 million
            pixels. Memory is taken only for as many pixels as the header may claim.

    Example:
        >>> decode(encode(np.array([[0, 255]], np.uint8)))
        array([[  0, 255]], dtype=uint8)
    """
    pixels = _decode_plain(data)
    return _decode_any(data, name) if pixels is None else pixels


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return a picture's rows and columns from its header; None if it is not one.

    Example:
        >>> size_of(encode(np.zeros((2, 3), np.uint8)))
        (2, 3)
    """
    if data[:8] == SIGNATURE and len(data) >= 24:
        columns, rows = struct.unpack(">II", data[16:24])
        return rows, columns
    try:
        with open_picture(data) as picture:
            return int(picture.size[1]), int(picture.size[0])
    except Exception:  # noqa: BLE001 - Pillow's readers raise almost anything
        return None


def _chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", crc)


def _decode_plain(data: bytes) -> Pixels | None:
    """Read a file as `encode` writes it; None for anything else."""
    if data[:8] != SIGNATURE or data[24:29] != GREY or data[37:41] != b"IDAT":
        return None
    columns, rows = struct.unpack(">II", data[16:24])
    (size,) = struct.unpack(">I", data[FIRST_DATA : FIRST_DATA + 4])
    packed = data[FIRST_DATA + 8 : FIRST_DATA + 8 + size]
    rest = data[FIRST_DATA + 8 + size :]
    is_grey = (rest[:4], rest[8:12]) == (
        struct.pack(">I", zlib.crc32(packed, zlib.crc32(b"IDAT"))),
        b"IEND",
    )
    expected = rows * (columns + 1)
    if not is_grey or rows * columns > MOST_PIXELS:
        return None
    try:
        lines = zlib.decompressobj().decompress(packed, expected + 1)
    except zlib.error:
        return None
    if len(lines) != expected or any(lines[:: columns + 1]):
        return None
    return np.frombuffer(lines, np.uint8).reshape(rows, columns + 1)[:, 1:]


def _decode_any(data: bytes, name: str) -> Pixels:

    try:
        _refuse_large(data)
        with open_picture(data) as picture:
            picture.verify()  # PNG's checksums; reading the pixels passes over them
        with open_picture(data) as picture:
            return _grey(picture)
    except MemoryError:
        raise
    except Exception as error:  # Pillow's readers raise almost anything
        message = (
            f"{name} cannot be read as a picture: {_reason(error)}; expected a PNG,"
            f" JPEG or other picture of at most {MOST_PIXELS:,} pixels."
            " Leave it out, or get it again."
        )
        raise FormatError(message) from error


class _TooLargeError(ValueError):
    """Carries the width and height that a picture claims."""


def _refuse_large(data: bytes) -> None:
    """Look into a PNG's header before Pillow does, which only warns."""
    if data[:8] == SIGNATURE and data[12:16] == b"IHDR" and len(data) >= 24:
        size = struct.unpack(">II", data[16:24])
        if math.prod(size) > MOST_PIXELS:
            raise _TooLargeError(size)


def _reason(error: Exception) -> str:
    if isinstance(error, _TooLargeError):
        width, height = error.args[0]
        return f"it claims {width:,}×{height:,} pixels"
    if "cannot identify" in str(error):
        return "its kind is unknown"
    return str(error) or type(error).__name__


def _grey(picture: Any) -> Pixels:
    from PIL import Image, ImageOps

    if math.prod(picture.size) > MOST_PIXELS:
        raise _TooLargeError(picture.size)
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16") or picture.mode == "I":
        wide = np.asarray(picture).astype(np.int64)
        return (wide >> 8).clip(0, 255).astype(np.uint8)
    if picture.mode in FADED or "transparency" in picture.info:
        flat = on_white(np.asarray(picture.convert("RGBA")))
        picture = Image.fromarray(flat)
    pixels: Pixels = np.asarray(
        picture if picture.mode == "L" else picture.convert("L")
    )
    return pixels
