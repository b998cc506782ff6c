"""Digits as a tree of files that is never written: pure, path in, bytes out.

::

    train/7/00042.png                the 43rd image, a 7; white ink on black
    test/…
    raw/train-images-idx3-ubyte …    the IDX files

Nothing is stored for a picture: whether a path exists, and its bytes, are computed when
somebody asks. All pictures of one shape have one size (PNG, not
compressed), so that a listing with sizes encodes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnistry.arrays import Images, Labels
from mnistry.data.catalog import DATASETS
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.formats import png
from mnistry.formats.idx import CODES

FEWEST_DIGITS = 5  # of a picture's number: enough for MNIST's 60,000


@dataclass(frozen=True, slots=True)
class File:
    """A file: its size, and `read(offset, size)` for a part of its bytes."""

    size_bytes: int
    read: Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: its names when asked, and `find(name)` for what is behind one.

    All that a folder holds are folders, or all are files (`holds_folders`), so that a
    listing needs no look at each.
    """

    names: Callable[[], list[str]]
    find: "Callable[[str], File | Folder | None]"
    holds_folders: bool


def of_digits(parts: Sequence[Digits]) -> Folder:
    """Show digits: a folder for each split with one for each label, and `raw`.

    Args:
        parts: Each with another `split_name` (or `name`, where that is empty).

    Raises:
        UsageError: Two parts of one name, or a name that no folder can have.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 7], split_name="test")
        >>> tree = of_digits([toy])
        >>> tree.names(), look_up(tree, "/test/7").names()
        (['test', 'raw'], ['00000.png', '00002.png'])
        >>> look_up(tree, "/test/7/00002.png").size_bytes
        880
    """
    folders: dict[str, File | Folder] = {}
    raw: dict[str, File | Folder] = {}
    for digits in parts:
        name = digits.split_name or digits.name
        if name in {*folders, "raw", ".", ".."} or "/" in name or "\0" in name:
            message = (
                f"digits called {name!r} cannot be a folder beside {[*folders, 'raw']};"
                " expected another name, without slashes, for each."
                " Give one: dataclasses.replace(digits, split_name=...)."
            )
            raise UsageError(message)
        folders[name] = _split(digits.images, digits.labels)
        for raw_name, array in zip(
            raw_names(digits), (digits.images, digits.labels), strict=True
        ):
            raw[raw_name] = _joined(_idx_header(array), array)
    folders["raw"] = _fixed(raw, holds_folders=False)
    return _fixed(folders, holds_folders=True)


def of_files(paths: Mapping[str, Path]) -> Folder:
    """Show files of the disk, in one folder, under names of their own.

    Args:
        paths: Where the file of each name lies.

    Raises:
        OSError: One of them cannot be read.
    """
    files: dict[str, File | Folder] = {}
    for name, path in paths.items():
        files[name] = _joined(b"", np.frombuffer(path.read_bytes(), np.uint8))
    return _fixed(files, holds_folders=False)


def look_up(tree: Folder, path: str) -> File | Folder | None:
    """Find what is at a path such as "/train/7/00042.png"; None if nothing is.

    Example:
        >>> look_up(of_files({}), "/no/such/file") is None
        True
    """
    found: File | Folder | None = tree
    for name in path.split("/"):
        if name:
            found = found.find(name) if isinstance(found, Folder) else None
    return found


def raw_names(digits: Digits) -> tuple[str, str]:
    """Name the IDX files of images and labels.

    They are the data set's own names where the files are the same, byte for byte.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], split_name="toy")
        >>> raw_names(toy)
        ('toy-images-idx3-ubyte', 'toy-labels-idx1-ubyte')
    """
    row = DATASETS.get(digits.name)
    files = row.splits.get(digits.split_name) if row else None
    if row and files and not (row.transposed or files.rows or files.columns):
        return files.images.raw_name, files.labels.raw_name
    name = digits.split_name or digits.name
    return f"{name}-images-idx3-ubyte", f"{name}-labels-idx1-ubyte"


def _fixed(entries: Mapping[str, File | Folder], *, holds_folders: bool) -> Folder:
    return Folder(lambda: list(entries), entries.get, holds_folders)


def _split(images: Images, labels: Labels) -> Folder:
    folders: dict[str, File | Folder] = {
        str(label): _pictures(images, labels, label)
        for label in np.unique(labels).tolist()
    }
    return _fixed(folders, holds_folders=True)


def _pictures(images: Images, labels: Labels, label: int) -> Folder:
    count, rows, columns = images.shape
    width = max(FEWEST_DIGITS, len(str(count - 1)))
    size = len(png.encode(np.zeros((rows, columns), np.uint8), level=0))

    def names() -> list[str]:
        return [f"{i:0{width}}.png" for i in np.flatnonzero(labels == label).tolist()]

    def find(name: str) -> File | None:
        number = name.removesuffix(".png")
        if len(number) != width or len(name) != width + 4 or not number.isdecimal():
            return None
        index = int(number)
        if index >= count or labels[index] != label or f"{index:0{width}}" != number:
            return None
        image = images[index]
        return File(size, lambda at, most: png.encode(image, level=0)[at : at + most])

    return Folder(names, find, holds_folders=False)


def _idx_header(array: Images | Labels) -> bytes:
    magic = bytes([0, 0, CODES[array.dtype], array.ndim])
    return magic + np.array(array.shape, ">u4").tobytes()


def _joined(start: bytes, array: Images | Labels) -> File:
    """Show a file that starts with some bytes, and goes on with an array's."""
    flat = np.ascontiguousarray(array).reshape(-1)

    def read(at: int, most: int) -> bytes:
        first = start[at : at + most]
        place = max(0, at - len(start))
        return first + flat[place : place + most - len(first)].tobytes()

    return File(len(start) + flat.size, read)
