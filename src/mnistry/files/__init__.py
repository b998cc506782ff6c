"""Digits as files of other formats, and back; each round trip is exact.

Every format is one module with `save(splits, folder)` and `load(path)`; FORMATS lists
them. What a format cannot store (name, class names, further columns) is left out; its
row says so.
"""

import importlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mnistry.digits import Digits
from mnistry.errors import FetchError, FormatError, unknown_name
from mnistry.files import folder, splits
from mnistry.formats.pictures import ENDINGS
from mnistry.formats.plain import refuse_url
from mnistry.formats.progress import Progress


@dataclass(frozen=True, slots=True)
class Format:
    """One row of FORMATS.

    Attributes:
        title: A description.
        module: The module in this package that reads and writes it.
        patterns: Patterns of its file names.
        options: Keyword arguments of `save`.
        keeps_columns: Whether further columns survive a round trip.
        has_pictures: Whether it may contain picture files, which are framed.
    """

    title: str
    module: str
    patterns: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    keeps_columns: bool = False
    has_pictures: bool = False


_IDX = ("*images*idx3-ubyte", "*images*idx3-ubyte.gz", "*labels*idx1-ubyte*")
_PICTURES = tuple(f"*{ending}" for ending in sorted(ENDINGS))

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "idx": Format("IDX, as the original files", "idx", _IDX),
        "idx.gz": Format("IDX, gzipped", "idx", _IDX, {"ending": ".gz"}),
        "npz": Format("NumPy's npz, as Keras has it", "npz", ("*.npz",)),
        "parquet": Format(
            "Parquet with tensors",
            "parquet",
            ("*.parquet", "*.pq"),
            {"layout": "tensor"},
            keeps_columns=True,
        ),
        "parquet-pixels": Format(
            "Parquet with a column for each pixel",
            "parquet",
            ("*.parquet", "*.pq"),
            {"layout": "pixels"},
            keeps_columns=True,
        ),
        "parquet-huggingface": Format(
            "Parquet with PNG files, as Hugging Face has it",
            "parquet",
            ("*.parquet", "*.pq"),
            {"layout": "picture"},
            keeps_columns=True,
        ),
        "safetensors": Format(
            "safetensors", "safetensors", ("*.safetensors",), keeps_columns=True
        ),
        "csv": Format("CSV, label first", "csv", ("*.csv",), has_pictures=True),
        "csv-label-last": Format(
            "CSV, label last", "csv", ("*.csv",), {"label": "last"}, has_pictures=True
        ),
        "webdataset": Format("WebDataset's tar", "webdataset", ("*.tar",)),
        "png": Format(
            "PNG in folders by split and label", "png", _PICTURES, has_pictures=True
        ),
    }
)


def export(digits: Digits | Iterable[Digits], to: str, out: str | Path) -> list[Path]:
    """Write digits to a folder, as files of another format.

    Each file appears complete or not at all, and replaces an existing one.

    Args:
        digits: One split, or several such as (train, test).
        to: One of FORMATS.
        out: The folder; it is created if necessary.

    Returns:
        The paths written: files, or for PNG the folder of each split.

    Raises:
        UnknownNameError: No such format.
        UsageError: Two splits of one name, or data that the format cannot store.
        OSError: The folder cannot be written.

    Example:
        >>> import numpy as np
        >>> from tempfile import TemporaryDirectory
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], "toy", "train")
        >>> with TemporaryDirectory() as folder:
        ...     [path.name for path in export(toy, "idx", folder)]
        ...     load(folder)["train"] == toy
        ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte']
        True
    """
    row = FORMATS.get(to)
    if row is None:
        raise unknown_name("format", to, FORMATS)
    by_split = splits.by_split(digits)
    folder = Path(os.path.expanduser(out))  # noqa: PTH111 - without a home, "~" stays
    written: list[Path] = _module(row).save(by_split, folder, **row.options)
    return written


def load(
    path: str | os.PathLike[str],
    *,
    as_they_are: bool = False,
    progress: Progress | None = None,
) -> dict[str, Digits]:
    """Load digits from a file or folder of any supported format.

    A folder may contain IDX pairs, npz, Parquet, safetensors, CSV, tar, or pictures: in
    folders by label (and split), with the label in their names (`7_0012.png`), or
    listed in a CSV with the columns `file` and `label`. If there are files of several
    formats, the first in this list is used.

    Pictures may have any size, be drawings or photographs, dark on light or light on
    dark: each is framed like MNIST's images. Pictures of 28 by 28 pixels, and those
    that `export` wrote, are not changed. Pictures without ink are left out, and logged.

    Args:
        path: The file or folder.
        as_they_are: Do not frame pictures; all must have the same size.
        progress: Called after each picture that was read.

    Returns:
        Digits by the name of their split, "train" first; "all" if there are no splits.

    Raises:
        UsageError: `path` is a URL.
        FetchError: There is no such file or folder.
        FormatError: The format is not supported, or a file is damaged.
        IdxError: An IDX file is damaged.
    """
    refuse_url(path)
    place = Path(os.path.expanduser(path))  # noqa: PTH111 - without a home, "~" stays
    if not (place.is_file() or place.is_dir()):  # a pipe might never end
        message = (
            f"there is no file or folder {place}; expected digits of your own there."
            " Check the path, or give the full path."
        )
        raise FetchError(message)
    row = format_of(place)
    options: dict[str, Any] = {}
    if row.has_pictures:
        options = {"as_they_are": as_they_are, "progress": progress}
    found: dict[str, Digits] = _module(row).load(place, **options)
    return splits.named(found, place)


def _module(row: Format) -> Any:
    return importlib.import_module(f"mnistry.files.{row.module}")


def format_of(path: Path) -> Format:
    """Return the format as which `load` reads a file or folder.

    Args:
        path: It exists.

    Raises:
        FormatError: No supported format.
    """
    names = _names(path)
    for row in FORMATS.values():
        if any(splits.matches(name, row.patterns) for name in names):
            return row
    if path.is_dir() and next(folder.find_pictures(path), None):
        return FORMATS["png"]
    endings = sorted({end for row in FORMATS.values() for end in row.patterns})
    expected = f"expected one of {', '.join(endings)}"
    if path.is_dir():
        message = (
            f"the folder {path} has no digits in it, {folder.DEEPEST} folders down;"
            f" {expected}. Pictures go into a"
            " folder for each label, such as 7/first.png."
        )
    else:
        message = (
            f"{path} is of no supported format; {expected}, or a folder of such files."
            " Rename it if it is one of them."
        )
    raise FormatError(message)


def _names(path: Path) -> list[str]:
    """Return the names of files that may be of a format; a folder is listed once."""
    if not path.is_dir():
        return [path.with_suffix(path.suffix.lower()).name]
    every = {pattern for row in FORMATS.values() for pattern in row.patterns}
    return [file.name for file in splits.visible(path, *every)]
