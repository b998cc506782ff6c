"""Pictures in tar archives, such as WebDataset's shards.

Members of an uncompressed archive are found by their offset, and read when needed;
those of a compressed one are read in passing.
"""

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

from mnistry.errors import FormatError
from mnistry.formats.budget import check_unpacked
from mnistry.scan.folders import is_picture_name
from mnistry.scan.page.picture.load import MOST_BYTES

BROKEN = (  # what tarfile raises over bytes that are wrong
    *(tarfile.TarError, OSError, EOFError, ValueError, TypeError, RecursionError),
    *(zlib.error, lzma.LZMAError),
)
MOST_HEADER_BYTES = 1 << 20  # of a name, or of further facts; tarfile reads it whole
HEADERS = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)
ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def is_archive(name: str) -> bool:
    """Return whether a file's name is that of a tar archive.

    Args:
        name: Of a file.

    Example:
        >>> is_archive("train-000123.tar"), is_archive("photo.png")
        (True, False)
    """
    return name.lower().endswith(ENDINGS)


class _Member(tarfile.TarInfo):
    """A member whose header is limited: compressed, a gigabyte is a megabyte."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in HEADERS and self.size > MOST_HEADER_BYTES:
            message = f"a header of {self.size:,} bytes"
            raise tarfile.ReadError(message)
        return super()._proc_member(archive)  # type: ignore[no-any-return, misc]


def members(path: str, size: int) -> Iterator[dict[str, Any]]:
    """Find the pictures in a tar archive; other members are skipped.

    Args:
        path: The archive.
        size: Its size in bytes.

    Yields:
        Facts of a `Picture`; the last one has a problem if the archive is broken.
    """
    position, is_plain = 0, path.lower().endswith(".tar")
    try:
        with tarfile.open(path, "r:" if is_plain else "r|*", tarinfo=_Member) as tar:
            for member in iter(tar.next, None):
                tar.members = []  # type: ignore[attr-defined] # it would keep each
                end = member.offset_data + member.size
                if not is_plain:  # of others nothing is unpacked to get beyond it
                    check_unpacked(path, end, size)
                if member.isreg() and is_picture_name(member.name):
                    yield _picture(path, tar, member)
                    position = end
    except FormatError as error:
        yield {"name": path, "problem": str(error), "size": max(0, size - position)}
    except BROKEN as error:
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
            f"the picture is too large; expected at most {MOST_BYTES:,} bytes."
            " Make it smaller first."
        )
        return facts | {"problem": problem}
    file = tar.extractfile(member)
    return facts | {"content": file.read() if file else b""}
