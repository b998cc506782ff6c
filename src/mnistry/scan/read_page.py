"""Read the lines of one page; letters, stamps and drawings are left out.

Where ink can be read in several ways, with boxes or without, as one number or several,
the most confident reading is kept. Being the best of several makes a reading no more
likely: its confidence falls with the confidence of readings that differ (`rivals`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.in_boxes import rate_in_boxes
from mnistry.scan.numbered_lists import ReadRow, split_numbered
from mnistry.scan.page.boxes.cells import count_written
from mnistry.scan.page.layout.lines import Line, ends_of
from mnistry.scan.page.layout.parts import (
    EVERYWHERE,
    Span,
    between_words,
    ends_apart,
    is_beside_words,
)
from mnistry.scan.page.layout.printed import is_print
from mnistry.scan.page.page import Page
from mnistry.scan.page.picture.transform import to_source
from mnistry.scan.pattern import Pattern
from mnistry.scan.read_line import SignedDigits, read_line
from mnistry.scan.recognize.confidence import alternatives
from mnistry.scan.recognize.line_reader import LineDigits, LineReader
from mnistry.scan.recognize.signs import separate
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine, ReadSign
from mnistry.scan.rivals import (
    LOWER,
    RatedLine,
    as_parts,
    less_sure,
    surer_of_both,
)

# least confidence of a line on a page; letters and most stamps have less. Of 240 codes
# on generated pages the 203 that were read correctly had 0.38 or more, but a line that
# is only partly right has less and is still wanted
MIN_CONFIDENCE = 0.1
AMONG_LETTERS = 0.6  # the same for a line as tall as many lines of letters
ALONE_AMONG_LETTERS = 0.9  # the same for a single digit there: an o looks like a 0
# the same for a number of two digits or more in a row with words; 0.3 gave the same
# readings on 16 generated cheques, 0.2 on five letters
BESIDE_WORDS = 0.5
# probability of being no number, from which the rest of a row is a word: 20 words read
# alone had more than 0.55, 12 parts of telephone numbers no more than 0.5
WORD = 0.55
LIKELIER = 1.5  # times as likely as the whole row being one number with spaces
SURE = 0.9  # if all lines are so confident, boxes are not looked for


class _Number(NamedTuple):
    """A line of a page that may be a number.

    Attributes:
        line: What was read.
        free_confidence: How likely it is right, whether or not it matches.
        height: Of a digit.
        row_confidence: The same for the whole row, if words split it. A line is rated
            by the smaller of both: of 26 generated cheques 20 have their amounts read,
            18 if it is rated by its own.
    """

    line: ReadLine
    free_confidence: float
    height: float
    row_confidence: float = 1.0


def read_page(page: Page, reader: LineReader) -> list[RatedLine]:
    """Read a page; without its boxes too, if rules are on it or its lines unsure."""
    found = _read_as_it_is(page, reader)
    is_sure = bool(found) and min(line.confidence for line, _ in found) >= SURE
    if is_sure and np.array_equal(page.inked, page.mask):
        return found
    cleaned = page.without_boxes()
    if cleaned is None or (is_sure and _fill_boxes(found, cleaned)):
        return found
    framed = [to_source(frame, cleaned.back) for frame in cleaned.frames]
    cells = [to_source(cell, cleaned.back) for row in cleaned.cells for cell in row]
    both = found, _read_as_it_is(cleaned, reader)
    if reader.pattern.is_free:
        both = _rated_in_boxes(both[0], cleaned), _rated_in_boxes(both[1], cleaned)
    return surer_of_both(*both, framed, cells)


def _rated_in_boxes(found: list[RatedLine], cleaned: Page) -> list[RatedLine]:
    """Lower the confidence of lines whose digits are not those of their boxes."""
    shares = rate_in_boxes([line for line, _ in found], cleaned)
    return [of.times(share) for of, share in zip(found, shares, strict=True)]


def _fill_boxes(found: list[RatedLine], cleaned: Page) -> bool:
    """Return whether each row of boxes is one line, a digit for each written one."""
    for row in filter(None, cleaned.cells):
        around = Box.around(row)
        there = to_source(around, cleaned.back)
        written = count_written([row], cleaned.mask, around)
        if not any(
            len(line.digits) == written and there.is_at(line.box) for line, _ in found
        ):
            return False
    return True


def _read_as_it_is(page: Page, reader: LineReader) -> list[RatedLine]:
    """Read the lines of a page; if the page is low, all of it as one line too."""
    only = page.only_line
    if only is not None:
        return _read_only_line(page, only, reader)
    several, whole = _read_several(page, reader.pruning()), page.whole_line
    if whole is None:
        return several
    several, alone = as_parts(several), _read_only_line(page, whole, reader)
    best = max((line.confidence for line, _ in several), default=MIN_CONFIDENCE)
    is_one = bool(alone) and alone[0].line.confidence > best
    kept, rest = (alone, several) if is_one else (several, alone)
    rivals = [line for line, _ in rest]
    return [less_sure(rated, rivals) for rated in kept]


def _read_several(page: Page, reader: LineReader) -> list[RatedLine]:
    """Read the lines of a page; letters and drawings are left out."""
    found: list[_Number] = []
    letters: list[float] = []
    for line, whole in _read_lines(page, reader):
        parts = _read_parts(page, line, whole, reader)
        confidence = whole[0].free_confidence if whole else 0.0
        if whole and not parts and confidence >= MIN_CONFIDENCE:
            read = _to_read_line(*whole, reader.pattern, page)
            found.append(_Number(read, confidence, line.height))
        else:
            letters.append(line.height)
        found += parts
    tallest = max((number.height for number in found), default=0.0)
    heights = [(number.height, number.free_confidence) for number in found]
    kept = []
    for read, confidence, height, row_confidence in found:
        is_alone, in_print = len(read.digits) == 1, is_print(height, heights, letters)
        least = ALONE_AMONG_LETTERS if is_alone else AMONG_LETTERS
        if in_print and confidence < least:
            continue
        is_doubtful = is_alone or (in_print and not reader.pattern.is_free)
        rated = RatedLine(read, min(confidence, row_confidence))
        share = height / tallest
        # a single digit so low may be a tick; the number that a pattern asks for is
        # rather written larger than the page's print
        kept.append(rated.times(share) if is_doubtful and share < LOWER else rated)
    return kept


def _read_lines(
    page: Page, reader: LineReader
) -> list[tuple[Line, SignedDigits | None]]:
    """Read the lines of a page; the numbers of a list are lines of their own."""

    def read(line: Line) -> SignedDigits | None:
        ends = ends_of(line, page.mask.shape[1])
        return read_line(page, line, ends, reader)

    wholes = [read(line) for line in page.lines]
    if not reader.pattern.is_free:
        return list(zip(page.lines, wholes, strict=True))
    rows = [
        ReadRow(line, *((whole[0].digits, whole[0].boxes) if whole else ((), ())))
        for line, whole in zip(page.lines, wholes, strict=True)
    ]
    return [
        (line, whole if line is row.line else read(line))
        for row, whole, lines in zip(rows, wholes, split_numbered(rows), strict=True)
        for line in lines
    ]


def _read_parts(
    page: Page, line: Line, whole: SignedDigits | None, reader: LineReader
) -> list[_Number]:
    """Read the numbers in a row that has words, too."""
    confidence = whole[0].free_confidence if whole else 0.0
    # below the least confidence, what was read as digits are words
    boxes = whole[0].boxes if whole and confidence >= MIN_CONFIDENCE else ()
    parts: list[tuple[Line, Span]] = []
    ends = []
    if confidence < BESIDE_WORDS:
        ends = ends_apart(line, page.soft)
        beside = [end for end in ends if is_beside_words(end, line, boxes)]
        parts = [(end, EVERYWHERE) for end in beside]
    read = _read_each(page, parts, reader)
    if whole and not parts and confidence < BESIDE_WORDS and reader.pattern.is_free:
        read = _read_beside_word(page, line, ends, confidence, reader)
    if read or not reader.pattern.is_free:
        return read
    apart = _read_each(page, between_words(line, boxes, page.soft), reader)
    return [number._replace(row_confidence=confidence) for number in apart]


def _read_beside_word(
    page: Page, line: Line, ends: Sequence[Line], as_one: float, reader: LineReader
) -> list[_Number]:
    """Read the number beside a word that was read as digits, such as No as 10.

    Its confidence is the probability that it is right and the rest is no number.

    Args:
        page: Ready for reading.
        line: With a word and a number.
        ends: What stands apart at its ends.
        as_one: Confidence of the line as one number.
        reader: Without a pattern.
    """
    for end in ends:
        for number in _read_each(page, [(end, EVERYWHERE)], reader):
            some = [part for part in line.components if part not in end.components]
            rest = line._replace(components=tuple(some))
            edges = ends_of(rest, page.mask.shape[1])
            other = read_line(page, rest, edges, reader)
            likely = 1 - (other[0].free_confidence if other else 0.0)
            confidence = likely * number.free_confidence
            is_sure = number.free_confidence >= SURE and likely >= WORD
            if is_sure and confidence > LIKELIER * as_one:
                read = replace(number.line, confidence=confidence)
                return [number._replace(line=read, free_confidence=confidence)]
    return []


def _read_each(
    page: Page, parts: Sequence[tuple[Line, Span]], reader: LineReader
) -> list[_Number]:
    """Read parts of a row, each within its columns; what is no number is left out."""
    found = []
    for part, (before, after) in parts:
        left, right = ends_of(part, page.mask.shape[1])
        ends = max(before, left), min(after, right)
        one = read_line(page, part, ends, reader)
        if one and one[0].free_confidence >= BESIDE_WORDS and len(one[0].digits) > 1:
            read = _to_read_line(*one, reader.pattern, page)
            found.append(_Number(read, one[0].free_confidence, part.height))
    return found


def _read_only_line(page: Page, line: Line, reader: LineReader) -> list[RatedLine]:
    """Read the only line of a picture, however low its confidence is."""
    found = read_line(page, line, _ends_of_only(page, line), reader)
    if not found:
        return []
    read = _to_read_line(*found, reader.pattern, page)
    return [RatedLine(read, found[0].free_confidence)]


def _ends_of_only(page: Page, line: Line) -> tuple[float, float]:
    """Return the columns of the only line: all, or those of the boxes it was in."""
    fields = [*page.frames, *map(Box.around, filter(None, page.cells))]
    around = [of for of in fields if of.is_at(line.box)]
    if not around:
        return 0.0, float(page.mask.shape[1])
    left, _, right, _ = Box.around([line.box, *around])
    return float(left), float(right)


def _to_read_line(
    found: LineDigits, signs: tuple[separate.Sign, ...], pattern: Pattern, page: Page
) -> ReadLine:
    """Turn what a line reader gives into a result, non-digits rejected."""
    free = pattern.is_free
    boxes = [to_source(box, page.back) for box in found.boxes]
    digits = []
    for value, box, probabilities, non_digit in zip(
        found.digits,
        boxes,
        found.probabilities,
        found.non_digit.tolist(),
        strict=True,
    ):
        confidence = float(probabilities[value])
        rejected = free and non_digit > REJECTED and confidence < 0.5
        others = alternatives(probabilities, value)
        digits.append(ReadDigit(value, confidence, box, others, rejected))
    text = "".join(str(digit.value) for digit in digits if not digit.rejected)
    if not free:
        text = pattern.put_in_form(text, separate.find_gaps(found.boxes, signs))
    seen = tuple(ReadSign(sign.text, to_source(sign.box, page.back)) for sign in signs)
    around = Box.around(boxes)
    return ReadLine(text, found.confidence, tuple(digits), around, signs=seen)
