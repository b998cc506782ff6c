"""Take printed sides of boxes out of ink: not more of it than a side explains.

A side is straight, and looks alike all along. What is darker beside it, or wider, is a
stroke that goes along it; where strokes end on both of its edges, one crosses it.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.binarize import Mask

cv2 = require("cv2", extra="read")

AROUND = 10  # pixels around a row that its sides may take
REACH = 12  # pixels beside its middle that a side may take
FULL = 0.9  # of the height of a box a side has ink; digits are lower
LEAN = 0.07  # of its height by which a side leans
CORE = 0.75  # of the share of ink of its fullest column each column of a side has
EDGE = 1  # pixels of a side's soft edge; two are looked at
DARKER = 48  # of 255 than most of a side: what is so dark is a stroke
LEAST_DARK = 200  # of 255; soft edges and paper between two sides are lighter
COVERED = 0.6  # of the width of a cell that its upper, its lower side has ink
THICKEST_PEN = 12  # pixels


class Side(NamedTuple):
    """An upright side: its column at half its height, and how far its foot is right."""

    column: float
    lean: int


class Row(NamedTuple):
    """Boxes in a row: columns, rows, sides.

    Attributes:
        left: First column.
        right: After the last.
        top: Row of the line above them, or where the teeth of a comb begin.
        bottom: Row of the line below them.
        sides: From left to right.
        is_framed: There is a line above them.
    """

    left: int
    right: int
    top: int
    bottom: int
    sides: tuple[Side, ...]
    is_framed: bool


class Band(NamedTuple):
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
        """Give its pixels in a picture of so many columns."""
        grid = np.arange(columns)
        inside: Mask = (grid >= self.first[:, None]) & (grid <= self.last[:, None])
        return inside


def shares_along(
    ink: NDArray[np.uint8], leans: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give how much ink lies along lines from the top to the bottom.

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
    for total, lean in zip(sums, leans, strict=True):
        shifts = _shifts(count, lean)[:, 0]  # alike in rows that follow each other
        steps = [0, *(np.flatnonzero(np.diff(shifts)) + 1).tolist(), count]
        for first, last in pairwise(steps):
            at = slice(most + shifts[first], most + shifts[first] + width)
            total += above[last, at] - above[first, at]
    return sums / len(ink)


def _shifts(rows: int, lean: int) -> NDArray[np.int64]:
    """Give by how much each row of a side is right of its middle: (rows, 1)."""
    steps = np.linspace(-0.5, 0.5, rows)[:, None] * lean
    return np.round(steps).astype(np.int64)


def _find_band(
    ink: NDArray[np.uint8], column: float, leans: NDArray[np.int64]
) -> tuple[Band, int]:
    """Find the pixels of a side: the columns that are full along the sharpest lean.

    Args:
        ink: (rows, columns) of ones, from the side's top to its bottom.
        column: About where it is.
        leans: Those that are possible.

    Returns:
        Its band, and its lean.
    """
    start = round(column) - REACH
    room = REACH + 2 + int(np.abs(leans).max())
    near = np.pad(ink, ((0, 0), (room, room)))
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
    shifts = _shifts(len(ink), int(leans[best]))[:, 0]
    band = Band(start + first - EDGE + shifts, start + last + EDGE + shifts)
    return band, int(leans[best])


def find_sides(ink: NDArray[np.uint8]) -> list[Side]:
    """Find what reaches from the top to the bottom of ink, all leaning alike."""
    most = max(1, round(LEAN * len(ink)))
    leans = np.arange(-most, most + 1)
    sharp = (shares_along(ink, leans) ** 6).sum(axis=1) - 1e-6 * np.abs(leans)
    about = int(leans[sharp.argmax()]) + np.array([0, -1, 1])
    near = cv2.dilate(ink, np.ones((1, 3), np.uint8))
    shares = shares_along(near, about).max(axis=0)
    sides: list[Side] = []
    while shares.max() >= FULL:
        column = int(shares.argmax())
        run = np.flatnonzero(shares[column : column + 8] < shares[column] - 0.02)
        middle = column + (int(run[0]) if len(run) else 1) // 2
        band, lean = _find_band(ink, middle, about)
        first, last = band.at_middle
        sides.append(Side((first + last) / 2, lean))
        shares[max(0, min(column, first - 1)) : max(column, last + 1) + 1] = 0
    return sorted(sides)


def take_out(row: Row, mask: Mask, soft: Pixels) -> Mask:
    """Give the ink of a row's sides, without that of strokes on them.

    Args:
        row: Of boxes.
        mask: True where there is ink.
        soft: Soft ink.
    """
    down = slice(max(0, row.top - AROUND), row.bottom + AROUND)
    across = slice(max(0, row.left - AROUND), row.right + AROUND)
    ink, greys = mask[down, across], soft[down, across]
    upright, thick = _upright_sides(row, ink, greys, (down.start, across.start))
    flat, high = _level_sides(row, ink, greys, (down.start, across.start))
    rest = ink & ~upright & ~flat
    near = _grown(ink & (upright | flat), 3)
    rest &= ~near | _opened(rest)
    kept = _crossed(rest, thick, is_upright=True) & upright
    kept |= _crossed(rest, high, is_upright=False) & flat
    left = _without_specks((rest | kept) & ink, _grown(upright | flat, 5))
    taken = np.zeros_like(mask)
    taken[down, across] = ink & ~left
    return taken


def _upright_sides(
    row: Row, ink: Mask, soft: Pixels, start: tuple[int, int]
) -> tuple[Mask, int]:
    """Find what upright sides explain, and how wide the widest is."""
    found = np.zeros_like(ink)
    top, bottom = row.top - start[0], row.bottom - start[0]
    within = slice(top, bottom)
    widest = 1
    for column, lean in row.sides:
        leans = np.array([lean])
        part = ink[within].astype(np.uint8)
        band, _ = _find_band(part, column - start[1], leans)
        widest = max(widest, band.width)
        found[within] |= _explained(soft[within], band)
        ends = band.pixels(ink.shape[1])
        found[max(0, top - 2) : top] |= ends[0]
        found[bottom : bottom + 2] |= ends[-1]
    return found, widest


def _level_sides(
    row: Row, ink: Mask, soft: Pixels, start: tuple[int, int]
) -> tuple[Mask, int]:
    """Find what the sides above and below each cell explain; and the highest."""
    found = np.zeros_like(ink)
    highest = 1
    columns = [max(0, round(side.column) - start[1]) for side in row.sides]
    for middle in (row.top, row.bottom) if row.is_framed else (row.bottom,):
        at = middle - start[0]
        down = slice(max(0, at - AROUND), at + AROUND)
        for left, right in pairwise(columns):
            across = slice(left, right + 2)
            part = np.ascontiguousarray(ink[down, across].T).astype(np.uint8)
            most = max(1, len(part) // 20)
            leans = np.arange(-most, most + 1)
            shares = shares_along(part, leans).max(axis=0)
            if shares.max() < COVERED:
                continue
            place = float(np.flatnonzero(shares >= 0.9 * shares.max()).mean())
            band, _ = _find_band(part, place, leans)
            highest = max(highest, band.width)
            found[down, across] |= _explained(soft[down, across].T, band).T
    return found, highest


def _explained(soft: Pixels, band: Band) -> Mask:
    """Find the pixels of a band, one more each way, as dark as most of their column."""
    wide = band.width + 2 * EDGE + 2
    columns = band.first[:, None] - 1 + np.arange(wide)
    inside = np.clip(columns, 0, soft.shape[1] - 1)
    rows = np.arange(len(soft))[:, None]
    greys = soft[rows, inside].astype(np.int64)
    usual = np.maximum(np.median(greys, axis=0) + DARKER, LEAST_DARK)
    alike = (greys <= usual) & (columns == inside)
    found = np.zeros(soft.shape, bool)
    found[np.broadcast_to(rows, alike.shape)[alike], columns[alike]] = True
    return found


def _crossed(rest: Mask, width: int, *, is_upright: bool) -> Mask:
    """Find where strokes cross sides: between ink of which one goes on the other's way.

    Args:
        rest: Ink without sides.
        width: Of a side, its soft edges left out.
        is_upright: The sides are upright.
    """
    long = width + 2 * EDGE + 2
    room = long + 2
    padded = np.pad(rest.astype(np.uint8), room)
    found = np.zeros(rest.shape, bool)
    for across in (-(long // 2), 0, long // 2):
        line = np.zeros((2 * room + 1,) * 2, np.uint8)
        start = room - long // 2, room - across // 2
        cv2.line(line, start, (start[0] + long, start[1] + across), 1, 1)
        kernel = line if is_upright else np.ascontiguousarray(line.T)
        closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
        found |= closed[room:-room, room:-room] > 0
    return found


def _without_specks(ink: Mask, near: Mask) -> Mask:
    """Leave out what is small, and lies near sides only."""
    ones = ink.astype(np.uint8)
    area = cv2.countNonZero(ones)
    edge = area - cv2.countNonZero(cv2.erode(ones, np.ones((3, 3), np.uint8)))
    pen = min(THICKEST_PEN, 2 * area / max(1, edge))  # of a long stroke half is edge
    count, component_map, facts, _ = cv2.connectedComponentsWithStats(ones)
    away = np.bincount(component_map[~near], minlength=count)
    is_speck = (away < pen**2 / 2) & (facts[:, cv2.CC_STAT_AREA] < 2 * pen**2)
    kept: Mask = ink & ~is_speck[component_map]
    return kept


def _grown(mask: Mask, size: int) -> Mask:
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8))
    found: Mask = grown > 0
    return found


def _opened(mask: Mask) -> Mask:
    """Leave out what is one pixel thin; an even square needs both its corners."""
    square = np.ones((2, 2), np.uint8)
    eroded = cv2.erode(mask.astype(np.uint8), square, anchor=(0, 0))
    found: Mask = cv2.dilate(eroded, square, anchor=(1, 1)) > 0
    return found
