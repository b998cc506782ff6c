"""Read the lines of one page; letters, stamps and drawings are left out.

Where ink can be read in several ways, with boxes or without, as one number or several,
the most confident reading is kept. Being the best of several makes a reading no more
likely: its confidence falls with the confidence of readings that differ (`rivals`).
"""

import numpy as np

from mnistry.box import Box
from mnistry.scan.in_boxes import rate_in_boxes
from mnistry.scan.numbered_lists import ReadRow, split_numbered
from mnistry.scan.page.boxes.cells import count_written
from mnistry.scan.page.layout.lines import Line, ends_of
from mnistry.scan.page.layout.printed import is_print
from mnistry.scan.page.page import Page
from mnistry.scan.page.picture.transform import to_source
from mnistry.scan.read_line import SignedDigits, read_line
from mnistry.scan.read_parts import MIN_CONFIDENCE, Number, read_parts, to_read_line
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.scan.rivals import (
    LOWER,
    RatedLine,
    as_parts,
    less_sure,
    surer_of_both,
)

AMONG_LETTERS = 0.6  # least confidence of a line as tall as many lines of letters
ALONE_AMONG_LETTERS = 0.9  # the same for a single digit there: an o looks like a 0
SURE = 0.9  # if all lines are so confident, boxes are not looked for
# heights of a digit: paper beside a line at the edge of its picture. Of 160 generated
# strings 143 are read so, 138 without, 142 with a half, which is surer of a wrong one
BESIDE = 1 / 3
RULED = 0.5  # of the columns of a picture have ink of rules that run along its line


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
    found: list[Number] = []
    letters: list[float] = []
    for line, whole in _read_lines(page, reader):
        parts = read_parts(page, line, whole, reader)
        confidence = whole[0].free_confidence if whole else 0.0
        if whole and not parts and confidence >= MIN_CONFIDENCE:
            read = to_read_line(*whole, reader.pattern, page)
            found.append(Number(read, confidence, line.height))
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


def _read_only_line(page: Page, line: Line, reader: LineReader) -> list[RatedLine]:
    """Read the only line of a picture, however low its confidence is."""
    found = read_line(page, line, _ends_of_only(page, line), reader)
    if not found:
        return []
    read = to_read_line(*found, reader.pattern, page)
    return [RatedLine(read, found[0].free_confidence)]


def _ends_of_only(page: Page, line: Line) -> tuple[float, float]:
    """Return the columns of the only line: all, or those of the boxes it was in.

    Where no rules run along it, some paper is beside it, if need be beyond
    the picture: a 1 at its edge looks like the side of a box.
    """
    fields = [*page.frames, *map(Box.around, filter(None, page.cells))]
    around = [of for of in fields if of.is_at(line.box)]
    if not around:
        ruled = (page.inked & ~page.mask).any(axis=0).mean()
        room = BESIDE * line.height if ruled < RULED else 0.0
        columns = float(page.mask.shape[1])
        return min(0.0, line.box.left - room), max(columns, line.box.right + room)
    left, _, right, _ = Box.around([line.box, *around])
    return float(left), float(right)
