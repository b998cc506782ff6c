"""Split components that belong to two lines: where lines are close, strokes touch.

A component as tall as two lines would be in one of them only, or join both. It is split
along the seam between them that crosses the least ink, as text lines are by seam
carving (Saabni and El-Sana 2011, doi:10.1109/ICDAR.2011.119).
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap
from mnistry.box import Box
from mnistry.scan.page.ink.components import (
    Component,
    find_components,
    ink_of,
    of_ordinary_height,
    typical_height,
)
from mnistry.scan.page.layout.lines import group

# Lengths are in heights of a digit. With COVERED at 0.5, more BEYOND or lines farther
# away as many of 240 numbers on composed pages of close lines were read.
TWO = 1.5, 4.5  # the height of components that may belong to two lines, or three
COVERED = 0.6  # of the rows of a line it covers, if it belongs to it
BEYOND = 0.5  # above the first and below the last line, at most: rules reach farther
NEAR = 1.5  # to the next component of the line, at most
NEAREST = 3  # components of a line that show where it is
FEWEST = 2  # components of a line
AROUND = 0.3  # from the middle between two lines to their seam, at most
LEVEL = 0.02  # pixels of ink that each row away from that middle costs

_Band = tuple[float, float]
"""Rows where the digits of a line begin and end, near a component."""


class _Rows:
    """The components of lines, and where each line is."""

    def __init__(self, lines: list[list[Component]]) -> None:
        self.boxes = [np.array([of.box for of in line]) for line in lines]
        ends = [[*of[:, :2].min(axis=0), *of[:, 2:].max(axis=0)] for of in self.boxes]
        self.ends = np.array(ends, np.int64).reshape(-1, 4)

    def bands_at(self, box: Box, near: float) -> list[_Band]:
        """Return the rows of each line at a box, if it has a component near the box."""
        away = np.maximum(
            self.ends[:, :2] - box[2:], np.array(box[:2]) - self.ends[:, 2:]
        )
        found = []
        for number in np.flatnonzero((away < [near, 0]).all(axis=1)).tolist():
            boxes = self.boxes[number]
            room = np.maximum(boxes[:, 0] - box.right, box.left - boxes[:, 2])
            nearest = np.argsort(room, kind="stable")[:NEAREST]
            if room[nearest[0]] < near:
                top, bottom = np.median(boxes[nearest][:, 1::2], axis=0).tolist()
                found.append((top, bottom))
        return sorted(found)


def split_touching(
    components: list[Component], component_map: ComponentMap
) -> list[Component]:
    """Split components that belong to two lines, in the map too.

    Args:
        components: Of a page.
        component_map: Number of the component at each pixel, 0 for none; parts get new
            numbers in place.

    Returns:
        The components, with the parts of those that were split.
    """
    height = typical_height(components)
    tall = {c for c in components if TWO[0] < c.box.height / (height or 1) < TWO[1]}
    if not tall:
        return components
    fair = of_ordinary_height(components, height)
    lines = group(sorted(fair, key=lambda c: c.box.left), height)
    rows = _Rows([line for line in lines if len(line) >= FEWEST])
    kept = []
    used = int(component_map.max())
    for one in components:
        bands = _bands(one.box, rows, height) if one in tall else []
        if len(bands) < 2:
            kept.append(one)
            continue
        for ink in _part(one, bands, component_map, AROUND * height):
            parts, numbers = find_components(ink)
            here = component_map[one.box.slices]
            here[ink] = numbers[ink] + used
            kept += [
                Component(part.box.moved(*one.box[:2]), part.area, part.number + used)
                for part in parts
            ]
            used += int(numbers.max())
    return kept


def _bands(box: Box, rows: _Rows, height: float) -> list[_Band]:
    """Find the lines a component belongs to, from top to bottom; none if it goes on."""
    bands: list[_Band] = []
    for top, bottom in rows.bands_at(box, NEAR * height):
        shared = min(box.bottom, bottom) - max(box.top, top)
        is_below = not bands or top > sum(bands[-1]) / 2
        if is_below and shared > COVERED * (bottom - top):
            bands.append((top, bottom))
    if not bands:
        return []
    beyond = max(bands[0][0] - box.top, box.bottom - bands[-1][1])
    return bands if beyond < BEYOND * height else []


def _part(
    component: Component,
    bands: list[_Band],
    component_map: ComponentMap,
    around: float,
) -> Iterator[NDArray[np.bool_]]:
    """Split the ink of a component between lines; each part is as large as its box."""
    rest = ink_of(component, component_map)
    top = component.box.top
    for (_, end), (start, _) in pairwise(bands):
        above = _above_seam(rest, (end + start) / 2 - top, around)
        yield rest & above
        rest = rest & ~above
    yield rest


def _above_seam(
    ink: NDArray[np.bool_], middle: float, around: float
) -> NDArray[np.bool_]:
    """Return which pixels are above the seam that crosses the least ink.

    Args:
        ink: Of two lines.
        middle: Row between them.
        around: Rows from it, at most, to the seam.
    """
    first = max(0, int(middle - around))
    part = ink[first : max(first + 1, int(np.ceil(middle + around)))]
    rows = np.arange(len(part))
    costs = part + LEVEL * np.abs(rows[:, None] + first - middle)
    steps = np.zeros(part.shape, np.int64)
    reached = costs[:, 0]
    for column in range(1, part.shape[1]):
        padded = np.pad(reached, 1, constant_values=np.inf)
        ways = np.stack([padded[1:-1], padded[:-2], padded[2:]])  # level, from above …
        steps[:, column] = np.array([0, -1, 1])[ways.argmin(axis=0)]
        reached = costs[:, column] + ways.min(axis=0)
    seam = np.empty(part.shape[1], np.int64)
    seam[-1] = reached.argmin()
    for column in range(part.shape[1] - 1, 0, -1):
        seam[column - 1] = seam[column] + steps[seam[column], column]
    above: NDArray[np.bool_] = np.arange(len(ink))[:, None] <= seam + first
    return above
