"""Where pictures come from: files, folders, patterns, tar archives, Parquet, PDFs.

Pictures are found one after the other, in an order that is always the same, and no
list of them is held but the names in one folder, to sort them.
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
    """A picture that is to be read, or a page of one: what `read_batch` takes a row of.

    Attributes:
        name: What it is called.
        path: The file that it is, or is a part of.
        offset: Where it begins in that file.
        length: Bytes from there.
        content: Its bytes, where they cannot be found again by path.
        page: Of a PDF, from 1.
        problem: Why it cannot be read, where that is clear already.
        size: Bytes of its source that it stands for; progress is measured by them.
        columns: Those of the user, by name.
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
    """What is known of sources before they are read.

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
            Parquet files (also those in folders, but for what was read before).
        count_pages: Counts the pages of a PDF, which then are given one by one; 0 if
            it cannot count them, and it is given as a whole.
        without: A folder that is left out, such as that of the output.

    Yields:
        Pictures; what cannot be read as an archive or table is one too, with its
        problem. Those in which mnistry has drawn what it read are none, unless named.

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
    """Expect that each source is there, and each folder and pattern names something.

    Args:
        sources: As `find` takes them.
        without: As `find` takes it.

    Raises:
        UsageError: One is not there, or has no picture.
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
            problem = "has what was read before, and no pictures"
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
    """Tell a PDF by its name.

    Args:
        picture: What may be one.

    Example:
        >>> is_pdf(Picture("letters/7.PDF"))
        True
    """
    return picture.name.lower().endswith(".pdf")


def survey(sources: Iterable[Name], *, without: Path | None = None) -> Survey:
    """Look at the sizes of sources, and at the columns of their tables.

    Args:
        sources: As `find` takes them.
        without: As `find` takes it.

    Raises:
        UsageError: Two tables have a column of one name and two types, or one has the
            name of a column of ours.
    """
    found: dict[str, Any] = {}
    total = 0
    for path, size in _files(sources, without):
        total += size
        for name, kind in tables.user_columns(path) if tables.is_table(path) else ():
            if found.setdefault(name, kind) != kind:
                message = (
                    f"{path}: column {name} is {kind}, and {found[name]} in another"
                    " table; expected one type. Read the tables one by one."
                )
                raise UsageError(message)
    columns = pa.schema(list(found.items()))
    output_schema(pa.schema([("path", pa.string()), *columns]))
    return Survey(columns, total)


def _as_text(picture: Picture) -> Picture:
    """Make a name and a problem text that tables hold, whatever a file is called."""
    problem = picture.problem and as_text(picture.problem)
    return picture._replace(name=as_text(picture.name), problem=problem)


def to_batch(pictures: Iterable[Picture], columns: Any) -> Any:
    """Return pictures as the record batch that `read_batch` takes.

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
    """Tell folders, and tables of what was read, which may lie beside the pictures."""
    return Path(path).is_dir() or (tables.is_table(path) and tables.is_shard(path))


def _inside(path: str, size: int) -> Iterator[Mapping[str, Any]]:
    """Yield what is known of the pictures in a file: members, rows, or the file."""
    if archives.is_archive(path):
        yield from archives.members(path, size)
    elif tables.is_table(path):
        yield from tables.rows(path, size)
    else:
        yield {"name": path, "path": path, "size": size}
