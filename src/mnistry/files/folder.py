"""Folders of pictures, whoever made them, with their labels in names or in a list.

A picture's label is its folder (`7/…`, or a class name), else the number in front of
its name (`7_0012.png`), else a CSV's rows. Folders above are splits.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnistry.arrays import Images, Pixels
from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import splits
from mnistry.formats import png
from mnistry.formats.plain import refuse_special, walk

ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm"}
FILE_NAMES = {"file", "filename", "file_name", "path", "image", "image_path"}
DEEPEST = 3  # split/label/file
MOST_FILE_BYTES = 1 << 26  # 64 MB, as much as a picture of the most pixels can have
WHITE_INK = ".white-ink"  # a file beside pictures that are not to be turned round
WHITE_PAPER = 192  # grey from which an edge is paper: three quarters of white


class Picture(NamedTuple):
    """One picture file: where it is, and its split and label by that."""

    path: Path
    split: str
    label: str


def load(path: Path) -> dict[str, Digits]:
    """Read a folder of pictures, or a single picture with its label in its name.

    Raises:
        FormatError: A picture without a label, damaged, or of another size than the
            others.
    """
    if path.is_dir():
        found = walk(path, deepest=DEEPEST + 1)  # one more, for it to be named
        named = (file for file in found if file.suffix.lower() in ENDINGS)
        shown = (file for file in named if not _is_hidden(file.relative_to(path)))
        return _load([_picture(file, path) for file in shown])
    return _load([_picture(path, path.parent)])


def is_listing(path: Path) -> bool:
    """Return whether a CSV lists picture files with their labels."""
    with path.open("rb") as file:
        names = {name.strip().lower() for name in _header(file.readline(1 << 16))}
    return bool(names & FILE_NAMES) and "label" in names


def load_listing(path: Path) -> dict[str, Digits]:
    """Read the pictures that a CSV lists: columns `file`, `label`, perhaps `split`.

    Raises:
        FormatError: As `load`; or a file that is not there, or lies outside the folder.
    """
    pictures = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            fields = {(key or "").strip().lower(): of for key, of in row.items()}
            name = next((fields[key] for key in fields if key in FILE_NAMES), None)
            label = fields.get("label")
            if not name or not label:
                message = f"{path}, line {line}, lacks a file or a label; expected both"
                raise FormatError(f"{message}. Fill it in.")
            picture = path.parent / name.strip()
            if not picture.resolve().is_relative_to(path.parent.resolve()):
                message = f"{path}, line {line}, names {name}, outside its folder;"
                raise FormatError(f"{message} expected files beside the list.")
            split = (fields.get("split") or splits.ALL).strip()
            pictures.append(Picture(picture, splits.split_of(split), label.strip()))
    return _load(pictures, is_sorted=True)


def stack(pictures: Iterable[tuple[str, Pixels]], count: int) -> Images:
    """Put pictures of one size into one array.

    Args:
        pictures: Names, for errors, and pixels.
        count: How many they are.

    Raises:
        FormatError: They are not of one size; the error names those that differ.
    """
    images = np.empty((0, 28, 28), np.uint8)
    differing = []
    for at, (name, pixels) in enumerate(pictures):
        if at == 0:
            images = np.empty((count, *pixels.shape), np.uint8)
        if pixels.shape == images.shape[1:]:
            images[at] = pixels
        else:
            differing.append(f"{name} ({_size(pixels.shape)})")
    if differing:
        shown = ", ".join(differing[:4]) + (" …" if len(differing) > 4 else "")
        message = (
            f"{len(differing)} of {count} pictures are not {_size(images.shape[1:])} as"
            f" the first: {shown}; expected all of one size. Bring them to it, or have"
            " them read one by one: mnistry read."
        )
        raise FormatError(message)
    return images


def labels_of(words: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Turn labels as text into numbers; words that are none are classes, sorted.

    Returns:
        The numbers, and the names of the classes, or nothing if they were numbers.
    """
    if all(_is_label(word) for word in words):
        return [int(word) for word in words], ()
    classes = sorted(set(words), key=_natural)
    if len(classes) > 256:
        message = (
            f"there are {len(classes)} classes, such as {classes[0]!r}; expected at"
            " most 256. Is this a folder of labels?"
        )
        raise FormatError(message)
    return [classes.index(word) for word in words], tuple(classes)


def read_bytes(path: Path) -> bytes:
    """Read a picture file of a sensible size, if it is a plain one."""
    try:
        refuse_special(path)
        with path.open("rb") as file:
            data = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; expected a picture there."
        raise FormatError(f"{message} Look where it is.") from error
    if len(data) > MOST_FILE_BYTES:
        message = f"{path} has more than {MOST_FILE_BYTES:,} bytes; expected a picture"
        raise FormatError(f"{message} of a digit. Take it out of the folder.")
    return data


def _picture(path: Path, root: Path) -> Picture:
    *above, name = path.relative_to(root).parts
    match = re.match(r"(\d{1,3})[-_]", name)
    in_split = len(above) == 1 and above[0].lower() in splits.WORDS
    if len(above) == 2 or (len(above) == 1 and not in_split):
        label = above.pop()
    elif match is None or len(above) > 1:
        message = (
            f"{path} has no label; expected a folder for each label, 7/{name}, or the"
            f" label in front of its name, 7_{name}. Rename it, or list it in a CSV."
        )
        raise FormatError(message)
    else:
        label = match[1]
    split = splits.split_of(above[0]) if above else splits.ALL
    return Picture(path, split, label)


def _load(pictures: list[Picture], *, is_sorted: bool = False) -> dict[str, Digits]:
    if not is_sorted:
        pictures.sort(key=lambda one: (_natural(one.path.stem), str(one.path)))
    by_split: dict[str, list[Picture]] = {}
    for picture in pictures:
        by_split.setdefault(picture.split, []).append(picture)
    numbers, classes = labels_of([picture.label for picture in pictures])
    label_of = dict(zip((one.label for one in pictures), numbers, strict=True))
    return {
        split: Digits(
            _ink_is_255(
                stack(
                    ((str(one.path), _pixels(one.path)) for one in group), len(group)
                ),
                group[0].path,
            ),
            np.array([label_of[one.label] for one in group], np.uint8),
            classes=classes,
        )
        for split, group in by_split.items()
    }


def _ink_is_255(images: Images, path: Path) -> Images:
    """Turn dark ink on white paper round; what has dark paper stays as it is.

    Paper is what most pictures have along their edges. A folder that mnistry wrote has
    in a file that its ink is white, whatever the edges look like.
    """
    if any((above / WHITE_INK).exists() for above in list(path.parents)[:2]):
        return images
    edges = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    around = np.concatenate([edge.ravel() for edge in edges])
    is_white = around.size and np.median(around) >= WHITE_PAPER
    return 255 - images if is_white else images


def _pixels(path: Path) -> Pixels:
    return png.decode(read_bytes(path), name=str(path))


def _natural(text: str) -> list[tuple[int, str]]:
    """Sort "2" before "10": numbers in a text count by their value."""
    parts = re.findall(r"\d{1,18}|\D+", text)  # as many as 64 bits hold
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def _header(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8-sig", "replace")]), [])


def _is_label(word: str) -> bool:
    return word.isdecimal() and len(word) < 9 and int(word) < 256


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}×{shape[0]}"
