"""IDX files, the format of the four MNIST files: any rank, all six element types.

A file is: two zero bytes, one byte for the element type, one for the number of axes;
the axes' sizes as unsigned 32-bit numbers; then the elements in C order. Numbers have
their most significant byte first. Nothing may follow. Source: the description on the
MNIST page, as mirrored at https://github.com/cvdfoundation/mnist.

`decode` and `encode` know bytes only; `read` and `write` touch files.
"""

import math
import mmap
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import FormatError, IdxError, ShapeError
from mnistry.formats.atomic import write_atomic
from mnistry.formats.budget import check_unpacked
from mnistry.formats.gzip import MAGIC as GZIP_MAGIC
from mnistry.formats.gzip import MOST_BYTES_PER_BYTE, inflate

PathLike = str | os.PathLike[str]

ELEMENTS: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
CODES = {dtype: code for code, dtype in ELEMENTS.items()}
LEVEL = 6  # of gzip; 9 takes 14 times as long on MNIST and saves two parts in a hundred
MOST_AXES = 64  # as many as a NumPy array can have; the format would allow 255
MOST_HEADER_BYTES = 4 + 4 * MOST_AXES


class Header(NamedTuple):
    """What the first bytes of an IDX file contain."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        """Length of the header itself."""
        return 4 + 4 * len(self.shape)

    @property
    def data_bytes(self) -> int:
        """Length of the elements that must follow."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def addressed_bytes(self) -> int:
        """Bytes that NumPy counts against its limit; axes of length 0 count as 1."""
        return math.prod(max(1, size) for size in self.shape) * self.dtype.itemsize


def decode(data: bytes, *, name: str = "the IDX bytes") -> NDArray[Any]:
    """Turn the bytes of an IDX file into an array.

    Args:
        data: The whole file, uncompressed.
        name: The file's name in error messages.

    Returns:
        Any rank, in this machine's byte order; read-only where it shares `data`.

    Raises:
        IdxError: Wrong magic, unknown element type, or more or fewer bytes than the
            header claims.

    Example:
        >>> decode(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        array([7, 2, 1], dtype=uint8)
    """
    header = _header(data, name)
    _check_length(len(data) - header.size_bytes, header, name)
    return _array(data, header)


def encode(array: NDArray[Any]) -> bytes:
    """Turn an array into the bytes of an IDX file.

    Args:
        array: uint8, int8, int16, int32, float32 or float64, of any rank.

    Raises:
        ShapeError: Another dtype, or an axis longer than 32 bits can hold.

    Example:
        >>> encode(np.array([7, 2, 1], np.uint8)).hex(" ")
        '00 00 08 01 00 00 00 03 07 02 01'
    """
    elements = np.asarray(array)
    dtype = elements.dtype.newbyteorder(">")
    if dtype not in CODES:
        message = (
            f"IDX has no element type for dtype {elements.dtype}; expected uint8, int8,"
            " int16, int32, float32 or float64. Convert with .astype(...)."
        )
        raise ShapeError(message)
    if any(size >= 1 << 32 for size in elements.shape):
        message = (
            f"an axis of shape {elements.shape} does not fit in IDX;"
            " expected at most 4294967295 along each. Write it in parts."
        )
        raise ShapeError(message)
    sizes = np.array(elements.shape, ">u4").tobytes()
    magic = bytes([0, 0, CODES[dtype], elements.ndim])
    return magic + sizes + elements.astype(dtype, copy=False).tobytes()


def read(path: PathLike) -> NDArray[Any]:
    """Read an IDX file, gzipped or not.

    An uncompressed file of bytes is memory-mapped: it is read only as it is used, and
    processes share the memory.

    Args:
        path: The file; gzip is recognised by its first bytes.

    Returns:
        Any rank, in this machine's byte order; read-only.

    Raises:
        IdxError: Not an IDX file, or more or fewer bytes than its header claims. Memory
            is taken only after the file is seen to be large enough.
        OSError: The file cannot be opened.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "labels-idx1-ubyte.gz")
        ...     write(path, np.array([7, 2, 1], np.uint8))
        ...     read(path)
        array([7, 2, 1], dtype=uint8)
    """
    name = os.fspath(path)
    with open(path, "rb") as file:  # noqa: PTH123 - no pathlib on the way to the data
        size_bytes = os.fstat(file.fileno()).st_size
        start = file.read(MOST_HEADER_BYTES)
        if start.startswith(GZIP_MAGIC):
            file.seek(0)
            return _read_gzip(file, size_bytes, name)
        header = _header(start, name)
        _check_length(size_bytes - header.size_bytes, header, name)
        return _array(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), header)


def write(path: PathLike, array: NDArray[Any]) -> None:
    """Write an array as an IDX file; gzipped if the name ends in .gz.

    The file appears complete or not at all. Gzip output contains no timestamp, so the
    same array gives the same bytes.

    Args:
        path: The file. It is overwritten if it exists.
        array: As for `encode`.

    Raises:
        ShapeError: The array is not as for `encode`; an existing file is kept.
        CacheError: The folder cannot be written.
    """
    write_atomic(path, encode_for(path, array))


def encode_for(path: PathLike, array: NDArray[Any]) -> bytes:
    """Encode an array as `write` would: gzipped if the path ends in .gz.

    Raises:
        ShapeError: The array is not as for `encode`.
    """
    data = encode(array)
    if Path(path).suffix != ".gz":
        return data
    import gzip

    return gzip.compress(data, LEVEL, mtime=0)


def _header(start: bytes, name: str) -> Header:
    if start[:2] != b"\0\0" or len(start) < 4:
        message = (
            f"{name} is not an IDX file: it starts with {_glimpse(start)};"
            f" expected '00 00', an element type and the number of axes.{_guess(start)}"
        )
        raise IdxError(message)
    code, axes = start[2], start[3]
    if code not in ELEMENTS:
        codes = ", ".join(f"{code:02x}" for code in ELEMENTS)
        message = (
            f"{name} has element type {code:02x}, which IDX does not know; expected one"
            f" of {codes}. The file is damaged, or not IDX."
        )
        raise IdxError(message)
    if axes > MOST_AXES:
        message = (
            f"{name} claims {axes} axes; expected at most {MOST_AXES}."
            " The file is damaged, or not IDX."
        )
        raise IdxError(message)
    if len(start) < 4 + 4 * axes:
        message = (
            f"{name} ends within its header, after {len(start)} bytes;"
            f" expected {4 + 4 * axes} for {axes} axes. The file was cut short."
        )
        raise IdxError(message)
    sizes = np.frombuffer(start, ">u4", count=axes, offset=4)
    header = Header(ELEMENTS[code], tuple(sizes.tolist()))
    if not header.data_bytes and header.addressed_bytes > sys.maxsize:
        message = (
            f"{name} claims shape {header.shape}; expected one that an array can have."
            " The file is damaged, or not IDX."
        )
        raise IdxError(message)
    return header


def _check_length(found: int, header: Header, name: str) -> None:
    if found == header.data_bytes:
        return
    fault = "was cut short" if found < header.data_bytes else "has something after it"
    message = (
        f"{name} holds {found:,} bytes after its header; expected"
        f" {header.data_bytes:,} for shape {header.shape} of {header.dtype.name}."
        f" The file {fault}; delete it and get it again."
    )
    raise IdxError(message)


def _array(data: Any, header: Header) -> NDArray[Any]:
    count = math.prod(header.shape)
    flat = np.frombuffer(data, header.dtype, count=count, offset=header.size_bytes)
    native = flat.astype(header.dtype.newbyteorder("="), copy=False)
    native.flags.writeable = False
    return native.reshape(header.shape)


def _read_gzip(file: BinaryIO, size_bytes: int, name: str) -> NDArray[Any]:
    chunks = inflate(file, name)
    try:
        data = bytearray()
        for chunk in chunks:  # gzip may have members, and the first may be short
            data += chunk
            if len(data) >= MOST_HEADER_BYTES:
                break
        header = _header(bytes(data[:MOST_HEADER_BYTES]), name)
        if header.data_bytes > size_bytes * MOST_BYTES_PER_BYTE:
            message = (
                f"{name} claims shape {header.shape}, {header.data_bytes:,} bytes;"
                f" expected at most what {size_bytes:,} gzipped bytes can hold,"
                f" {size_bytes * MOST_BYTES_PER_BYTE:,}. Its header is wrong."
            )
            raise IdxError(message)
        check_unpacked(name, header.data_bytes, size_bytes)
        for chunk in chunks:
            data += chunk
            if len(data) > header.size_bytes + header.data_bytes:
                break  # more than the header has: no need to see how much
    except FormatError as error:
        raise IdxError(str(error)) from error
    _check_length(len(data) - header.size_bytes, header, name)
    return _array(memoryview(data).toreadonly(), header)


def _glimpse(start: bytes) -> str:
    return repr(start[:4].hex(" ")) if start else "nothing (it is empty)"


def _guess(start: bytes) -> str:
    if start.startswith(GZIP_MAGIC):
        return " Is it still compressed? (gzip starts with '1f 8b')"
    if start.lstrip()[:1] == b"<":
        return " It looks like a web page: the download was not the file."
    return ""
