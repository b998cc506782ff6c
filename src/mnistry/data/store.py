"""Files put into the cache: verified and atomic."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog.rows import File
from mnistry.data.paths import home
from mnistry.data.verify import reading
from mnistry.errors import CacheError, ChecksumError, MnistryError
from mnistry.formats.atomic import atomic_path

if TYPE_CHECKING:
    import hashlib


def store_raw(cached: CachedFile, source: Path) -> Path:
    """Write the raw file into the cache, unless it is there.

    Args:
        cached: The file.
        source: A file that holds it: raw, packed, or Keras' npz.

    Returns:
        Where it is.

    Raises:
        ChecksumError: Its bytes are not the expected ones; what was there stays.
        FormatError: It cannot be unpacked.
        FetchError: It cannot be read.
        CacheError: The cache cannot be written.
    """
    raw, file = cached.raw_path, cached.file
    if cached.is_raw(raw):
        return raw
    with atomic_path(raw, advice=_advice(), durable=False) as part:
        size, sha256 = write_hashed(part, _chunks(source, file), file.raw_size_bytes)
        _expect_raw(cached, source, size, sha256)
    cached.accept_raw(sha256, source)
    return raw


def unpacked(cached: CachedFile, source: Path) -> bytes:
    """Unpack the raw file into memory, for where the cache cannot be written.

    Args:
        cached: The file.
        source: The packed file, or Keras' npz.

    Raises:
        ChecksumError: Its bytes are not the expected ones.
        FormatError: It cannot be unpacked.
        FetchError: It cannot be read.
    """
    import hashlib

    most = cached.file.raw_size_bytes
    data = bytearray()
    for chunk in _chunks(source, cached.file):
        data += chunk
        if most is not None and len(data) > most:
            break
    _expect_raw(cached, source, len(data), hashlib.sha256(data).hexdigest())
    return bytes(data)


def _expect_raw(cached: CachedFile, source: Path, size: int, sha256: str) -> None:
    most, expected = cached.file.raw_size_bytes, cached.raw_sha256
    if most not in {None, size} or expected not in {None, sha256}:
        message = (
            f"{cached.file.raw_name} came out of {source} with {size:,} bytes and"
            f" SHA-256 {sha256[:8]}…; expected"
            f" {'any number' if most is None else f'{most:,}'} and"
            f" {expected[:8] + '…' if expected else 'any'}. Nothing was stored;"
            " get it again."
        )
        raise ChecksumError(message)


def store_packed(cached: CachedFile, source: Path) -> None:
    """Copy the packed file into the cache, where it is verified before each use.

    Args:
        cached: The file.
        source: The packed file, elsewhere.

    Raises:
        FetchError: The source cannot be read.
        CacheError: The cache cannot be written.
    """
    with atomic_path(cached.packed_path, advice=_advice(), durable=False) as part:
        with reading(source):
            data = source.read_bytes()
        part.write_bytes(data)


def _chunks(source: Path, file: File) -> Iterator[bytes]:
    from mnistry.data.unpack import raw_chunks

    with reading(source):
        yield from raw_chunks(source, file)


def write_hashed(
    path: Path, chunks: Iterable[bytes], most_bytes: int | None
) -> tuple[int, str]:
    """Write chunks to a file; a second thread hashes and writes while they are made.

    Args:
        path: The file.
        chunks: What to write.
        most_bytes: Stop at the chunk that would exceed this size.

    Returns:
        Number of bytes received, and the SHA-256 of those written.

    Raises:
        OSError: The file cannot be written.
    """
    import hashlib
    from concurrent.futures import ThreadPoolExecutor

    digest, size = hashlib.sha256(), 0

    with path.open("wb") as file, ThreadPoolExecutor(1) as beside:
        work = beside.submit(digest.update, b"")
        for chunk in chunks:
            size += len(chunk)
            if most_bytes is not None and size > most_bytes:
                break
            work.result()  # at most one chunk waits
            work = beside.submit(_write_chunk, chunk, digest, file)
        work.result()
    return size, digest.hexdigest()


def _write_chunk(chunk: bytes, digest: "hashlib._Hash", file: BinaryIO) -> None:
    digest.update(chunk)
    file.write(chunk)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Create a folder of the cache, and turn OSErrors in the block into CacheError.

    Raises:
        CacheError: It cannot be created or written, or the disk is full.
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
