"""The front door of the room: `read`, from any picture to a `Reading`."""

from dataclasses import replace

import numpy as np

from mnistry.box import Box
from mnistry.errors import UsageError
from mnistry.predictions import Predictor
from mnistry.scan.page.lines import Line, ends_of
from mnistry.scan.page.load import Loaded, Source, load_pictures
from mnistry.scan.page.page import Sheet, Watch, dark_on_light, prepare, to_source
from mnistry.scan.pattern import Pattern, any_digits, parse_pattern
from mnistry.scan.recognize import isolate
from mnistry.scan.recognize.digit import read_only
from mnistry.scan.recognize.line import Found, read_cuts, read_strip
from mnistry.scan.results import ReadDigit, Reading, ReadLine

HOPELESS = -1.5  # logarithm, for each digit: on a page such a line is given up early
# of a line on a page: letters and most stamps are less like digits; of 240 codes on
# generated pages none of the 203 read rightly fell below 0.38, but a line of which only
# a part is right falls lower, and is still wanted
LEAST_SURE = 0.1
REJECTED = 0.9  # share of junk from which a digit is none
TEN = "0123456789"


def read(
    source: Source,
    *,
    single: bool = False,
    pattern: str | None = None,
    allowed: str = TEN,
    model: Predictor | None = None,
    watch: Watch | None = None,
) -> Reading:
    r"""Read the digits in a picture.

    Args:
        source: A path, bytes, an open file, a Pillow image, or an array (rows, columns)
            or (rows, columns, 3 or 4); a PDF and a TIFF may have several pages.
        single: Exactly one digit is in it.
        pattern: What each line must match, such as "[0-9]{6}" or
            "[0-9]{5}(-[0-9]{4})?"; what is no digit in it goes into the text.
        allowed: Digits that may occur at all.
        model: Weighs single digits in place of the packaged nets; lines are then cut.
        watch: Called with each step's name and its picture.

    Returns:
        The lines in reading order; none if there is no digit.

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
    if pattern is not None and allowed != TEN:
        message = (
            "pattern and allowed were both given; write the digits into the pattern."
        )
        raise UsageError(message)
    wanted = any_digits(allowed) if pattern is None else parse_pattern(pattern)
    reader = _read_single if single else _read_lines
    found = [
        replace(line, page=page)
        for page, loaded in enumerate(load_pictures(source), 1)
        for line in reader(loaded, wanted, model, watch)
    ]
    return Reading(tuple(found))


def _read_lines(
    loaded: Loaded, wanted: Pattern, model: Predictor | None, watch: Watch | None
) -> list[ReadLine]:
    found = [
        line
        for sheet in prepare(loaded, watch)
        for line in _read_sheet(sheet, wanted, model, watch)
        if line.text
    ]
    return sorted(found, key=lambda line: (line.box.top, line.box.left))


def _read_sheet(
    sheet: Sheet, wanted: Pattern, model: Predictor | None, watch: Watch | None
) -> list[ReadLine]:
    only, whole = sheet.only_line, sheet.whole_line
    if only is not None:
        return _read_alone(sheet, only, wanted, model, watch)
    read_here = _read_several(sheet, wanted, model, watch)
    if whole is None:
        return read_here
    surest = max((line.confidence for line in read_here), default=LEAST_SURE)
    alone = _read_alone(sheet, whole, wanted, model, watch)
    return alone if alone and alone[0].confidence > surest else read_here


def _read_several(
    sheet: Sheet, wanted: Pattern, model: Predictor | None, watch: Watch | None
) -> list[ReadLine]:
    """Read the lines of a page; letters and drawings are left out."""
    read_here = []
    for line in sheet.found:
        ends = ends_of(line, sheet.mask.shape[1])
        if model is None:
            found = read_strip(sheet, line, ends, wanted, least=HOPELESS, watch=watch)
        else:
            found = read_cuts(sheet, line, wanted, model=model, watch=watch)
        if found and found.seen >= LEAST_SURE:
            read_here.append(_line_of(found, wanted, sheet))
    return read_here


def _read_alone(
    sheet: Sheet,
    line: Line,
    wanted: Pattern,
    model: Predictor | None,
    watch: Watch | None,
) -> list[ReadLine]:
    """Read the only line of a picture: nothing beside it is left out."""
    ends = 0.0, float(sheet.mask.shape[1])
    if model is None:
        found = read_strip(sheet, line, ends, wanted, watch=watch)
    else:
        found = read_cuts(sheet, line, wanted, model=model, watch=watch)
    return [_line_of(found, wanted, sheet)] if found else []


def _line_of(found: Found, wanted: Pattern, sheet: Sheet) -> ReadLine:
    """Turn what a reader found into plain values; what is junk is rejected."""
    free = wanted.is_free
    boxes = [to_source(box, sheet.back) for box in found.boxes]
    digits = []
    for value, box, shares, junk in zip(
        found.digits, boxes, found.shares, found.junk, strict=True
    ):
        others = [int(digit) for digit in np.argsort(-shares) if digit != value][:3]
        alternatives = tuple((digit, float(shares[digit])) for digit in others)
        rejected = bool(free and junk > REJECTED and shares[value] < 0.5)
        digits.append(
            ReadDigit(value, float(shares[value]), box, alternatives, rejected)
        )
    text = "".join(str(digit.value) for digit in digits if not digit.rejected)
    if not free:
        text = wanted.put_in_form(text)
    sides = np.array([digit.box for digit in digits])
    low, high = sides.min(axis=0).tolist(), sides.max(axis=0).tolist()
    return ReadLine(
        text, found.sure, tuple(digits), Box(low[0], low[1], high[2], high[3])
    )


def _read_single(
    loaded: Loaded, wanted: Pattern, model: Predictor | None, watch: Watch | None
) -> list[ReadLine]:
    picture = dark_on_light(loaded.pixels)
    work = isolate.work_size(picture)
    is_tiny = max(picture.shape[:2]) <= isolate.TINY
    only = read_only(work, model, is_tiny=is_tiny)
    if only is None:
        return []
    if watch:
        watch("1-picture", work)
        watch("2-light", 255 - isolate.darkness(work, is_tiny=is_tiny))
        watch("3-guesses", 255 - np.hstack([guess.soft for guess in only.guesses]))
        watch("4-digit", 255 - only.guess.soft)
        watch("5-image", 255 - only.guess.image)
    shares = only.shares * [wanted.accepts((digit,)) for digit in range(10)]
    shares *= 1 - only.junk
    order = [int(digit) for digit in np.argsort(-shares)]
    back = np.zeros((2, 3))
    back[0, 0] = picture.shape[1] / work.shape[1] / loaded.scale
    back[1, 1] = picture.shape[0] / work.shape[0] / loaded.scale
    digit = ReadDigit(
        order[0],
        float(shares[order[0]]),
        to_source(only.guess.box, back),
        tuple((other, float(shares[other])) for other in order[1:4]),
        only.junk > REJECTED,
    )
    return [ReadLine(str(digit.value), digit.confidence, (digit,), digit.box)]
