"""The parts of a line that are numbers: words and numbers may stand in one row.

`lines` parts a row only where no number has a gap. What is no number as a whole may be
words with a number after them, as on a cheque whose words end close to the amount, or a
row of print with several numbers among its words.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from mnistry.box import Box
from mnistry.scan.page.lines import Component, Line, find_lines

GAP = 0.6  # heights of a line; words of print stand closer
LONGEST_NUMBER = 24  # components; what is longer is seldom one, and takes long to read
SHORTEST = 2  # components: a digit alone among words is not read
LETTERS = 2  # between two digits that were read: there is a word, and two numbers

Span = tuple[float, float]
"""The first column, and the one after the last."""

EVERYWHERE: Span = (-inf, inf)


def ends_apart(line: Line) -> list[Line]:
    """Give what stands apart at the ends of a line and may be a number.

    Args:
        line: With its components from left to right.

    Example:
        >>> from mnistry.box import Box
        >>> lefts = 0, 22, 70, 92, 140, 162
        >>> six = tuple(Component(Box(x, 0, x + 20, 30), 200, x) for x in lefts)
        >>> [end.box.left for end in ends_apart(Line(six, (0, 30)))]
        [0, 140]
        >>> ends_apart(Line(six[:2], (0, 30)))
        []
    """
    reached = line.components[0].box.left
    parts: list[list[Component]] = [[]]
    for component in line.components:
        if component.box.left - reached > GAP * line.height:
            parts.append([])
        parts[-1].append(component)
        reached = max(reached, component.box.right)
    ends = [parts[0], parts[-1]] if len(parts) > 1 else []
    fitting = [part for part in ends if SHORTEST <= len(part) <= LONGEST_NUMBER]
    return [found for part in fitting for found in find_lines(part)]


def is_beside_words(end: Line, line: Line, digits: Sequence[Box]) -> bool:
    """Tell whether of what stands beside an end of a line most was read as no digit.

    Args:
        end: Of the line.
        line: As a whole.
        digits: Boxes of what was read of it.
    """
    rest = [part for part in line.tall if part not in end.components]
    left, right = end.box.left, end.box.right
    others = [box for box in digits if not left <= (box.left + box.right) / 2 < right]
    return 2 * len(others) <= len(rest)


def between_words(line: Line, digits: Sequence[Box]) -> list[tuple[Line, Span]]:
    """Give the numbers of a row that has words between them, as lines of their own.

    Args:
        line: With its components.
        digits: Boxes of what was read of it as one number.

    Returns:
        Lines, and the columns between the words beside each; none if no word parts the
        row.

    Example:
        >>> lefts = 0, 22, 50, 62, 74, 100, 122
        >>> row = [Component(Box(x, 0, x + 10, 30), 200, x) for x in lefts]
        >>> one = Line(tuple(row), (0, 30))
        >>> digits = [row[at].box for at in (0, 1, 5, 6)]
        >>> [(part.box.left, ends) for part, ends in between_words(one, digits)]
        [(0, (-inf, 50)), (100, (84, inf))]
        >>> between_words(one, [of.box for of in row])
        []
    """
    read = sorted(digits, key=lambda box: box.left + box.right)
    tall = [of.box for of in line.tall]
    letters = [box for box in tall if not any(_is_within(box, of) for of in read)]
    numbers = [read[:1]]
    for one, two in pairwise(read):
        gap = [box for box in letters if one.right <= _middle(box) < two.left]
        if len(gap) >= LETTERS:
            numbers.append([])
        numbers[-1].append(two)
    if len(numbers) < 2:
        return []
    found = []
    for number in numbers:
        left, right = number[0].left, max(box.right for box in number)
        some = [of for of in line.components if left <= _middle(of.box) < right]
        before = max((of.right for of in letters if _middle(of) < left), default=-inf)
        after = min((of.left for of in letters if _middle(of) >= right), default=inf)
        if SHORTEST <= len(some) <= LONGEST_NUMBER:
            parts = find_lines(some)
            found += [(of, _around(of.box, before, after)) for of in parts]
    return found


def _around(box: Box, before: float, after: float) -> Span:
    """Give the columns between two letters; what stands there may touch them."""
    return min(before, box.left), max(after, box.right)


def _is_within(box: Box, digit: Box) -> bool:
    return digit.left <= _middle(box) < digit.right


def _middle(box: Box) -> float:
    return (box.left + box.right) / 2
