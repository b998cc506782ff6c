"""Files put into the cache: verified and atomic, one process at a time."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistry.data.cached_file import CachedFile
from mnistry.data.paths import home
from mnistry.data.verify import stamp_file, write_hashed
from mnistry.errors import CacheError, ChecksumError, MnistryError
from mnistry.formats.atomic import atomic_path


def store_raw(cached: CachedFile, source: Path) -> None:
    """Write the raw file into the cache, if its bytes are the expected ones.

    Args:
        cached: The file.
        source: A file that holds it: raw, packed, or Keras' npz.

    Raises:
        ChecksumError: Its bytes are not the expected ones; what was there stays.
        FormatError: It cannot be unpacked.
        CacheError: The cache cannot be written.
    """
    from mnistry.data.unpack import raw_chunks

    file, expected = cached.file, cached.raw_sha256
    with atomic_path(cached.raw_path, advice=_advice()) as part:
        chunks = raw_chunks(source, file)
        size, sha256 = write_hashed(part, chunks, file.raw_size_bytes)
        if file.raw_size_bytes not in {None, size} or expected not in {None, sha256}:
            message = (
                f"{file.raw_name} came out of {source} with {size:,} bytes and"
                f" SHA-256 {sha256[:8]}…; expected {file.raw_size_bytes:,} and"
                f" {(expected or 'any')[:8]}…. Nothing was stored; get it again."
            )
            raise ChecksumError(message)
    if expected is None:
        cached.record(file.raw_name, sha256)
    stamp_file(cached.raw_path, sha256)


def store_packed(cached: CachedFile, source: Path) -> None:
    """Copy the packed file into the cache, where it is verified before each use.

    Args:
        cached: The file.
        source: The packed file, elsewhere.

    Raises:
        CacheError: The cache cannot be written.
    """
    import shutil  # seldom needed, and slow to import

    with atomic_path(cached.packed_path, advice=_advice()) as part:
        shutil.copyfile(source, part)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file of the cache; wait while another process holds it."""
    from filelock import FileLock

    with FileLock(path.with_name(f".{path.name}.lock")):
        yield


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make a folder of the cache; an OSError in the block is that of the cache.

    Raises:
        CacheError: It cannot be made or written, or the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except MnistryError:
        raise
    except OSError as error:
        what = "is full" if error.errno == errno.ENOSPC else "cannot be written"
        message = (
            f"the cache {folder} {what}: {error.strerror or error};"
            f" expected a folder with room for the files. {_advice()}"
        )
        raise CacheError(message) from error


def _advice() -> str:
    return f"Make room, or set MNISTRY_HOME to a folder other than {home()}."
