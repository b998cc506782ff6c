"""Read the lines of one page by a line reader; what is no line of digits is left out.

Where a line may be read in several ways, with boxes or without, strokes as digits or as
signs, the surest counts. To be the best of several makes a reading no likelier, so it
is less sure the more the others are sure of something else.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mnistry.box import Box
from mnistry.scan.numbered import ReadRow, part_numbered
from mnistry.scan.page.letters import is_print
from mnistry.scan.page.lines import Line, ends_of
from mnistry.scan.page.page import Page
from mnistry.scan.page.parts import (
    EVERYWHERE,
    Span,
    between_words,
    ends_apart,
    is_beside_words,
)
from mnistry.scan.page.transform import to_source
from mnistry.scan.pattern import Pattern
from mnistry.scan.read_line import SignedDigits, read_line
from mnistry.scan.recognize import separate
from mnistry.scan.recognize.confidence import alternatives
from mnistry.scan.recognize.line import LineDigits, LineReader
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine, ReadSign
from mnistry.scan.rivals import (
    LOWER,
    RatedLine,
    as_parts,
    less_sure,
    surer_of_both,
)

PRUNING_THRESHOLD = -1.5  # log posterior, for each digit, below which a line is pruned
# of a line on a page: letters and most stamps are less like digits; of 240 codes on
# generated pages none of the 203 read rightly fell below 0.38, but a line of which only
# a part is right falls lower, and is still wanted
MIN_CONFIDENCE = 0.1
AMONG_LETTERS = 0.6  # the same, of a line as tall as many that are letters
ALONE_AMONG_LETTERS = 0.9  # the same, of a line of one digit: many an o is a 0
# the same, of a number of two digits or more in a row with words; of 16 generated
# cheques the same was read with 0.3, of five letters with 0.2
BESIDE_WORDS = 0.5
# probability of being no number, from which the rest of a row is a word: of 20 words
# read alone all were above 0.55, of 12 parts of telephone numbers none above 0.5
WORD = 0.55
LIKELIER = 1.5  # times as likely as all of the row is one number, spaces in it
SURE = 0.9  # confidence of all lines from which boxes are not looked for


class _Number(NamedTuple):
    """A line of a page that may be a number.

    Attributes:
        line: What was read.
        free_confidence: How likely it is right, whether or not it matches.
        height: Of a digit.
        row_confidence: The same of its row as a whole, where words part it. A line is
            rated by the smaller of both: by its own alone 18 of 26 generated cheques
            had their amounts, so 20.
    """

    line: ReadLine
    free_confidence: float
    height: float
    row_confidence: float = 1.0


def read_page(page: Page, reader: LineReader) -> list[RatedLine]:
    """Read a page; where it is not sure and has boxes, without these too."""
    found = _read_as_it_is(page, reader)
    if found and min(line.confidence for line, _ in found) >= SURE:
        return found
    cleaned = page.without_boxes()
    if cleaned is None:
        return found
    framed = [to_source(frame, cleaned.back) for frame in cleaned.frames]
    cells = [to_source(cell, cleaned.back) for row in cleaned.cells for cell in row]
    return surer_of_both(found, _read_as_it_is(cleaned, reader), framed, cells)


def _read_as_it_is(page: Page, reader: LineReader) -> list[RatedLine]:
    """Read the lines of a page; all of a low picture as one line, too."""
    only = page.only_line
    if only is not None:
        return _read_only_line(page, only, reader)
    several, whole = _read_several(page, reader), page.whole_line
    if whole is None:
        return several
    several, alone = as_parts(several), _read_only_line(page, whole, reader)
    best = max((line.confidence for line, _ in several), default=MIN_CONFIDENCE)
    is_surer = bool(alone) and alone[0].line.confidence > best
    surer, rest = (alone, several) if is_surer else (several, alone)
    rivals = [line for line, _ in rest]
    return [less_sure(rated, rivals) for rated in surer]


def _read_several(page: Page, reader: LineReader) -> list[RatedLine]:
    """Read the lines of a page; letters and drawings are left out."""
    found: list[_Number] = []
    letters: list[float] = []
    for line, whole in _read_lines(page, reader):
        parts = _read_parts(page, line, whole, reader)
        sure = whole[0].free_confidence if whole else 0.0
        if whole and not parts and sure >= MIN_CONFIDENCE:
            read = _to_read_line(*whole, reader.pattern, page)
            found.append(_Number(read, sure, line.height))
        else:
            letters.append(line.height)
        found += parts
    tallest = max((number.height for number in found), default=0.0)
    heights = [(number.height, number.free_confidence) for number in found]
    kept = []
    for one, sure, height, row in found:
        among, count = is_print(height, heights, letters), len(one.digits)
        if among and sure < (AMONG_LETTERS if count > 1 else ALONE_AMONG_LETTERS):
            continue
        is_doubtful = count == 1 or (among and not reader.pattern.is_free)
        rated, share = RatedLine(one, min(sure, row)), height / tallest
        # a lone digit so low may be a tick; where a pattern asks for a number, one in
        # the page's print is less likely the one than what is written larger
        kept.append(rated.times(share) if is_doubtful and share < LOWER else rated)
    return kept


def _read_lines(
    page: Page, reader: LineReader
) -> list[tuple[Line, SignedDigits | None]]:
    """Read the lines of a page; the numbers of a list are lines of their own."""

    def read(line: Line) -> SignedDigits | None:
        ends = ends_of(line, page.mask.shape[1])
        return read_line(page, line, ends, reader, PRUNING_THRESHOLD)

    wholes = [read(line) for line in page.lines]
    if not reader.pattern.is_free:
        return list(zip(page.lines, wholes, strict=True))
    rows = [
        ReadRow(line, *((whole[0].digits, whole[0].boxes) if whole else ((), ())))
        for line, whole in zip(page.lines, wholes, strict=True)
    ]
    return [
        (line, whole if line is row.line else read(line))
        for row, whole, lines in zip(rows, wholes, part_numbered(rows), strict=True)
        for line in lines
    ]


def _read_parts(
    page: Page, line: Line, whole: SignedDigits | None, reader: LineReader
) -> list[_Number]:
    """Read numbers that stand in one row with words."""
    sure = whole[0].free_confidence if whole else 0.0
    boxes = whole[0].boxes if whole and sure >= MIN_CONFIDENCE else ()  # else of words
    parts: list[tuple[Line, Span]] = []
    ends = []
    if sure < BESIDE_WORDS:
        ends = ends_apart(line, page.soft)
        beside = [end for end in ends if is_beside_words(end, line, boxes)]
        parts = [(end, EVERYWHERE) for end in beside]
    read = _read_each(page, parts, reader)
    if whole and not parts and sure < BESIDE_WORDS and reader.pattern.is_free:
        read = _read_beside_word(page, line, ends, sure, reader)
    if read or not reader.pattern.is_free:
        return read
    apart = _read_each(page, between_words(line, boxes, page.soft), reader)
    return [number._replace(row_confidence=sure) for number in apart]


def _read_beside_word(
    page: Page, line: Line, ends: Sequence[Line], sure: float, reader: LineReader
) -> list[_Number]:
    """Read the number after a word that was read as digits, as No is as 10.

    It is as likely as the number is right and the rest of the row is none.

    Args:
        page: Ready for reading.
        line: With a word and a number.
        ends: What stands apart at its ends.
        sure: Confidence of all of it as one number.
        reader: Without a pattern.
    """
    for end in ends:
        for number in _read_each(page, [(end, EVERYWHERE)], reader):
            some = [part for part in line.components if part not in end.components]
            rest = line._replace(components=tuple(some))
            edges = ends_of(rest, page.mask.shape[1])
            other = read_line(page, rest, edges, reader, PRUNING_THRESHOLD)
            likely = 1 - (other[0].free_confidence if other else 0.0)
            confidence = likely * number.free_confidence
            is_sure = number.free_confidence >= SURE and likely >= WORD
            if is_sure and confidence > LIKELIER * sure:
                read = replace(number.line, confidence=confidence)
                return [number._replace(line=read, free_confidence=confidence)]
    return []


def _read_each(
    page: Page, parts: Sequence[tuple[Line, Span]], reader: LineReader
) -> list[_Number]:
    """Read parts of a row, each within its columns; letters are left out."""
    found = []
    for part, (before, after) in parts:
        left, right = ends_of(part, page.mask.shape[1])
        ends = max(before, left), min(after, right)
        one = read_line(page, part, ends, reader, PRUNING_THRESHOLD)
        if one and one[0].free_confidence >= BESIDE_WORDS and len(one[0].digits) > 1:
            read = _to_read_line(*one, reader.pattern, page)
            found.append(_Number(read, one[0].free_confidence, part.height))
    return found


def _read_only_line(page: Page, line: Line, reader: LineReader) -> list[RatedLine]:
    """Read the only line of a picture: nothing beside it is left out."""
    found = read_line(page, line, _ends_of_only(page, line), reader)
    if not found:
        return []
    read = _to_read_line(*found, reader.pattern, page)
    return [RatedLine(read, found[0].free_confidence)]


def _ends_of_only(page: Page, line: Line) -> tuple[float, float]:
    """Give the columns of the only line: all, or those of the boxes it stood in."""
    fields = [*page.frames, *map(Box.around, filter(None, page.cells))]
    around = [of for of in fields if of.is_at(line.box)]
    if not around:
        return 0.0, float(page.mask.shape[1])
    left, _, right, _ = Box.around([line.box, *around])
    return float(left), float(right)


def _to_read_line(
    found: LineDigits, signs: tuple[separate.Sign, ...], pattern: Pattern, page: Page
) -> ReadLine:
    """Turn what a line reader gives into a result; non-digits are rejected."""
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
