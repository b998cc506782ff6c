"""Hashes of files, and verification stamps that save hashing a file at each use.

A stamp is a small file in the cache, named after the device and inode of the file it is
for. It holds the file's size, times of change and SHA-256, and is invalid once one of
them has changed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnistry.data.paths import home
from mnistry.errors import CacheError, FetchError, MnistryError
from mnistry.formats.atomic import write_atomic

SHA256_DIGITS = 64  # hexadecimal, of 256 bits


def file_sha256(path: Path, *, again: bool = False) -> str:
    """Return a file's SHA-256, from its stamp if that is still valid.

    Args:
        path: The file.
        again: Compute it in any case, and write a new stamp.

    Returns:
        64 hexadecimal digits.

    Raises:
        FetchError: The file cannot be read.
    """
    stamp, state = _stamp(path)
    if stamp and not again:
        with suppress(OSError, ValueError):
            stamped_state, _, sha256 = stamp.read_text("ascii").rpartition(" ")
            if stamped_state == state and len(sha256) == SHA256_DIGITS:
                return sha256
    sha256 = _digest(path, "sha256")
    _write_stamp(stamp, state, sha256)
    return sha256


def file_md5(path: Path) -> str:
    """Return a file's MD5, which finds accidents, not attacks.

    Raises:
        FetchError: The file cannot be read.
    """
    return _digest(path, "md5")


def stamp_file(path: Path, sha256: str) -> None:
    """Stamp a file whose SHA-256 was computed while it was written.

    Args:
        path: The file, under its final name.
        sha256: 64 hexadecimal digits.

    Raises:
        OSError: The file is not there.
    """
    stamp, state = _stamp(path)
    _write_stamp(stamp, state, sha256)


@contextmanager
def reading(source: Path) -> Iterator[None]:
    """Turn OSErrors in the block into FetchError about the file that is read.

    Raises:
        FetchError: The file cannot be read.
    """
    try:
        yield
    except MnistryError:
        raise
    except OSError as error:
        message = (
            f"{source} cannot be read: {error.strerror or error}; expected a file that"
            " this user may read. Check its permissions and the disk, or take its"
            " folder out of MNISTRY_DATA."
        )
        raise FetchError(message) from error


def _stamp(path: Path) -> tuple[Path | None, str]:
    """Return the path of a file's stamp, and what a valid one must begin with."""
    state = os.stat(path)  # noqa: PTH116 - every load calls this
    stamp = None
    with suppress(CacheError):  # without a cache nothing is stamped
        stamp = home() / "stamps" / f"{state.st_dev:x}-{state.st_ino:x}"
    return stamp, f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"


def _write_stamp(stamp: Path | None, state: str, sha256: str) -> None:
    with suppress(OSError):  # without a stamp the file is hashed again
        if stamp:
            write_atomic(stamp, f"{state} {sha256}".encode("ascii"), durable=False)


def _digest(path: Path, kind: str) -> str:
    import hashlib

    with reading(path), path.open("rb") as file:
        digest = hashlib.file_digest(
            file, lambda: hashlib.new(kind, usedforsecurity=kind != "md5")
        )
    return digest.hexdigest()
