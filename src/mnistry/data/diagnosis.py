"""What is wrong with a file that is not what its name claims."""

from pathlib import Path

from mnistry.data.cached_file import PACKED_SUFFIXES, CachedFile
from mnistry.data.catalog import published_as
from mnistry.data.catalog.rows import File
from mnistry.data.unpack import unpack
from mnistry.data.verify import file_sha256
from mnistry.errors import ChecksumError, FormatError


def refuse_unless_another(cached: CachedFile, path: Path) -> None:
    """Accept a file of another data set with the same name; refuse anything else.

    Args:
        cached: The file that is wanted.
        path: The file found under its name.

    Raises:
        ChecksumError: It belongs to no other data set; the message says what it is.
    """
    sha256 = file_sha256(path)
    owners = {row.name: file for row, file in published_as(sha256)}
    if owners and cached.dataset.name not in owners:
        return
    hashes = (cached.packed_sha256, cached.raw_sha256)
    expected = " or ".join(f"{one[:8]}…" for one in hashes if one) or "its MD5"
    message = (
        f"{path} is not {cached.file.name} of {cached.dataset.name}:"
        f" {_diagnosis(path, owners.get(cached.dataset.name), cached.file)}"
        f" (SHA-256 {sha256[:8]}…, expected {expected})."
        " Delete it, or take its folder out of MNISTRY_DATA."
    )
    raise ChecksumError(message)


def _diagnosis(path: Path, same: File | None, file: File) -> str:
    """Describe a wrong file: another one's bytes, a web page, truncated, changed."""
    if same:
        return f"these are the bytes of {same.name}"
    with path.open("rb") as opened:
        start = opened.read(512).lstrip()
    if start.startswith(b"<"):
        return "it is a web page, not the file"
    is_packed = path.suffix in PACKED_SUFFIXES
    size = path.stat().st_size
    expected = file.size_bytes if is_packed else file.raw_size_bytes
    if expected is not None and size != expected:
        fault = "it was cut short, at" if size < expected else "it is too long, with"
        return f"{fault} {size:,} bytes of {expected:,}"
    try:
        for _ in unpack(path, file) if is_packed else ():
            pass
    except FormatError:
        return "its packed bytes are damaged"
    return "its bytes were changed"
