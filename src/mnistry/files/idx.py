"""Pairs of IDX files, named as the original four; gzipped or not."""

import re
from collections.abc import Mapping
from pathlib import Path

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import splits
from mnistry.files.disk import reading
from mnistry.formats import idx
from mnistry.formats.atomic import write_together

TRANSPOSED = "emnist-"  # NIST's name of files with rows and columns exchanged
ORIGINAL = {"test": "t10k"}  # MNIST's own name for it


def save(
    by_split: Mapping[str, Digits], folder: Path, *, ending: str = ""
) -> list[Path]:
    """Write a pair for each split, such as t10k-images-idx3-ubyte.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder.
        ending: "" or ".gz".

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for split, digits in by_split.items():
        name = ORIGINAL.get(split, split)
        images = folder / f"{name}-images-idx3-ubyte{ending}"
        labels = folder / f"{name}-labels-idx1-ubyte{ending}"
        arrays = ((images, digits.images), (labels, digits.labels))
        write_together([(file, idx.encode_for(file, of)) for file, of in arrays])
        written += [images, labels]
    return written


def load(path: Path) -> dict[str, Digits]:
    """Read one pair, named by either of its files, or all pairs in a folder.

    Raises:
        IdxError: A file is not IDX.
        FormatError: The other file of a pair is missing, or images are not images.
    """
    if path.is_dir():
        # .gz before uncompressed files, which are preferred if both exist
        files = sorted(splits.visible(path, "*images*idx3-ubyte*"), reverse=True)
        for labels in splits.visible(path, "*labels*idx1-ubyte*"):
            _partner(labels, "images", "labels")  # an export was killed, for instance
    else:
        files = [_partner(path, "images", "labels")]
    pairs = {re.split("[-_.]?images", file.name)[0]: file for file in files}
    names = sorted(pairs)
    return {
        split: _pair(pairs[name])
        for split, name in zip(splits.keys(names), names, strict=True)
    }


def _pair(images: Path) -> Digits:
    labels = _partner(images, "labels", "images")
    with reading(images):
        pixels = idx.read(images)
        if images.name.lower().startswith(TRANSPOSED) and pixels.ndim == 3:
            pixels = pixels.swapaxes(1, 2)
        return Digits(pixels, idx.read(labels))


def _partner(path: Path, kind: str, other: str) -> Path:
    """Find one file of a pair from the other."""
    number = {"images": "3", "labels": "1"}
    name = path.name.replace(other, kind)
    name = name.replace(f"idx{number[other]}", f"idx{number[kind]}")
    raw = path.with_name(name.removesuffix(".gz"))
    for candidate in (path.with_name(name), raw, raw.with_name(f"{raw.name}.gz")):
        if candidate.is_file():
            return candidate
    message = (
        f"{path} has no {kind} beside it; expected {path.with_name(name).name}."
        " Put both files into one folder."
    )
    raise FormatError(message)
