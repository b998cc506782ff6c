"""Find colons: two points above each other, of which the lower may touch a digit.

If the upper one touches a digit, nothing tells it from the left corner of a 4 after a
point: taken for a colon, three more of 860 strings with points or colons were right,
and eleven more wrong.
"""

import numpy as np

from mnistry.extras import require
from mnistry.scan.recognize.signs.shapes import (
    ENCLOSED,
    Piece,
    enclosed_share,
    is_between,
)

cv2 = require("cv2", extra="read")

# all lengths are in heights of a digit
DOT = 0.32  # a point is no larger
LOW = 0.68  # centres of points are below this row, but for the upper one of a colon
ROWS = 0.1, 1.2  # between which the centres of both are
APART = 0.25  # rows between them, at least
# how far the upper point may be left and right of the lower one: right where hands
# slant, by 0.23 in three of 300 generated lines with signs
ASIDE, ASLANT = 0.2, 0.3
# a lower point in a digit: the share of the upper one's columns that the digit has; at
# its side a knob, of what height and thickness, in widths of the upper point, and how
# far below it. Of 1,760 composed strings with signs five are right only with this, none
# only without it; half of them decided that only lower points are looked for
WITHIN, KNOB, FITS, BELOW = 0.9, (0.75, 1.5), 0.8, (0.3, 0.75)
ROUND = 0.5  # of its longer side is the pen of a point, at least


def find_colons(small: list[Piece], digits: list[Piece]) -> list[tuple[Piece, ...]]:
    """Find two points above each other between digits; the lower may touch a digit.

    Args:
        small: Pieces of a line that are no digits.
        digits: The others.

    Returns:
        The points of each colon; one alone where a digit touches the other.
    """
    points = [p for p in small if max(p.width, p.height) <= DOT + 0.03]
    between = [p for p in points if is_between(p, digits)]
    pairs = [
        (upper, lower) for upper in between for lower in points if _fit(upper, lower)
    ]
    taken = {point for pair in pairs for point in pair}
    alone = [
        (point,)
        for point in between
        if point not in taken
        and ROWS[0] < point.middle < LOW
        and point.pen > ROUND * max(point.width, point.height)
        and any(_has_lower(digit, point) for digit in digits)
    ]
    return [*pairs, *alone]


def _fit(upper: Piece, lower: Piece) -> bool:
    """Return whether two points stand as those of a colon do."""
    return (
        ROWS[0] < upper.middle < LOW
        and upper.middle + APART < lower.middle < ROWS[1]
        and -ASIDE < upper.centre - lower.centre < ASLANT
    )


def _has_lower(digit: Piece, upper: Piece) -> bool:
    """Return whether the lower point of a colon touches the side of a digit.

    Then the outermost ink there is a knob as large as the upper point.
    """
    shared = min(digit.right, upper.right) - max(digit.left, upper.left)
    if shared < WITHIN * upper.width or enclosed_share(upper, digit) > ENCLOSED:
        return False
    is_left = upper.centre < digit.centre
    ink = np.pad(digit.ink if is_left else digit.ink[:, ::-1], 1).view(np.uint8)
    scale = len(digit.ink) / digit.height
    wide = max(2, round(upper.pen * scale))
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 3)[:, : wide + 1].max(axis=1)
    steps = np.diff(ink[:, : wide // 2 + 1].max(axis=1).astype(np.int8))
    runs = zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0), strict=True)
    for before, last in runs:
        high = (last - before) / scale
        below = digit.top + (before + last) / 2 / scale - upper.middle
        is_alike = KNOB[0] < high / upper.pen < KNOB[1]
        fits = 2 * depth[before : last + 1].max() >= FITS * upper.pen * scale
        if is_alike and fits and BELOW[0] < below < BELOW[1]:
            return True
    return False
