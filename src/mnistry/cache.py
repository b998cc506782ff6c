"""Catalogue files as verified local files: from MNISTRY_DATA, the cache, or a mirror.

The way of a file: lock → part file in the cache → size and SHA-256 → atomic move →
inflated once → SHA-256 of the raw bytes → atomic move. From then on the raw file is
what is memory-mapped; a stamp keeps it from being hashed again.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mnistry.catalog import DATASETS, Dataset, File
from mnistry.errors import CacheError, ChecksumError, FetchError, FormatError
from mnistry.inflate import inflate
from mnistry.stamps import sha256_of

Progress = Callable[[str, int, int], None]
"""Called with the file's name, bytes so far, bytes in all."""

NPZ_NAME = "mnist.npz"  # Keras' layout: x_train, y_train, x_test, y_test


@dataclass(frozen=True, slots=True)
class Local:
    """A verified raw file, and where its bytes came from."""

    path: Path
    source: str


def home() -> Path:
    """Tell where files are kept: MNISTRY_HOME, or the user's cache folder."""
    if folder := os.environ.get("MNISTRY_HOME"):
        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("mnistry")


def data_folders() -> list[Path]:
    """Tell the folders that MNISTRY_DATA names, in their order."""
    named = os.environ.get("MNISTRY_DATA", "")
    return [Path(folder) for folder in named.split(os.pathsep) if folder]


def is_offline() -> bool:
    """Tell whether MNISTRY_OFFLINE forbids the network."""
    return os.environ.get("MNISTRY_OFFLINE", "").lower() not in {"", "0", "false", "no"}


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
    for folder in data_folders():
        if local := _from_folder(dataset, file, folder):
            return local
    raw = home() / dataset.name / file.raw_name
    if _is_raw(raw, file):
        return Local(raw, str(raw.parent))
    return _fetch(dataset, file, dataset.mirrors, progress)


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
        mirrors: Try these addresses (of folders, ending in "/") before the row's own.
        verify: Compute the SHA-256 of what is there again, whatever the stamps say.
        progress: Told about each chunk that comes from a mirror.

    Returns:
        One verified raw file for each file of the row, in its order.

    Raises:
        ChecksumError: A file in `folder` is not what its name says.
        FetchError: A file is in none of the places.
        CacheError: The cache cannot be written.
    """
    found = []
    for file in dataset.files:
        raw = home() / dataset.name / file.raw_name
        if folder is not None:
            local = _from_folder(dataset, file, folder)
            if local is None:
                message = (
                    f"{folder} has no {file.name}, nor {file.raw_name} or {NPZ_NAME};"
                    f" expected all files of {dataset.name}."
                    f" It has: {_listing(folder)}."
                )
                raise FetchError(message)
            if local.path != raw:
                _keep(raw, file, _copied(local.path))
                local = Local(raw, local.source)
        elif _is_raw(raw, file, again=verify):
            local = Local(raw, str(raw.parent))
        else:
            local = _fetch(dataset, file, mirrors + dataset.mirrors, progress)
        found.append(local)
    return found


def _stamps() -> Path:
    return home() / "stamps"


def _is_raw(path: Path, file: File, *, again: bool = False) -> bool:
    try:
        return sha256_of(path, _stamps(), again=again) == file.raw_sha256
    except OSError:
        return False


def _from_folder(dataset: Dataset, file: File, folder: Path) -> Local | None:
    dotted = file.raw_name.replace("-idx", ".idx")  # as inside the original .gz files
    names = (file.raw_name, dotted, file.name, f"{dotted}.gz")
    for place in (folder, folder / dataset.name, folder / "MNIST" / "raw"):
        for name in names:
            path = place / name
            if not path.is_file():
                continue
            sha256 = sha256_of(path, _stamps())
            if sha256 == file.raw_sha256:
                return Local(path, str(place))
            if sha256 == file.sha256:
                return Local(_inflated(dataset, file, path), str(place))
            _refuse_unless_another(dataset, path, sha256, file)
        if dataset.name == "mnist" and (place / NPZ_NAME).is_file():
            return Local(_from_npz(dataset, file, place / NPZ_NAME), str(place))
    return None


def _inflated(dataset: Dataset, file: File, packed: Path) -> Path:
    raw = home() / dataset.name / file.raw_name
    if not _is_raw(raw, file):
        _keep(raw, file, _unpacked(packed))
    return raw


def _from_npz(dataset: Dataset, file: File, npz: Path) -> Path:
    raw = home() / dataset.name / file.raw_name
    if not _is_raw(raw, file):
        from mnistry.npz import raw_bytes

        _keep(raw, file, lambda: iter([raw_bytes(npz, file.raw_name)]))
    return raw


def _unpacked(packed: Path) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with packed.open("rb") as file:
            yield from inflate(file, str(packed))

    return chunks


def _copied(path: Path) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk

    return chunks


def _keep(raw: Path, file: File, chunks: Callable[[], Iterator[bytes]]) -> None:
    """Write chunks as the raw file, if they are its bytes; else write nothing."""
    import hashlib

    digest, size = hashlib.sha256(), 0
    part = raw.with_name(f".{raw.name}.{os.getpid()}.part")
    with _writing(raw.parent):
        try:
            with part.open("wb") as target:
                for chunk in chunks():
                    size += len(chunk)
                    if size > file.raw_size_bytes:
                        break
                    digest.update(chunk)
                    target.write(chunk)
            if size != file.raw_size_bytes or digest.hexdigest() != file.raw_sha256:
                message = (
                    f"{file.raw_name} came out with {size:,} bytes and SHA-256"
                    f" {digest.hexdigest()[:8]}…; expected {file.raw_size_bytes:,} and"
                    f" {file.raw_sha256[:8]}…. Nothing was kept; get it again."
                )
                raise ChecksumError(message)
            part.replace(raw)
        finally:
            part.unlink(missing_ok=True)
    _is_raw(raw, file)  # leaves the stamp


def _fetch(
    dataset: Dataset, file: File, mirrors: tuple[str, ...], progress: Progress | None
) -> Local:
    if is_offline():
        message = (
            f"{file.name} of {dataset.name} is not in {home() / dataset.name} and"
            " MNISTRY_OFFLINE forbids the network; expected it there, or in a folder"
            f" that MNISTRY_DATA names. Run: mnistry fetch {dataset.name} --from FOLDER"
        )
        raise FetchError(message)
    from mnistry.download import Wanted, download

    folder = home() / dataset.name
    packed, raw = folder / file.name, folder / file.raw_name
    with _writing(folder), _locked(packed):
        if _is_raw(raw, file):  # another process was quicker
            return Local(raw, str(folder))
        if not packed.is_file() or sha256_of(packed, _stamps()) != file.sha256:
            part = folder / f".{file.name}.part"
            wanted = Wanted(file.name, file.size_bytes, file.sha256)
            urls = [mirror + file.name for mirror in mirrors]
            source = download(wanted, urls, part, progress=progress)
            part.replace(packed)
        else:
            source = str(folder)
        return Local(_inflated(dataset, file, packed), source)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    from filelock import FileLock

    with FileLock(path.with_name(f".{path.name}.lock")):
        yield


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except FetchError:
        raise
    except OSError as error:
        what = "is full" if error.errno == errno.ENOSPC else "cannot be written"
        message = (
            f"the cache {folder} {what}: {error.strerror or error};"
            " expected a folder with room for the files."
            " Make room, or set MNISTRY_HOME to another folder."
        )
        raise CacheError(message) from error


def _refuse_unless_another(
    dataset: Dataset, path: Path, sha256: str, file: File
) -> None:
    """Pass over a file of another data set with the same name; refuse anything else."""
    owner = next(
        (
            (row.name, known)
            for row in DATASETS.values()
            for known in row.files
            if sha256 in {known.sha256, known.raw_sha256}
        ),
        None,
    )
    if owner and owner[0] != dataset.name:
        return
    message = (
        f"{path} is not {file.name}: {_diagnosis(path, owner and owner[1], file)}"
        f" (SHA-256 {sha256[:8]}…, expected {file.sha256[:8]}… or raw"
        f" {file.raw_sha256[:8]}…). Delete it, or take its folder out of MNISTRY_DATA."
    )
    raise ChecksumError(message)


def _diagnosis(path: Path, known: File | None, file: File) -> str:
    if known:
        return f"these are the bytes of {known.name}"
    with path.open("rb") as opened:
        start = opened.read(512).lstrip()
    if start.startswith(b"<"):
        return "it is a web page; the download was not the file"
    size = path.stat().st_size
    expected = file.size_bytes if path.suffix == ".gz" else file.raw_size_bytes
    if size != expected:
        cut = "it was cut short, at" if size < expected else "it is too long, with"
        return f"{cut} {size:,} bytes of {expected:,}"
    try:
        for _ in _unpacked(path)() if path.suffix == ".gz" else ():
            pass
    except FormatError as error:
        return str(error)
    return "its bytes were changed"


def _listing(folder: Path) -> str:
    if not folder.is_dir():
        return "nothing, it is not a folder"
    names = sorted(path.name for path in folder.iterdir())[:8]
    return ", ".join(names) or "nothing"
