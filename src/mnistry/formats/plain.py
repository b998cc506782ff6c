"""Only plain files are opened: a named pipe waits for ever, a device may have no end.

What is elsewhere is not fetched. Folders are walked in the order of names, one after
the other, and not without bound.
"""

import os
import re
import shlex
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mnistry.errors import FormatError, UsageError

MOST_WALKED = 1_000_000  # files and folders; a disk of a workstation has several
HANDED_OVER = "/dev/"  # where a shell puts what it hands over, such as <(…)

# as schemes are called that name files; pathlib makes one slash of two
_URL = re.compile(
    r"(https?|s?ftps?|s3|gs|abfss?|hdfs|file):/+|data:\w+/", re.IGNORECASE
)
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def refuse_special(path: str | os.PathLike[str]) -> None:
    """Refuse what is neither a plain file nor a folder, before it is opened.

    Args:
        path: Of a file; links are followed. What is not there is not refused.

    Raises:
        FormatError: A named pipe, a socket or a device, but for what is below /dev.
        OSError: The file cannot be looked at.

    Example:
        >>> refuse_special("/dev/null")
    """
    mode = Path(path).stat().st_mode
    kind = _KINDS.get(stat.S_IFMT(mode))
    if kind is None or os.fspath(path).startswith(HANDED_OVER):
        return
    message = (
        f"{os.fspath(path)} is {kind}; expected a plain file, for reading it might"
        " never end. Take it away, or write what it gives into a file."
    )
    raise FormatError(message)


def refuse_url(name: str | os.PathLike[str], advice: str = "") -> None:
    """Refuse a URL where a path is expected.

    Args:
        name: What was given for a path.
        advice: What to do; by default to download it.

    Raises:
        UsageError: A URL.

    Example:
        >>> refuse_url("scans/https.png")
        >>> refuse_url("file:///scans/7.png")
        Traceback (most recent call last):
        mnistry.errors.UsageError: file:///scans/7.png is a URL; expected a path.
            Type /scans/7.png instead.
    """
    text = os.fspath(name)
    found = _URL.match(text)
    if found is None:
        return
    scheme, rest = (found[1] or "data").lower(), text[found.end() :]
    if scheme == "file":
        advice = f"Type {shlex.quote(_path_of(rest))} instead."
    elif scheme == "data":
        text, advice = f"{text[:20]}…", advice or "Write its bytes into a file first."
    else:
        text = f"{scheme}://{rest}"
        advice = advice or "Download it first, then name the file here."
        if scheme.startswith(("http", "ftp")) and advice.startswith("Download"):
            advice += f"\n    curl -fLO {shlex.quote(text)}"
    message = f"{text} is a URL; expected a path. {advice}"
    raise UsageError(message)


def _path_of(rest: str) -> str:
    """Return the path in a file's URL without "file:/", as file managers copy it."""
    from urllib.parse import unquote  # here: nothing else needs it early

    return "/" + unquote(rest.removeprefix("localhost/"))


def walk(
    folder: Path,
    *,
    deepest: int | None = None,
    most: int = MOST_WALKED,
    through_links: bool = False,
) -> Iterator[Path]:
    """List what is in a folder, without folders, sorted by name.

    Args:
        folder: Where to begin.
        deepest: How many folders down to look: 1 for files right in it; None for all.
        most: How many files and folders to look at.
        through_links: Whether links to folders are followed, but for those to a folder
            that they lie in.

    Yields:
        Paths of files of any kind; also a folder that may not be read.

    Raises:
        FormatError: There are more than `most` files and folders.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place:
        ...     Path(place, "7").mkdir()
        ...     for name in ("7/a.png", "list.csv"):
        ...         Path(place, name).touch()
        ...     [path.name for path in walk(Path(place))]
        ['a.png', 'list.csv']
    """
    seen = 0
    waiting = [(folder, 1)]
    while waiting:
        place, depth = waiting.pop()
        if depth and not (deepest is not None and depth > deepest):
            try:
                with os.scandir(place) as inside:
                    few = islice(inside, most - seen + 1)
                    entries = sorted(few, key=lambda entry: entry.name, reverse=True)
            except OSError:
                yield place
                continue
            seen += len(entries)
            if seen > most:
                message = (
                    f"{folder} has more than {most:,} files and folders in it; expected"
                    " a folder of digits or pictures. Name one further down."
                )
                raise FormatError(message)
            waiting += [
                (Path(entry.path), depth + 1 if _leads_on(entry, through_links) else 0)
                for entry in entries
            ]
        elif not depth:
            yield place


def _leads_on(entry: "os.DirEntry[str]", through_links: bool) -> bool:  # noqa: FBT001
    """Return whether an entry is a folder to walk through."""
    if not (through_links and entry.is_symlink()):
        return entry.is_dir(follow_symlinks=False)
    path = Path(entry.path)
    return entry.is_dir() and not path.parent.resolve().is_relative_to(path.resolve())
