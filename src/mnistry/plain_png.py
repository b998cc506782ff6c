"""Grey PNG without compression: its size is known before it is made.

A PNG's pixels are a zlib stream, and such a stream may store bytes as they are. Then
all pictures of one shape have one size, and making one is little more than a copy.
Format: RFC 2083 (PNG), RFC 1950 (zlib), RFC 1951 section 3.2.4 (stored blocks).
"""

import struct
import zlib

import numpy as np

from mnistry.arrays import Pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNK_BYTES = 12  # length, name and CRC around each chunk's data
HEADER_BYTES = 13  # data of the chunk IHDR
BLOCK_BYTES = 0xFFFF  # the most that a stored block holds
ZLIB_HEADER = b"\x78\x01"  # deflate, 32 KiB window, no preset dictionary


def size_bytes(rows: int, columns: int) -> int:
    """Tell how long the PNG of any picture of this shape is.

    Example:
        >>> size_bytes(28, 28)
        880
    """
    lines = rows * (columns + 1)  # each line has one byte for its filter before it
    blocks = max(1, -(-lines // BLOCK_BYTES))
    stream = len(ZLIB_HEADER) + 5 * blocks + lines + 4  # Adler-32 at the end
    return len(SIGNATURE) + 3 * CHUNK_BYTES + HEADER_BYTES + stream


def encode(picture: Pixels) -> bytes:
    """Turn a grey picture into the bytes of a PNG file, not compressed.

    Args:
        picture: (rows, columns) uint8, 0 black to 255 white.

    Returns:
        `size_bytes(rows, columns)` bytes, the same on every machine.

    Example:
        >>> encode(np.zeros((2, 2), np.uint8))[1:4]
        b'PNG'
    """
    rows, columns = picture.shape
    lines = np.zeros((rows, columns + 1), np.uint8)
    lines[:, 1:] = picture
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)  # 8 bits, grey
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", _stored(lines.tobytes())),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _stored(data: bytes) -> bytes:
    parts = [ZLIB_HEADER]
    for start in range(0, max(1, len(data)), BLOCK_BYTES):
        block = data[start : start + BLOCK_BYTES]
        is_last = start + BLOCK_BYTES >= len(data)
        parts += [struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack(">I", zlib.adler32(data)))
    return b"".join(parts)
