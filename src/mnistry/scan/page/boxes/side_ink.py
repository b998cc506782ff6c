"""Tell the ink of printed sides of boxes from that of strokes on them.

A side is straight and looks the same all along. Where it is darker or wider, a stroke
goes along it; where strokes end at both of its edges, one crosses it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median_high

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.boxes.bend import flatten, put_back
from mnistry.scan.page.boxes.sides import (
    EDGE,
    WIDE,
    BoxRow,
    Extent,
    Side,
    find_extent,
    shares_along,
)
from mnistry.scan.page.ink.binarize import Shades
from mnistry.scan.page.ink.components import label_components
from mnistry.scan.page.ink.masks import dilated, stroke_width
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

AROUND = 10  # pixels around a row that its sides may take
DARKER = 48  # of 255 more than most of a side: so dark is a stroke
LEAST_DARK = 200  # of 255; soft edges and paper between two sides are lighter
COVERED = 0.6  # of the width of a cell, at least, has ink along its upper or lower side
THICKEST_PEN = 12  # pixels
# of the pixels where strokes may cross sides: if so many are darker than sides, strokes
# are seen on them as darker ink. So 53 of 60 generated rows of thick double sides are
# read; 46 without this, 50 if all strokes must be darker, 32 with soft ink, which ends
# at 255
SHOWN = 0.5


def side_ink(row: BoxRow, mask: Mask, soft: Shades) -> Mask:
    """Return the ink of a row's sides, but not where strokes are on them.

    Args:
        row: Of boxes.
        mask: True where there is ink.
        soft: Soft ink, or full ink.
    """
    taken = _taken_between(row, mask, soft)
    if row.outer is not None and row.outer < row.top - EDGE:
        ends = row._replace(top=row.outer, bottom=row.top, outer=None)
        ends = ends._replace(sides=(row.sides[0], row.sides[-1]))
        taken |= _taken_between(ends, mask, soft)
    return taken


def _taken_between(row: BoxRow, mask: Mask, soft: Shades) -> Mask:
    """Return the ink of sides as high as a row."""
    down = slice(max(0, row.top - AROUND), row.bottom + AROUND)
    across = slice(max(0, row.left - AROUND), row.right + AROUND)
    across = slice(across.start, min(across.stop, mask.shape[1]))
    ink = flatten(mask, down, across, row.bend)
    greys = flatten(soft, down, across, row.bend)
    upright, thick = _upright_sides(row, ink, greys, (down.start, across.start))
    flat, high = _level_sides(row, ink, greys, (down.start, across.start))
    rest = ink & ~upright & ~flat
    near = dilated(ink & (upright | flat), 3)
    rest &= ~near | _opened(rest)
    kept = _crossed(rest, thick, is_upright=True) & upright
    kept |= _crossed(rest, high, is_upright=False) & flat
    kept &= _near_shown(rest, greys, near & (upright | flat), kept)
    left = _without_specks((rest | kept) & ink, dilated(upright | flat, 5))
    taken = np.zeros_like(mask)
    put_back(ink & ~left, taken, (down, across), row.bend)
    return taken


def _near_shown(rest: Mask, soft: Shades, sides: Mask, crossed: Mask) -> Mask:
    """Return where strokes are seen on sides as darker ink, with their edges.

    Args:
        rest: Ink without sides.
        soft: Soft ink, or full ink.
        sides: Ink of sides.
        crossed: Where strokes may cross them.

    Returns:
        All pixels, if so few are darker that strokes must be as dark as sides.
    """
    usual = float(np.median(soft[sides])) if sides.any() else 0.0
    shown = rest & (soft > max(usual + DARKER, LEAST_DARK))
    if np.count_nonzero(shown) < SHOWN * np.count_nonzero(crossed):
        return np.ones_like(rest)
    return dilated(shown, 3)


def _upright_sides(
    row: BoxRow, ink: Mask, soft: Shades, start: tuple[int, int]
) -> tuple[Mask, int]:
    """Find the ink of upright sides, and how wide the widest is."""
    found = np.zeros_like(ink)
    top, bottom = max(0, row.top - start[0]), row.bottom - start[0]
    part = ink[top:bottom].astype(np.uint8)
    greys = soft[top:bottom]

    def extent_of(side: Side, widest: int) -> Extent:
        leans = np.array([side.lean])
        return find_extent(part, side.column - start[1], leans, widest)[0]

    extents = [extent_of(side, 2 * AROUND) for side in row.sides]
    usual = median_high(extent.width for extent in extents)
    extents = [
        extent_of(side, usual) if extent.width > usual else extent
        for side, extent in zip(row.sides, extents, strict=True)
    ]
    for extent, darkest in zip(
        extents, _darkness_of([greys] * len(extents), extents), strict=True
    ):
        found[top:bottom] |= _explained(greys, extent, darkest)
        ends = extent.pixels(ink.shape[1])
        found[max(0, top - 2) : top] |= ends[0]
        found[bottom : bottom + 2] |= ends[-1]
    return found, max(extent.width for extent in extents)


def _level_sides(
    row: BoxRow, ink: Mask, soft: Shades, start: tuple[int, int]
) -> tuple[Mask, int]:
    """Find the ink of the sides above and below cells, and how high the highest is."""
    found = np.zeros_like(ink)
    highest = 1
    columns = [max(0, round(column) - start[1]) for column in row.columns]
    for middle in (row.top, row.bottom) if row.is_framed else (row.bottom,):
        at = middle - start[0]
        down = slice(max(0, at - AROUND), at + AROUND)
        cells = [slice(left, right + 2) for left, right in pairwise(columns)]
        parts = [np.ascontiguousarray(ink[down, of].T).astype(np.uint8) for of in cells]
        greys = [soft[down, of].T for of in cells]
        for across, grey, extent, darkest in _alike(cells, parts, greys):
            highest = max(highest, extent.width)
            found[down, across] |= _explained(grey, extent, darkest).T
    return found, highest


def _alike(
    cells: list[slice], parts: list[Pixels], greys: list[Shades]
) -> Iterator[tuple[slice, Shades, Extent, NDArray[np.float64]]]:
    """Yield sides of cells, each as high and as dark as most of them are.

    Where one is higher or darker, the bar or the foot of a digit goes along it.

    Args:
        cells: Their columns.
        parts: The ink around the side of each, turned upright.
        greys: Its soft ink.
    """
    wide = WIDE * max(map(len, parts), default=0)
    known: dict[tuple[int, bytes], Extent | None] = {}  # a program draws all alike
    for part in parts:
        key = len(part), part.tobytes()
        if key not in known:
            place = _place_of(part)
            known[key] = None if place is None else _level_extent(part, place)
    found = [
        (cell, part, grey, extent)
        for cell, part, grey in zip(cells, parts, greys, strict=True)
        if (extent := known[len(part), part.tobytes()]) is not None
    ]
    of_cells = [extent for _, part, _, extent in found if len(part) >= wide]
    usual = median_high([extent.width for extent in of_cells] or [0])
    middle = median_high([sum(extent.at_middle) for extent in of_cells] or [0]) / 2
    extents = [
        _level_extent(part, float(np.clip(middle, *extent.at_middle)), usual)
        if len(part) >= wide and extent.width > usual
        else extent
        for _, part, _, extent in found
    ]
    darkest = _darkness_of([grey for _, _, grey, _ in found], extents)
    for (cell, _, grey, _), extent, most in zip(found, extents, darkest, strict=True):
        yield cell, grey, extent, most


def _place_of(part: Pixels) -> float | None:
    """Find the middle of a level side of one cell; none if too little is inked."""
    shares = shares_along(part, _leans_of(part)).max(axis=0)
    if shares.max() < COVERED:
        return None
    return float(np.flatnonzero(shares >= 0.9 * shares.max()).mean())


def _level_extent(part: Pixels, place: float, widest: int = 2 * AROUND) -> Extent:
    """Find a level side of one cell, turned upright."""
    return find_extent(part, place, _leans_of(part), widest, stays=np.inf)[0]


def _leans_of(part: Pixels) -> NDArray[np.int64]:
    most = max(1, len(part) // 20)
    return np.arange(-most, most + 1)


def _explained(soft: Shades, extent: Extent, darkest: NDArray[np.float64]) -> Mask:
    """Find the pixels of an extent, and one more each way, not too dark for a side.

    Args:
        soft: Soft ink.
        extent: The side's.
        darkest: What each of its columns may be.
    """
    rows, columns, inside = _pixels(soft, extent)
    alike = (soft[rows, inside] <= darkest) & (columns == inside)
    found = np.zeros(soft.shape, bool)
    found[np.broadcast_to(rows, alike.shape)[alike], columns[alike]] = True
    return found


def _darkness_of(
    greys: Sequence[Shades], extents: Sequence[Extent]
) -> list[NDArray[np.float64]]:
    """Return how dark each column of sides may be.

    It is hardly darker than most of it, and than that column of most sides as wide.
    """
    of_size: dict[tuple[int, int], list[int]] = {}
    for number, (soft, extent) in enumerate(zip(greys, extents, strict=True)):
        of_size.setdefault((extent.width, len(soft)), []).append(number)
    usual: dict[int, NDArray[np.float64]] = {}
    by_width: dict[int, list[NDArray[np.float64]]] = {}
    for (width, _), numbers in of_size.items():  # one median is that of many in one
        sides = [_pixels(greys[number], extents[number]) for number in numbers]
        shades = [
            greys[number][rows, inside]
            for number, (rows, _, inside) in zip(numbers, sides, strict=True)
        ]
        medians = np.median(shades, axis=1)
        usual |= zip(numbers, medians, strict=True)
        by_width.setdefault(width, []).extend(medians)
    alike = {width: np.median(of, axis=0) for width, of in by_width.items()}
    return [
        np.maximum(np.minimum(usual[number], alike[extent.width]) + DARKER, LEAST_DARK)
        for number, extent in enumerate(extents)
    ]


def _pixels(soft: Shades, extent: Extent) -> tuple[NDArray[np.int64], ...]:
    """Index the pixels of an extent, one column more at each side.

    Returns:
        Rows, columns, and the nearest columns that are in the picture.
    """
    columns = extent.first[:, None] - 1 + np.arange(extent.width + 2 * EDGE + 2)
    rows = np.arange(len(soft))[:, None]
    return rows, columns, np.clip(columns, 0, soft.shape[1] - 1)


def _crossed(rest: Mask, width: int, *, is_upright: bool) -> Mask:
    """Find where strokes cross sides: between two ends that continue each other.

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
    """Leave out small components that are near sides only."""
    pen = min(THICKEST_PEN, stroke_width(ink))
    component_map, facts = label_components(ink)
    away = np.bincount(component_map[~near], minlength=len(facts))
    is_speck = (away < pen**2 / 2) & (facts[:, cv2.CC_STAT_AREA] < 2 * pen**2)
    kept: Mask = ink & ~is_speck[component_map]
    return kept


def _opened(mask: Mask) -> Mask:
    """Open by a square of two pixels, which needs one anchor there and one back."""
    square = rectangle(2, 2)
    eroded = cv2.erode(mask.astype(np.uint8), square, anchor=(0, 0))
    found: Mask = cv2.dilate(eroded, square, anchor=(1, 1)) > 0
    return found
