"""Marks of a list: a tick, an arrow or a box to tick before each entry.

They are as tall as digits, and in a single row one may be a digit before a gap. Where
several rows begin in one column with something wide and a gap, these are marks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component

# Lengths are in heights of a digit. Of 14 generated lists (MNIST's training digits,
# marks of five kinds) 69 of 83 numbers are read, 63 with 0.9 in place of 0.85, 59 with
# 0.75 in place of 0.6. Of 40 columns of numbers such as 5 979, with a space of 0.4 to
# 0.65, one was split.
WIDTH = 0.85, 1.4  # of a mark; digits are narrower, most of a column are
GAP = 0.4  # after a mark
WIDER = 2.0  # times the gap between most digits
WIDEST = 1.2  # times the widest of the other gaps
BELOW = 0.3  # below the row: a point may be so low
ALIGNED = 0.4  # between the columns where marks begin, at most
LEAST, MOSTLY = 3, 0.6  # rows with a mark, and their share of those that begin there


FindSmall = Callable[[float, float], Sequence[Component]]
"""Gives components whose middle lies between two rows of pixels."""


class _Start(NamedTuple):
    """How a row begins.

    Attributes:
        left: Its first column.
        pieces: How many components may be a mark; 0 if no wide gap follows.
        has_mark: They are as wide as a mark.
    """

    left: int
    pieces: int = 0
    has_mark: bool = False


def split_marks(
    rows: Sequence[list[Component]], height: float, small: FindSmall
) -> list[list[Component]]:
    """Split the marks of a list from its entries.

    Args:
        rows: The components of each row of a page, from left to right.
        height: Of a digit.
        small: Gives components lower than digits between two rows of pixels. One in the
            gap is a point, and what stands before it a number.

    Returns:
        The rows; a mark is a row of its own.

    Example:
        >>> lefts, width = (0, 50, 82), 28
        >>> boxes = [Box(left, 0, left + width, 30) for left in lefts]
        >>> row = [Component(box, 99, number) for number, box in enumerate(boxes)]
        >>> [len(part) for part in split_marks([row] * 3, 30, lambda *_: [])]
        [1, 2, 1, 2, 1, 2]
        >>> [len(part) for part in split_marks([row] * 2, 30, lambda *_: [])]
        [3, 3]
    """
    starts = [_start([of.box for of in row], height, small) for row in rows]
    every = sorted(of.left for of in starts)
    marked = sorted(of.left for of in starts if of.has_mark)
    split: list[list[Component]] = []
    for row, (left, pieces, _) in zip(rows, starts, strict=True):
        near = left - ALIGNED * height, left + ALIGNED * height
        least = max(LEAST, MOSTLY * _count_between(every, near))
        is_listed = pieces > 0 and _count_between(marked, near) >= least
        split += [row[:pieces], row[pieces:]] if is_listed else [row]
    return split


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
