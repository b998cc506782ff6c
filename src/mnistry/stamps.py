"""Stamps: that this very file had this SHA-256, so that it is computed only once.

A stamp is a line of text named after the file's device and inode; it holds only as long
as size, time of change and time of modification are what they were. A stamp that cannot
be written costs nothing but the next computation.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import hashlib

CHUNK_BYTES = 1 << 20


def sha256_of(path: Path, stamps: Path, *, again: bool = False) -> str:
    """Tell a file's SHA-256, from its stamp where that still holds.

    Args:
        path: The file.
        stamps: The folder of stamps.
        again: Compute it in any case, and stamp anew.

    Returns:
        64 hexadecimal digits.

    Raises:
        OSError: The file cannot be read.
    """
    stamp, facts = _facts(path, stamps)
    if not again:
        with suppress(OSError):
            known, _, sha256 = stamp.read_text("ascii").rpartition(" ")
            if known == facts and len(sha256) == 64:  # hexadecimal digits of 256 bits
                return sha256
    sha256 = _compute(path)
    _write(stamp, f"{facts} {sha256}")
    return sha256


def leave(path: Path, stamps: Path, sha256: str) -> None:
    """Stamp a file whose SHA-256 was computed while it was written.

    Args:
        path: The file, under the name it keeps.
        stamps: The folder of stamps.
        sha256: 64 hexadecimal digits.

    Raises:
        OSError: The file is not there.
    """
    stamp, facts = _facts(path, stamps)
    _write(stamp, f"{facts} {sha256}")


def write_hashed(
    path: Path, chunks: Iterable[bytes], most_bytes: int | None
) -> tuple[int, str]:
    """Write chunks to a file; a second thread hashes and writes while they are made.

    Args:
        path: The file.
        chunks: What to write.
        most_bytes: It stops at the chunk that would make it longer.

    Returns:
        How many bytes came, and the SHA-256 of those written.

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
            work.result()  # one chunk waits at most
            work = beside.submit(_take, chunk, digest, file)
        work.result()
    return size, digest.hexdigest()


def _facts(path: Path, stamps: Path) -> tuple[Path, str]:
    state = os.stat(path)  # noqa: PTH116 - the way to the data is kept short
    stamp = stamps / f"{state.st_dev:x}-{state.st_ino:x}"
    return stamp, f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"


def _write(stamp: Path, text: str) -> None:
    with suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        part = stamp.with_suffix(f".{os.getpid()}.part")
        part.write_text(text, "ascii")
        part.replace(stamp)


def _take(chunk: bytes, digest: "hashlib._Hash", file: BinaryIO) -> None:
    digest.update(chunk)
    file.write(chunk)


def _compute(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
