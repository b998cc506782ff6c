"""What is wrong with a file that is not what its name says."""

from pathlib import Path

from mnistry.data.catalog import DATASETS
from mnistry.data.catalog.rows import Dataset, File
from mnistry.data.paths import stamps
from mnistry.data.unpack import unpack
from mnistry.data.verify import file_sha256, packed_sha256, raw_sha256
from mnistry.errors import ChecksumError, FormatError


def refuse_unless_another(dataset: Dataset, file: File, path: Path) -> None:
    """Pass over a file of another data set with the same name; refuse anything else.

    Args:
        dataset: The data set looked for.
        file: The file looked for.
        path: What was found under its name.

    Raises:
        ChecksumError: It belongs to no other data set; the message says what it is.
    """
    sha256 = file_sha256(path, stamps())
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
    expected = (packed_sha256(dataset, file), raw_sha256(dataset, file))
    known = " or ".join(f"{hash_[:8]}…" for hash_ in expected if hash_)
    message = (
        f"{path} is not {file.name} of {dataset.name}:"
        f" {_diagnosis(path, owner and owner[1], file)}"
        f" (SHA-256 {sha256[:8]}…, expected {known or 'its MD5'})."
        " Delete it, or take its folder out of MNISTRY_DATA."
    )
    raise ChecksumError(message)


def _diagnosis(path: Path, known: File | None, file: File) -> str:
    if known:
        return f"these are the bytes of {known.name}"
    with path.open("rb") as opened:
        start = opened.read(512).lstrip()
    if start.startswith(b"<"):
        return "it is a web page; the download was not the file"
    is_packed = path.suffix in {".gz", ".zip", ".bz2"}
    size = path.stat().st_size
    expected = file.size_bytes if is_packed else file.raw_size_bytes
    if expected is not None and size != expected:
        cut = "it was cut short, at" if size < expected else "it is too long, with"
        return f"{cut} {size:,} bytes of {expected:,}"
    try:
        for _ in unpack(path, file) if is_packed else ():
            pass
    except FormatError:
        return "its packed bytes are damaged"
    return "its bytes were changed"
