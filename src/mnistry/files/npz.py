"""NumPy's npz: arrays in a zip, named as Keras names them, never with pickles."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import splits
from mnistry.files.disk import reading
from mnistry.formats.atomic import atomic_path
from mnistry.formats.npz import BROKEN, read_array
from mnistry.views.keras import from_keras

PAIRS = (  # of images and labels: ours and Keras'; MedMNIST's; scikit-learn's
    ("x", "y"),
    ("X", "y"),
    ("images", "labels"),
    ("image", "label"),
    ("data", "target"),
)


def save(by_split: Mapping[str, Digits], folder: Path) -> list[Path]:
    """Write all splits into one file: x_train, y_train, x_test, y_test.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder; the file is named after the digits, such as mnist.npz.

    Returns:
        The file.
    """
    names = {re.sub(r"\W", "_", digits.name) for digits in by_split.values()}
    path = folder / f"{names.pop() if len(names) == 1 else 'digits'}.npz"
    arrays: dict[str, NDArray[np.uint8]] = {}
    for split, digits in by_split.items():
        end = "" if split == splits.ALL else f"_{split}"
        arrays |= {f"x{end}": digits.images, f"y{end}": digits.labels}
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return [path]


def load(path: Path) -> dict[str, Digits]:
    """Read all splits of one file, or of all files in a folder that have any.

    Raises:
        FormatError: Not an npz, without images and labels, or with an array smaller
            than it claims; or two files hold the same split. Memory is allocated only
            for as much as the file can contain.
    """
    files = list(splits.visible(path, "*.npz")) if path.is_dir() else [path]
    is_alone = not path.is_dir()
    return splits.together((file, _read(file, is_alone=is_alone)) for file in files)


def _read(file: Path, *, is_alone: bool) -> dict[str, Digits]:
    with reading(file, *BROKEN), zipfile.ZipFile(file) as archive:
        names = {name.removesuffix(".npy") for name in archive.namelist()}
        pairs = _pairs(names)
        if not pairs and is_alone:
            message = (
                f"{file} has the arrays {', '.join(sorted(names)[:8])}; expected"
                " x_train and y_train, or images and labels. Rename them."
            )
            raise FormatError(message)
        return {
            split: from_keras((read_array(archive, x), read_array(archive, y)))
            for split, (x, y) in pairs.items()
        }


def _pairs(names: set[str]) -> dict[str, tuple[str, str]]:
    """Match arrays of images and of labels: {"train": ("x_train", "y_train")}."""
    pairs: dict[str, tuple[str, str]] = {}
    for images, labels in PAIRS:
        form = re.compile(rf"(?:(\w+)_)?{images}(?:_(\w+))?")
        for name in sorted(names):
            match = form.fullmatch(name)
            if match is None:
                continue
            before, after = match.groups()
            partner = "_".join(filter(None, (before, labels, after)))
            if partner in names:
                split = before or after or splits.ALL
                pairs.setdefault(splits.split_of(split), (name, partner))
    return pairs
