"""Read all lines of a picture: each of its pages, line by line, by a line reader."""

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.lines import Line, ends_of
from mnistry.scan.page.load import Loaded
from mnistry.scan.page.page import Page, prepare, to_source
from mnistry.scan.pattern import Pattern
from mnistry.scan.recognize.line import LineDigits, LineReader
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine

PRUNING_THRESHOLD = -1.5  # log posterior, for each digit, below which a line is pruned
# of a line on a page: letters and most stamps are less like digits; of 240 codes on
# generated pages none of the 203 read rightly fell below 0.38, but a line of which only
# a part is right falls lower, and is still wanted
MIN_CONFIDENCE = 0.1


def read_lines(loaded: Loaded, reader: LineReader) -> list[ReadLine]:
    """Read all lines of a picture, in reading order.

    Args:
        loaded: The picture.
        reader: Of its lines.
    """
    pages = prepare(loaded, reader.observer)
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
        digits = reader.read_line(page, line, ends, pruning_threshold=PRUNING_THRESHOLD)
        if digits and digits.free_confidence >= MIN_CONFIDENCE:
            lines.append(_to_read_line(digits, reader.pattern, page))
    return lines


def _read_only_line(page: Page, line: Line, reader: LineReader) -> list[ReadLine]:
    """Read the only line of a picture: nothing beside it is left out."""
    ends = 0.0, float(page.mask.shape[1])
    digits = reader.read_line(page, line, ends)
    return [_to_read_line(digits, reader.pattern, page)] if digits else []


def _to_read_line(found: LineDigits, pattern: Pattern, page: Page) -> ReadLine:
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
        text = pattern.put_in_form(text)
    sides = np.array([digit.box for digit in digits])
    low, high = sides.min(axis=0).tolist(), sides.max(axis=0).tolist()
    box = Box(low[0], low[1], high[2], high[3])
    return ReadLine(text, found.confidence, tuple(digits), box)
