"""Find pictures: files as they are named, folders walked, patterns of names."""

import difflib
import fnmatch
import glob
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from mnistry.errors import NotThereError, UsageError
from mnistry.formats.pictures import ENDINGS
from mnistry.formats.plain import refuse_url, walk

MAGIC = "*?["  # what makes a name a pattern
ANNOTATED = "mnistry has drawn in this picture what it read"
"""Text of a PNG whose digits are also labels: these would be read too."""

MOST_COMPARED = 10_000  # names of a folder with one that is not there
ALIKE = 0.8  # of two names, by difflib: so much is one another misspelt
BEGINNING = 128  # bytes of such a PNG, within which the text ends
SUFFIXES = ENDINGS | {".pdf"}


def find_pictures(
    paths: Iterable[str | os.PathLike[str]], *, without: Iterable[Path] = ()
) -> Iterator[Path]:
    """Find the pictures that paths name: files as they are, folders walked.

    Args:
        paths: Files and folders; of a folder only files with a picture's suffix count,
            in the order of their names, but for those in which mnistry has drawn what
            it read; they are given while it is walked.
        without: Folders in these whose files are left out, such as those that are
            written.

    Yields:
        Paths of files; those that are not there, and folders without any picture, too,
        for reading to say so.

    Raises:
        UsageError: A name is empty, or a URL.
    """
    left_out = frozenset(folder.resolve() for folder in without)
    for path in map(named, paths):
        if path.is_dir():
            found = (one for one in walk(path) if _is_wanted(one))
            within = _inside(left_out, path)
            if within:
                found = (one for one in found if within.isdisjoint(_folders_of(one)))
            yield next(found, path)
            yield from found
        else:
            yield path


def named(name: str | os.PathLike[str]) -> Path:
    """Take a name for a path; an empty one names nothing, not the folder one is in.

    A URL is none.

    Args:
        name: Of a file or folder.

    Raises:
        UsageError: It is empty, or a URL.

    Example:
        >>> named("scans/7.png").name
        '7.png'
    """
    if not os.fspath(name):
        message = (
            "a name is empty; expected a file or a folder, such as '.' for the one you"
            " are in. Is a variable of the shell not set?"
        )
        raise UsageError(message)
    refuse_url(name)
    return Path(name)


def not_there(name: str) -> NotThereError:
    """Make the error for a picture that is not there.

    Args:
        name: Of the file.

    Example:
        >>> print(not_there("scans/7.png"))
        scans/7.png is not there; expected a picture, or a folder of some. Is it
            misspelt?
    """
    problem, ending, alike = "is not there", "Is it misspelt?", _alike(name)
    if name.startswith("~"):
        ending = f"A shell makes a path of ~; here give {Path(name).expanduser()}"
    elif alike:
        ending = f"Did you mean {alike}? Capitals count."
    if is_pattern(name):
        problem = "is a pattern that matches no picture"
    if is_pattern(name) and not alike:
        first = min(name.index(sign) for sign in MAGIC if sign in name)
        folder = name[:first].rpartition("/")[0] or "."
        ending = f"Is it misspelt? Or read the whole folder: {folder}"
    return NotThereError(
        f"{name} {problem}; expected a picture, or a folder of some. {ending}"
    )


def _alike(name: str) -> str:
    """Return what is there in place of what is not: other capitals, a letter or two.

    Args:
        name: Of a file, or a pattern, of which the first that would match is given.
    """
    folder, last = Path(name).parent, Path(name).name.lower()
    try:
        names = sorted(of.name for of in folder.iterdir()) if folder.is_dir() else []
    except OSError:
        return ""
    lowered = {of.lower(): of for of in reversed(names[:MOST_COMPARED])}
    if is_pattern(name):
        matching = (of for of in sorted(lowered) if fnmatch.fnmatchcase(of, last))
        readable = (of for of in matching if not is_annotated(folder / lowered[of]))
        close = list(islice(readable, 1))
    else:
        close = difflib.get_close_matches(last, lowered, 1, ALIKE)
    return str(folder / lowered[close[0]]) if close else ""


def is_pattern(name: str) -> bool:
    """Return whether it is a pattern of names, not a file whose name has its signs.

    Example:
        >>> is_pattern("scans/*.png"), is_pattern("scans/7.png")
        (True, False)
    """
    return any(sign in name for sign in MAGIC) and not Path(name).exists()


def matches(name: str) -> list[str]:
    """Return what a pattern of names matches, in order; other names are as they are.

    Args:
        name: Of a file or folder, or a pattern such as "scans/**/*.tif".

    Returns:
        The names, but of folders that hold others of them, and of pictures in which
        mnistry has drawn what it read; the pattern itself where it matches none, for
        reading to say so.

    Example:
        >>> matches("scans/[0-9]*.png"), matches("7.png")
        (['scans/[0-9]*.png'], ['7.png'])
    """
    if not is_pattern(name):
        return [name]
    found = sorted(glob.iglob(name, recursive=True))  # noqa: PTH207 - of text
    if "**" in name:  # it matches folders and what is in them: no picture comes twice
        above = {parent for path in found for parent in Path(path).parents}
        found = [path for path in found if Path(path) not in above]
    return [path for path in found if not is_annotated(Path(path))] or [name]


def is_annotated(path: Path) -> bool:
    """Return whether mnistry has drawn in a picture what it read, by its first bytes.

    Args:
        path: Of a file; what cannot be opened is none.

    Example:
        >>> is_annotated(Path("scans/7.png"))
        False
    """
    if path.suffix.lower() != ".png":
        return False
    try:
        if not path.is_file():  # a pipe might never end
            return False
        with path.open("rb") as file:
            return ANNOTATED.encode() in file.read(BEGINNING)
    except OSError:  # reading says what is wrong
        return False


def is_picture_name(name: str) -> bool:
    """Return whether it is a picture, by its name.

    What begins with "._" is none: macOS writes such files beside others, on disks and
    in archives that do not hold what it knows of a file.

    Args:
        name: Of a file, perhaps with folders.

    Example:
        >>> [is_picture_name(name) for name in ("a/7.PNG", "a/._7.PNG", "notes.txt")]
        [True, False, False]
    """
    path = Path(name)
    return path.suffix.lower() in SUFFIXES and not path.name.startswith("._")


def _inside(folders: frozenset[Path], path: Path) -> frozenset[Path]:
    """Return the folders that lie in another one: what this one lies in stays."""
    around = path.resolve()
    return frozenset(folder for folder in folders if around in folder.parents)


def _folders_of(path: Path) -> list[Path]:
    """Return the folders that a file lies in, and itself, for it may be a folder."""
    resolved = path.resolve()
    return [resolved, *resolved.parents]


def _is_wanted(path: Path) -> bool:
    """Return whether it is a picture, by its name; or a folder that may not be read."""
    if is_picture_name(path.name):
        return not is_annotated(path)
    return path.is_dir()
