"""NumPy's npz: arrays in a zip, read so that a hostile file does no harm.

Keras' mnist.npz holds the four arrays of MNIST.
"""

import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import FormatError
from mnistry.formats import idx
from mnistry.formats.budget import check_unpacked
from mnistry.formats.gzip import MOST_BYTES_PER_BYTE

NAME = "mnist.npz"
KEYS = {
    "train-images-idx3-ubyte": "x_train",
    "train-labels-idx1-ubyte": "y_train",
    "t10k-images-idx3-ubyte": "x_test",
    "t10k-labels-idx1-ubyte": "y_test",
}
BROKEN = (  # what zipfile, zlib and NumPy raise over bytes that are wrong
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    EOFError,
    KeyError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def raw_bytes(path: Path, raw_name: str) -> Iterator[bytes]:
    """Yield the IDX bytes of one of the four MNIST files from Keras' npz.

    Args:
        path: The npz file.
        raw_name: Such as "t10k-labels-idx1-ubyte".

    Raises:
        FormatError: Not such an npz.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield idx.encode(read_array(archive, KEYS[raw_name]))
    except BROKEN as error:
        message = (
            f"{path} is not Keras' npz: {error}; expected the arrays"
            f" {', '.join(KEYS.values())}. Delete it and get it again."
        )
        raise FormatError(message) from error


def read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Read one array of an npz that is not trusted.

    Memory is taken only for as much as the file can hold, and nothing is unpickled.

    Args:
        archive: The open npz.
        name: Of the array, without ".npy".

    Raises:
        ValueError: It is not as large as it claims, or holds objects. Other errors of
            zipfile, zlib and NumPy: see `BROKEN`.
        FormatError: It is larger than a file of its size may be.
    """
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        message = f"array {name} is neither stored nor deflated"
        raise ValueError(message)
    with archive.open(info) as file:
        shape, in_fortran_order, dtype = _header(file)  # type: ignore[arg-type]
        data_bytes = math.prod(shape) * dtype.itemsize
        most = MOST_BYTES_PER_BYTE * (info.compress_size + 1)
        if dtype.hasobject or file.tell() + data_bytes != info.file_size:
            message = (
                f"array {name} of {dtype} {shape} is not the {info.file_size} bytes"
            )
            raise ValueError(message)
        if data_bytes > most or info.compress_size > _size(archive):
            message = f"array {name} claims {data_bytes:,} bytes, more than it can hold"
            raise ValueError(message)
        check_unpacked(f"array {name}", data_bytes, _size(archive))
        data = file.read()
    flat = np.frombuffer(data, dtype, count=math.prod(shape))
    return flat.reshape(shape, order="F" if in_fortran_order else "C")


def _header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    return read(file)


def _size(archive: zipfile.ZipFile) -> int:
    return Path(str(archive.filename)).stat().st_size
