"""Pictures in tar archives, such as WebDataset's shards.

Members of an archive that is not compressed are named by their place in it, and read
by whoever needs them; those of a compressed one are read on the way through.
"""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnistry.scan.folders import SUFFIXES
from mnistry.scan.page.load import MOST_BYTES

ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def is_archive(name: str) -> bool:
    """Say whether a file's name is that of a tar archive.

    Args:
        name: Of a file.

    Example:
        >>> is_archive("train-000123.tar"), is_archive("photo.png")
        (True, False)
    """
    return name.lower().endswith(ENDINGS)


def members(path: str, size: int) -> Iterator[dict[str, Any]]:
    """Find the pictures in a tar archive; other members are passed over.

    Args:
        path: Of the archive.
        size: Its bytes.

    Yields:
        Facts of a `Picture`; the last one has a problem if the archive is broken.
    """
    position = 0
    try:
        with tarfile.open(
            path, "r:" if path.lower().endswith(".tar") else "r|*"
        ) as tar:
            for member in iter(tar.next, None):
                tar.members = []  # type: ignore[attr-defined] # it would keep each
                if member.isreg() and Path(member.name).suffix.lower() in SUFFIXES:
                    yield _picture(path, tar, member)
                    position = member.offset_data + member.size
    except (OSError, EOFError, tarfile.TarError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        yield {
            "name": path,
            "problem": f"the archive is broken: {reason}. Fetch it again.",
            "size": max(0, size - position),
        }


def _picture(
    path: str, tar: tarfile.TarFile, member: tarfile.TarInfo
) -> dict[str, Any]:
    facts = {"name": f"{path}/{member.name}", "size": member.size}
    if path.lower().endswith(".tar") and not member.issparse():
        place = {"path": path, "offset": member.offset_data, "length": member.size}
        return facts | place
    if member.size > MOST_BYTES:
        problem = (
            f"the picture has more than {MOST_BYTES:,} bytes; expected at most so many."
            " Make it smaller first."
        )
        return facts | {"problem": problem}
    file = tar.extractfile(member)
    return facts | {"content": file.read() if file else b""}
