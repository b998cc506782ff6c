"""Catalogue files as verified local files: from MNISTRY_DATA, the cache, or a mirror.

The raw file is then memory-mapped; a verification stamp spares hashing it again.
"""

from dataclasses import dataclass
from pathlib import Path

from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog.rows import Dataset
from mnistry.data.clean import clean
from mnistry.data.folder import has_none, look_in
from mnistry.data.paths import data_folders, is_offline, looked_in
from mnistry.data.records import Record
from mnistry.data.store import store_packed, store_raw, writing
from mnistry.errors import FetchError
from mnistry.formats.progress import Progress


@dataclass(frozen=True, slots=True)
class Local:
    """A verified file on this machine, and where its bytes came from."""

    path: Path
    source: str


FIRST_SEEN = "nobody published its SHA-256: recorded at first sight, not confirmed"


def source_of(cached: CachedFile, local: Local) -> str:
    """Say where a file's bytes came from, and whether its hash is unconfirmed.

    Args:
        cached: The file.
        local: Where it is.
    """
    if cached.trust != "first seen":
        return local.source
    return f"{local.source} ({FIRST_SEEN})"


def confirm(dataset: Dataset) -> list[Record]:
    """Mark as confirmed each SHA-256 that was only recorded at first sight.

    A person should have compared them with those that somebody else has.

    Args:
        dataset: A data set whose files are in the cache.

    Returns:
        The records that were unconfirmed; empty if all hashes are published.

    Raises:
        FetchError: A file is not in the cache, so nobody can have compared it.
        CacheError: A record cannot be written.
    """
    files = [CachedFile(dataset, file) for file in dataset.files]
    for cached in files:
        if not cached.file.raw_sha256 and not cached.is_raw(cached.raw_path):
            name = dataset.name
            message = (
                f"{cached.file.raw_name} of {name} is not in {cached.folder}; expected"
                f" a file whose SHA-256 you have compared. Run: mnistry fetch {name}"
            )
            raise FetchError(message)
    return [record for cached in files for record in cached.confirm()]


def locate(cached: CachedFile, *, progress: Progress | None = None) -> Local:
    """Return the verified raw file, fetching it only if it is not on this machine.

    Args:
        cached: The file.
        progress: Called for each chunk that comes from a mirror.

    Raises:
        ChecksumError: A file in MNISTRY_DATA is not what its name claims.
        FetchError: It is nowhere, and the network is forbidden or of no help.
        CacheError: The cache cannot be written.
    """
    if local := _on_disk(cached):
        return local
    return _stored(cached, _fetch_packed(cached, cached.dataset.mirrors, progress))


def find(cached: CachedFile, folder: Path) -> Local | None:
    """Look for a catalogue file in one folder, in every way MNISTRY_DATA may hold it.

    Args:
        cached: The file.
        folder: Perhaps with the file in it, raw or packed, or `MNIST/raw/`, or an npz.

    Returns:
        The verified raw file; None if the folder does not have it.

    Raises:
        ChecksumError: A file of that name is not what it claims.
        FetchError: It cannot be read.
        CacheError: It has to be unpacked, and the cache cannot be written.
    """
    found = look_in(folder, cached)
    if found is None:
        return None
    local = Local(found.path, str(found.path.parent))
    return local if found.kind == "raw" else _stored(cached, local)


def fetch(
    dataset: Dataset,
    *,
    folder: Path | None = None,
    mirrors: tuple[str, ...] = (),
    verify: bool = False,
    progress: Progress | None = None,
) -> list[Local]:
    """Ensure that all files of a data set are in the cache.

    Args:
        dataset: The data set's row.
        folder: Take them only from this folder.
        mirrors: Try these addresses (of folders, ending in "/") before the row's own.
        verify: Compute the SHA-256 of existing files again, whatever the stamps say.
        progress: Called for each chunk that comes from a mirror.

    Returns:
        One verified raw file for each file of the row, in its order.

    Raises:
        ChecksumError: A file in `folder` is not what its name claims.
        FetchError: A file is in none of the places.
        CacheError: The cache cannot be written.
    """
    clean()
    found = []
    for cached in (CachedFile(dataset, file) for file in dataset.files):
        if verify:
            cached.is_raw(cached.raw_path, again=True)  # whatever its stamp has
        if folder is not None:
            local = _from_folder(cached, folder)
            if local is None:
                raise has_none(folder, cached)
        else:
            local = _fetch_raw(cached, mirrors + dataset.mirrors, progress)
        found.append(local)
    return found


def unpackable(cached: CachedFile, *, progress: Progress | None = None) -> Local:
    """Return a file that the raw one is unpacked from, if it cannot be in the cache.

    Args:
        cached: The file.
        progress: Called for each chunk that comes from a mirror.

    Raises:
        ChecksumError: A file in MNISTRY_DATA is not what its name claims.
        FetchError: It is nowhere, and the network is forbidden or of no help.
        CacheError: No folder of MNISTRY_DATA has it, and the cache cannot be written.
    """
    for folder in data_folders():
        found = look_in(folder, cached)
        if found and found.kind in {"packed", "npz"}:
            return Local(found.path, str(found.path.parent))
    return packed(cached, progress=progress)


def packed(cached: CachedFile, *, progress: Progress | None = None) -> Local:
    """Return the verified file as mirrors hold it, such as the .gz.

    If only the raw file is on this machine and no mirror has it, it is gzipped again:
    different bytes, the same content.

    Args:
        cached: The file.
        progress: Called for each chunk that comes from a mirror.

    Raises:
        FetchError: It is nowhere, and the network is forbidden or of no help.
        CacheError: The cache cannot be written.
    """
    for folder in data_folders():
        for path in cached.candidates(folder):
            if path.suffix and cached.is_packed(path):
                return Local(path, str(path.parent))
    try:
        return _fetch_packed(cached, cached.dataset.mirrors, progress)
    except FetchError:
        raw = _on_disk(cached)
        if raw is None or cached.file.packing != "gzip":
            raise
    from mnistry.formats import idx

    idx.write(cached.repacked_path, idx.read(raw.path))
    return Local(cached.repacked_path, raw.source)


def _on_disk(cached: CachedFile) -> Local | None:
    """Return the verified raw file, if it is on this machine."""
    for folder in data_folders():
        if local := find(cached, folder):
            return local
    raw = cached.raw_path
    return Local(raw, str(raw.parent)) if cached.is_raw(raw) else None


def _stored(cached: CachedFile, found: Local) -> Local:
    """Return the raw file in the cache, made from the file that was found."""
    return Local(store_raw(cached, found.path), found.source)


def _fetch_raw(
    cached: CachedFile, mirrors: tuple[str, ...], progress: Progress | None
) -> Local:
    raw = cached.raw_path
    if cached.is_raw(raw):
        return Local(raw, str(raw.parent))
    for folder in data_folders():
        if local := _from_folder(cached, folder):
            return local
    was_damaged = raw.is_file()
    try:
        source = _fetch_packed(cached, mirrors, progress)
    except FetchError as error:
        if not was_damaged:
            raise
        message = f"{raw} is damaged, and cannot be fetched again: {error}"
        raise FetchError(message) from error
    return _stored(cached, source)


def _from_folder(cached: CachedFile, folder: Path) -> Local | None:
    """Return the raw file in the cache, copied from a folder that has it."""
    local = find(cached, folder)
    if local is None:
        return None
    raw = store_raw(cached, local.path)
    if cached.file.packing == "gzip" and not cached.packed_path.is_file():
        for path in cached.candidates(folder):
            if path.suffix == ".gz" and cached.is_packed(path):
                store_packed(cached, path)
                break
    return Local(raw, local.source)


def _fetch_packed(
    cached: CachedFile, mirrors: tuple[str, ...], progress: Progress | None
) -> Local:
    """Return the packed file in the cache, downloaded unless it is there."""
    there = Local(cached.packed_path, str(cached.folder))
    if cached.has_packed():
        return there  # without a lock: the cache may be one that cannot be written
    from mnistry.data.lock import locked

    with writing(cached.folder), locked(cached.packed_path):
        if cached.has_packed():
            return there  # another process has fetched it while this one waited
        _expect_network(cached)
        return _download(cached, mirrors, progress)


def _expect_network(cached: CachedFile) -> None:
    """Raise if offline; warn if a folder of MNISTRY_DATA is missing."""
    missing = ", ".join(str(one) for one in data_folders() if not one.is_dir())
    name = cached.dataset.name
    if is_offline():
        hint = f" ({looked})" if (looked := looked_in()) else ""
        message = (
            f"{cached.file.name} of {name} is not in {cached.folder} and"
            " MNISTRY_OFFLINE forbids the network; expected it there, or in a folder"
            f" that MNISTRY_DATA names{hint}. Take the data set drawn, which needs no"
            f" file, or run: mnistry fetch {name} --from FOLDER"
        )
        raise FetchError(message)
    if missing:
        import logging

        text = "MNISTRY_DATA: %s is not there: asking the mirrors of %s"
        logging.getLogger("mnistry").warning(text, missing, name)


def _download(
    cached: CachedFile, mirrors: tuple[str, ...], progress: Progress | None
) -> Local:
    from mnistry.data.download import RemoteFile, download

    name = cached.file.name
    remote = RemoteFile(
        name,
        cached.file.size_bytes,
        cached.packed_sha256,
        cached.dataset.name,
        cached.file.md5,
    )
    urls = [mirror + name for mirror in mirrors]
    source = download(remote, urls, cached.packed_path, progress=progress)
    cached.accept_packed(source)
    return Local(cached.packed_path, source)
