"""A catalogue file in a folder: raw, packed, or among the arrays of Keras' npz."""

from pathlib import Path
from typing import Literal, NamedTuple

from mnistry.data.cached_file import CachedFile, subfolders
from mnistry.errors import FetchError


class Found(NamedTuple):
    """What a folder has of a catalogue file.

    Attributes:
        path: The file that is it, or holds it.
        kind: "raw" or "packed", verified; "npz", verified once it is unpacked;
            "unpinned": raw, without an expected hash.
    """

    path: Path
    kind: Literal["raw", "packed", "unpinned", "npz"]


def look_in(folder: Path, cached: CachedFile) -> Found | None:
    """Look for a catalogue file in one folder, in every way MNISTRY_DATA may hold it.

    Args:
        folder: Perhaps with the file in it, raw or packed, or `MNIST/raw/`, or an npz.
        cached: The file.

    Returns:
        What is there; None if the folder does not have it.

    Raises:
        ChecksumError: A file of that name is not what it claims.
        FetchError: It cannot be read.
        CacheError: Nobody published its hash, and it cannot be recorded.
    """
    for path in cached.candidates(folder):
        if kind := cached.kind_of(path):
            return Found(path, kind)
        from mnistry.data.diagnosis import refuse_unless_another

        refuse_unless_another(cached, path)
    if cached.dataset.name != "mnist":
        return None
    from mnistry.formats import npz

    for place in subfolders(folder, cached.dataset.name):
        if (place / npz.NAME).is_file():
            return Found(place / npz.NAME, "npz")
    return None


def has_none(folder: Path, cached: CachedFile) -> FetchError:
    """Make the error for a folder without a catalogue file.

    Args:
        folder: It may be missing itself.
        cached: The file.
    """
    names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    message = (
        f"{folder} has no {cached.file.name} nor {cached.file.raw_name}; expected all"
        f" files of {cached.dataset.name}. It has: {', '.join(names[:8]) or 'nothing'}."
        " Name the folder that has them."
    )
    return FetchError(message)
