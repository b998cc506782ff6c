"""One file of the catalogue on this machine: its paths, expected hashes, checks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mnistry.data import records
from mnistry.data.catalog import published_as
from mnistry.data.catalog.rows import Dataset, File
from mnistry.data.paths import home
from mnistry.data.records import Record, Trust
from mnistry.data.verify import file_md5, file_sha256, stamp_file

PACKED_SUFFIXES = {".gz", ".zip", ".bz2"}


def subfolders(folder: Path, dataset: str) -> tuple[Path, ...]:
    """Return the places within a folder where a data set's files may be.

    In the folder itself, in one named after the data set, or in torchvision's layout.
    """
    return folder, folder / dataset, folder / "MNIST" / "raw"


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A file of a data set, raw (IDX, not compressed) and packed (as mirrors hold it).

    Where nobody published a SHA-256, the first file whose size and MD5 are right is
    accepted, its SHA-256 is recorded beside it, and a warning is logged; from then on
    that is the expected one. A SHA-256 that was published for a file of another data
    set is never accepted.

    Attributes:
        dataset: The data set's row.
        file: The file's row.

    Example:
        >>> from mnistry.data.catalog.mnist import MNIST
        >>> CachedFile(MNIST, MNIST.files[0]).raw_path.name
        'train-images-idx3-ubyte'
    """

    dataset: Dataset
    file: File

    @property
    def folder(self) -> Path:
        """The folder in the cache."""
        return home() / (self.dataset.folder or self.dataset.name)

    @property
    def trust(self) -> Trust:
        """Whether the raw file's hash is published, confirmed, or only first seen."""
        if self.file.raw_sha256:
            return "published"
        record = self._recorded(self.file.raw_name)
        return record.trust if record else "first seen"

    @property
    def raw_path(self) -> Path:
        """Where the cache has, or would have, the raw file."""
        return self.folder / self.file.raw_name

    @property
    def packed_path(self) -> Path:
        """Where the cache has, or would have, the packed file."""
        return self.folder / self.file.name

    @property
    def repacked_path(self) -> Path:
        """Where the raw file is gzipped again, to other bytes than the published."""
        return self.folder / f"again-{self.file.name}"

    @property
    def raw_sha256(self) -> str | None:
        """The expected SHA-256 of the raw file; None if it was never seen."""
        return self.file.raw_sha256 or self._recorded_sha256(self.file.raw_name)

    @property
    def packed_sha256(self) -> str | None:
        """The expected SHA-256 of the packed file; None if it was never seen."""
        return self.file.sha256 or self._recorded_sha256(self.file.name)

    @property
    def records(self) -> list[Record]:
        """What was recorded of the packed and of the raw file."""
        names = {self.file.name: self.file.sha256}
        names[self.file.raw_name] = self.file.raw_sha256
        found = [self._recorded(name) for name, sha256 in names.items() if not sha256]
        return [record for record in found if record]

    def is_raw(self, path: Path, *, again: bool = False) -> bool:
        """Return whether a file is the raw file; never where no hash is expected.

        Args:
            path: A file, or nothing.
            again: Compute its SHA-256, whatever its stamp says.
        """
        try:
            return file_sha256(path, again=again) == self.raw_sha256
        except OSError:
            return False

    def kind_of(self, path: Path) -> Literal["raw", "packed", "unpinned"] | None:
        """Identify a file by its SHA-256.

        Args:
            path: A file that has one of this file's names.

        Returns:
            "raw"; "packed"; "unpinned" for a raw file without an expected hash; or None
            for another file.

        Raises:
            FetchError: The file cannot be read.
        """
        expected, sha256 = self.raw_sha256, file_sha256(path)
        if sha256 == expected:
            return "raw"
        if path.suffix in PACKED_SUFFIXES and self._accept_packed(path, sha256):
            return "packed"
        if expected is not None or path.name != self.file.raw_name:
            return None
        return None if self._is_of_another(sha256) else "unpinned"

    def is_packed(self, path: Path) -> bool:
        """Return whether a file is the packed file; record a hash nobody published.

        Raises:
            FetchError: The file cannot be read.
        """
        return self._accept_packed(path, file_sha256(path))

    def _accept_packed(self, path: Path, sha256: str, source: str = "") -> bool:
        expected = self.packed_sha256
        if expected is not None:
            return sha256 == expected
        if self._is_of_another(sha256):
            return False
        if self.file.size_bytes not in {None, path.stat().st_size}:
            return False
        if self.file.md5 is not None and file_md5(path) != self.file.md5:
            return False
        source = source or str(path.parent)
        self._record(Record(self.file.name, sha256, source, records.now()))
        return True

    def has_packed(self) -> bool:
        """Return whether the cache has the packed file.

        Raises:
            FetchError: It cannot be read.
        """
        return self.packed_path.is_file() and self.is_packed(self.packed_path)

    def accept_packed(self, source: str) -> None:
        """Stamp the packed file that was just fetched; record a hash nobody published.

        Args:
            source: Where it came from.

        Raises:
            FetchError: It cannot be read.
        """
        path = self.packed_path
        self._accept_packed(path, file_sha256(path), source)

    def candidates(self, folder: Path) -> Iterator[Path]:
        """Yield the paths in a folder that could be this file by name, raw ones first.

        The name may have a dash or, as inside MNIST's .gz files, a dot.
        """
        raw = self.file.raw_name
        names = (raw, raw.replace("-idx", ".idx"), f"{raw}.gz", self.file.name)
        for place in subfolders(folder, self.dataset.name):
            for name in dict.fromkeys(names):
                path = place / name
                if path.is_file():
                    yield path

    def accept_raw(self, sha256: str, made_from: Path) -> None:
        """Stamp the raw file that was just stored; record a hash nobody published.

        An unpacked file is trusted as much as its packed file.

        Args:
            sha256: The SHA-256 of its bytes, computed while they were written.
            made_from: The file that it was unpacked or copied from.

        Raises:
            FetchError: That file cannot be read.
            CacheError: The record cannot be written.
        """
        if self.raw_sha256 is None:
            made = Record(
                self.file.raw_name, sha256, str(made_from.parent), records.now()
            )
            packed = self._recorded(self.file.name)
            if self.file.sha256 and file_sha256(made_from) == self.file.sha256:
                made = replace(made, trust="published")
            elif packed and file_sha256(made_from) == packed.sha256:
                name = self.file.raw_name
                made = replace(packed, name=name, sha256=sha256)
            self._record(made)
        stamp_file(self.raw_path, sha256)

    def confirm(self) -> list[Record]:
        """Mark records from first sight as confirmed by a person.

        Returns:
            The records that were not confirmed before, as they are now.

        Raises:
            CacheError: A record cannot be written.
        """
        confirmed = [
            replace(record, trust="confirmed", confirmed=records.now())
            for record in self.records
            if record.trust == "first seen"
        ]
        for record in confirmed:
            records.write(self._record_path(record.name), record)
        return confirmed

    def _is_of_another(self, sha256: str) -> bool:
        """Return whether a SHA-256 is that of another data set's file of this name."""
        owners = published_as(sha256)
        return any(file.name == self.file.name for _, file in owners) and all(
            row.name != self.dataset.name for row, _ in owners
        )

    def _record(self, record: Record) -> None:
        path = self._record_path(record.name)
        records.write(path, record)
        import logging

        logging.getLogger("mnistry").warning(
            "%s of %s: nobody published its SHA-256; recorded %s… in %s",
            record.name,
            self.dataset.name,
            record.sha256[:8],
            path,
        )

    def _recorded(self, name: str) -> Record | None:
        record = records.read(self._record_path(name))
        return None if record and self._is_of_another(record.sha256) else record

    def _recorded_sha256(self, name: str) -> str | None:
        record = self._recorded(name)
        return record.sha256 if record else None

    def _record_path(self, name: str) -> Path:
        return self.folder / f"{name}.sha256"
