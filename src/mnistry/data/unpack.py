"""The bytes of raw IDX from a file that holds them, chunk by chunk.

`UNPACKERS` has a row for each `packing` of the catalogue.
"""

import bz2
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnistry.data.catalog.rows import File
from mnistry.errors import FormatError
from mnistry.formats import idx, npz
from mnistry.formats.gzip import CHUNK_BYTES, inflate

IDX_MAGIC = b"\0\0"  # gzip, zip and bz2 begin otherwise
USPS_SIDE = 16  # pixels
USPS_MOST_ROWS = 10_000  # the larger of the two files has 7,291
USPS_MOST_BYTES = 64_000_000  # of text; the larger of the two files has about 20 MB


def raw_chunks(path: Path, file: File) -> Iterator[bytes]:
    """Yield the raw IDX bytes of a catalogue file from whatever file holds them.

    Args:
        path: The packed file, or Keras' npz, or the raw file itself.
        file: Its catalogue row.

    Raises:
        FormatError: The file is damaged, or lacks the member.
        OSError: It cannot be read.
    """
    with path.open("rb") as opened:
        start = opened.read(len(IDX_MAGIC))
    if start == IDX_MAGIC:  # whatever its name: browsers unpack a .gz on the way
        return _raw(path)
    if path.suffix == ".npz":
        return npz.raw_bytes(path, file.raw_name)
    return unpack(path, file)


def unpack(path: Path, file: File) -> Iterator[bytes]:
    """Yield the raw IDX bytes of a catalogue file from its packed file.

    Args:
        path: The packed file.
        file: Its row.

    Raises:
        FormatError: The packed file is damaged, or lacks the member.
    """
    return UNPACKERS[file.packing](path, file)


def _raw(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            yield chunk


def _gzip(path: Path, _file: File) -> Iterator[bytes]:
    with path.open("rb") as opened:
        yield from inflate(opened, str(path))


def _zip(path: Path, file: File) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(file.member)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                message = "it is neither stored nor deflated"
                raise ValueError(message)
            with archive.open(info) as member:
                yield from inflate(member, f"{path}, {file.member}")  # type: ignore[arg-type]
    except FormatError:
        raise
    except npz.BROKEN as error:
        message = (
            f"{path} has no intact {file.member}: {error}; expected the complete zip."
            " Delete it and get it again."
        )
        raise FormatError(message) from error


def _libsvm_images(path: Path, _file: File) -> Iterator[bytes]:
    images, _ = _libsvm(path)
    yield idx.encode(images)


def _libsvm_labels(path: Path, _file: File) -> Iterator[bytes]:
    _, labels = _libsvm(path)
    yield idx.encode(labels)


def _libsvm(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read lines of "label 1:value 2:value …" with values from -1 to 1, labels from 1.

    Pixels are round((value + 1) / 2 * 255); torchvision truncates instead.
    """
    try:
        text = bz2.BZ2Decompressor().decompress(path.read_bytes(), USPS_MOST_BYTES)
        lines = text.decode("ascii").split("\n", USPS_MOST_ROWS)
        rows = [line.split(maxsplit=USPS_SIDE**2 + 1) for line in lines if line]
        labels = np.array([int(row[0]) - 1 for row in rows], np.uint8)
        values = np.full((len(rows), USPS_SIDE**2), -1.0)
        for number, row in enumerate(rows):
            for pair in row[1:]:
                place, _, value = pair.partition(":")
                values[number, int(place) - 1] = float(value)
    except (OSError, EOFError, ValueError, IndexError, OverflowError) as error:
        message = (
            f"{path} is not USPS in libsvm's format: {error}; expected lines of"
            " 'label 1:value 2:value'. Delete it and get it again."
        )
        raise FormatError(message) from error
    grey = ((values + 1) / 2 * 255).round().clip(0, 255).astype(np.uint8)
    return grey.reshape(-1, USPS_SIDE, USPS_SIDE), labels


UNPACKERS: Mapping[str, Callable[[Path, File], Iterator[bytes]]] = {
    "gzip": _gzip,
    "zip": _zip,
    "libsvm-images": _libsvm_images,
    "libsvm-labels": _libsvm_labels,
}
