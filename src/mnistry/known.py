"""Which SHA-256 a catalogue file must have: the published one, or the recorded one.

Where nobody published a hash, the first file that is seen is believed if size and MD5
allow, its SHA-256 is recorded beside it, and a warning says so; from then on that must
be it. Records are lines as `sha256sum --check` reads them.
"""

from contextlib import suppress
from pathlib import Path

from mnistry.catalog.rows import Dataset, File
from mnistry.folders import kept, stamps
from mnistry.stamps import sha256_of
from mnistry.whole import write_whole


def packed_sha256(dataset: Dataset, file: File) -> str | None:
    """Tell the SHA-256 of the file as mirrors hold it; None if nobody knows yet."""
    return file.sha256 or _recorded(dataset, file.name)


def raw_sha256(dataset: Dataset, file: File) -> str | None:
    """Tell the SHA-256 of the plain IDX file; None if nobody knows yet."""
    return file.raw_sha256 or _recorded(dataset, file.raw_name)


def is_raw(path: Path, dataset: Dataset, file: File, *, again: bool = False) -> bool:
    """Tell whether a file is the plain IDX file; an unknown hash is no match."""
    try:
        return sha256_of(path, stamps(), again=again) == raw_sha256(dataset, file)
    except OSError:
        return False


def is_packed(path: Path, dataset: Dataset, file: File) -> bool:
    """Tell whether a file is what mirrors hold; believe and record an unknown one.

    Raises:
        OSError: The file cannot be read.
    """
    sha256 = sha256_of(path, stamps())
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
    write_whole(path, f"{sha256}  {name}\n".encode("ascii"))
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
