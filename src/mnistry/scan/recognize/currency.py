"""Signs of currencies before a number, by their shape: a dollar's, euro's, rupee's.

The nets for lines read them as a 5, a 6 or a 7. What no digit has: a straight stroke
through an S, two bars in a C, two bars above one leg. No net is asked.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.binarize import Mask
from mnistry.scan.recognize.shapes import Group, Piece, find_holes

cv2 = require("cv2", extra="read")

CURRENCIES = frozenset("$€₹")
HEIGHT = 0.35, 1.8  # heights of a digit
APART, FAR_APART = 0.08, 0.5  # heights of a digit: room to the number; of a rupee's
FEWEST = 6  # pixels of its sides
ROWS, COLUMNS = 48, 32  # each sign is stretched to this
LEANS = np.linspace(-0.25, 0.35, 13)  # columns for each row
THROUGH = 0.85  # of the height has the stroke through a dollar's S
NARROW = 0.4  # of the width, above and below that S
STROKES = 0.12  # of a euro's columns cross four strokes: both its bars
LEFT = 0.9  # of its middle rows begin at the left
TINY = 0.004  # of its box: a smaller hole is none
SMALL_HOLE = 0.03, 0.005  # of its box, the largest of a euro, of a rupee
BAR = 0.7, 0.65  # of the width has a rupee's upper, its lower bar
BETWEEN = 0.62  # of the width has what is between them
CONTRAST = 0.2  # by which the bars have more
BARS = 8, 6, 20  # rows: the upper is above, then none; the lower is above
LEG = 0.5  # of the width has its foot
TILTS = -0.125, -0.0625, 0.0, 0.0625  # rows for each column


def find_currency(pieces: list[Piece], digits: list[Piece]) -> list[Group]:
    """Find the sign of a currency before all digits.

    Digits may be like one: of 6,000 of MNIST's training digits 7 are, and of 2,000 of
    them 16 are like a rupee's, which must stand farther apart.

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
    """Tell which currency's sign it is; nothing if it is none.

    Args:
        ink: Cropped to its ink.
        is_far: It stands so far from the number that it may be a rupee's.

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
    """Tell what may be a dollar's sign, or a digit: the pen may fill one of its halves.

    Args:
        ink: Cropped to its ink.
    """
    if min(ink.shape) < FEWEST:
        return False
    drawn = ink.astype(np.uint8)
    return _is_narrow(_stretched(drawn)) and _has_stroke(drawn) and any(_halves(ink))


def _is_narrow(size: Pixels) -> bool:
    """Tell whether a stroke alone is at the top and at the foot."""
    return max(_width(size[:3]), _width(size[-3:])) < NARROW * COLUMNS


def _stretched(drawn: Pixels) -> Pixels:
    size: Pixels = cv2.resize(drawn, (COLUMNS, ROWS), interpolation=cv2.INTER_NEAREST)
    return size


def _halves(ink: Mask) -> tuple[bool, bool]:
    """Tell whether an S closes what a stroke parts: left above, and right below."""
    holes = [hole for hole in find_holes(ink) if hole.area > TINY]
    above = any(hole.column < 0.5 and hole.row < 0.55 for hole in holes)
    below = any(hole.column > 0.5 and hole.row > 0.45 for hole in holes)
    return above, below


def _has_stroke(drawn: Pixels) -> bool:
    """Tell a straight stroke from top to foot, in the middle."""
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
    """Tell a C with two bars: four strokes above each other, closed at the left."""
    strokes = size[0] + (size[1:] > size[:-1]).sum(axis=0)
    crossed = float((strokes >= 4).mean())
    middle = size[17:31, :11].any(axis=1)
    return crossed >= STROKES and float(middle.mean()) > LEFT


def _is_rupee(size: Pixels) -> bool:
    """Tell two bars close to the top, and a leg."""
    if _width(size[-3:]) >= LEG * COLUMNS:
        return False
    return any(_has_bars(_tilted(size, tilt).mean(axis=1)) for tilt in TILTS)


def _width(part: Pixels) -> int:
    """Give the columns from the first ink to the last."""
    inked = np.flatnonzero(part.any(axis=0))
    return int(inked[-1] - inked[0]) if len(inked) else 0


def _tilted(size: Pixels, tilt: float) -> Pixels:
    matrix = np.array([[1, 0, 0], [tilt, 1, -tilt * COLUMNS / 2]])
    level: Pixels = cv2.warpAffine(
        size, matrix, (COLUMNS, ROWS), flags=cv2.INTER_NEAREST
    )
    return level


def _has_bars(shares: NDArray[np.float64]) -> bool:
    """Tell by the share of ink in each row whether two of them are bars."""
    upper = int(shares[: BARS[0]].argmax())
    below = upper + BARS[1]
    lower = below + int(shares[below : BARS[2]].argmax())
    one, two, between = shares[upper], shares[lower], shares[upper:lower].min()
    is_empty = between < min(BETWEEN, min(one, two) - CONTRAST)
    return bool(one > BAR[0] and two > BAR[1] and is_empty)
