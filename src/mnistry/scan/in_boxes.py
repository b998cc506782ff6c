"""Compare the digits of lines with the printed boxes that they are in.

In boxes for one digit each there are as many digits as boxes with ink. Where there are
more or less, a side was read as a one, a digit was lost in a signature, or the number
goes on where no box was seen.
"""

from collections.abc import Sequence
from itertools import chain
from math import inf

from mnistry.box import Box
from mnistry.scan.page.boxes.cells import CORE, count_inked
from mnistry.scan.page.page import Page
from mnistry.scan.page.picture.transform import to_source
from mnistry.scan.recognize.confidence import PENALTY
from mnistry.scan.results import ReadLine

# widths of a box from it to the middle of the digit in the next one: half of one where
# they share a side, and there may be a gap. A code printed at the end of a row is
# farther away
NEXT = 1.3
WITHIN = 0.25  # the same, of a digit that is in the row and reaches out of it


def rate_in_boxes(lines: Sequence[ReadLine], page: Page) -> list[float]:
    """Return what to multiply the confidence of lines by, for the boxes they are in.

    Args:
        lines: Of a page, in points of the source.
        page: The page without its boxes.
    """
    rows = [
        ([to_source(cell, page.back) for cell in row], count_inked(row, page.mask))
        for row in page.cells
        if row
    ]
    around = [Box.around(cells) for cells, _ in rows]
    beside = [of for of in lines if not any(box.is_at(of.box) for box in around)]
    doubtful: list[ReadLine] = []
    for (cells, inked), box in zip(rows, around, strict=True):
        within = [line for line in lines if box.is_at(line.box)]
        if _hold_several(cells, within):
            continue
        going_on = [
            line
            for line in beside
            if any(is_next(digit.box, cells) for digit in line.digits)
        ]
        count = sum(_count_digits(line, cells) for line in within)
        if within and (going_on or count != inked):
            doubtful += chain(within, going_on)
    return [PENALTY if line in doubtful else 1.0 for line in lines]


def _hold_several(cells: Sequence[Box], lines: Sequence[ReadLine]) -> bool:
    """Return whether two digits are in one cell, away from its sides: it is a table's.

    A side that was read as a one is at the end of a cell.
    """
    centres = [digit.box.centre for line in lines for digit in line.digits]
    return any(
        sum(
            max(abs(x - of.centre[0]) / of.width, abs(y - of.centre[1]) / of.height)
            < 0.5 - CORE
            for x, y in centres
        )
        > 1
        for of in cells
    )


def _count_digits(line: ReadLine, cells: Sequence[Box]) -> int:
    """Count the digits of a line that should be in a row of boxes.

    If it goes on where the next box may be, not all boxes are seen.
    """
    away = [_away_from(of.box, cells) for of in line.digits]
    outside = [of for of in away if of > WITHIN]
    goes_on = any(of < NEXT for of in outside)
    return len(line.digits) - goes_on * len(outside)


def is_next(digit: Box, cells: Sequence[Box]) -> bool:
    """Return whether a digit is where the next box of a row may be, or in one of it.

    Args:
        digit: Around it.
        cells: Of a row of boxes.

    Example:
        >>> cells = [Box(0, 0, 20, 30), Box(20, 0, 40, 30)]
        >>> [is_next(Box(x, 5, x + 10, 25), cells) for x in (45, 80)]
        [True, False]
        >>> is_next(Box(25, 40, 35, 60), cells)
        False
    """
    return _away_from(digit, cells) < NEXT


def _away_from(digit: Box, cells: Sequence[Box]) -> float:
    """Return how many widths of a cell the middle of a digit is before or behind a row.

    Infinity if it is above or below the nearest cell. A row may run upwards.
    """
    around = Box.around(cells)
    along = 0 if around.width >= around.height else 1
    distances = []
    for of in cells:
        off = [
            max(of[axis] - digit.centre[axis], digit.centre[axis] - of[axis + 2], 0.0)
            / min(of.width, of.height)
            for axis in (along, 1 - along)
        ]
        distances.append(off[0] if off[1] < WITHIN else inf)
    return min(distances)
