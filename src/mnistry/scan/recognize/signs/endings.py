"""Find the slash of "250/-", which ends an amount, and tell it from a 1.

The net for lines reads it as a 1. No net is used.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from mnistry.arrays import Mask
from mnistry.scan.recognize.signs.shapes import LEANING, SMALL, STRAIGHT, Piece

# lengths are in heights of a digit
NEAR = 0.6  # room before its dash, at most
# weights of the log odds: of its top and its foot, of the columns that it leans to the
# right for each row, and the bias. By logistic regression of 685 slashes and 647 ones
# before dashes, in composed strings of MNIST's training digits. Of others, held out,
# 92 % of the slashes are above 0, and 7 % of the ones. Slashes were weighted three
# times: one number in ten ends with a 1, but many people write no slash
WEIGHTS = np.array([-23.4, 55.5, 3.8, -59.3])
LAST = 3  # dashes of a line, before which such a stroke is looked for
NONE = -np.inf  # log odds of other pieces
# a slash that touches the digit before it is the straight right edge of both: its
# length, the distance of the edge from a line, the share of rows so near; and its pen
LONG, ASIDE, MOSTLY, WIDEST_PEN = 0.85, 0.07, 0.85, 0.45
# what is left has a digit's height in its last columns, and the stroke goes on above
# and below it, as no stroke of a digit does: these columns, that height, how far
BESIDE, WHOLE, BEYOND = 0.4, 0.6, 0.03


def find_endings(pieces: Sequence[Piece]) -> dict[Piece, float]:
    """Find strokes that may be the slash before a last dash, of a line of any length.

    Args:
        pieces: Of the line, sorted by their left edges.

    Returns:
        Of each such stroke the log odds that it is a slash, and no 1.
    """
    if not any(piece.is_dash for piece in pieces):
        return {}
    start = min((p.right for p in pieces if p.height > SMALL), default=np.inf)
    places = [place for place, p in enumerate(pieces) if 0 < p.middle < 1]
    places.sort(key=lambda place: pieces[place].centre)
    centres = [pieces[place].centre for place in places]
    leftmost = [*accumulate(reversed(places), min)]  # of the last, the last two, …
    found = {}
    for piece in pieces:
        behind = len(places) - bisect_right(centres, piece.centre)
        if piece.height <= SMALL or start >= piece.centre or not behind:
            continue
        dash = pieces[leftmost[behind - 1]]
        if dash.is_dash and dash.left <= piece.right + NEAR and piece.leans:
            facts = np.array([piece.top, piece.bottom, -piece.slope[0], 1.0])
            found[piece] = float(facts @ WEIGHTS)
    return found


def touching_slash(pieces: Sequence[Piece]) -> tuple[Piece, Mask] | None:
    """Find a slash before a dash that touches the digit before it.

    Args:
        pieces: Of a line.

    Returns:
        The piece that is both, and the ink of the slash; None if there is none.
    """
    for dash in [piece for piece in pieces if piece.is_dash][-LAST:]:
        before = [p for p in pieces if p.centre < dash.centre and p.height > SMALL]
        last = max(before, key=lambda p: p.right, default=None)
        if last and dash.left < last.right + NEAR and last.slope[1] >= STRAIGHT:
            stroke = right_stroke(last.ink, len(last.ink) / last.height)
            if stroke is not None:
                return last, stroke
    return None


def right_stroke(ink: Mask, height: float) -> Mask | None:
    """Return the straight leaning stroke at the right of a digit that it touches.

    Args:
        ink: Of both, cropped to it.
        height: Of a digit, in rows.

    Example:
        >>> rows, columns = np.mgrid[:40, :50]
        >>> slash = abs(columns - 42 + 0.4 * rows) < 3
        >>> ring = abs(np.hypot(rows - 20, columns - 16) - 15) < 3
        >>> stroke = right_stroke(slash | ring, 36)
        >>> bool((stroke & slash).sum() > 0.9 * slash.sum()), bool(stroke[20, 2])
        (True, False)
        >>> right_stroke(ring, 36) is None
        True
    """
    rows = np.arange(len(ink))
    edge = ink.shape[1] - 1 - ink[:, ::-1].argmax(axis=1)
    if len(rows) < LONG * height:
        return None
    half = len(rows) // 2
    slope = float(np.median((edge[half:] - edge[: len(edge) - half]) / half))
    start = float(np.median(edge - slope * rows))
    for _ in range(2):  # fitted again without what is far from the line
        on_line = abs(edge - slope * rows - start) < ASIDE * height
        if on_line.sum() < LONG * height:
            return None
        slope, start = np.polyfit(rows[on_line], edge[on_line], 1).tolist()
    inside = np.flatnonzero(on_line)
    ends = slice(int(inside[0]), int(inside[-1]) + 1)
    if -slope <= LEANING or on_line[ends].mean() < MOSTLY:
        return None
    behind = slope * rows[:, None] + start - np.arange(ink.shape[1])
    runs = [
        int(np.append(ink[row, at::-1], False).argmin())
        for row, at in zip(rows[ends].tolist(), edge[ends].tolist(), strict=True)
    ]
    pen = 1 + float(np.percentile(runs, 25))  # where the digit touches it, it is wider
    stroke: Mask = ink & (abs(behind) <= pen)  # its round ends, too
    rest = ink & ~stroke
    columns = np.flatnonzero(rest.any(axis=0))
    if not len(columns) or pen > WIDEST_PEN * height:
        return None
    beside = rest[:, max(0, int(columns[-1] - BESIDE * height)) :]
    taken = np.flatnonzero(beside.any(axis=1))
    beyond = min(taken[0] - ends.start, ends.stop - 1 - taken[-1])
    is_whole = np.ptp(taken) >= WHOLE * height
    return stroke if is_whole and beyond > BEYOND * height else None
