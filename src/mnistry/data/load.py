"""From a name to digits: `load("mnist")`, `load("drawn")`."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache as once
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from mnistry.data import cache
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog import DATASETS
from mnistry.data.catalog.mnist import DIGITS
from mnistry.data.catalog.rows import Dataset
from mnistry.data.store import unpacked
from mnistry.digits import Digits
from mnistry.errors import CacheError, UnknownNameError, unknown_name
from mnistry.formats import idx
from mnistry.formats.progress import PICTURES, Progress

DRAWN_COUNTS = {"train": 60_000, "test": 10_000}  # as MNIST has
DRAWN_SEED = 0
OWN_SEED = 0  # splits digits that come without splits


def datasets() -> list[str]:
    """Return the names of all data sets that `load` knows.

    Example:
        >>> "mnist" in datasets()
        True
    """
    return sorted([*DATASETS, "drawn"])


@overload
def load(
    name: str | os.PathLike[str] = ...,
    *,
    split: None = ...,
    as_they_are: bool = ...,
    copy: bool = ...,
    progress: Progress | None = ...,
) -> tuple[Digits, Digits]: ...
@overload
def load(
    name: str | os.PathLike[str] = ...,
    *,
    split: str,
    as_they_are: bool = ...,
    copy: bool = ...,
    progress: Progress | None = ...,
) -> Digits: ...
def load(
    name: str | os.PathLike[str] = "mnist",
    *,
    split: str | None = None,
    as_they_are: bool = False,
    copy: bool = False,
    progress: Progress | None = None,
) -> tuple[Digits, Digits] | Digits:
    """Load a data set from this machine, or else from a mirror.

    Files are looked for in the folders of MNISTRY_DATA, then in the cache, then on the
    data set's mirrors over https; each is verified by SHA-256 once.

    Args:
        name: One of `datasets()`; or the path of your own digits, as `files.load` reads
            them: pictures in folders by label, IDX, npz, Parquet, CSV, tar. If they
            have no splits, each class is split at random, six to one.
        split: "train" or "test" (some data sets have more); None for both.
        as_they_are: Keep your own pictures at their size, instead of framing them.
        copy: Read everything into memory now. Otherwise images are memory-mapped, and
            truncating the file later ends the process (SIGBUS).
        progress: Called for each chunk from a mirror: name, bytes so far, bytes in all.
            When pictures are framed or drawn, it counts pictures.

    Returns:
        Train and test, or the one split asked for.

    Raises:
        UnknownNameError: There is no such data set or split.
        FetchError: It is not on this machine, and no mirror provided it.
        ChecksumError: A file is not what its name claims.
        CacheError: The cache cannot be written, and MNISTRY_DATA has no files to read.

    Example:
        >>> toy = load("drawn", split="test")
        >>> toy.images.shape, toy.images.dtype
        ((10000, 28, 28), dtype('uint8'))
    """
    source = _source(os.fspath(name), progress, as_they_are=as_they_are)

    def give(split: str) -> Digits:
        return _in_memory(source(split)) if copy else source(split)

    return (give("train"), give("test")) if split is None else give(split)


def load_there(
    name: str | os.PathLike[str] = "mnist",
    *,
    as_they_are: bool = False,
    progress: Progress | None = None,
) -> list[Digits]:
    """Load train and test, or whichever of them exists.

    Args:
        name: As for `load`.
        as_they_are: As for `load`.
        progress: As for `load`.

    Raises:
        UnknownNameError: No such data set, or your own digits have neither split.
        MnistryError: As `load` raises.

    Example:
        >>> [split.split_name for split in load_there("drawn")]
        ['train', 'test']
    """
    give = _source(os.fspath(name), progress, as_they_are=as_they_are)
    found = []
    for split in ("train", "test"):
        try:
            found.append(give(split))
        except UnknownNameError:
            if split == "test" and not found:
                raise
    return found


def _source(
    name: str, progress: Progress | None, *, as_they_are: bool
) -> Callable[[str], Digits]:
    """Return a loader for each split of a data set, however its name is written."""
    is_path = _is_path(name)
    plain = as_listed(name)
    if plain == "drawn":
        return lambda split: _drawn(split, progress)
    if row := DATASETS.get(plain):
        return lambda split: _from_files(row, split, progress)
    if is_path:
        return _own(name, progress, as_they_are=as_they_are)
    error = unknown_name("data set", name, datasets())
    raise UnknownNameError(f"{error} Nor is there a file or folder {name!r} here.")


def _is_path(name: str) -> bool:
    return os.path.exists(name) or os.sep in name  # noqa: PTH110


def as_listed(name: str) -> str:
    """Return the name of a data set as `datasets` lists it; a path stays as it is.

    Args:
        name: In capitals or not, with hyphens or not; or a path.

    Example:
        >>> as_listed("FashionMNIST"), as_listed("scans/mnist")
        ('fashion-mnist', 'scans/mnist')
    """
    if _is_path(name):
        return name
    named = {listed.replace("-", ""): listed for listed in datasets()}
    return named.get(re.sub("[-_ ]", "", name.lower()), name)


def _from_files(row: Dataset, split: str, progress: Progress | None) -> Digits:
    files = row.splits.get(split)
    if files is None:
        raise unknown_name("split", split, row.splits, of=row.name)
    both = [CachedFile(row, file) for file in (files.images, files.labels)]
    (images, pixels), (_, table) = (_read(file, progress) for file in both)
    first = both[1] if both[1].trust == "first seen" else both[0]
    rows = slice(*files.rows) if files.rows else slice(None)
    pixels, table = pixels[rows], table[rows]
    written = table[:, 0] if files.columns else table
    return Digits(
        pixels.swapaxes(1, 2) if row.transposed else pixels,
        written,
        name=row.name,
        split_name=split,
        source=cache.source_of(first, images),
        classes=row.classes,
        columns={name: table[:, n] for n, name in enumerate(files.columns, start=1)},
    )


def _read(
    cached: CachedFile, progress: Progress | None
) -> tuple[cache.Local, NDArray[Any]]:
    """Map the raw file; where the cache cannot be written, unpack it into memory."""
    try:
        raw = cache.locate(cached, progress=progress)
    except CacheError:
        held = cache.unpackable(cached, progress=progress)
        data = unpacked(cached, held.path)
        _say_unpacked(cached.folder)
        return held, idx.decode(data, name=cached.file.raw_name)
    return raw, idx.read(raw.path)


@once
def _say_unpacked(folder: Path) -> None:
    """Say once for each folder why loading is slower."""
    import logging

    logging.getLogger("mnistry").warning(
        "the cache %s cannot be written: files are unpacked into memory at each start,"
        " which is slower. Set MNISTRY_HOME to a folder that can be written, or"
        " MNISTRY_DATA to one with the unpacked files (gunzip -k).",
        folder,
    )


def _in_memory(digits: Digits) -> Digits:
    images, labels = np.array(digits.images), np.array(digits.labels)
    columns = {name: np.array(column) for name, column in digits.columns.items()}
    return replace(digits, images=images, labels=labels, columns=columns)


def _own(
    path: str, progress: Progress | None, *, as_they_are: bool
) -> Callable[[str], Digits]:
    from mnistry import files

    found = files.load(path, as_they_are=as_they_are, progress=progress)
    if len(found) == 1 and not found.keys() & set(files.splits.ORDER):
        found |= _parted(next(iter(found.values())))  # named after what else it is

    def give(split: str) -> Digits:
        if split not in found:
            raise unknown_name("split", split, found, of=path)
        return found[split]

    return give


def _parted(digits: Digits) -> dict[str, Digits]:
    """Split digits as MNIST is split: six to learn from, one to test on."""
    learned, unseen = digits.split(6 / 7, seed=OWN_SEED, stratify=True)
    source = f"{digits.source}, each class parted at random with seed {OWN_SEED}"
    return {
        "train": replace(learned, split_name="train", source=source),
        "test": replace(unseen, split_name="test", source=source),
    }


def _drawn(split: str, progress: Progress | None) -> Digits:
    from mnistry.synth.drawn import draw

    if split not in DRAWN_COUNTS:
        raise unknown_name("split", split, DRAWN_COUNTS, of="drawn")
    count = DRAWN_COUNTS[split]

    def report(done: int) -> None:
        if progress:
            progress(f"drawing {count:,} {PICTURES}", done, count)

    images, labels = draw(count, seed=DRAWN_SEED, split=split, progress=report)
    source = f"drawn with seed {DRAWN_SEED}"
    return Digits(images, labels, "drawn", split, source, DIGITS)
