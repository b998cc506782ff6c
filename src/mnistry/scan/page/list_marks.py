"""Marks of a list: a tick, an arrow, a box to tick before each entry.

They are as tall as digits, and in one row what stands before a gap may be one. Where
several rows begin in one column with something wide and a gap, it is a mark.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple, Protocol, TypeVar

from mnistry.box import Box

# Lengths are in heights of a digit. Of 20 generated lists (MNIST's training digits,
# marks of five kinds) 93 of 110 numbers are read, 68 without this; of 200 generated
# pages of other kinds a row was parted on one.
WIDTH = 0.8, 1.4  # of a mark; most digits are narrower
GAP = 0.4  # after a mark
WIDER = 2.0  # times the gap between most digits
WIDEST = 1.2  # times the widest of other gaps
ALIGNED = 0.4  # by which marks begin left or right of each other
LEAST, MOSTLY = 3, 0.6  # rows with a mark; of those that begin there


class _HasBox(Protocol):
    @property
    def box(self) -> Box:
        """Around it."""


_Ink = TypeVar("_Ink", bound=_HasBox)


class _Start(NamedTuple):
    """How a row begins.

    Attributes:
        left: Its first column.
        count: Of its pieces, how many may be a mark; 0 if no gap comes soon.
        has_mark: It begins as with a mark.
    """

    left: int
    count: int = 0
    has_mark: bool = False


def part_marks(rows: Sequence[list[_Ink]], height: float) -> list[list[_Ink]]:
    """Part the marks of a list from its entries.

    Args:
        rows: Ink of each row of a page, from left to right.
        height: Of a digit.

    Returns:
        The rows; a mark is a row of its own.

    Example:
        >>> from mnistry.scan.page.lines import Component
        >>> lefts, width = (0, 50, 74), 26
        >>> boxes = [Box(left, 0, left + width, 30) for left in lefts]
        >>> row = [Component(box, 99, number) for number, box in enumerate(boxes)]
        >>> [len(part) for part in part_marks([row, row, row], 30)]
        [1, 2, 1, 2, 1, 2]
        >>> [len(part) for part in part_marks([row, row], 30)]
        [3, 3]
    """
    starts = [_start([of.box for of in row], height) for row in rows]
    every = sorted(of.left for of in starts)
    marked = sorted(of.left for of in starts if of.has_mark)
    parted: list[list[_Ink]] = []
    for row, (left, count, _) in zip(rows, starts, strict=True):
        near = left - ALIGNED * height, left + ALIGNED * height
        least = max(LEAST, MOSTLY * _count_between(every, near))
        is_listed = count > 0 and _count_between(marked, near) >= least
        parted += [row[:count], row[count:]] if is_listed else [row]
    return parted


def _count_between(ordered: list[int], ends: tuple[float, float]) -> int:
    return bisect_right(ordered, ends[1]) - bisect_left(ordered, ends[0])


def _start(row: Sequence[Box], height: float) -> _Start:
    left, reached = row[0].left, row[0].right
    gaps, widths = [], []
    for before, after in pairwise(row):
        reached = max(reached, before.right)
        widths.append(reached - left)
        gaps.append(after.left - reached)
    count = sum(width < WIDTH[1] * height for width in widths)
    if not count or len(gaps) < 2:
        return _Start(left)
    gap = max(gaps[:count])
    at = gaps.index(gap)
    others = gaps[:at] + gaps[at + 1 :]
    if gap < max(GAP * height, *others):
        return _Start(left)
    least = max(WIDER * median_low(others), WIDEST * max(others))
    is_wide = widths[at] > WIDTH[0] * height
    return _Start(left, at + 1, is_wide and gap > least)
