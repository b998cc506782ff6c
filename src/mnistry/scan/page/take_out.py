"""Take printed sides of boxes out of ink: not more of it than a side explains.

A side is straight, and looks alike all along. What is darker beside it, or wider, is a
stroke that goes along it; where strokes end on both of its edges, one crosses it.
"""

from itertools import pairwise

import numpy as np

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.bend import flatten, put_back
from mnistry.scan.page.binarize import Mask
from mnistry.scan.page.sides import EDGE, Band, Row, find_band, shares_along

cv2 = require("cv2", extra="read")

AROUND = 10  # pixels around a row that its sides may take
DARKER = 48  # of 255 than most of a side: what is so dark is a stroke
LEAST_DARK = 200  # of 255; soft edges and paper between two sides are lighter
COVERED = 0.6  # of the width of a cell that its upper, its lower side has ink
THICKEST_PEN = 12  # pixels


def take_out(row: Row, mask: Mask, soft: Pixels) -> Mask:
    """Give the ink of a row's sides, without that of strokes on them.

    Args:
        row: Of boxes.
        mask: True where there is ink.
        soft: Soft ink.
    """
    down = slice(max(0, row.top - AROUND), row.bottom + AROUND)
    across = slice(max(0, row.left - AROUND), row.right + AROUND)
    across = slice(across.start, min(across.stop, mask.shape[1]))
    ink = flatten(mask, down, across, row.bend)
    greys = flatten(soft, down, across, row.bend)
    upright, thick = _upright_sides(row, ink, greys, (down.start, across.start))
    flat, high = _level_sides(row, ink, greys, (down.start, across.start))
    rest = ink & ~upright & ~flat
    near = _grown(ink & (upright | flat), 3)
    rest &= ~near | _opened(rest)
    kept = _crossed(rest, thick, is_upright=True) & upright
    kept |= _crossed(rest, high, is_upright=False) & flat
    left = _without_specks((rest | kept) & ink, _grown(upright | flat, 5))
    taken = np.zeros_like(mask)
    put_back(ink & ~left, taken, (down, across), row.bend)
    return taken


def _upright_sides(
    row: Row, ink: Mask, soft: Pixels, start: tuple[int, int]
) -> tuple[Mask, int]:
    """Find what upright sides explain, and how wide the widest is."""
    found = np.zeros_like(ink)
    top, bottom = max(0, row.top - start[0]), row.bottom - start[0]
    within = slice(top, bottom)
    widest = 1
    for column, lean in row.sides:
        leans = np.array([lean])
        part = ink[within].astype(np.uint8)
        band, _ = find_band(part, column - start[1], leans)
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
    columns = [max(0, round(column) - start[1]) for column in row.columns]
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
            band, _ = find_band(part, place, leans)
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
