"""The cells of boxes in a row, and how many of them are written in.

In boxes for one digit each there are as many digits as cells with ink.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.boxes.sides import WIDE, BoxRow

CORE = 0.15  # of a cell's width at each side, where a neighbour's digit may reach in
TALL = 0.3  # of the height of a cell; lower ink is a dot, or left of a side
# of the square of a cell's height: low ink with a larger area may be left of a digit.
# Dashes and points have up to 0.02, what was left of a six 0.09
MUCH = 0.03
LOW_TOOTH = 0.7  # widths of a cell; in a comb whose teeth are lower are single digits
FEW_IN_COMB = 4  # cells; with fewer, strokes that stand on a rule may look like teeth
WIDEST = 1.2  # heights of a cell for one digit; a table's hold several

Cells = tuple[Box, ...]
"""Of a row of boxes, from left to right; none where each holds several digits."""


def find_cells(row: BoxRow) -> Cells:
    """Return the cells of a row of boxes, from left to right, if each is for one digit.

    Combs have some only if their teeth are low and not few, for upright rules of a
    table look like teeth as tall as its cells.

    Args:
        row: With its sides; two close to each other have no cell between them.

    Example:
        >>> from mnistry.scan.page.boxes.sides import Side
        >>> sides = tuple(Side(column, 0) for column in (0, 40, 48, 88))
        >>> [cell.left for cell in find_cells(BoxRow(0, 89, 0, 60, sides, True))]
        [0, 48]
    """
    pairs = list(pairwise(row.columns))
    widths = np.array([right - left for left, right in pairs])
    usual = float(np.median(widths[widths >= WIDE * widths.max()]))
    tall = row.bottom - row.top
    if not row.is_framed:
        if tall > LOW_TOOTH * usual or len(pairs) < FEW_IN_COMB:
            return ()
        highest = row.bottom - round(usual)
        row = row._replace(top=min(highest, row.outer or highest))
    elif usual > WIDEST * tall:
        return ()
    return tuple(
        _cell(row, round(left), round(right))
        for left, right in pairs
        if right - left >= WIDE * usual
    )


def _cell(row: BoxRow, left: int, right: int) -> Box:
    """Return the place of a cell on the page, where the row may be bent."""
    middle = np.array([(left + right) // 2])
    off = int(row.bend.at(middle)[0]) if row.bend else 0
    return Box(left, row.top + off, right, row.bottom + off)


def count_written(rows: Sequence[Cells], mask: Mask, line: Box) -> int:
    """Count the cells of a line that are written in.

    Args:
        rows: Of boxes on a page.
        mask: The page's ink, sides of boxes taken out.
        line: Around the line.

    Returns:
        How many; 0 if the line is not in cells alone.
    """
    return sum(is_written(cell, mask) for cell in _cells_of(rows, line))


def count_inked(row: Cells, mask: Mask) -> int:
    """Count the cells of a row that have a digit or may have one.

    Of one that a side cuts, or that lies on its side, only a low part may be left.

    Args:
        row: Of boxes on a page.
        mask: The page's ink, sides of boxes taken out.
    """
    return sum(
        is_written(cell, mask) or _core(cell, mask).sum() > MUCH * cell.height**2
        for cell in row
    )


def _cells_of(rows: Sequence[Cells], line: Box) -> list[Box]:
    """Return the cells that a line is in; none if it is not in cells alone."""
    cells = [cell for row in rows for cell in row]
    within = [
        cell
        for cell in cells
        if line.left < cell.right - CORE * cell.width
        if line.right > cell.left + CORE * cell.width
        if line.top <= cell.centre[1] <= line.bottom
    ]
    if not within or line.left < within[0].left - within[0].width / 2:
        return []
    if line.right > within[-1].right + within[-1].width / 2:
        return []
    return within


def is_written(cell: Box, mask: Mask) -> bool:
    """Return whether a cell has ink as high as that of a digit.

    Args:
        cell: What its sides enclose.
        mask: The page's ink; that of sides does not count.
    """
    rows = np.flatnonzero(_core(cell, mask).any(axis=1))
    return len(rows) >= TALL * cell.height


def _core(cell: Box, mask: Mask) -> Mask:
    aside = round(CORE * cell.width)
    return mask[cell.top : cell.bottom, cell.left + aside : cell.right - aside]
