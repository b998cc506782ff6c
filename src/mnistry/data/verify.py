"""Which SHA-256 a catalogue file must have: the published one, or the recorded one.

Where nobody published a hash, the first file that is seen is believed if size and MD5
allow, its SHA-256 is recorded beside it, and a warning says so; from then on that must
be it. Records are lines as `sha256sum --check` reads them.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mnistry.data.catalog.rows import Dataset, File
from mnistry.data.paths import kept, stamps
from mnistry.formats.atomic import write_atomic


def packed_sha256(dataset: Dataset, file: File) -> str | None:
    """Tell the SHA-256 of the file as mirrors hold it; None if nobody knows yet."""
    return file.sha256 or _recorded(dataset, file.name)


def raw_sha256(dataset: Dataset, file: File) -> str | None:
    """Tell the SHA-256 of the plain IDX file; None if nobody knows yet."""
    return file.raw_sha256 or _recorded(dataset, file.raw_name)


def is_raw(path: Path, dataset: Dataset, file: File, *, again: bool = False) -> bool:
    """Tell whether a file is the plain IDX file; an unknown hash is no match."""
    try:
        return file_sha256(path, stamps(), again=again) == raw_sha256(dataset, file)
    except OSError:
        return False


def is_packed(path: Path, dataset: Dataset, file: File) -> bool:
    """Tell whether a file is what mirrors hold; believe and record an unknown one.

    Raises:
        OSError: The file cannot be read.
    """
    sha256 = file_sha256(path, stamps())
    known = packed_sha256(dataset, file)
    if known is not None:
        return sha256 == known
    if file.size_bytes not in {None, path.stat().st_size}:
        return False
    if file.md5 is not None and md5_of(path) != file.md5:
        return False
    record(dataset, file.name, sha256)
    return True


def md5_of(path: Path) -> str:
    """Compute an MD5, which tells accidents, not attacks."""
    import hashlib

    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False))
    return digest.hexdigest()


def record(dataset: Dataset, name: str, sha256: str) -> None:
    """Remember a SHA-256 that nobody published, and say so."""
    path = _record_path(dataset, name)
    write_atomic(path, f"{sha256}  {name}\n".encode("ascii"))
    import logging

    logging.getLogger("mnistry").warning(
        "%s of %s: nobody published its SHA-256; recorded %s… in %s",
        name,
        dataset.name,
        sha256[:8],
        path,
    )


def _recorded(dataset: Dataset, name: str) -> str | None:
    with suppress(OSError):
        sha256, _, named = (
            _record_path(dataset, name).read_text("ascii").partition("  ")
        )
        if named.strip() == name and len(sha256) == 64:  # hexadecimal, of 256 bits
            return sha256
    return None


def _record_path(dataset: Dataset, name: str) -> Path:
    return kept(dataset, f"{name}.sha256")


if TYPE_CHECKING:
    import hashlib

CHUNK_BYTES = 1 << 20


def file_sha256(path: Path, stamps: Path, *, again: bool = False) -> str:
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
