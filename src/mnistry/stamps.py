"""Stamps: that this very file had this SHA-256, so that it is computed only once.

A stamp is a line of text named after the file's device and inode; it holds only as long
as size, time of change and time of modification are what they were. A stamp that cannot
be written costs nothing but the next computation.
"""

import os
from contextlib import suppress
from pathlib import Path

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
    state = os.stat(path)  # noqa: PTH116 - the way to the data is kept short
    stamp = stamps / f"{state.st_dev:x}-{state.st_ino:x}"
    facts = f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"
    if not again:
        with suppress(OSError):
            known, _, sha256 = stamp.read_text("ascii").rpartition(" ")
            if known == facts and len(sha256) == 64:  # hexadecimal digits of 256 bits
                return sha256
    sha256 = _compute(path)
    with suppress(OSError):
        stamps.mkdir(parents=True, exist_ok=True)
        part = stamp.with_suffix(f".{os.getpid()}.part")
        part.write_text(f"{facts} {sha256}", "ascii")
        part.replace(stamp)
    return sha256


def _compute(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
