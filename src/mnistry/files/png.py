"""PNG files in folders: split/label/00042.png; the number is the image's index."""

from collections.abc import Mapping
from pathlib import Path

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.files.folder import load
from mnistry.files.pictures import WHITE_INK
from mnistry.formats import png
from mnistry.formats.atomic import atomic_folder

__all__ = ["load", "save"]

BLOCK_IMAGES = 4096  # encoded at a time


def save(by_split: Mapping[str, Digits], folder: Path) -> list[Path]:
    """Write each image as a grey PNG: 0 black paper, 255 white ink, as in the arrays.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder.

    Returns:
        The folder of each split, which appears complete or not at all.

    Raises:
        UsageError: The folder of a split exists already, or a split has no images.
    """
    for split, digits in by_split.items():
        if (folder / split).exists():
            message = (
                f"{folder / split} exists already; expected a new folder."
                " Delete it, or choose another folder."
            )
            raise UsageError(message)
        if not len(digits):
            message = (
                f"split {split!r} has no images; expected at least one, since a folder"
                " without pictures is read back as no split. Leave it out."
            )
            raise UsageError(message)
    written = []
    for split, digits in by_split.items():
        with atomic_folder(folder / split) as part:
            _write(digits, part)
        written.append(folder / split)
    return written


def _write(digits: Digits, folder: Path) -> None:
    (folder / WHITE_INK).write_text("White ink on black paper, by mnistry.\n", "ascii")
    for label in set(digits.labels.tolist()):
        (folder / str(label)).mkdir(parents=True)
    width = max(5, len(str(len(digits) - 1)))
    for start in range(0, len(digits), BLOCK_IMAGES):
        block = digits[start : start + BLOCK_IMAGES]
        for at, data in enumerate(png.encode_all(block.images)):
            name = f"{start + at:0{width}}.png"
            (folder / str(block.labels[at]) / name).write_bytes(data)
