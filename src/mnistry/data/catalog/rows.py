"""The row types of the catalogue: file, split, data set. Nothing is computed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """One file of a data set: as mirrors have it, and as it is in the cache.

    None means that nobody published it; it is recorded at first sight.

    Attributes:
        name: Its name on the mirrors.
        raw_name: Its name in the cache, as uncompressed IDX.
        packing: How to unpack it: a key of `data.unpack.UNPACKERS`.
        member: Its path inside `name`, if that is an archive.
        size_bytes: Size of the file on the mirrors.
        sha256: SHA-256 of the file on the mirrors.
        md5: MD5 of the file on the mirrors, if only that was published.
        raw_size_bytes: Size of the IDX file.
        raw_sha256: SHA-256 of the IDX file.
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
    """The two files of one split, and how to read them.

    Attributes:
        images: The file of the images.
        labels: The file of the labels, (n,) or, with `columns`, (n, 1 + columns).
        rows: First row and the one after the last, where a split is part of its files.
        columns: Names of the further columns of the labels.
    """

    images: File
    labels: File
    rows: tuple[int, int] | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set: its files, mirrors, classes, licence and citation.

    Attributes:
        mirrors: Folders with the files, ending in "/", in the order to try them.
        classes: The names of classes 0, 1, …; an empty one is not used.
        transposed: Whether images in the files have rows and columns exchanged.
        folder: The folder in the cache: its name, unless it shares files with others.
        notes: Further remarks, each a sentence or two.
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
