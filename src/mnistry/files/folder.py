"""Folders of pictures, with their labels in folder or file names, or in a list.

A picture's label is its folder (`7/…`, or a class name), or a number in its name
(`7_0012.png`, `0012_7.png`), or comes from the rows of a CSV. Folders above are splits.
`mnistry.files.pictures` turns the pictures into images.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import splits
from mnistry.files.pictures import read_pictures
from mnistry.formats.pictures import ENDINGS
from mnistry.formats.plain import walk
from mnistry.formats.progress import Progress

FILE_NAMES = {"file", "filename", "file_name", "path", "image", "image_path"}
DEEPEST = 3  # split/label/file
DIGIT_WORDS = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
MOST_CLASSES = 256  # labels are uint8


class Picture(NamedTuple):
    """One picture file, with the split and label that its path gives."""

    path: Path
    split: str
    label: str


def load(
    path: Path, *, as_they_are: bool = False, progress: Progress | None = None
) -> dict[str, Digits]:
    """Read a folder of pictures, or a single picture with its label in its name.

    Args:
        path: The folder or the picture.
        as_they_are: Do not frame pictures; all must have the same size.
        progress: As for `read_pictures`.

    Raises:
        FormatError: A picture has no label; or as `read_pictures` raises.
    """
    root = path if path.is_dir() else path.parent
    files = list(find_pictures(path)) if path.is_dir() else [path]
    pictures = _labelled(files, root)
    pictures.sort(key=lambda one: (_natural(one.path.stem), str(one.path)))
    return _load(pictures, as_they_are=as_they_are, progress=progress)


def find_pictures(folder: Path) -> Iterator[Path]:
    """Find picture files in a folder and below; links to folders are followed.

    Hidden files, and links to a parent folder, are skipped.
    """
    for path in walk(folder, deepest=DEEPEST + 1, through_links=True):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in ENDINGS and not is_hidden:
            yield path  # one folder too deep: an error will name it


def is_listing(path: Path) -> bool:
    """Return whether a CSV lists picture files with their labels."""
    with path.open("rb") as file:
        names = {name.strip().lower() for name in _header(file.readline(1 << 16))}
    return bool(names & FILE_NAMES) and "label" in names


def load_listing(
    path: Path, *, as_they_are: bool = False, progress: Progress | None = None
) -> dict[str, Digits]:
    """Read the pictures that a CSV lists: columns `file`, `label`, perhaps `split`.

    Raises:
        FormatError: As `load`; or a file does not exist, or is outside the folder.
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
    return _load(pictures, as_they_are=as_they_are, progress=progress)


def labels_of(words: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Turn labels as text into numbers; other words are class names, sorted.

    "zero" to "nine" are digits.

    Returns:
        The numbers, and the class names; empty if the labels were numbers.
    """
    if all(word.lower() in DIGIT_WORDS for word in words):
        return [DIGIT_WORDS.index(word.lower()) for word in words], ()
    if all(_is_label(word) for word in words):
        return [int(word) for word in words], ()
    classes = sorted(set(words), key=_natural)
    if len(classes) > MOST_CLASSES:
        message = (
            f"there are {len(classes)} classes, such as {classes[0]!r}; expected at"
            f" most {MOST_CLASSES}. Is this a folder of labels?"
        )
        raise FormatError(message)
    return [classes.index(word) for word in words], tuple(classes)


def _labelled(files: Sequence[Path], root: Path) -> list[Picture]:
    """Find each picture's split and label from its path."""
    places = [_place(file, root) for file in files]
    bare = [
        file.stem
        for file, (_, label) in zip(files, places, strict=True)
        if label is None
    ]
    number = _number_of_label([found for one in bare if (found := _numbers(one))])
    return [
        Picture(file, split, label or _label_in_name(file, number))
        for file, (split, label) in zip(files, places, strict=True)
    ]


def _place(path: Path, root: Path) -> tuple[str, str | None]:
    """Return a picture's split and label from its folders; None if they give none."""
    above = list(path.relative_to(root).parts[:-1])
    in_split = len(above) == 1 and above[0].lower() in splits.WORDS
    label = above.pop() if above and not in_split else None
    if len(above) > 1:
        raise _without_label(path)
    return splits.split_of(above[0]) if above else splits.ALL, label


def _numbers(stem: str) -> tuple[str, ...] | None:
    """Return both numbers in a name such as `7_0012`."""
    found = re.fullmatch(r"(\d+)[-_](\d+)", stem)
    return found and found.groups()


def _number_of_label(pairs: Sequence[tuple[str, ...]]) -> int:
    """Decide which number in names such as `7_0012` is the label: 0 or 1.

    Indices are unique; digits have one figure and no leading zeros. If neither decides,
    the label is taken to be the first, unless the second numbers could be digits.

    Raises:
        FormatError: Either might be the label.
    """
    columns = [list(column) for column in zip(*pairs, strict=True)]
    if not columns:
        return 0
    repeats = [len(set(column)) < len(column) for column in columns]
    if repeats[0] != repeats[1]:
        return int(repeats[1])
    front, back = ({len(one) for one in column} == {1} for column in columns)
    if back and (front or not any(one.startswith("0") for one in columns[0])):
        example = "_".join(pairs[0])
        message = (
            f"either number in {example} and similar names might be the label; expected"
            f" a folder for each label, such as {pairs[0][0]}/{example}.png. Move them,"
            " or list them in a CSV with the columns file and label."
        )
        raise FormatError(message)
    return int(back)


def _label_in_name(path: Path, number: int) -> str:
    if found := _numbers(path.stem):
        label = found[number]
        if _is_label(label):
            return label
    elif match := re.match(r"(\d{1,3})[-_]", path.name):
        return match[1]
    raise _without_label(path)


def _without_label(path: Path) -> FormatError:
    message = (
        f"{path} has no label; expected a folder for each label, 7/{path.name}, or the"
        f" label in front of its name, 7_{path.name}. Rename it, or list it in a CSV."
    )
    return FormatError(message)


def _load(
    pictures: list[Picture], *, as_they_are: bool, progress: Progress | None
) -> dict[str, Digits]:
    by_split: dict[str, list[Picture]] = {}
    for picture in pictures:
        by_split.setdefault(picture.split, []).append(picture)
    numbers, classes = labels_of([picture.label for picture in pictures])
    label_of = dict(zip((one.label for one in pictures), numbers, strict=True))
    found = {}
    for split, group in by_split.items():
        files = [one.path for one in group]
        images, is_there = read_pictures(
            files, as_they_are=as_they_are, progress=progress
        )
        labels = np.array([label_of[one.label] for one in group], np.uint8)
        found[split] = Digits(images, labels[is_there], classes=classes)
    return found


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts "2" before "10": numbers in a text by value."""
    parts = re.findall(r"\d{1,18}|\D+", text)  # at most 18 digits fit 64 bits
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def _header(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8-sig", "replace")]), [])


def _is_label(word: str) -> bool:
    return word.isdecimal() and len(word) < 9 and int(word) < 256
