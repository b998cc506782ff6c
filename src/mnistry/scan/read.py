"""The entry points of the package: `read`, from any picture or folder to a `Reading`.

`read_each` reads many sources, and a broken one does not stop the next.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mnistry.errors import FormatError, MnistryError, UsageError
from mnistry.predictions import Predictor
from mnistry.scan.folders import find_pictures, is_pattern, matches, named
from mnistry.scan.page.page import StepObserver
from mnistry.scan.page.picture.load import Loaded, Source, load_pictures
from mnistry.scan.pattern import Pattern, any_digits, parse_pattern
from mnistry.scan.read_picture import read_only_digit, read_picture
from mnistry.scan.reasons import broken
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.scan.results import Reading, ReadLine, ReadPage

TEN = "0123456789"

PageReader = Callable[[Loaded], tuple[list[ReadLine], str]]
"""Gives the lines of a page, and why it has no digits."""


def read(
    source: Source,
    *,
    single: bool = False,
    pattern: str | None = None,
    allowed: str = TEN,
    model: Predictor | None = None,
    watch: StepObserver | None = None,
) -> Reading:
    r"""Read the digits in a picture.

    Args:
        source: A path, bytes, an open file, a Pillow image, or an array (rows, columns)
            or (rows, columns, 3 or 4); a PDF and a TIFF may have several pages. Of a
            folder all pictures in it are read, and all that a pattern matches, such as
            ``"scans/*.png"``; `Reading.by_file` parts them again.
        single: Exactly one digit is in it.
        pattern: What each line must match, such as "[0-9]{6}" or
            "[0-9]{5}(-[0-9]{4})?"; what is no digit in it goes into the text.
        allowed: Digits that may occur at all.
        model: Classifies the digits in place of the packaged nets, which still find
            them; where the two disagree the confidence is low.
        watch: Called with the name of each step and its picture.

    Returns:
        The lines in reading order; none if there is no digit (with `single` one without
        text), and `reason` says why.
        Without a pattern `text` is digits only, `signed_text` has the signs too.

    Raises:
        FormatError: No picture, broken, empty, animated, or too large; a folder without
            pictures. A broken picture in a folder is a page with its reason.
        ShapeError: An array of another shape or dtype.
        UsageError: A pattern or allowed digits that cannot be, a model that cannot, or
            an empty name.
        NotThereError: There is no such file or folder.
        OSError: The file cannot be opened.

    Example:
        >>> import mnistry
        >>> from mnistry.synth.drawn import draw
        >>> from mnistry.synth.documents.scenes import Alphabet, make_string
        >>> scene = make_string(Alphabet(*draw(200)), "2468", seed=3)
        >>> mnistry.read(scene.picture).text
        '2468'
    """
    grammar = to_pattern(pattern, allowed, single=single)
    reader = LineReader(grammar, watch, model)
    read_page: PageReader = partial(
        read_only_digit if single else read_picture, reader=reader
    )
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if named(source).is_dir() or is_pattern(name):
            return _read_several(name, read_page)
    return _read_pages(source, read_page)


def to_pattern(
    pattern: str | None, allowed: str = TEN, *, single: bool = False
) -> Pattern:
    """Make of the settings of `read` what its lines must match.

    Args:
        pattern: As `read` takes it.
        allowed: Likewise.
        single: Likewise.

    Raises:
        UsageError: A pattern or allowed digits that cannot be, or both of them; a
            pattern that no single digit matches, with `single`.
    """
    for name, value in {"pattern": pattern, "allowed": allowed}.items():
        if not isinstance(value, str | None):
            message = (
                f"{name} is {type(value).__name__}; expected text, such as '[0-9]{{6}}'"
                " for pattern, '0123' for allowed."
            )
            raise UsageError(message)
    if pattern is not None and allowed != TEN:
        message = (
            "pattern and allowed were both given; write the digits into the pattern."
        )
        raise UsageError(message)
    grammar = any_digits(allowed) if pattern is None else parse_pattern(pattern)
    if single and not any(grammar.accepts([digit]) for digit in range(10)):
        message = (
            f"no single digit matches the pattern {pattern!r}, but with single exactly"
            " one is read. Leave out single, or write a pattern for one digit, such as"
            " '[1-6]'."
        )
        raise UsageError(message)
    return grammar


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
        yield name, _or_error(partial(read, source, **settings), name)


def _read_several(source: str, read_page: PageReader) -> Reading:
    """Read all pictures of a folder or a pattern, as pages of one source."""
    lines: list[ReadLine] = []
    pages: list[ReadPage] = []
    for path in find_pictures(matches(source)):
        name = str(path)
        found = _or_error(partial(_read_pages, path, read_page), name)
        if isinstance(found, MnistryError):
            if path == Path(source) or isinstance(found, UsageError):
                raise found  # there is no picture, or none could be read so
            pages.append(ReadPage(reason=broken(found), file=name))
            continue
        lines += [replace(line, file=name) for line in found.lines]
        pages += [replace(page, file=name) for page in found.pages]
    return Reading(tuple(lines), pages=tuple(pages))


def _read_pages(source: Source, read_page: PageReader) -> Reading:
    lines: list[ReadLine] = []
    pages: list[ReadPage] = []
    for number, loaded in enumerate(load_pictures(source), 1):
        found, reason = read_page(loaded)
        lines += [replace(line, page=number) for line in found]
        pages.append(ReadPage(number, reason))
    return Reading(tuple(lines), pages=tuple(pages))


def _or_error(reading: Callable[[], Reading], name: str) -> Reading | MnistryError:
    try:
        return reading()
    except MnistryError as error:
        return error
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror}. Check name and rights."
        return FormatError(message)
