"""Find rows of boxes, frames and combs, whose printed sides are taken out exactly.

What tells sides from ones and stems: they reach from the line below to the line above.
A comb has no line above: its teeth stand at the ends of a line, and between these at
equal steps. `sides` takes out what is found here.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.binarize import Mask
from mnistry.scan.page.sides import Row, Side, find_sides, shares_along, take_out

cv2 = require("cv2", extra="read")

SHORTEST = 24  # pixels of a line that boxes stand on
LOWEST = 8  # pixels of a side: the tooth of a comb
THICKEST = 9  # pixels of a side, or of two beside each other
STEP = 0.4, 3.0  # heights of a box from one side to the next; combs are low, see TOOTH
TOOTH = 9.0
OFF = 0.1  # of a step: a tooth is not farther from its place
AS_HIGH = 0.8  # of the height of most teeth
LOW = 26  # pixels of a comb's teeth
EMPTY = 0.35  # of a row's columns have nothing that stands on the line
MOST_CELLS = 24
APART = 60  # pixels between the lines of two boxes of one row
LEVEL = 4  # pixels by which these differ in height
COVERED = 0.7  # of a row's width has ink along the lines above and below
IN_BOTH = 0.5  # of the columns of both lines
HIGHEST = 200  # pixels of a box
ALIKE = 4  # pixels by which the ends of two rows differ that are the same
REGULAR = 1.5  # times the width of most cells: none is wider


class _Line(NamedTuple):
    """A level line, or several of one row: columns and rows."""

    left: int
    top: int
    right: int
    bottom: int


def find_boxes(mask: Mask, soft: Pixels) -> tuple[Mask, list[Row]]:
    """Find the printed sides of boxes in a row.

    Args:
        mask: True where there is ink.
        soft: Soft ink.

    Returns:
        The ink of sides, left out where a stroke crosses them or goes along them; and
        the rows.

    Example:
        >>> mask = np.zeros((60, 140), bool)
        >>> mask[50:52, 10:132] = mask[30:52, 10:132:40] = True
        >>> mask[10:40, 28:30] = True
        >>> sides, _ = find_boxes(mask, mask * np.uint8(255))
        >>> bool(sides[40, 50]), bool(sides[51, 60]), bool(sides[:45, 28].any())
        (True, True, False)
    """
    ink = mask.astype(np.uint8)
    lines = _lines(ink)
    found = np.zeros_like(mask)
    if not lines.any():
        return found, []
    rows = _outermost([*_framed(ink, lines), *_combs(ink, lines)])
    for row in rows:
        found |= take_out(row, mask, soft)
    return found, rows


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


def _boxes_of(lines: NDArray[np.uint8]) -> list[_Line]:
    """Give the bounding boxes of level lines, from left to right."""
    count, _, facts, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    return sorted(
        _Line(left, top, left + width, top + height)
        for left, top, width, height, _area in facts[1:count].tolist()
        if height <= max(THICKEST, 0.1 * width) + 4
    )


def _joined(lines: list[_Line]) -> list[_Line]:
    """Join lines that go on at the same height: boxes stand apart, and ink fades."""
    rows: list[list[_Line]] = []
    for line in lines:
        for row in rows:
            last = row[-1]
            away = abs(line.top + line.bottom - last.top - last.bottom) / 2
            if -LEVEL <= line.left - last.right <= APART and away <= LEVEL:
                row.append(line)
                break
        else:
            rows.append([line])
    sides = [np.array(row) for row in rows]
    return [
        _Line(*of[:, :2].min(axis=0).tolist(), *of[:, 2:].max(axis=0).tolist())
        for of in sides
    ]


def _height_of(
    ink: NDArray[np.uint8], line: _Line, left: int, right: int
) -> tuple[int, float]:
    """Give the row of a line between two columns, and how much of it has ink."""
    top = max(0, line.top - 3)
    part = np.ascontiguousarray(ink[top : line.bottom + 3, left:right].T)
    most = min(8, max(1, len(part) // 40))
    near = cv2.dilate(part, np.ones((1, 3), np.uint8))
    shares = shares_along(near, np.arange(-most, most + 1)).max(axis=0)
    fullest = np.flatnonzero(shares >= 0.95 * shares.max())
    return top + round(float(fullest.mean())), float(shares.max())


def _framed(ink: NDArray[np.uint8], lines: NDArray[np.uint8]) -> Iterator[Row]:
    """Give rows of boxes with a line above them and one below, the nearest."""
    joined = sorted(_joined(_boxes_of(lines)), key=lambda line: line.bottom)
    covered: dict[_Line, bool] = {}  # looked at where a line has another one above it

    def is_covered(line: _Line) -> bool:
        if line not in covered:
            share = _height_of(ink, line, line.left, line.right)[1]
            covered[line] = share >= COVERED
        return covered[line]

    for upper in joined:
        for lower in joined:
            if _may_frame(upper, lower) and is_covered(upper) and is_covered(lower):
                row = _between(ink, upper, lower)
                if row is not None:
                    yield row
                    break


def _may_frame(upper: _Line, lower: _Line) -> bool:
    """Tell whether two lines are as far apart, and as much above each other."""
    left, right = min(upper.left, lower.left), max(upper.right, lower.right)
    both = min(upper.right, lower.right) - max(upper.left, lower.left)
    is_apart = 2 * LOWEST <= lower.bottom - upper.top <= HIGHEST
    return is_apart and both >= IN_BOTH * (right - left)


def _between(ink: NDArray[np.uint8], upper: _Line, lower: _Line) -> Row | None:
    """Give the row of boxes between two lines, if there is one."""
    left, right = min(upper.left, lower.left), max(upper.right, lower.right)
    (top, one), (bottom, two) = (
        _height_of(ink, line, left, right) for line in (upper, lower)
    )
    tall = bottom - top
    if (
        tall < 2 * LOWEST
        or min(one, two) < COVERED
        or right - left < 2 * STEP[0] * tall
    ):
        return None
    first = max(0, left - 6)
    found = find_sides(ink[top + 1 : bottom, first : right + 6])
    sides = _regular(
        [side._replace(column=side.column + first) for side in found], tall
    )
    if len(sides) < 3:
        return None
    widths = np.diff([side.column for side in sides])
    cells = widths[widths > STEP[0] * tall]
    usual = float(np.median(cells)) if len(cells) else 0.0
    if len(cells) < 2 or usual > STEP[1] * tall or cells.max() > REGULAR * usual:
        return None
    room = STEP[0] * tall
    if sides[0].column > left + room or sides[-1].column < right - room:
        return None
    return Row(left, right, top, bottom, tuple(sides), is_framed=True)


def _regular(sides: list[Side], tall: int) -> list[Side]:
    """Leave out what parts a cell in two: a stroke as tall as the box."""
    widths = np.diff([side.column for side in sides])
    cells = widths[widths > STEP[0] * tall]
    if not len(cells):
        return sides
    usual = float(np.median(cells))
    kept = sides[:1]
    for side, after in pairwise(sides[1:]):
        before, behind = side.column - kept[-1].column, after.column - side.column
        is_stroke = abs(before + behind - usual) < 0.15 * usual
        if not (is_stroke and max(before, behind) < 0.85 * usual):
            kept.append(side)
    return [*kept, sides[-1]]


def _combs(ink: NDArray[np.uint8], lines: NDArray[np.uint8]) -> Iterator[Row]:
    """Give combs: lines on which teeth stand."""
    upright = cv2.dilate(ink, np.ones((1, 5), np.uint8))  # teeth may lean a little
    for left, top, right, bottom in _boxes_of(lines):
        heights = _heights(upright[:bottom, left:right], bottom - top)
        places, tall = _places(heights)
        if len(places) > 2:
            sides = tuple(Side(float(place) + left, 0) for place in places)
            yield Row(left, right, bottom - tall, bottom - 2, sides, is_framed=False)


def _outermost(rows: list[Row]) -> list[Row]:
    """Leave out rows that lie in others, bars of digits do; of two alike the latter."""
    return [
        row
        for number, row in enumerate(rows)
        if not any(
            _lies_in(row, other) and not (number < at and _lies_in(other, row))
            for at, other in enumerate(rows)
            if at != number
        )
    ]


def _lies_in(row: Row, other: Row) -> bool:
    return (
        other.left <= row.left + ALIKE
        and row.right <= other.right + ALIKE
        and other.top <= row.top + ALIKE
        and row.bottom <= other.bottom + ALIKE
    )


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
