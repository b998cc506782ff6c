"""Files put into the cache: locked, verified, whole or not at all."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistry.data.catalog.rows import Dataset, File
from mnistry.data.paths import home, kept, stamps
from mnistry.data.verify import leave, raw_sha256, record, write_hashed
from mnistry.errors import CacheError, ChecksumError, FetchError


def copied(path: Path) -> Callable[[], Iterator[bytes]]:
    """Give a way to walk through a file's bytes, for `keep`."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                yield chunk

    return chunks


def keep(
    dataset: Dataset,
    file: File,
    chunks: Callable[[], Iterator[bytes]],
    *,
    source: Path,
) -> None:
    """Write chunks as the raw file, if they are its bytes; else write nothing.

    Args:
        dataset: The data set's row.
        file: One of its files.
        chunks: Gives all bytes of the raw file.
        source: The file that they come out of, to be named in errors.

    Raises:
        ChecksumError: They are not its bytes; what was there stays.
        CacheError: The cache cannot be written.
    """
    raw = kept(dataset, file.raw_name)
    part = _part(raw)
    known = raw_sha256(dataset, file)
    with writing(raw.parent):
        try:
            size, sha256 = write_hashed(part, chunks(), file.raw_size_bytes)
            if file.raw_size_bytes not in {None, size} or known not in {None, sha256}:
                message = (
                    f"{file.raw_name} came out of {source} with {size:,} bytes and"
                    f" SHA-256 {sha256[:8]}…; expected {file.raw_size_bytes:,} and"
                    f" {(known or 'any')[:8]}…. Nothing was kept; get it again."
                )
                raise ChecksumError(message)
            part.replace(raw)
        finally:
            part.unlink(missing_ok=True)
    if known is None:
        record(dataset, file.raw_name, sha256)
    leave(raw, stamps(), sha256)


def keep_packed(path: Path, target: Path) -> None:
    """Copy a packed file into the cache, where it is verified before each use.

    Args:
        path: The file, elsewhere.
        target: What it is called in the cache.

    Raises:
        CacheError: The cache cannot be written.
    """
    import shutil  # seldom needed, and slow to import

    part = _part(target)
    with writing(target.parent):
        try:
            shutil.copyfile(path, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    from threading import get_ident  # of two threads each has its own part

    return target.with_name(f".{target.name}.{os.getpid()}-{get_ident()}.part")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process is about a file of the cache; then keep it."""
    from filelock import FileLock

    with FileLock(path.with_name(f".{path.name}.lock")):
        yield


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make a folder of the cache; say what to do if it cannot be written.

    Raises:
        CacheError: It cannot be made or written, or the disk is full.
    """
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
            f" Make room, or set MNISTRY_HOME to a folder other than {home()}."
        )
        raise CacheError(message) from error
