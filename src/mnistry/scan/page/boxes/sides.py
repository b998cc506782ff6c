"""Find printed sides of boxes: straight ink that reaches from top to bottom."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.extras import require
from mnistry.scan.page.boxes.bend import Bend
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

REACH = 12  # pixels on either side of its middle that a side may take
FULL = 0.9  # of the height of a box: a side has ink in no less of it
LEAN = 0.07  # of its height by which a side leans, at most
CORE = 0.75  # of the ink of its fullest column: each column of a side has no less
WIDE = 0.6  # of the width of other cells: narrower is the paper between two boxes
NARROWEST = 0.4  # heights of a box from one side to the next, at least
ALL = 0.95  # of the height: a column with so much ink is the side's, however wide it is
EDGE = 1  # pixels of a side's soft edge


class Side(NamedTuple):
    """An upright side: its column at half its height, and how far right its foot is."""

    column: float
    lean: int


class BoxRow(NamedTuple):
    """Boxes in a row: columns, rows, sides.

    Attributes:
        left: First column.
        right: After the last.
        top: Row of the rule above them, or where the teeth of a comb begin.
        bottom: Row of the rule below them.
        sides: From left to right.
        is_framed: There is a rule above them.
        bend: How it is bent; rows and columns are those of a flat picture.
        outer: Row where the first and the last side begin, if these are higher.
    """

    left: int
    right: int
    top: int
    bottom: int
    sides: tuple[Side, ...]
    is_framed: bool
    bend: Bend | None = None
    outer: int | None = None

    @property
    def columns(self) -> list[float]:
        """Where its cells begin and end; the row may have no side at its ends."""
        found = [side.column for side in self.sides]
        least = NARROWEST * (self.bottom - self.top)
        before = [float(self.left)] if found[0] - self.left > least else []
        behind = [float(self.right)] if self.right - found[-1] > least else []
        return [*before, *found, *behind]


class Extent(NamedTuple):
    """The first and the last column of a side in each row, soft edges among them."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def at_middle(self) -> tuple[int, int]:
        """At half its height."""
        middle = len(self.first) // 2
        return int(self.first[middle]), int(self.last[middle])

    @property
    def width(self) -> int:
        """In pixels, soft edges left out."""
        return int(self.last[0] - self.first[0]) + 1 - 2 * EDGE

    def pixels(self, columns: int) -> Mask:
        """Return its pixels in a picture of so many columns."""
        grid = np.arange(columns)
        inside: Mask = (grid >= self.first[:, None]) & (grid <= self.last[:, None])
        return inside


def shares_along(
    ink: NDArray[np.uint8], leans: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of ink along straight lines from the top to the bottom.

    Args:
        ink: (rows, columns) of ones where there is ink.
        leans: By how many columns a line's foot is right of its head.

    Returns:
        (leans, columns) shares, each column that of the middle of the line.

    Example:
        >>> shares_along(np.eye(3, dtype=np.uint8), np.array([0, 2]))[:, 1].tolist()
        [0.3333333333333333, 1.0]
    """
    most = int(np.abs(leans).max())
    count, width = ink.shape
    above = np.zeros((count + 1, width + 2 * most), np.int32)
    np.cumsum(ink, axis=0, out=above[1:, most : most + width])
    sums = np.zeros((len(leans), width), np.float64)
    for total, lean in zip(sums, leans.tolist(), strict=True):
        for first, last, shift in _steps(count, lean):
            at = slice(most + shift, most + shift + width)
            total += above[last, at] - above[first, at]
    return sums / len(ink)


@lru_cache(maxsize=4096)
def _steps(rows: int, lean: int) -> tuple[tuple[int, int, int], ...]:
    """Return runs of rows with one offset: first row, the one after the last, offset.

    The boxes of a form ask for the same few again and again.
    """
    shifts = _shifts(rows, lean)
    ends = [0, *(np.flatnonzero(np.diff(shifts)) + 1).tolist(), rows]
    return tuple((at, last, int(shifts[at])) for at, last in pairwise(ends))


@lru_cache(maxsize=4096)
def _shifts(rows: int, lean: int) -> NDArray[np.int64]:
    """Return by how much each row of a side is right of its middle: (rows,)."""
    shifts = np.round(np.linspace(-0.5, 0.5, rows) * lean).astype(np.int64)
    shifts.flags.writeable = False
    return shifts


def find_extent(
    ink: NDArray[np.uint8],
    column: float,
    leans: NDArray[np.int64],
    widest: int = 2 * REACH,
    stays: float = ALL,
) -> tuple[Extent, int]:
    """Find the pixels of a side: the columns that are full along the sharpest lean.

    Args:
        ink: (rows, columns) of ones, from the side's top to its bottom.
        column: About where it is.
        leans: Those that are possible.
        widest: Pixels that it has at most, without soft edges; of columns with as much
            ink those near its middle are kept.
        stays: Share of ink from which a column is kept in any case.

    Returns:
        Its extent, and its lean.
    """
    start = round(column) - REACH
    room = REACH + 2 + int(np.abs(leans).max())
    near = cv2.copyMakeBorder(ink, 0, 0, room, room, cv2.BORDER_CONSTANT, value=0)
    near = near[:, max(0, start + room - 4) : start + room + 2 * REACH + 5]
    before = start + room - max(0, start + room - 4)
    shares = shares_along(near, leans)[:, before : before + 2 * REACH + 1]
    middle = slice(REACH - 6, REACH + 7)
    best = int((shares[:, middle] ** 6).sum(axis=1).argmax())
    full = shares[best]
    first = last = REACH - 3 + int(full[REACH - 3 : REACH + 4].argmax())
    least = CORE * full[first]
    while first > 0 and full[first - 1] >= least:
        first -= 1
    while last < len(full) - 1 and full[last + 1] >= least:
        last += 1
    while last - first >= widest and min(full[first], full[last]) < stays:
        less = full[first] - full[last]  # the one with less is a stroke along the side
        if less < 0 or (less == 0 and REACH - first > last - REACH):
            first += 1
        else:
            last -= 1
    shifts = _shifts(len(ink), int(leans[best]))
    extent = Extent(start + first - EDGE + shifts, start + last + EDGE + shifts)
    return extent, int(leans[best])


def find_sides(ink: NDArray[np.uint8]) -> list[Side]:
    """Find sides: ink from top to bottom, all of it leaning alike."""
    most = max(1, round(LEAN * len(ink)))
    leans = np.arange(-most, most + 1)
    sharp = (shares_along(ink, leans) ** 6).sum(axis=1) - 1e-6 * np.abs(leans)
    about = int(leans[sharp.argmax()]) + np.array([0, -1, 1])
    near = cv2.dilate(ink, rectangle(1, 3))
    shares = shares_along(near, about).max(axis=0)
    sides: list[Side] = []
    while shares.max() >= FULL:
        column = int(shares.argmax())
        run = np.flatnonzero(shares[column : column + 8] < shares[column] - 0.02)
        middle = column + (int(run[0]) if len(run) else 1) // 2
        extent, lean = find_extent(ink, middle, about)
        first, last = extent.at_middle
        sides.append(Side((first + last) / 2, lean))
        shares[max(0, min(column, first - 1)) : max(column, last + 1) + 1] = 0
    return sorted(sides)
