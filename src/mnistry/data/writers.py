"""Who wrote which digit of MNIST, if a list of writers is available.

QMNIST identified the writers: row i of its labels is row i of MNIST. A list is looked
for in the folders of MNISTRY_DATA (`writers.npz`, with `train_writer` and
`test_writer`) and among QMNIST's own files in the cache. It is never fetched, and
accepted only with the expected SHA-256.
"""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnistry.data.cached_file import CachedFile, subfolders
from mnistry.data.catalog.family import QMNIST
from mnistry.data.catalog.mnist import MNIST, WRITERS
from mnistry.data.paths import data_folders
from mnistry.digits import Digits
from mnistry.errors import ChecksumError
from mnistry.formats import idx
from mnistry.formats.npz import BROKEN, read_array

FILE = "writers.npz"


def with_writers(digits: Digits) -> Digits:
    """Add the column `writer` to a complete split of MNIST, if there is a list.

    Args:
        digits: Any digits; only a complete split of MNIST, in order, gets the column.

    Returns:
        The digits with `columns["writer"]`, NIST's number of the writer; or the same
        digits.

    Raises:
        ChecksumError: A `writers.npz` in MNISTRY_DATA is not the expected list.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> list(with_writers(toy).columns)
        []
    """
    split = _split_of(digits)
    if split is None or "writer" in digits.columns:
        return digits
    writer = _from_folders(split)
    if writer is None:
        writer = _from_qmnist(split)
    if writer is None or len(writer) < len(digits):
        return digits
    columns = {**digits.columns, "writer": writer[: len(digits)]}
    return replace(digits, columns=columns)


def _split_of(digits: Digits) -> str | None:
    """Return which split of MNIST this is, by the SHA-256 of all its labels."""
    sha256 = hashlib.sha256(idx.encode(digits.labels)).hexdigest()
    for name, split in MNIST.splits.items():
        if sha256 == split.labels.raw_sha256:
            return name
    return None


def _from_folders(split: str) -> NDArray[np.int64] | None:
    for folder in data_folders():
        for place in subfolders(folder, MNIST.name):
            if (place / FILE).is_file():
                return _read(place / FILE, split)
    return None


def _read(path: Path, split: str) -> NDArray[np.int64]:
    try:
        with zipfile.ZipFile(path) as archive:
            writer = read_array(archive, f"{split}_writer")
        if writer.ndim != 1 or writer.dtype.kind not in "iu":
            message = f"its list is of {writer.dtype} and shape {writer.shape}"
            raise ValueError(message)
        numbers = writer.astype(np.int32)
        sha256 = hashlib.sha256(idx.encode(numbers)).hexdigest()
        if sha256 != WRITERS[split]:
            message = f"its list has SHA-256 {sha256[:8]}…"
            raise ValueError(message)
    except BROKEN as error:
        message = (
            f"{path} does not have the writers of MNIST's {split} images: {error};"
            f" expected the numbers of QMNIST's writers as {split}_writer, SHA-256"
            f" {WRITERS[split][:8]}…. Delete or rename it: without it the validation"
            " split is random, not by writer."
        )
        raise ChecksumError(message) from error
    return numbers.astype(np.int64)


def _from_qmnist(split: str) -> NDArray[np.int64] | None:
    rows = QMNIST.splits[split]
    labels = CachedFile(QMNIST, rows.labels)
    if not labels.is_raw(labels.raw_path):
        return None
    column = 1 + rows.columns.index("writer")  # the class stands before them
    writer: NDArray[np.int64] = idx.read(labels.raw_path)[:, column].astype(np.int64)
    return writer
