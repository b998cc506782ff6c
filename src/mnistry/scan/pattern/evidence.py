"""What is seen between digits, and what it costs to write something else there.

If digits match a pattern in several ways, such as `5-5-2015` and `55-20-15`, the one
that costs least is written.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

FINDABLE = frozenset(".,'-:/+%")  # signs that reading finds
ALIKE = frozenset({frozenset(".,"), frozenset("',"), frozenset(":."), frozenset(":,")})
# a sign that is seen and not written costs as much as the reverse; a wide
# gap is some evidence for a separator, since a sign that touches a digit is not found
MISSING = 1.0  # a sign is written that is not seen
MISSING_WIDE = 0.6  # … but there is room for it
UNWRITTEN = 1.0  # a sign is seen that is not written
OTHER = 1.2  # another sign is written than is seen
OTHER_ALIKE = 0.3
UNSEEN = 0.3  # a letter or bracket is written, which reading does not look for
NO_ROOM = 0.8  # a space is written where digits stand close


class Gap(NamedTuple):
    """What is seen before, between or after digits.

    Attributes:
        signs: From left to right, such as "-".
        is_wide: Wider than most gaps of the line.
    """

    signs: str = ""
    is_wide: bool = False


@lru_cache(maxsize=4096)
def cost(separators: str, gap: Gap) -> float:
    """Return the cost of writing separators into a gap: an edit distance.

    Args:
        separators: What would be written.
        gap: What is seen.

    Example:
        >>> cost("-", Gap("-")), cost("-", Gap()), cost("", Gap("-"))
        (0.0, 1.0, 1.0)
        >>> cost(".", Gap(",")), cost("", Gap())
        (0.3, 0.0)
    """
    seen = gap.signs
    row = [UNWRITTEN * count for count in range(len(seen) + 1)]
    for char in separators:
        missing = _missing(char, gap)
        before, row = row, [row[0] + missing]
        for number, sign in enumerate(seen):
            row.append(
                min(
                    before[number + 1] + missing,
                    row[number] + UNWRITTEN,
                    before[number] + _other(char, sign),
                )
            )
    return row[-1]


def _missing(char: str, gap: Gap) -> float:
    if char == " ":
        return 0.0 if gap.is_wide else NO_ROOM
    if char not in FINDABLE:
        return UNSEEN
    return MISSING_WIDE if gap.is_wide else MISSING


def _other(char: str, sign: str) -> float:
    if char == sign:
        return 0.0
    return OTHER_ALIKE if frozenset({char, sign}) in ALIKE else OTHER


def total_cost(text: str, gaps: Sequence[Gap]) -> float:
    """Return the cost of a text: what all its separators cost in their gaps.

    Args:
        text: Digits with separators, as `Pattern.put_in_form` gives them.
        gaps: One more than there are digits.

    Example:
        >>> total_cost("5-5", [Gap(), Gap("-"), Gap()])
        0.0
    """
    separators = re.split("[0-9]", text)
    return sum(cost(*pair) for pair in zip(separators, gaps, strict=True))
