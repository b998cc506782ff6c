"""The entry point of the package: `read`, from any picture to a `Reading`."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from mnistry.errors import UsageError
from mnistry.predictions import Predictor
from mnistry.scan.page.load import Loaded, Source, load_pictures
from mnistry.scan.page.page import StepObserver
from mnistry.scan.pattern import Pattern, any_digits, parse_pattern
from mnistry.scan.read_lines import read_lines
from mnistry.scan.read_single import read_single
from mnistry.scan.recognize.line import CtcReader, LineReader, SegmentationReader
from mnistry.scan.results import Reading, ReadLine

TEN = "0123456789"


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
            or (rows, columns, 3 or 4); a PDF and a TIFF may have several pages.
        single: Exactly one digit is in it.
        pattern: What each line must match, such as "[0-9]{6}" or
            "[0-9]{5}(-[0-9]{4})?"; what is no digit in it goes into the text.
        allowed: Digits that may occur at all.
        model: Classifies single digits in place of the packaged nets; lines are then
            over-segmented.
        watch: Called with the name of each step and its picture.

    Returns:
        The lines in reading order; none if there is no digit. Without a pattern `text`
        is digits only, `signed_text` has the signs between them too.

    Raises:
        FormatError: No picture, broken, empty, animated, or too large.
        ShapeError: An array of another shape or dtype.
        UsageError: A pattern or allowed digits that cannot be, or a model that cannot.
        OSError: The file cannot be opened.

    Example:
        >>> import mnistry
        >>> from mnistry.synth.drawn import draw
        >>> from mnistry.synth.documents.scenes import Alphabet, make_string
        >>> scene = make_string(Alphabet(*draw(200)), "2468", seed=3)
        >>> mnistry.read(scene.picture).text
        '2468'
    """
    grammar = to_pattern(pattern, allowed)
    reader: LineReader = CtcReader(grammar, watch)
    if model is not None:
        reader = SegmentationReader(grammar, watch, model)
    read_page: Callable[[Loaded], Iterable[ReadLine]] = partial(
        read_lines, reader=reader
    )
    if single:
        read_page = partial(read_single, pattern=grammar, model=model, observer=watch)
    pages = enumerate(load_pictures(source), 1)
    found = [replace(line, page=n) for n, page in pages for line in read_page(page)]
    return Reading(tuple(found))


def to_pattern(pattern: str | None, allowed: str = TEN) -> Pattern:
    """Make of the settings of `read` what its lines must match.

    Args:
        pattern: As `read` takes it.
        allowed: Likewise.

    Raises:
        UsageError: A pattern or allowed digits that cannot be, or both of them.
    """
    if pattern is not None and allowed != TEN:
        message = (
            "pattern and allowed were both given; write the digits into the pattern."
        )
        raise UsageError(message)
    return any_digits(allowed) if pattern is None else parse_pattern(pattern)
