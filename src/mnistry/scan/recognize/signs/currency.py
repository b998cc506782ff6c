"""Find the sign of a currency before a number by its shape: dollar, euro, rupee.

The net for lines reads them as a 5, a 6 or a 7. No digit has a straight stroke through
an S, two bars in a C, or two bars above one leg. No net is used.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.recognize.signs.shapes import Group, Piece, find_holes

cv2 = require("cv2", extra="read")

CURRENCIES = frozenset("$€₹")
HEIGHT = 0.35, 1.8  # heights of a digit
APART, FAR_APART = 0.08, 0.5  # heights of a digit: room to the number; of a rupee's
FEWEST = 6  # pixels of its width and height
ROWS, COLUMNS = 48, 32  # each sign is stretched to this
LEANS = np.linspace(-0.25, 0.35, 13)  # columns for each row
THROUGH = 0.85  # of the height is a dollar's stroke, at least
NARROW = 0.4  # of the width is inked above and below its S, at most
STROKES = 0.12  # of a euro's columns, at least, cross four strokes: both its bars
LEFT = 0.9  # of its middle rows, at least, have ink at the left
TINY = 0.004  # of its box; smaller holes do not count
SMALL_HOLE = 0.03, 0.005  # of its box: the largest hole of a euro, of a rupee's sign
BAR = 0.7, 0.65  # of the width are a rupee's upper and lower bar, at least
BETWEEN = 0.62  # of the width is inked in a row between them, at most
CONTRAST = 0.2  # of the width by which the bars have more ink
BARS = 8, 6, 20  # rows: above the first is the upper bar; none in the next; the lower
# one is above the last
LEG = 0.5  # of the width is its foot, at most
TILTS = -0.125, -0.0625, 0.0, 0.0625  # rows for each column


def find_currency(pieces: list[Piece], digits: list[Piece]) -> list[Group]:
    """Find the sign of a currency before all digits.

    Digits may look like one: 7 of 6,000 of MNIST's training digits do, and 16 of 2,000
    like a rupee's, which therefore must be farther from the number.

    Args:
        pieces: Of one line.
        digits: Those that may be digits, the sign too.
    """
    for piece in pieces:
        rest = [digit.left for digit in digits if digit is not piece]
        apart = min(rest) - piece.right if rest else 0.0
        if apart < APART or not HEIGHT[0] < piece.height < HEIGHT[1]:
            continue
        text = name_currency(piece.ink, is_far=apart > FAR_APART)
        if text:
            return [Group(text, (piece,))]
    return []


def name_currency(ink: Mask, *, is_far: bool = True) -> str:
    """Return the sign of a currency that ink looks like; nothing if none.

    Args:
        ink: Cropped to its ink.
        is_far: It is so far from the number that it may be a rupee's.

    Example:
        >>> one = np.ones((30, 8), bool)
        >>> name_currency(one)
        ''
    """
    if min(ink.shape) < FEWEST:
        return ""
    drawn = ink.astype(np.uint8)
    size = _stretched(drawn)
    is_narrow = _is_narrow(size)
    is_euro, is_rupee = _is_euro(size), is_far and _is_rupee(size)
    if not (is_narrow or is_euro or is_rupee):
        return ""
    if is_narrow and all(_halves(ink)) and _has_stroke(drawn):
        return "$"
    largest = max((hole.area for hole in find_holes(ink)), default=0.0)
    if largest < SMALL_HOLE[0] and is_euro:
        return "€"
    return "₹" if largest < SMALL_HOLE[1] and is_rupee else ""


def may_be_dollar(ink: Mask) -> bool:
    """Return whether ink may be a dollar's sign with one half filled by the pen.

    Args:
        ink: Cropped to its ink.
    """
    if min(ink.shape) < FEWEST:
        return False
    drawn = ink.astype(np.uint8)
    return _is_narrow(_stretched(drawn)) and _has_stroke(drawn) and any(_halves(ink))


def _is_narrow(size: Pixels) -> bool:
    """Return whether only a stroke is at the top and at the foot."""
    return max(_width(size[:3]), _width(size[-3:])) < NARROW * COLUMNS


def _stretched(drawn: Pixels) -> Pixels:
    size: Pixels = cv2.resize(drawn, (COLUMNS, ROWS), interpolation=cv2.INTER_NEAREST)
    return size


def _halves(ink: Mask) -> tuple[bool, bool]:
    """Return whether an S and its stroke enclose paper left above, and right below."""
    holes = [hole for hole in find_holes(ink) if hole.area > TINY]
    above = any(hole.column < 0.5 and hole.row < 0.55 for hole in holes)
    below = any(hole.column > 0.5 and hole.row > 0.45 for hole in holes)
    return above, below


def _has_stroke(drawn: Pixels) -> bool:
    """Return whether there is a straight stroke from top to foot, in the middle."""
    rows, columns = drawn.shape
    middle = slice(int(0.3 * columns), int(0.7 * columns) + 1)
    most = 0.0
    for lean in LEANS:
        matrix = np.array([[1, lean, -lean * rows / 2], [0, 1, 0]])
        upright = cv2.warpAffine(
            drawn, matrix, (columns, rows), flags=cv2.INTER_NEAREST
        )
        most = max(most, float(upright.mean(axis=0)[middle].max()))
    return most > THROUGH


def _is_euro(size: Pixels) -> bool:
    """Return whether it is a C with two bars: four strokes, and closed at the left."""
    strokes = size[0] + (size[1:] > size[:-1]).sum(axis=0)
    crossed = float((strokes >= 4).mean())
    middle = size[17:31, :11].any(axis=1)
    return crossed >= STROKES and float(middle.mean()) > LEFT


def _is_rupee(size: Pixels) -> bool:
    """Return whether it has two bars close to the top, and a leg."""
    if _width(size[-3:]) >= LEG * COLUMNS:
        return False
    return any(_has_bars(_tilted(size, tilt).mean(axis=1)) for tilt in TILTS)


def _width(part: Pixels) -> int:
    """Return the columns from the first ink to the last."""
    inked = np.flatnonzero(part.any(axis=0))
    return int(inked[-1] - inked[0]) if len(inked) else 0


def _tilted(size: Pixels, tilt: float) -> Pixels:
    matrix = np.array([[1, 0, 0], [tilt, 1, -tilt * COLUMNS / 2]])
    level: Pixels = cv2.warpAffine(
        size, matrix, (COLUMNS, ROWS), flags=cv2.INTER_NEAREST
    )
    return level


def _has_bars(shares: NDArray[np.float64]) -> bool:
    """Return whether two rows are bars, by the share of ink in each row."""
    upper = int(shares[: BARS[0]].argmax())
    below = upper + BARS[1]
    lower = below + int(shares[below : BARS[2]].argmax())
    one, two, between = shares[upper], shares[lower], shares[upper:lower].min()
    is_empty = between < min(BETWEEN, min(one, two) - CONTRAST)
    return bool(one > BAR[0] and two > BAR[1] and is_empty)
