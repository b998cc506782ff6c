"""Where pictures come from: files, folders, patterns, tar archives, Parquet, PDFs.

Pictures are found one after another, always in the same order. No list of them is kept,
except the names in one folder, to sort them.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mnistry.bulk import archives, tables
from mnistry.bulk.schema import output_schema
from mnistry.errors import UsageError
from mnistry.escape import as_text
from mnistry.extras import require
from mnistry.scan.folders import (
    is_annotated,
    is_pattern,
    is_picture_name,
    matches,
    named,
)

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="bulk")

Name = str | os.PathLike[str]


class Picture(NamedTuple):
    """A picture to read, or a page of one: a row of the input of `read_batch`.

    Attributes:
        name: Its name.
        path: The file that it is, or is part of.
        offset: Where it begins in that file.
        length: Its bytes in that file.
        content: Its bytes, if they cannot be read again by path.
        page: The page of a PDF, from 1.
        problem: Why it cannot be read, if that is already known.
        size: The bytes of its source that it counts for in the progress.
        columns: The user's columns, by name.
    """

    name: str
    path: str | None = None
    offset: int | None = None
    length: int | None = None
    content: bytes | None = None
    page: int | None = None
    problem: str | None = None
    size: int = 0
    columns: Mapping[str, Any] = {}


INPUT_TYPES = {
    "name": pa.string(),
    "path": pa.binary(),  # as the system has it: names need be no text
    "offset": pa.int64(),
    "length": pa.int64(),
    "content": pa.large_binary(),
    "page": pa.int32(),
    "problem": pa.string(),
}


class Survey(NamedTuple):
    """What is known about sources before they are read.

    Attributes:
        columns: A `pyarrow.Schema` of the user's columns in all tables.
        size: Bytes of all files.
    """

    columns: Any
    size: int


def find(
    sources: Iterable[Name],
    *,
    count_pages: Callable[[Picture], int] | None = None,
    without: Path | None = None,
) -> Iterator[Picture]:
    """Find the pictures that sources name.

    Args:
        sources: Files, folders, patterns such as "scans/**/*.tif", tar archives and
            Parquet files (also those in folders, except results of reading).
        count_pages: Counts the pages of a PDF, which are then separate pictures; 0 if
            it cannot: then the PDF is one picture.
        without: A folder to skip, such as that of the output.

    Yields:
        Pictures; a broken archive or table is one too, with its problem. Pictures that
        mnistry has annotated are skipped unless they are named.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     for name in ("b.png", "a.jpg", "notes.txt"):
        ...         Path(folder, name).touch()
        ...     [Path(picture.name).name for picture in find([folder, "c.png"])]
        ['a.jpg', 'b.png', 'c.png']
    """
    sources = [os.fspath(source) for source in sources]
    are_named = frozenset(sources)
    for path, size in _files(sources, without):
        if path not in are_named and is_annotated(Path(path)):
            continue
        for facts in _inside(path, size):
            picture = _as_text(Picture(**facts))
            last = count_pages(picture) if count_pages and is_pdf(picture) else 0
            if last:
                for page in range(1, last + 1):
                    yield picture._replace(page=page, size=picture.size // last)
            else:
                yield picture


def expect_pictures(sources: Iterable[Name], *, without: Path | None = None) -> None:
    """Check that each source exists, and each folder and pattern has pictures.

    Args:
        sources: As for `find`.
        without: As for `find`.

    Raises:
        UsageError: A source does not exist, or has no picture.
    """
    left_out = without.resolve() if without else None
    for source in (os.fspath(source) for source in sources):
        path = named(source)
        if path.is_dir():
            wrong = path.resolve() != left_out
            wrong = wrong and next(_walk(source, left_out), None) is None
            problem = "has no picture, archive or table"
        elif path.exists():
            wrong = tables.is_table(source) and tables.is_shard(source)
            problem = "has only results of reading, no pictures"
        elif is_pattern(source):
            found = [one for one in matches(source) if one != source]
            wrong = all(map(_is_passed_over, found))
            problem = "is a pattern that matches no pictures"
        else:
            wrong, problem = True, "is not there"
        if wrong:
            message = (
                f"{as_text(source)} {problem}; expected files, folders or patterns such"
                " as 'scans/**/*.jpg'. Is it misspelt? Nothing was read."
            )
            raise UsageError(message)


def is_pdf(picture: Picture) -> bool:
    """Return whether a picture is a PDF, by its name.

    Args:
        picture: The picture.

    Example:
        >>> is_pdf(Picture("letters/7.PDF"))
        True
    """
    return picture.name.lower().endswith(".pdf")


def survey(sources: Iterable[Name], *, without: Path | None = None) -> Survey:
    """Collect the sizes of sources, and the columns of their tables.

    Args:
        sources: As for `find`.
        without: As for `find`.

    Raises:
        UsageError: Two tables have a column of the same name but different types, or a
            column has the name of one of ours.
    """
    found: dict[str, Any] = {}
    total = 0
    for path, size in _files(sources, without):
        total += size
        for name, kind in tables.user_columns(path) if tables.is_table(path) else ():
            if found.setdefault(name, kind) != kind:
                message = (
                    f"{path}: column {name} is {kind}, but {found[name]} in another"
                    " table; expected one type. Read the tables one by one."
                )
                raise UsageError(message)
    columns = pa.schema(list(found.items()))
    output_schema(pa.schema([("path", pa.string()), *columns]))
    return Survey(columns, total)


def _as_text(picture: Picture) -> Picture:
    """Make name and problem valid text, whatever bytes a file name has."""
    problem = picture.problem and as_text(picture.problem)
    return picture._replace(name=as_text(picture.name), problem=problem)


def to_batch(pictures: Iterable[Picture], columns: Any) -> Any:
    """Convert pictures to the record batch that `read_batch` takes.

    Args:
        pictures: Some.
        columns: A `pyarrow.Schema` of the user's columns; null where there is none.
    """
    rows = [
        picture._asdict()
        | {"path": None if picture.path is None else os.fsencode(picture.path)}
        | dict(picture.columns)
        for picture in pictures
    ]
    fields = [pa.field(name, kind) for name, kind in INPUT_TYPES.items()]
    return pa.RecordBatch.from_pylist(rows, pa.schema([*fields, *columns]))


def _files(sources: Iterable[Name], without: Path | None) -> Iterator[tuple[str, int]]:
    """Yield the files that sources name, with their sizes."""
    left_out = without.resolve() if without else None
    for source in (os.fspath(source) for source in sources):
        if is_pattern(source):
            names = matches(source)
            paths = [path for path in names if not _is_passed_over(path)] or [source]
            yield from ((path, _size(path)) for path in paths)
        elif named(source).is_dir():
            found = _walk(source, left_out)
            is_out = left_out is not None and named(source).resolve() == left_out
            yield from found if is_out else _or_itself(found, source)
        else:
            yield source, _size(source)


def _or_itself(
    found: Iterator[tuple[str, int]], source: str
) -> Iterator[tuple[str, int]]:
    """Yield what was found; if nothing, the source: reading says what is wrong."""
    first = next(found, None)
    yield first or (source, 0)
    yield from found


def _walk(folder: str, left_out: Path | None) -> Iterator[tuple[str, int]]:
    """Yield pictures, archives and tables below a folder, without following links."""
    try:
        with os.scandir(folder) as inside:
            entries = sorted(inside, key=lambda entry: entry.name)
    except OSError:
        yield folder, 0
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            if _is_wanted(entry.name) and not _is_passed_over(entry.path):
                yield entry.path, _size(entry.path)
        elif left_out is None or Path(entry.path).resolve() != left_out:
            yield from _walk(entry.path, left_out)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0  # reading says what is wrong


def _is_wanted(name: str) -> bool:
    return is_picture_name(name) or archives.is_archive(name) or tables.is_table(name)


def _is_passed_over(path: str) -> bool:
    """Return whether a path is a folder, or a table of results."""
    return Path(path).is_dir() or (tables.is_table(path) and tables.is_shard(path))


def _inside(path: str, size: int) -> Iterator[Mapping[str, Any]]:
    """Yield what is known of the pictures in a file: members, rows, or the file."""
    if archives.is_archive(path):
        yield from archives.members(path, size)
    elif tables.is_table(path):
        yield from tables.rows(path, size)
    else:
        yield {"name": path, "path": path, "size": size}
