"""Find rows of boxes, frames and combs, to take their printed sides out exactly.

What tells sides from ones and stems: they stand on a line, at its ends, and between
these at equal steps. Handwriting that crosses a side is wider than it, and stays.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.binarize import Mask

cv2 = require("cv2", extra="read")

SHORTEST = 24  # pixels of a line that boxes stand on
LOWEST = 8  # pixels of a side: the tooth of a comb
THICKEST = 9  # pixels of a side, or of two beside each other
STEP = 0.4, 3.0  # heights of a box from one side to the next; combs are low, see TOOTH
TOOTH = 9.0
OFF = 0.1  # of a step: a side is not farther from its place
AS_HIGH = 0.8  # of the height of most sides
LOW = 26  # pixels of a comb's teeth
EMPTY = 0.35  # of a row's columns have nothing that stands on the line
FULL = 0.6  # of the ink of its fullest column a column of a side has
DOUBLE = 0.8  # of the ink of a side beside it is a second one
CLOSED = 0.75  # of a single frame's upper side is there
MOST_CELLS = 24


class Row(NamedTuple):
    """Boxes on one line: its columns and rows, its pixels, and its sides.

    Attributes:
        left: First column of the line.
        right: After its last.
        top: Row where its sides begin.
        bottom: After the line.
        columns: (n,) of each side.
    """

    left: int
    right: int
    top: int
    bottom: int
    columns: NDArray[np.float64]


def find_boxes(mask: Mask) -> Mask:
    """Find the printed sides of boxes in a row.

    Args:
        mask: True where there is ink.

    Returns:
        The pixels of sides, those where a stroke crosses them left out.

    Example:
        >>> mask = np.zeros((60, 140), bool)
        >>> mask[50:52, 10:132] = mask[30:52, 10:132:40] = True
        >>> mask[10:40, 28:30] = True
        >>> sides = find_boxes(mask)
        >>> bool(sides[40, 50]), bool(sides[51, 60]), bool(sides[:45, 28].any())
        (True, True, False)
    """
    ink = mask.astype(np.uint8)
    lines = _lines(ink)
    found = np.zeros_like(mask)
    if not lines.any():
        return found
    upright = cv2.dilate(ink, np.ones((1, 5), np.uint8))  # sides may lean a little
    rows = list(_rows(lines, upright))
    for row in rows:
        if _is_outermost(row, rows) and (
            len(row.columns) > 2 or _is_among_others(row, rows)
        ):
            found |= _pixels(row, ink, lines)
    return found


def paint_out(soft: Pixels, sides: Mask, mask: Mask) -> Pixels:
    """Take sides out of soft ink, their soft edges too, and leave what crosses them.

    Args:
        soft: Soft ink.
        sides: As `find_boxes` gives them.
        mask: The ink without them.
    """
    near = cv2.dilate(sides.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    kept = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    painted: Pixels = np.where((near & ~kept) | sides, np.uint8(0), soft)
    return painted


def _lines(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give level lines, which may lean a little: thin, and longer than any bar."""
    steps = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    long = _opened(steps, (1, SHORTEST))
    if not cv2.countNonZero(long):
        return long
    return long & ~_opened(long, (THICKEST + 4, SHORTEST // 2))


def _opened(ink: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    opened: NDArray[np.uint8] = cv2.morphologyEx(
        ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)
    )
    return opened


def _rows(lines: NDArray[np.uint8], upright: NDArray[np.uint8]) -> Iterator[Row]:
    """Give the lines on which boxes stand."""
    count, _, facts, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    for left, top, width, height, _area in facts[1:count].tolist():
        if height > max(THICKEST, 0.1 * width) + 4:
            continue
        bottom = top + height
        heights = _heights(upright[:bottom, left : left + width], height)
        places, tall = _places(heights)
        row = Row(left, left + width, bottom - tall, bottom, places + left)
        if len(places) > 2 or (len(places) == 2 and _is_closed(row, lines)):
            yield row


def _heights(above: NDArray[np.uint8], thickness: int) -> NDArray[np.int64]:
    """Give how far ink goes up from the bottom at each column, small gaps left out."""
    closed = cv2.morphologyEx(above, cv2.MORPH_CLOSE, np.ones((5, 1), np.uint8))
    closed[-thickness:] = 1
    up = closed[::-1] == 0
    return np.where(up.any(axis=0), up.argmax(axis=0), len(above))


def _places(heights: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Find what stands at both ends of a line and at equal steps between them.

    Args:
        heights: Of the ink that stands on each column of a line.

    Returns:
        The columns, none if there are no such sides; and how high the sides are.
    """
    width = len(heights)
    ends = heights[: 2 * THICKEST], heights[-2 * THICKEST :]
    tall = int(min(end.max() for end in ends))
    stands = heights >= AS_HIGH * tall
    found = np.flatnonzero(stands)
    if tall < LOWEST or not len(found):
        return np.empty(0), 0
    first = float(found[found < 2 * THICKEST].mean())
    last = float(found[found >= width - 2 * THICKEST].mean())
    most = TOOTH if tall < LOW else STEP[1]
    for cells in range(MOST_CELLS, 0, -1):
        step = (last - first) / cells
        if not STEP[0] * tall <= step <= most * tall or step < 2 * LOWEST:
            continue
        places = (first + np.arange(cells + 1) * step).astype(np.float64)
        off = max(3.0, OFF * step)
        near = np.abs(found[:, None] - places) <= off
        empty = float(1 - stands.mean())
        if near.any(axis=0).all() and empty >= EMPTY:
            return places, tall
    return np.empty(0), 0


def _is_closed(row: Row, lines: NDArray[np.uint8]) -> bool:
    """Tell whether a line lies above the sides too."""
    reach = max(5, (row.bottom - row.top) // 4)
    above = lines[max(0, row.top - reach) : row.top + 5, row.left : row.right]
    return bool(above.any(axis=0).mean() >= CLOSED)


def _is_outermost(row: Row, rows: list[Row]) -> bool:
    """Tell that a row lies in no other: bars of digits are in boxes."""
    return not any(
        other is not row
        and other.left <= row.left + 4
        and row.right <= other.right + 4
        and other.top <= row.top + 4
        and row.bottom < other.bottom
        for other in rows
    )


def _is_among_others(row: Row, rows: list[Row]) -> bool:
    """Tell whether a frame of one cell has another of its size beside it."""
    wide, tall = row.right - row.left, row.bottom - row.top
    return any(
        abs(other.right - other.left - wide) <= 0.15 * wide
        and abs(other.top - row.top) <= 0.15 * tall
        and abs(other.bottom - row.bottom) <= 0.15 * tall
        and 0.8 * wide <= abs(other.left - row.left) <= 2.5 * wide
        for other in rows
    )


def _pixels(row: Row, ink: NDArray[np.uint8], lines: NDArray[np.uint8]) -> Mask:
    """Give the pixels of a row's sides and lines, without what crosses them."""
    found = np.zeros(ink.shape, bool)
    reach = max(5, (row.bottom - row.top) // 4)  # sides that lean seem lower
    top, bottom = max(0, row.top - reach), min(len(ink), row.bottom + 3)
    span = slice(max(0, row.left - 2), row.right + 2)
    part = ink[top:bottom, span]
    flat = cv2.dilate(lines[top:bottom, span], np.ones((3, 1), np.uint8)) & part
    middle = slice(row.top - top + 8, len(flat) - 8 - (row.bottom - row.top) // 6)
    flat[middle] = 0  # between the lines are only bars of digits
    places = row.columns.round().astype(int) - span.start
    off = round(max(4.0, OFF * (row.right - row.left) / (len(places) - 1)))
    dense = part[middle].mean(axis=0) if len(part[middle]) else part.mean(axis=0)
    wide = min(_thickness(dense, place, off) for place in places) + 1
    half = len(flat) // 2
    taken = flat.copy()
    for band in (slice(0, half), slice(half, len(flat))):
        high = max(wide, int(np.percentile(flat[band].sum(axis=0), 40)))
        taken[band] &= ~_opened(part, (high + 2, 1))[band]
    for place in places:
        for first in _sides(dense, place, off, wide):
            columns = slice(max(0, first - 1), first + wide + 1)
            around = slice(max(0, first - 2 * THICKEST), first + 3 * THICKEST)
            crossing = np.zeros_like(part)
            crossing[:, around] = _opened(part[:, around], (1, wide + 3))
            taken[:, columns] |= part[:, columns] & ~crossing[:, columns]
            taken[:, columns] |= flat[:, columns]
    found[top:bottom, span] = taken > 0
    return found


def _sides(
    dense: NDArray[np.float64], place: int, off: int, wide: int
) -> Iterator[int]:
    """Give where sides begin near a place, for lines may be double."""
    sums = np.convolve(dense, np.ones(wide), "valid")
    low, high = max(0, place - off - wide // 2), place + off + 1
    if not len(sums[low:high]):
        return
    best = low + int(sums[low:high].argmax())
    yield best
    for first in (best - wide - 2, best + wide + 1):
        near = sums[max(0, first - 2) : first + 3] if first > -3 else sums[:0]
        if len(near) and near.max() >= DOUBLE * sums[best]:
            yield max(0, first - 2) + int(near.argmax())


def _thickness(dense: NDArray[np.float64], place: int, off: int) -> int:
    """Count the columns of a side, by how full of ink those near a place are."""
    near = dense[max(0, place - off) : place + off + 1]
    return int((near >= FULL * near.max()).sum()) if len(near) else 1
