"""The parts of a line that are numbers: words and numbers may be in one row.

`lines` splits a row only at gaps wider than any within a number. A row that is no
number as a whole may be words with a number after them, as on a cheque whose words end
close to the amount, or print with several numbers among its words.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import inf
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout.lines import Line, find_lines

GAP = 0.6  # heights of a line; words of print are closer together
LONGEST_NUMBER = 24  # components; longer is seldom a number, and takes long to read
SHORTEST = 2  # components: a single digit among words is not read
# of the gap to the word beside it, and times other gaps between digits: a wider gap is
# a space between two numbers. On ten generated letters and eight cheques, not those
# that set these, 355 numbers are read so, 285 without; 152 confidently, 107 without;
# none confidently wrong, 3 without
SPACE, WIDER = 0.85, 2.0
BLACK = 128  # of 255; soft ink of a point is no lighter
FOOT = 0.15  # heights below the digits to which points reach
LETTERS = 2  # between two digits that were read are a word

Span = tuple[float, float]
"""The first column, and the one after the last."""

EVERYWHERE: Span = (-inf, inf)


def ends_apart(line: Line, soft: Pixels) -> list[Line]:
    """Return what may be a number at the ends of a line, apart from the rest.

    Args:
        line: With its components from left to right.
        soft: Soft ink of the page.

    Example:
        >>> from mnistry.box import Box
        >>> lefts = 0, 22, 70, 92, 140, 162
        >>> six = tuple(Component(Box(x, 0, x + 20, 30), 200, x) for x in lefts)
        >>> soft = np.zeros((40, 200), np.uint8)
        >>> [end.box.left for end in ends_apart(Line(six, (0, 30)), soft)]
        [0, 140]
        >>> ends_apart(Line(six[:2], (0, 30)), soft)
        []
    """
    reached = line.components[0].box.left
    parts: list[list[Component]] = [[]]
    for component in line.components:
        if component.box.left - reached > GAP * line.height:
            parts.append([])
        parts[-1].append(component)
        reached = max(reached, component.box.right)
    if len(parts) < 2:
        return []
    inked = _inked(line, soft)
    reached = max(of.box.right for of in parts[-2])
    ends = (parts[0], (-inf, parts[1][0].box.left)), (parts[-1], (reached, inf))
    fitting = [
        part
        for end, beside in ends
        for part in _at_spaces(end, beside, inked)
        if SHORTEST <= len(part) <= LONGEST_NUMBER
    ]
    return [found for part in fitting for found in find_lines(part)]


def is_beside_words(end: Line, line: Line, digits: Sequence[Box]) -> bool:
    """Return whether most of a line beside one end was not read as digits.

    Args:
        end: Of the line.
        line: As a whole.
        digits: Boxes of what was read of it.
    """
    rest = [part for part in line.tall if part not in end.components]
    left, right = end.box.left, end.box.right
    others = [box for box in digits if not left <= box.centre[0] < right]
    return 2 * len(others) <= len(rest)


def between_words(
    line: Line, digits: Sequence[Box], soft: Pixels
) -> list[tuple[Line, Span]]:
    """Return the numbers of a row that has words between them, as lines of their own.

    Args:
        line: With its components.
        digits: Boxes of what was read of it as one number.
        soft: Soft ink of the page: points of print are too small for components.

    Returns:
        Lines, and the columns between the words beside each; none if no word splits
        the row.

    Example:
        >>> lefts = 0, 22, 50, 62, 74, 100, 122
        >>> row = [Component(Box(x, 0, x + 10, 30), 200, x) for x in lefts]
        >>> one = Line(tuple(row), (0, 30))
        >>> digits = [row[at].box for at in (0, 1, 5, 6)]
        >>> soft = np.zeros((40, 140), np.uint8)
        >>> [(part.box.left, ends) for part, ends in between_words(one, digits, soft)]
        [(0, (-inf, 50)), (100, (84, inf))]
        >>> between_words(one, [of.box for of in row], soft)
        []
    """
    read = sorted(digits, key=lambda box: box.left + box.right)
    tall = [of.box for of in line.tall]
    letters = [box for box in tall if not any(_is_within(box, of) for of in read)]
    numbers = [read[:1]]
    for one, two in pairwise(read):
        gap = [box for box in letters if one.right <= box.centre[0] < two.left]
        if len(gap) >= LETTERS:
            numbers.append([])
        numbers[-1].append(two)
    inked = _inked(line, soft)
    split: list[tuple[list[Component], Span]] = []
    for number in filter(None, numbers):
        left, right = number[0].left, max(box.right for box in number)
        some = [of for of in line.components if left <= of.box.centre[0] < right]
        before = max((of.right for of in letters if of.centre[0] < left), default=-inf)
        after = min((of.left for of in letters if of.centre[0] >= right), default=inf)
        split += [
            (part, (before, after)) for part in _at_spaces(some, (before, after), inked)
        ]
    if len(split) < 2:
        return []
    return [
        (of, _around(of.box, *ends))
        for some, ends in split
        if SHORTEST <= len(some) <= LONGEST_NUMBER
        for of in find_lines(some)
    ]


def _at_spaces(
    some: list[Component], ends: Span, inked: NDArray[np.bool_]
) -> list[list[Component]]:
    """Split the components of numbers at gaps like those to the words beside them.

    Args:
        some: Of one number or several, from left to right.
        ends: Where the word before them ends, and where the one after them begins.
        inked: Whether there is ink in each column of the row, points too.
    """
    if len(some) < SHORTEST:
        return [some]
    reached = [*accumulate((of.box.right for of in some), max)]
    gaps = [
        _longest_blank(inked[end : max(end, of.box.left)])
        for end, of in zip(reached, some[1:], strict=False)
    ]
    usual = WIDER * median(gaps)
    beside = some[0].box.left - ends[0], ends[1] - reached[-1]
    spaces = [of for of in beside if usual < of < inf]
    wide = SPACE * min(spaces, default=inf)
    parts = [some[:1]]
    for of, gap in zip(some[1:], gaps, strict=True):
        if gap > max(wide, usual):
            parts.append([])
        parts[-1].append(of)
    return parts


def _inked(line: Line, soft: Pixels) -> NDArray[np.bool_]:
    """Return the columns in which a line has ink."""
    rows = slice(int(line.band[0]), int(line.band[1] + FOOT * line.height))
    return np.asarray((soft[rows] >= BLACK).any(axis=0))


def _longest_blank(inked: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of columns without ink."""
    ends = np.ones(len(inked) + 2, bool)
    ends[1:-1] = inked
    ink = np.flatnonzero(ends)
    return int(np.diff(ink).max()) - 1


def _around(box: Box, before: float, after: float) -> Span:
    """Return the columns between two letters, which a number may touch."""
    return min(before, box.left), max(after, box.right)


def _is_within(box: Box, digit: Box) -> bool:
    return digit.left <= box.centre[0] < digit.right
