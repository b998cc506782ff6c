"""Find per cent after a number: a stroke that leans, and a ring on each side of it.

Rings may be apart, touch the stroke, or be so bold that they have no hole. The net for
lines reads the sign as 96. No net is used.
"""

from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter

import numpy as np

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.ink.components import label_components
from mnistry.scan.recognize.signs.shapes import SMALL, Piece

# lengths are in heights of a digit
TALL = 0.8, 1.6  # height of the stroke
WIDEST, WIDEST_STROKE = 1.4, 0.9  # the sign, with rings that are apart and without
RING = 0.25, 0.66  # width and height of rings
POINT = 0.36  # a single ring is larger: a point after an 8 made a per cent sign
LOW_RING, FULL = 0.55, 0.7  # height of a single ring; its ink if it has no hole
STEM = 0.12  # spread of its stroke, at least; a stem of a 9 has less
# the bounds below are of signs in one piece: they hold for 34 of 35 composed ones, and
# for none of 6,753 pieces of composed numbers as tall and as wide
WIDE = 0.55, 1.3  # width of the sign
LEANS = np.arange(0.2, 1.15, 0.07)  # columns of its stroke for each row
EACH_LEAN = np.arange(len(LEANS))[:, None]
THROUGH, ALONG = 0.9, 0.6  # of its rows have the stroke, and each column of its pen
EDGE = 0.03  # beside the pen, where the edge of the stroke is
SIDES, INKED = (0.28, 0.62), 0.57  # width and height of each ring; its share of ink
# shares of the height: the left ring begins and ends above these, the right one below
ABOVE, BELOW = (0.12, 0.6), (0.4, 0.88)


def find_percent(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Find a stroke after a number with rings above on its left and below on its right.

    Args:
        pieces: Of one line, sorted by their left edges.
    """
    before = next((at for at, p in enumerate(pieces) if p.height > SMALL), len(pieces))
    for count in (3, 2, 1):
        if before >= len(pieces) - count:
            continue
        group = tuple(pieces[-count:])
        if count == 1 and is_joined(group[0]):
            return group
        stroke = max(group, key=attrgetter("height"))
        rings = [piece for piece in group if piece is not stroke]
        if (
            TALL[0] < stroke.height < TALL[1]
            and all(_is_ring(ring, stroke) for ring in rings)
            and (rings or _has_rings(stroke))
            and _width(group) < (WIDEST if rings else WIDEST_STROKE)
            and (len(rings) < 2 or rings[0].middle + 0.3 < rings[1].middle)
        ):
            return group
    return ()


def _width(group: tuple[Piece, ...]) -> float:
    return max(p.right for p in group) - min(p.left for p in group)


def is_certain(percent: tuple[Piece, ...]) -> bool:
    """Return whether a per cent sign that was found is like no digits.

    Both rings are apart, or one is and the stroke is no stem of a 9; or it is all one
    piece, and what is on each side of its stroke is as round as a ring.

    Args:
        percent: What it is made of.
    """
    if len(percent) == 1:
        return is_joined(percent[0])
    if len(percent) == 3:
        return True
    ring, stroke = sorted(percent, key=lambda piece: piece.height)
    is_round = len(ring.holes) == 1 or ring.ink.mean() > FULL
    is_round &= min(ring.width, ring.height) > POINT
    return ring.height < LOW_RING and is_round and stroke.slope[1] > STEM


@lru_cache(maxsize=8)  # each way to separate a line asks it of the last piece
def is_joined(piece: Piece) -> bool:
    """Return whether a piece is a per cent sign, and not two digits that touch.

    Args:
        piece: One component.
    """
    if not (TALL[0] < piece.height < TALL[1] and WIDE[0] < piece.width < WIDE[1]):
        return False
    rows, (least, most) = len(piece.ink), SIDES
    one = rows / piece.height  # a digit's height in rows
    beside = [_largest(part) for part in _beside_stroke(piece.ink, one)]
    if len(beside) < 2 or not all(
        least * one < min(box.width, box.height)
        and max(box.width, box.height) < most * one
        and inked > INKED
        for box, inked in beside
    ):
        return False
    left, right = (box for box, _ in beside)
    is_above = left.top < ABOVE[0] * rows and left.bottom < ABOVE[1] * rows
    return is_above and right.top > BELOW[0] * rows and right.bottom > BELOW[1] * rows


def _beside_stroke(ink: Mask, one: float) -> Iterator[Mask]:
    """Yield the ink left and right of a stroke from top to foot, if there is one.

    Args:
        ink: Cropped to it.
        one: The height of a digit in rows.
    """
    y, x = np.nonzero(ink)
    leaning = (x + LEANS[:, None] * y).astype(int)
    size = int(leaning.max()) + 1
    of_all = np.bincount(
        (leaning + size * EACH_LEAN).ravel(), minlength=size * len(LEANS)
    )
    shares = of_all.reshape(len(LEANS), size) / len(ink)
    best = int(shares.max(axis=1).argmax())
    columns, share = leaning[best], shares[best]
    pen = int(share.argmax())
    if share[pen] < THROUGH:
        return
    is_pen = share > ALONG
    edge = max(1, round(EDGE * one))
    first = pen - int(np.argmin(np.append(is_pen[pen::-1], False))) + 1 - edge
    last = pen + int(np.argmin(np.append(is_pen[pen:], False))) - 1 + edge
    for beside in (columns < first, columns > last):
        part = np.zeros_like(ink)
        part[y[beside], x[beside]] = True
        yield part


def _largest(ink: Mask) -> tuple[Box, float]:
    """Return the box around the largest component, and the share of it that is ink."""
    _, facts = label_components(ink)
    left, top, wide, high, area = max(facts.tolist(), key=lambda of: of[-1])
    box = Box(left, top, left + wide, top + high)
    return box, area / max(1, wide * high)


def _is_ring(piece: Piece, stroke: Piece) -> bool:
    least, most = RING
    if not (least < min(piece.width, piece.height) and piece.height < most):
        return False
    if piece.right < stroke.left or stroke.right < piece.left:
        return False
    high = piece.middle < 0.45 and piece.centre < stroke.centre
    return high or (piece.middle > 0.55 and piece.centre > stroke.centre)


def _has_rings(stroke: Piece) -> bool:
    holes = sorted(stroke.holes)
    if len(holes) != 2:
        return False
    (left, high, tall, _), (right, low, other, _) = holes
    is_apart = (right - left) * stroke.width > 0.2
    high, low = (stroke.top + row * stroke.height for row in (high, low))
    return max(tall, other) * stroke.height < 0.45 and high < 0.5 < low and is_apart
