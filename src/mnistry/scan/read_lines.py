"""Read all lines of a picture: each of its pages, line by line, by a line reader."""

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.lines import Line, ends_of
from mnistry.scan.page.load import Loaded
from mnistry.scan.page.page import Page, prepare, to_source
from mnistry.scan.pattern import Pattern
from mnistry.scan.pattern.evidence import total_cost
from mnistry.scan.reasons import reason_of, why_no_digits
from mnistry.scan.recognize.line import LineDigits, LineReader
from mnistry.scan.recognize.separate import Sign, find_gaps, separations
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine, ReadSign

PRUNING_THRESHOLD = -1.5  # log posterior, for each digit, below which a line is pruned
# of a line on a page: letters and most stamps are less like digits; of 240 codes on
# generated pages none of the 203 read rightly fell below 0.38, but a line of which only
# a part is right falls lower, and is still wanted
MIN_CONFIDENCE = 0.1


def read_lines(loaded: Loaded, reader: LineReader) -> tuple[list[ReadLine], str]:
    """Read all lines of a picture, in reading order.

    Args:
        loaded: The picture.
        reader: Of its lines.

    Returns:
        The lines, and why there are none.
    """
    pages = prepare(loaded, reader.observer)
    lines = _read_pages(pages, reader)
    if lines:
        return lines, ""
    if not reader.pattern.is_free and (free := _read_pages(pages, reader.freely())):
        return [], reason_of("no-match", "\n".join(line.text for line in free))
    return [], why_no_digits(loaded.pixels, pages)


def _read_pages(pages: list[Page], reader: LineReader) -> list[ReadLine]:
    found = [line for page in pages for line in _read_page(page, reader) if line.text]
    return sorted(found, key=lambda line: (line.box.top, line.box.left))


def _read_page(page: Page, reader: LineReader) -> list[ReadLine]:
    if page.only_line is not None:
        return _read_only_line(page, page.only_line, reader)
    several, whole = _read_several(page, reader), page.whole_line
    if whole is None:
        return several
    alone = _read_only_line(page, whole, reader)
    best = max((line.confidence for line in several), default=MIN_CONFIDENCE)
    return alone if alone and alone[0].confidence > best else several


def _read_several(page: Page, reader: LineReader) -> list[ReadLine]:
    """Read the lines of a page; letters and drawings are left out."""
    lines = []
    for line in page.found:
        ends = ends_of(line, page.mask.shape[1])
        found = _read_line(page, line, ends, reader, PRUNING_THRESHOLD)
        if found and found[0].free_confidence >= MIN_CONFIDENCE:
            lines.append(_to_read_line(*found, reader.pattern, page))
    return lines


def _read_only_line(page: Page, line: Line, reader: LineReader) -> list[ReadLine]:
    """Read the only line of a picture: nothing beside it is left out."""
    ends = 0.0, float(page.mask.shape[1])
    found = _read_line(page, line, ends, reader)
    return [_to_read_line(*found, reader.pattern, page)] if found else []


def _read_line(
    page: Page,
    line: Line,
    ends: tuple[float, float],
    reader: LineReader,
    pruning_threshold: float = -np.inf,
) -> tuple[LineDigits, tuple[Sign, ...]] | None:
    """Read the digits of a line, its signs taken out in the way that fits best."""
    best: tuple[LineDigits, tuple[Sign, ...]] | None = None
    highest = -np.inf
    for separated in separations(page, line, ends, reader.pattern):
        digits = reader.read_line(
            separated.page, separated.line, ends, pruning_threshold=pruning_threshold
        )
        if digits:
            score = _score(digits, separated.signs, reader.pattern)
            if score > highest:
                best, highest = (digits, separated.signs), score
    return best


def _score(found: LineDigits, signs: tuple[Sign, ...], pattern: Pattern) -> float:
    """Weigh what was read, and whether signs stand where the pattern writes them."""
    gaps = find_gaps(found.boxes, signs)
    text = pattern.put_in_form("".join(map(str, found.digits)), gaps)
    unexplained = 0.0 if pattern.is_free else total_cost(text, gaps)
    return float(np.log(max(found.confidence, 1e-9))) - unexplained


def _to_read_line(
    found: LineDigits, signs: tuple[Sign, ...], pattern: Pattern, page: Page
) -> ReadLine:
    """Turn what a line reader gives into a result; non-digits are rejected."""
    free = pattern.is_free
    boxes = [to_source(box, page.back) for box in found.boxes]
    digits = []
    for value, box, probabilities, non_digit in zip(
        found.digits, boxes, found.probabilities, found.non_digit, strict=True
    ):
        order = np.argsort(-probabilities).tolist()
        others = [digit for digit in order if digit != value][:3]
        alternatives = tuple((digit, float(probabilities[digit])) for digit in others)
        confidence = float(probabilities[value])
        rejected = bool(free and non_digit > REJECTED and confidence < 0.5)
        digits.append(ReadDigit(value, confidence, box, alternatives, rejected))
    text = "".join(str(digit.value) for digit in digits if not digit.rejected)
    if not free:
        text = pattern.put_in_form(text, find_gaps(found.boxes, signs))
    sides = np.array([digit.box for digit in digits])
    low, high = sides.min(axis=0).tolist(), sides.max(axis=0).tolist()
    box = Box(low[0], low[1], high[2], high[3])
    seen = tuple(ReadSign(sign.text, to_source(sign.box, page.back)) for sign in signs)
    return ReadLine(text, found.confidence, tuple(digits), box, signs=seen)
