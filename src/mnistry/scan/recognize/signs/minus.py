"""Find a minus that touches the first digit: a flat stroke at its left edge."""

from collections.abc import Sequence

import numpy as np

from mnistry.arrays import Mask
from mnistry.scan.recognize.signs.shapes import SMALL, Piece

# lengths are in heights of a digit. 19 of 54 composed numbers whose minus touches them
# have it found, and none of 600 without a minus
LONG, THICK = 0.25, 0.3  # length of the stroke, at least; its thickness, at most
MIDDLE = 0.35, 0.75  # rows of its middle; bars of sevens and twos are not between them
RISE, SPREAD = 0.3, 0.03  # rows for each column; spread around its line. At most


def touching_minus(pieces: Sequence[Piece]) -> tuple[Piece, Mask] | None:
    """Find the flat stroke before a number that touches its first digit.

    Args:
        pieces: Of a line.

    Returns:
        The piece that is both, and the ink of the stroke; None if there is none.
    """
    tall = [piece for piece in pieces if piece.height > SMALL]
    if not tall:
        return None
    first = min(tall, key=lambda piece: piece.left)
    one = len(first.ink) / first.height
    stroke = left_stroke(first.ink, one)
    if stroke is None:
        return None
    middle = first.top + float(np.nonzero(stroke)[0].mean()) / one
    return (first, stroke) if MIDDLE[0] < middle < MIDDLE[1] else None


def left_stroke(ink: Mask, height: float) -> Mask | None:
    """Return the flat straight stroke at the left of a digit that it touches.

    Args:
        ink: Of both, cropped to it.
        height: Of a digit, in rows.

    Example:
        >>> rows, columns = np.mgrid[:40, :50]
        >>> ring = abs(np.hypot(rows - 20, columns - 33) - 15) < 3
        >>> dash = (abs(rows - 22) < 3) & (columns < 18)
        >>> left_stroke(ring, 36) is None
        True
        >>> stroke = left_stroke(dash | ring, 36)
        >>> int(np.flatnonzero(stroke.any(axis=0))[-1])
        15
    """
    heads = ink.argmax(axis=0)
    feet = len(ink) - ink[::-1].argmax(axis=0)
    is_thin = np.append(feet - heads <= THICK * height, False)
    long = int(is_thin.argmin())
    if long <= max(2, LONG * height) or long == ink.shape[1]:
        return None
    columns, middles = np.arange(long), (heads + feet)[:long] / 2
    slope, start = np.polyfit(columns, middles, 1)
    spread = float(np.std(middles - slope * columns - start))
    if abs(slope) > RISE or spread > SPREAD * height:
        return None
    stroke = np.zeros_like(ink)
    stroke[:, :long] = ink[:, :long]
    return stroke
