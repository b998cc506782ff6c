"""Read one line of a page: its digits, and the signs between them.

A stroke may be a digit or a sign: the line is read both ways, and the more confident
reading is kept. If both give the same digits, the stroke is a sign.
"""

import numpy as np

from mnistry.scan.page.boxes.cells import count_written
from mnistry.scan.page.contrast import with_own_contrast
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.pattern import MOST_REPEATS, Pattern
from mnistry.scan.pattern.evidence import total_cost
from mnistry.scan.recognize.line_reader import LineDigits, LineReader
from mnistry.scan.recognize.signs import separate
from mnistry.scan.recognize.signs.dates import find_slashes, is_dated, may_be_date
from mnistry.scan.recognize.unread import with_unread_dollar, with_unread_ones

SURE = 0.9  # confidence from which only more signs are looked for, no other digits

SignedDigits = tuple[LineDigits, tuple[separate.Sign, ...]]
"""Digits of a line, and its signs."""

_Attempt = tuple[LineDigits, separate.Separated]
"""Digits of a line, and what was taken for signs when they were read."""


def read_line(
    page: Page,
    line: Line,
    ends: tuple[float, float],
    reader: LineReader,
) -> SignedDigits | None:
    """Read the digits and the signs of a line.

    Args:
        page: Ready for reading.
        line: With its band and its components.
        ends: First column of the line, and the one after its last.
        reader: With what the line must match.

    Returns:
        None if there are no digits, or none that match.
    """
    page = with_own_contrast(page, line, ends)
    count = count_written(page.cells, page.mask, line.box)
    if 0 < count <= MOST_REPEATS and reader.pattern.is_free:
        return _read_counted(page, line, ends, reader.counting(count))
    best = _read_best(page, line, ends, reader)
    if best and _is_date(best[0], best[1].signs, page, reader.pattern):
        as_date = _as_date(best, page, line, ends, reader)
        best = as_date or (best[0].less_sure(), best[1])
    if best and reader.pattern.is_free:
        found, (clean, without, signs, _) = best
        found = with_unread_ones(found, clean, without)
        return found, with_unread_dollar(signs, page, line, found.boxes)
    return best and (best[0], best[1].signs)


def _read_best(
    page: Page,
    line: Line,
    ends: tuple[float, float],
    reader: LineReader,
) -> _Attempt | None:
    """Read a line with its strokes as digits and as signs; keep what fits best."""
    best: _Attempt | None = None
    highest = -np.inf
    is_free = reader.pattern.is_free
    for separated in separate.separations(page, line, ends, reader.pattern):
        if best and separated.share < best[0].confidence:
            continue  # it cannot be more confident
        is_sure = is_free and best is not None and best[0].confidence >= SURE
        if best and is_sure and (settled := _settled(best, separated)):
            best = settled
            break
        digits = reader.read_line(separated.page, separated.line, ends)
        if digits and is_free:
            before = (best[1], best[0].confidence) if best else None
            confidence = separate.joint_confidence(separated, digits.confidence, before)
            digits = digits._replace(confidence=confidence)
        if digits and best and is_free and digits.digits == best[0].digits:
            # the same with the sign's ink and without it: then it is a sign
            highest = max(digits.confidence, best[0].confidence)
            best = digits._replace(confidence=highest), separated
        elif digits and not is_sure:
            score = _score(digits, separated.signs, reader.pattern)
            if score > highest:
                best, highest = (digits, separated), score
        if is_sure:
            break  # no other digits are more confident
    return best


def _settled(found: _Attempt, other: separate.Separated) -> _Attempt | None:
    """Return how signs change a confident reading, if known without the nets."""
    digits, separated = found
    if separate.stand_apart(other.signs, digits.boxes):
        return digits, other
    if separate.may_be_percent(other.signs, digits.boxes):
        return digits.less_sure(), separated
    return None


def _is_date(
    found: LineDigits,
    signs: tuple[separate.Sign, ...],
    page: Page,
    pattern: Pattern,
) -> bool:
    """Return whether a number may be a date, by its slashes or its points."""
    if pattern.is_free:
        slashes = [sign.box for sign in signs if sign.text == "/"]
        return may_be_date(found.digits, found.boxes, slashes, page)
    is_plain = not pattern.separators
    return is_plain and is_dated(separate.find_gaps(found.boxes, signs))


def _as_date(
    number: _Attempt,
    page: Page,
    line: Line,
    ends: tuple[float, float],
    reader: LineReader,
) -> _Attempt | None:
    """Read a number as a date, if two of its ones are rather slashes."""
    if not reader.pattern.is_free:
        return None
    digits, separated = number
    known = [sign.box for sign in separated.signs if sign.text == "/"]
    ones, share = find_slashes(digits.digits, digits.boxes, known, page)
    if not ones:
        return None
    parts = separate.with_slashes(page, line, ends, [*ones, *known])
    found = parts and reader.read_line(parts.page, parts.line, ends)
    if not (parts and found) or len(found.digits) != len(digits.digits) - len(ones):
        return None
    return found._replace(confidence=share * found.confidence), parts


def _read_counted(
    page: Page,
    line: Line,
    ends: tuple[float, float],
    counting: LineReader,
) -> SignedDigits | None:
    """Read a line in boxes: as many digits as boxes that are not empty."""
    found = counting.read_line(page, line, ends)
    return found and (found._replace(free_confidence=found.confidence), ())


def _score(
    found: LineDigits, signs: tuple[separate.Sign, ...], pattern: Pattern
) -> float:
    """Score a reading: its confidence, and whether its signs fit the pattern."""
    if pattern.is_free:
        return found.confidence
    gaps = separate.find_gaps(found.boxes, signs)
    text = pattern.put_in_form("".join(map(str, found.digits)), gaps)
    return float(np.log(max(found.confidence, 1e-9))) - total_cost(text, gaps)
