"""Split the numbers of a list, 1, 2, 3, from its entries.

In a single row, a gap after a digit may be within a number. Where rows begin in one
column with consecutive numbers, each with a gap after it, they are a numbered list. The
net takes the bracket of `1)` for a one: such rows begin with 11, 21, 31.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from mnistry.box import Box
from mnistry.scan.page.layout.lines import Line, split_at

# Lengths are in heights of a digit.
GAP = 0.4  # after the number, at least
WIDER = 1.5  # times any other gap of its row
ALIGNED = 0.8  # between the columns where numbers begin, at most
LONGEST = 2  # digits of a number
BRACKET_AS = "10"  # what the net takes the bracket after a number for
LEAST, MOSTLY = 3, 0.6  # consecutive rows, and their share of those aligned
NEAR = 0.6  # from the column where most entries begin, at most


class ReadRow(NamedTuple):
    """A row of a page, as a whole.

    Attributes:
        line: With its components.
        digits: That were read in it; none if it is no number.
        boxes: Of each.
    """

    line: Line
    digits: Sequence[int]
    boxes: Sequence[Box]


class _Start(NamedTuple):
    """How a row may begin: with a number of a list, and a gap.

    Attributes:
        number: Of the list.
        gap: From the end of the number to its entry; none if nothing follows.
    """

    number: int
    gap: tuple[int, int] | None


def split_numbered(rows: Sequence[ReadRow]) -> list[list[Line]]:
    """Split the rows of a numbered list.

    Args:
        rows: Of a page, from top to bottom.

    Returns:
        Of each row its lines: one, or the number of a list and its entry.

    Example:
        >>> from mnistry.scan.page.ink.components import Component
        >>> def row(number, top):
        ...     boxes = [Box(x, top, x + 15, top + 30) for x in (0, 40, 60)]
        ...     some = [Component(box, 200, at) for at, box in enumerate(boxes)]
        ...     line = Line(tuple(some), (top, top + 30))
        ...     return ReadRow(line, (number, 4, 7), boxes)
        >>> rows = [row(number, 50 * number) for number in (1, 2, 3)]
        >>> [[len(line.components) for line in of] for of in split_numbered(rows)]
        [[1, 2], [1, 2], [1, 2]]
        >>> rows = [row(number, 50 * number) for number in (4, 2, 3)]
        >>> [len(of) for of in split_numbered(rows)]
        [1, 1, 1]
    """
    starts = [list(_starts(row)) for row in rows]
    gaps = _listed_gaps(rows, starts)
    return [
        split_at(row.line, [sum(gaps[at]) / 2]) if at in gaps else [row.line]
        for at, row in enumerate(rows)
    ]


def _starts(row: ReadRow) -> Iterator[_Start]:
    """Yield the ways in which a row may begin with the number of a list."""
    height = row.line.height
    gaps = [two.left - one.right for one, two in pairwise(row.boxes)]
    for count in range(1, min(LONGEST + 1, len(row.digits)) + 1):
        ends = None
        if count < len(row.digits):
            others = [WIDER * of for of in (*gaps[: count - 1], *gaps[count:])]
            if gaps[count - 1] < max([GAP * height, *others]):
                continue
            ends = row.boxes[count - 1].right, row.boxes[count].left
        text = "".join(map(str, row.digits[:count]))
        if count <= LONGEST:
            yield _Start(int(text), ends)
        if count > 1 and text[-1] in BRACKET_AS:
            yield _Start(int(text[:-1]), ends)


def _listed_gaps(
    rows: Sequence[ReadRow], starts: Sequence[list[_Start]]
) -> dict[int, tuple[int, int]]:
    """Return the gap after its number of each row that a list has."""
    lefts = [row.line.box.left for row in rows]
    best: list[int] = []
    first = 0
    for left, row, some in zip(lefts, rows, starts, strict=True):
        if not some:
            continue
        room = ALIGNED * row.line.height
        here = [at for at, other in enumerate(lefts) if abs(other - left) <= room]
        counts = Counter(
            number - place
            for place, at in enumerate(here)
            for number in {start.number for start in starts[at]}
        )
        offset, count = counts.most_common(1)[0]
        if count >= max(LEAST, MOSTLY * len(here)) and len(here) > len(best):
            best, first = here, offset
    gaps = {
        at: start.gap
        for place, at in enumerate(best)
        for start in starts[at]
        if start.number == first + place and start.gap
    }
    if len(gaps) < 2:
        return gaps
    return gaps | _other_gaps(rows, starts, [at for at in best if at not in gaps], gaps)


def _other_gaps(
    rows: Sequence[ReadRow],
    starts: Sequence[list[_Start]],
    rest: Sequence[int],
    gaps: dict[int, tuple[int, int]],
) -> dict[int, tuple[int, int]]:
    """Return the gaps of rows whose number was misread, if entries begin as others."""
    usual = median(end for _, end in gaps.values())
    return {
        at: start.gap
        for at in rest
        for start in starts[at]
        if start.gap and abs(start.gap[1] - usual) < NEAR * rows[at].line.height
    }
