"""The words of the catalogue: file, split, data set. Rows only; nothing is computed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """One file of a data set: as mirrors hold it, and as it lies in the cache.

    What is None nobody published; it is recorded when it is first seen.

    Attributes:
        name: On the mirrors.
        raw_name: In the cache, as IDX, not compressed.
        packing: How to get from one to the other: a key of `data.unpack.UNPACKERS`.
        member: Its path inside `name`, where that is an archive.
        size_bytes: Of the file on the mirrors.
        sha256: Of the file on the mirrors.
        md5: Of the file on the mirrors, where that is all that was published.
        raw_size_bytes: Of the IDX file.
        raw_sha256: Of the IDX file.
    """

    name: str
    raw_name: str
    packing: str = "gzip"
    member: str = ""
    size_bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None
    raw_size_bytes: int | None = None
    raw_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """The two files of one split, and how they are meant.

    Attributes:
        images: The file of the images.
        labels: The file of the labels, (n,) or, with `columns`, (n, 1 + columns).
        rows: First row and the one after the last, where a split is part of its files.
        columns: What the further columns of the labels are.
    """

    images: File
    labels: File
    rows: tuple[int, int] | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set: its files, where they are, what they mean, whose they are.

    Attributes:
        mirrors: Folders that hold the files, ending in "/", in the order to be asked.
        classes: What label 0, 1, … stands for; an empty one is not used.
        transposed: The files hold each image with rows and columns exchanged.
        folder: In the cache; its name, unless it shares files with others.
        notes: What one should know besides, each a sentence or two.
    """

    name: str
    title: str
    splits: Mapping[str, Split]
    mirrors: tuple[str, ...]
    classes: tuple[str, ...]
    licence: str
    citation: str
    homepage: str
    transposed: bool = False
    folder: str = ""
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """All files, each once, in the order of the splits."""
        both = (
            file
            for split in self.splits.values()
            for file in (split.images, split.labels)
        )
        return tuple(dict.fromkeys(both))


def gzipped(
    name: str,
    size_bytes: int | None,
    sha256: str | None,
    raw_size_bytes: int | None = None,
    raw_sha256: str | None = None,
) -> File:
    """Make the row of an IDX file that mirrors hold gzipped under the same name."""
    return File(
        name,
        name.removesuffix(".gz"),
        size_bytes=size_bytes,
        sha256=sha256,
        raw_size_bytes=raw_size_bytes,
        raw_sha256=raw_sha256,
    )
