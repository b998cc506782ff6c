"""Find lines of writing.

A line is made of components about as tall as a digit, side by side. Its band are the
rows where digits of ordinary height begin and end.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from statistics import median, median_low
from typing import NamedTuple

import numpy as np

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.ink.components import (
    Component,
    of_ordinary_height,
    typical_height,
)
from mnistry.scan.page.layout.list_marks import split_marks
from mnistry.scan.page.layout.list_numbers import after_number
from mnistry.scan.page.layout.other_sizes import at_other_size
from mnistry.scan.page.layout.table_rules import Tables, TextRow

LEAST_HEIGHT = 0.45  # of the typical height: smaller components are dots or dashes
MOST_HEIGHT = 5.0  # times the typical height, which may be that of print
SMALL, TALL = 14, 130  # pixels; whatever is between them may be a digit
ALIKE = 0.4  # of the taller of two neighbours in a line: the other one is no lower
SHARED = 0.35  # of the lower one's rows are also the taller one's, at least
WIDE_GAP = 1.3  # heights of a digit; no gap within a number is so wide ...
WIDER_GAP = 3.0  # ... unless all of them are: times the median gap of its row
AT_RULE, WIDER_AT_RULE = 0.6, 2.0  # the same for a gap with an upright rule in it
ROOM = 0.45  # heights of a digit above and below its line to which ink of it reaches
# times as far from its row as a digit of the usual height may be one that is lower:
# with 1 each letter on the keys beside a sheet was a line of its own, an O a sure 0
KEYS = 2
DIGIT_WIDTH = 0.7  # heights of a digit; ink wider than two is of several, without gaps


class Line(NamedTuple):
    """A line of writing: its components, and the band of its digits.

    Attributes:
        components: From left to right.
        band: Rows where its digits begin and end, estimated from components.
        other: The same estimated in another way, if there is one.
    """

    components: tuple[Component, ...]
    band: tuple[float, float]
    other: tuple[float, float] | None = None

    @classmethod
    def of(cls, components: Iterable[Component], band: tuple[float, float]) -> "Line":
        """Make a line of components in any order."""
        return cls(tuple(sorted(components, key=lambda one: one.box.left)), band)

    @property
    def height(self) -> float:
        """Of a digit of ordinary height."""
        return self.band[1] - self.band[0]

    @property
    def tall(self) -> list[Component]:
        """Its components but those less than half as tall as a digit, such as dots."""
        return [one for one in self.components if one.box.height > self.height / 2]

    @property
    def box(self) -> Box:
        """Around all components."""
        return Box.around(component.box for component in self.components)


def find_lines(
    components: list[Component], rules: Mask | None = None, others: Mask | None = None
) -> list[Line]:
    """Group components to lines, from top to bottom.

    Args:
        components: Of ink without rules and frames.
        rules: True where rules were.
        others: True where other rules were, faded or pale or sides of boxes: these
            split lines only if they are a table's.
    """
    height = typical_height(components)
    if not height:
        return []
    least, most = min(LEAST_HEIGHT * height, SMALL), max(MOST_HEIGHT * height, TALL)
    tall = [c for c in components if least <= c.box.height <= most]
    rows = group(sorted(tall, key=lambda c: c.box.left), height)
    small = sorted((c for c in components if c.box.height < least), key=_middle)
    rows = split_marks(rows, height, partial(_between, small))
    masks = [of for of in (rules, others) if of is not None and of.any()]
    tables = None
    if masks:
        tables = Tables([*map(_as_row, rows)], rules, np.logical_or.reduce(masks))
    lines = [
        _line(part, small) for row in rows for part in _at_gaps(row, small, tables)
    ]
    return sorted(lines, key=lambda line: (line.band[0], line.box.left))


def split_at(line: Line, places: Sequence[float]) -> list[Line]:
    """Split a line, and find the lines in each part.

    Args:
        line: With its components.
        places: Columns, from left to right; a component is where its middle is.
    """
    parts: list[list[Component]] = [[] for _ in range(len(places) + 1)]
    for component in line.components:
        parts[bisect_left(places, component.box.centre[0])].append(component)
    return [found for part in parts for found in find_lines(part)]


def main_line(lines: Sequence[Line]) -> Line | None:
    """Return the line with the most ink, if there is any."""
    inks = [sum(of.area for of in line.components) for line in lines]
    return lines[inks.index(max(inks))] if inks else None


def _middle(component: Component) -> float:
    return component.box.centre[1]


def _between(small: list[Component], top: float, bottom: float) -> list[Component]:
    """Return components, sorted by their middles, with these between two rows."""
    first = bisect_left(small, top, key=_middle)
    some = small[first : bisect_right(small, bottom, key=_middle)]
    return sorted(some, key=lambda component: component.number)


def group(tall: list[Component], height: float) -> list[list[Component]]:
    """Group components to rows: each is put at the end of the row it continues.

    Args:
        tall: Components, from left to right.
        height: Of a digit. It is also the height of the bands by which each component
            is compared with few of the rows.
    """
    rows: list[list[Component]] = []
    bands: defaultdict[int, list[int]] = defaultdict(list)  # rows in each
    for component in tall:
        best, most, box = None, 0.0, component.box
        here = range(int(box.top // height), int((box.bottom - 1) // height) + 1)
        for band in here:  # what follows is farther right: a row out of reach ends
            bands[band] = [n for n in bands[band] if _reaches(rows[n], box, height)]
        near, own = {n for band in here for n in bands[band]}, KEYS * box.height
        for number in sorted(n for n in near if _reaches(rows[n], box, own)):
            share = max(_likeness(box, other.box) for other in rows[number][-3:])
            if share > most:
                best, most = number, share
        if best is None:
            best = len(rows)
            rows.append([])
        rows[best].append(component)
        for band in here:
            if best not in bands[band]:
                bands[band].append(best)
    return rows


def _reaches(row: list[Component], box: Box, height: float) -> bool:
    last = row[-1].box
    return box.left - last.right <= 3 * max(height, last.height)


def _likeness(one: Box, two: Box) -> float:
    """Return the rows in both boxes as a share of the rows in either.

    It is 0 if their heights differ, or few of the lower box's rows are in both: so much
    a digit may share with the print beside it, but it has more of another digit's rows.
    """
    (_, top, _, bottom), (_, start, _, end) = one, two
    shared = (bottom if bottom < end else end) - (top if top > start else start)
    if shared <= 0:
        return 0.0  # the usual case, so it comes first
    least, most = bottom - top, end - start
    if least > most:
        least, most = most, least
    is_alike = least > ALIKE * most and shared > SHARED * least
    return shared / (least + most - shared) if is_alike else 0.0


def _at_gaps(
    row: list[Component], small: list[Component], tables: Tables | None
) -> list[list[Component]]:
    """Split a row at gaps much wider than most of it: there another cell begins.

    An upright rule in the gap separates cells too; but if the next gap has one as well,
    digits may be in boxes of their own, and it must be a table's.
    """
    top, bottom = _band(row)
    height = bottom - top
    low = bottom + 0.1 * height
    dashes = [c for c in _between(small, top, low) if top < _middle(c) < low]
    ink = sorted([*row, *dashes], key=lambda c: c.box.left)
    reached = np.maximum.accumulate([c.box.right for c in ink])
    lefts = np.array([c.box.left for c in ink[1:]])
    gaps = lefts - reached[:-1]
    if not len(gaps):
        return [row]
    touching = sum(max(0, round(c.box.width / (DIGIT_WIDTH * height)) - 1) for c in row)
    usual = median_low([*np.maximum(gaps, 0).tolist(), *[0] * touching])
    wide = max(WIDE_GAP * height, WIDER_GAP * usual)
    boxes = [c.box for c in ink]
    is_tall = np.isin([c.number for c in ink], [c.number for c in row])
    is_wide = (gaps > wide) | after_number(boxes, (top, bottom), usual)
    is_wide |= at_other_size(boxes, gaps, is_tall, usual)
    if tables is not None:
        ruled = tables.through((top, bottom), reached[:-1], lefts)
        beside = np.pad(ruled, 1)
        alone = ruled & ~beside[:-2] & ~beside[2:]
        is_wide |= alone & (gaps > max(AT_RULE * height, WIDER_AT_RULE * usual))
        is_wide |= tables.separate(_as_row(row), reached[:-1], lefts)
    if not is_wide.any():
        return [row]
    numbers = np.searchsorted(lefts[is_wide], [c.box.left for c in row], "right")
    ends = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(row)]
    return [row[start:end] for start, end in pairwise(ends)]


def _as_row(row: list[Component]) -> TextRow:
    return TextRow(_band(row), [one.box for one in row])


def _line(row: list[Component], small: list[Component]) -> Line:
    band = _band(row)
    height = band[1] - band[0]
    left = min(c.box.left for c in row) - height
    right = max(c.box.right for c in row) + height
    near = [
        c
        for c in _between(small, band[0], band[1] + 0.25 * height)
        if left <= c.box.left and c.box.right <= right
    ]
    return Line.of([*row, *near], band)


def _band(row: list[Component]) -> tuple[float, float]:
    fair = of_ordinary_height(row, typical_height(row))
    tops, bottoms = ([of.box[side] for of in fair] for side in (1, 3))
    return float(median(tops)), float(median(bottoms))


def ends_of(line: Line, columns: int) -> tuple[float, float]:
    """Return the columns where a line begins and ends, half its height added.

    Args:
        line: With its box.
        columns: Of the picture, beyond which there is no room.

    Returns:
        First column of the line, and the one after its last.
    """
    room = line.height / 2
    return max(0.0, line.box.left - room), min(columns, line.box.right + room)
