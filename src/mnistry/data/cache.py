"""Catalogue files as verified local files: from MNISTRY_DATA, the cache, or a mirror.

The way of a file: lock → part file in the cache → size and SHA-256 → atomic move →
unpacked once → SHA-256 of the raw bytes → atomic move. From then on the raw file is
what is memory-mapped; a stamp keeps it from being hashed again.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mnistry.data.catalog.rows import Dataset, File
from mnistry.data.paths import candidates, is_offline, kept, named_by_the_user, places
from mnistry.data.progress import Progress
from mnistry.data.store import copied, keep, keep_packed, locked, writing
from mnistry.data.verify import is_packed, is_raw, raw_sha256
from mnistry.errors import FetchError


@dataclass(frozen=True, slots=True)
class Local:
    """A verified file on this machine, and where its bytes came from."""

    path: Path
    source: str


def locate(dataset: Dataset, file: File, *, progress: Progress | None = None) -> Local:
    """Give the verified raw file of a catalogue file, fetching it only if need be.

    Args:
        dataset: The data set's row.
        file: One of its files.
        progress: Told about each chunk that comes from a mirror.

    Raises:
        ChecksumError: A file in MNISTRY_DATA is not what its name says.
        FetchError: It is nowhere, and the network is forbidden or of no help.
        CacheError: The cache cannot be written.
    """
    return _at_hand(dataset, file) or _unpacked(
        dataset, file, _packed(dataset, file, dataset.mirrors, progress)
    )


def fetch(
    dataset: Dataset,
    *,
    folder: Path | None = None,
    mirrors: tuple[str, ...] = (),
    verify: bool = False,
    progress: Progress | None = None,
) -> list[Local]:
    """Have all files of a data set in the cache.

    Args:
        dataset: The data set's row.
        folder: Take them from this folder and nowhere else.
        mirrors: Ask these addresses (of folders, ending in "/") before the row's own.
        verify: Compute the SHA-256 of what is there again, whatever the stamps say.
        progress: Told about each chunk that comes from a mirror.

    Returns:
        One verified raw file for each file of the row, in its order.

    Raises:
        ChecksumError: A file in `folder` is not what its name says.
        FetchError: A file is in none of the places.
        CacheError: The cache cannot be written.
    """
    return [
        _fetched(dataset, file, folder, mirrors, verify=verify, progress=progress)
        for file in dataset.files
    ]


def packed(dataset: Dataset, file: File, *, progress: Progress | None = None) -> Local:
    """Give the verified file as mirrors hold it, such as the .gz.

    Where only the raw file is at hand and no mirror helps, it is gzipped anew: other
    bytes, the same content.

    Args:
        dataset: The data set's row.
        file: One of its files.
        progress: Told about each chunk that comes from a mirror.

    Raises:
        FetchError: It is nowhere, and the network is forbidden or of no help.
        CacheError: The cache cannot be written.
    """
    for folder in named_by_the_user():
        for path in candidates(dataset, file, folder):
            if path.suffix and is_packed(path, dataset, file):
                return Local(path, str(path.parent))
    try:
        return _packed(dataset, file, dataset.mirrors, progress)
    except FetchError:
        raw = _at_hand(dataset, file)
        if raw is None or file.packing != "gzip":
            raise
    from mnistry.formats import idx

    again = kept(dataset, f"again-{file.name}")
    with writing(again.parent):
        idx.write(again, idx.read(raw.path))
    return Local(again, raw.source)


def _at_hand(dataset: Dataset, file: File) -> Local | None:
    """Give the verified raw file without the network, if it is on this machine."""
    for folder in named_by_the_user():
        if local := find(dataset, file, folder):
            return local
    raw = kept(dataset, file.raw_name)
    return Local(raw, str(raw.parent)) if is_raw(raw, dataset, file) else None


def find(dataset: Dataset, file: File, folder: Path) -> Local | None:
    """Look for a catalogue file in one folder, in every way MNISTRY_DATA may hold it.

    Args:
        dataset: The data set's row.
        file: One of its files.
        folder: Perhaps with the file in it, raw or packed, or `MNIST/raw/`, or an npz.

    Returns:
        The verified raw file; None if the folder does not have it.

    Raises:
        ChecksumError: A file of that name is not what it says.
        CacheError: It has to be unpacked, and the cache cannot be written.
    """
    for path in candidates(dataset, file, folder):
        if is_raw(path, dataset, file):
            return Local(path, str(path.parent))
        if path.suffix in {".gz", ".zip", ".bz2"} and is_packed(path, dataset, file):
            return _unpacked(dataset, file, Local(path, str(path.parent)))
        if raw_sha256(dataset, file) is None and path.name == file.raw_name:
            keep(dataset, file, copied(path), source=path)  # records the hash
            return Local(kept(dataset, file.raw_name), str(path.parent))
        from mnistry.data.diagnosis import refuse_unless_another

        refuse_unless_another(dataset, file, path)
    return _from_npz(dataset, file, folder)


def _from_npz(dataset: Dataset, file: File, folder: Path) -> Local | None:
    if dataset.name != "mnist":
        return None
    from mnistry.formats import npz

    for place in places(dataset, folder):
        path = place / npz.NAME
        if path.is_file():
            raw = kept(dataset, file.raw_name)
            if not is_raw(raw, dataset, file):
                raw_bytes = partial(npz.raw_bytes, path, file.raw_name)
                keep(dataset, file, raw_bytes, source=path)
            return Local(raw, str(place))
    return None


def _fetched(
    dataset: Dataset,
    file: File,
    folder: Path | None,
    mirrors: tuple[str, ...],
    *,
    verify: bool,
    progress: Progress | None,
) -> Local:
    raw = kept(dataset, file.raw_name)
    if folder is None and is_raw(raw, dataset, file, again=verify):
        return Local(raw, str(raw.parent))
    for place in named_by_the_user() if folder is None else [folder]:
        if local := find(dataset, file, place):
            if local.path != raw:
                keep(dataset, file, copied(local.path), source=local.path)
            _keep_gzip(dataset, file, place)
            return Local(raw, local.source)
    if folder is not None:
        names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        there = ", ".join(names[:8]) or "nothing"
        message = (
            f"{folder} has no {file.name} nor {file.raw_name}; expected all files of"
            f" {dataset.name}. It has: {there}. Name the folder that has them."
        )
        raise FetchError(message)
    was_damaged = raw.is_file()
    try:
        got = _packed(dataset, file, mirrors + dataset.mirrors, progress)
    except FetchError as error:
        if not was_damaged:
            raise
        message = f"{raw} is damaged, and cannot be had anew: {error}"
        raise FetchError(message) from error
    return _unpacked(dataset, file, got)


def _absent() -> str:
    """Name the folders of MNISTRY_DATA that are not there; nothing if all are."""
    return ", ".join(str(one) for one in named_by_the_user() if not one.is_dir())


def _keep_gzip(dataset: Dataset, file: File, folder: Path) -> None:
    """Have the .gz beside the raw file, where the folder has it as mirrors do."""
    target = kept(dataset, file.name)
    if file.packing != "gzip" or target.is_file():
        return
    for path in candidates(dataset, file, folder):
        if path.suffix == ".gz" and is_packed(path, dataset, file):
            keep_packed(path, target)
            return


def _packed(
    dataset: Dataset, file: File, mirrors: tuple[str, ...], progress: Progress | None
) -> Local:
    target = kept(dataset, file.name)
    there = Local(target, str(target.parent))
    if target.is_file() and is_packed(target, dataset, file):
        return there  # without a lock: the cache may be one that cannot be written
    with writing(target.parent), locked(target):
        if target.is_file() and is_packed(target, dataset, file):
            return there  # while we waited somebody else has fetched it
        absent = _absent()
        if is_offline():
            known = f" ({absent} is not there)" if absent else ""
            message = (
                f"{file.name} of {dataset.name} is not in {target.parent} and"
                " MNISTRY_OFFLINE forbids the network; expected it there, or in a"
                f" folder that MNISTRY_DATA names{known}."
                f" Run: mnistry fetch {dataset.name} --from FOLDER"
            )
            raise FetchError(message)
        if absent:
            import logging

            told = "MNISTRY_DATA: %s is not there: asking the mirrors of %s"
            logging.getLogger("mnistry").warning(told, absent, dataset.name)
        from mnistry.data.download import Wanted, download
        from mnistry.data.verify import packed_sha256

        sha256 = packed_sha256(dataset, file)
        wanted = Wanted(file.name, file.size_bytes, sha256, dataset.name, file.md5)
        urls = [mirror + file.name for mirror in mirrors]
        part = target.with_name(f".{target.name}.part")
        source = download(wanted, urls, part, progress=progress)
        part.replace(target)
        is_packed(target, dataset, file)  # leaves the stamp, and a record if need be
        return Local(target, source)


def _unpacked(dataset: Dataset, file: File, packed: Local) -> Local:
    raw = kept(dataset, file.raw_name)
    if not is_raw(raw, dataset, file):
        from mnistry.data.unpack import unpack

        keep(dataset, file, lambda: unpack(packed.path, file), source=packed.path)
    return Local(raw, packed.source)
