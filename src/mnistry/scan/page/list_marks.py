"""Marks of a list: a tick, an arrow, a box to tick before each entry.

They are as tall as digits, and in one row what stands before a gap may be one. Where
several rows begin in one column with something wide and a gap, it is a mark.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple

from mnistry.box import Box
from mnistry.scan.page.components import Component

# Lengths are in heights of a digit. Of 14 generated lists (MNIST's training digits,
# marks of five kinds) 69 of 83 numbers are read, with 0.9 in place of 0.85 63, and with
# 0.75 in place of 0.6 59. Of 40 columns such as 5 979, whose space is 0.4 to 0.65
# wide, one was parted.
WIDTH = 0.85, 1.4  # of a mark; digits are narrower, most of a column are
GAP = 0.4  # after a mark
WIDER = 2.0  # times the gap between most digits
WIDEST = 1.2  # times the widest of other gaps
BELOW = 0.3  # what is in the gap, though it goes so far below
ALIGNED = 0.4  # by which marks begin left or right of each other
LEAST, MOSTLY = 3, 0.6  # rows with a mark; of those that begin there


FindSmall = Callable[[float, float], Sequence[Component]]
"""Gives components whose middle lies between two rows of pixels."""


class _Start(NamedTuple):
    """How a row begins.

    Attributes:
        left: Its first column.
        pieces: How many pieces may be a mark; 0 if no wide gap follows it.
        has_mark: It begins as with a mark.
    """

    left: int
    pieces: int = 0
    has_mark: bool = False


def part_marks(
    rows: Sequence[list[Component]], height: float, small: FindSmall
) -> list[list[Component]]:
    """Part the marks of a list from its entries.

    Args:
        rows: Ink of each row of a page, from left to right.
        height: Of a digit.
        small: Gives what is lower than digits between two rows of pixels; where that is
            in the gap, it is a point, and what stands before it is a number.

    Returns:
        The rows; a mark is a row of its own.

    Example:
        >>> lefts, width = (0, 50, 82), 28
        >>> boxes = [Box(left, 0, left + width, 30) for left in lefts]
        >>> row = [Component(box, 99, number) for number, box in enumerate(boxes)]
        >>> [len(part) for part in part_marks([row] * 3, 30, lambda *_: [])]
        [1, 2, 1, 2, 1, 2]
        >>> [len(part) for part in part_marks([row] * 2, 30, lambda *_: [])]
        [3, 3]
    """
    starts = [_start([of.box for of in row], height, small) for row in rows]
    every = sorted(of.left for of in starts)
    marked = sorted(of.left for of in starts if of.has_mark)
    parted: list[list[Component]] = []
    for row, (left, pieces, _) in zip(rows, starts, strict=True):
        near = left - ALIGNED * height, left + ALIGNED * height
        least = max(LEAST, MOSTLY * _count_between(every, near))
        is_listed = pieces > 0 and _count_between(marked, near) >= least
        parted += [row[:pieces], row[pieces:]] if is_listed else [row]
    return parted


def _count_between(ordered: list[int], ends: tuple[float, float]) -> int:
    return bisect_right(ordered, ends[1]) - bisect_left(ordered, ends[0])


def _start(row: Sequence[Box], height: float, small: FindSmall) -> _Start:
    left, reached = row[0].left, row[0].right
    gaps: list[int] = []
    for before, after in pairwise(row):
        reached = max(reached, before.right)
        gaps.append(after.left - reached)
    at = next((at for at, gap in enumerate(gaps) if gap > 0), len(gaps))
    others = gaps[:at] + gaps[at + 1 :]
    if not others or at == len(gaps) or gaps[at] < max(GAP * height, *others):
        return _Start(left)
    end = row[at + 1].left
    rows = min(box.top for box in row), max(box.bottom for box in row) + BELOW * height
    if any(end - gaps[at] <= of.box.left < end for of in small(*rows)):
        return _Start(left)
    least = max(WIDER * median_low(others), WIDEST * max(others))
    width = (end - gaps[at] - left) / height
    is_mark = WIDTH[0] < width < WIDTH[1] and gaps[at] > least
    return _Start(left, at + 1, is_mark)
