"""Gzip, chunk by chunk, and never more than expected.

The fastest inflater that is installed does the work: Intel's igzip (extra `fast`), or
else the standard library's zlib. Both check the CRC at the end of each member.
"""

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from mnistry.errors import FormatError

MAGIC = b"\x1f\x8b"
CHUNK_BYTES = 1 << 20
MOST_BYTES_PER_BYTE = 1032  # deflate's limit: 258 bytes for one two-bit match; zlib's
# documentation, "Maximum Compression Factor", https://zlib.net/zlib_tech.html


def inflate(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield what a gzip file holds, in chunks of about a megabyte.

    Args:
        file: Open for reading at the start of the gzip bytes.
        name: What to call it in errors.

    Raises:
        FormatError: The bytes are damaged (CRC, codes), or end before their end.

    Example:
        >>> import gzip, io
        >>> b"".join(inflate(io.BytesIO(gzip.compress(b"0123456789")), "digits.gz"))
        b'0123456789'
    """
    inflater, damaged = _inflater()
    stream = inflater.decompressobj(wbits=31)
    data = b""
    try:
        while True:
            data = data or file.read(CHUNK_BYTES)
            chunk = stream.decompress(data, CHUNK_BYTES)
            if chunk:
                yield chunk
            if stream.eof:
                data = stream.unused_data.lstrip(b"\0") or file.read(CHUNK_BYTES)
                if not data:
                    return
                stream = inflater.decompressobj(wbits=31)  # gzip may have members
            elif not data and not chunk:
                break
            else:
                data = bytes(stream.unconsumed_tail)
    except damaged as error:
        message = (
            f"{name} is damaged: {error}; expected gzip bytes that add up."
            " Delete it and get it again."
        )
        raise FormatError(message) from error
    message = (
        f"{name} ends in the middle of its gzip stream; the file was cut short."
        " Delete it and get it again."
    )
    raise FormatError(message)


def _inflater() -> tuple[Any, Any]:
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib, zlib.error
    return isal_zlib, isal_zlib.error
