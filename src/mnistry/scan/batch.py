"""Read many files: folders are walked, a broken file does not stop the next one."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mnistry.errors import FormatError, MnistryError
from mnistry.formats.plain import walk
from mnistry.scan.page.load import Source
from mnistry.scan.read import read
from mnistry.scan.results import Reading

PICTURES = ("png", "jpg", "jpeg", "tif", "tiff", "webp", "gif", "bmp", "ppm", "pgm")
SUFFIXES = frozenset(
    f".{kind}" for kind in (*PICTURES, "pbm", "jp2", "pdf", "heic", "heif")
)


def find_pictures(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """Find the pictures that paths name: files as they are, folders walked.

    Args:
        paths: Files and folders; of a folder only files with a picture's suffix count,
            in the order of their names; they are given while it is walked.

    Yields:
        Paths of files; those that are not there, and folders without any picture, too,
        for reading to say so.
    """
    for path in map(Path, paths):
        if path.is_dir():
            found = (one for one in walk(path) if _is_wanted(one))
            yield next(found, path)
            yield from found
        else:
            yield path


def _is_wanted(path: Path) -> bool:
    """Tell a picture by its name; a folder is one that may not be read."""
    return path.suffix.lower() in SUFFIXES or path.is_dir()


def read_each(
    sources: Iterable[tuple[str, Source]], **settings: Any
) -> Iterator[tuple[str, Reading | MnistryError]]:
    """Read one source after the other.

    Args:
        sources: What to call each, and what it is; for standard input give its bytes.
        settings: As `read` takes them.

    Yields:
        What each is called, with its reading, or with the error that says what is wrong
        with it.

    Example:
        >>> [(name, str(found)[:11]) for name, found in read_each([("mail", b"Dear")])]
        [('mail', 'the picture')]
    """
    for name, source in sources:
        try:
            yield name, read(source, **settings)
        except MnistryError as error:
            yield name, error
        except OSError as error:
            message = f"{name} cannot be read: {error.strerror}. Check name and rights."
            yield name, FormatError(message)
