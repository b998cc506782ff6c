"""Find printed frames around a number, such as the field for the amount of a cheque.

A frame is known by what it encloses: paper with four straight sides, whatever is
written in it and on them. `side_ink` tells its sides from strokes on them.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.boxes.side_ink import AROUND, side_ink
from mnistry.scan.page.boxes.sides import BoxRow, Side
from mnistry.scan.page.ink.binarize import Shades
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout.lines import Line, find_lines
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

HEIGHT = 20, 200  # pixels of what is enclosed
WIDTH = 1.3, 16.0  # times that height; narrower is the box of a digit
FILLED = 0.9  # of the smallest rectangle around it, at least
MOST_TILT = 8.0  # degrees
LEVEL, CLOSE = 0.2, 1.5  # heights by which another cell is higher, and away, at most
CELLS = 2  # such cells: it is one of a row or of a table
LEAST = 0.25  # of its height; lower components on a side are left over of it
# holes of digits, at most, that begin between two that a stroke separates, for a row of
# digits has so many; 16 generated cheques were read the same with 1 and with 100
BETWEEN = 8
# heights by which a stroke from side to side leans: 173 composed slashes, steep enough
# to be slashes, lean by 0.17 to 0.77
LEANING = 0.12, 0.8
HALF = 2  # pixels from what is enclosed to the middle of a thin side


class Hole(NamedTuple):
    """What ink encloses: its contour, and the box around it."""

    contour: NDArray[np.int32]
    inside: Box


class Frame(NamedTuple):
    """A frame: what it encloses, and its sides as a row of one box."""

    inside: Box
    row: BoxRow


def find_holes(inked: Mask) -> list[Hole]:
    """Find what ink encloses that is about as high as a box for writing.

    Args:
        inked: True where there is ink, rules too.
    """
    closed = cv2.morphologyEx(inked.astype(np.uint8), cv2.MORPH_CLOSE, rectangle(3, 3))
    contours, hierarchy = cv2.findContours(
        closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    owners = hierarchy[0] if contours else ()
    holes = [
        Hole(contour, _inside(contour))
        for contour, facts in zip(contours, owners, strict=True)
        if facts[3] >= 0  # of a hole, in some ink
    ]
    return [of for of in holes if HEIGHT[0] <= of.inside.height <= HEIGHT[1]]


def find_frames(holes: Sequence[Hole], rows: Sequence[BoxRow] = ()) -> list[Frame]:
    """Find the frames of a page, the smallest first.

    Args:
        holes: What ink encloses, rules too.
        rows: Of boxes, which stand on the page; what is in them is no frame.

    Example:
        >>> mask = np.zeros((80, 200), bool)
        >>> mask[10:60, 20:180] = True
        >>> mask[13:57, 23:177] = False
        >>> mask[20:59, 50:54] = True  # a one that stands on the lower side
        >>> [frame.inside for frame in find_frames(find_holes(mask))]
        [Box(left=23, top=13, right=177, bottom=57)]
    """
    wide = [inside for _, inside in holes if 4 * inside.width > inside.height]
    cells = np.array(wide, np.int64).reshape(-1, 4)
    found = []
    for hole in _joined(holes):
        inside = hole.inside
        if WIDTH[0] * inside.height <= inside.width <= WIDTH[1] * inside.height:
            if _count_beside(inside, cells) >= CELLS:
                continue
            if any(_is_in(inside, row) for row in rows):
                continue
            frame = to_frame(hole)
            found += [frame] if frame else []
    return sorted(found, key=lambda frame: frame.inside.width * frame.inside.height)


def _joined(holes: Sequence[Hole]) -> list[Hole]:
    """Join holes that a leaning stroke separates, from side to side of a frame.

    An upright one is a side of two cells.
    """
    joined: list[tuple[list[NDArray[np.int32]], Box]] = []
    for contour, inside in sorted(holes, key=lambda of: of.inside.left):
        last = range(len(joined) - 1, max(-1, len(joined) - 1 - BETWEEN), -1)
        at = next((n for n in last if _are_one(joined[n][1], inside)), None)
        if at is None:
            joined.append(([contour], inside))
            continue
        others, before = joined[at]
        others.append(contour)
        joined[at] = others, Box.around((before, inside))
    return [Hole(np.concatenate(of), inside) for of, inside in joined]


def _are_one(one: Box, two: Box) -> bool:
    """Return whether a leaning stroke is between two holes, which are of one frame."""
    away = max(abs(one.top - two.top), abs(one.bottom - two.bottom))
    least, most = (share * one.height for share in LEANING)
    return away < LEVEL * one.height and least < one.right - two.left < most


def _inside(contour: NDArray[np.int32]) -> Box:
    """Return the box of a hole, whose contour runs on the ink around it."""
    left, top, wide, high = cv2.boundingRect(contour)
    return Box(left + 1, top + 1, left + wide - 1, top + high - 1)


def _count_beside(inside: Box, holes: NDArray[np.int64]) -> int:
    """Count the holes (n, 4) that are other cells of the same row, close by."""
    away = np.abs(holes[:, 1::2] - (inside.top, inside.bottom)).max(axis=1, initial=0)
    apart = np.maximum(holes[:, 0] - inside.right, inside.left - holes[:, 2])
    is_near = (apart >= 0) & (apart < CLOSE * inside.height)
    return int(np.count_nonzero((away < LEVEL * inside.height) & is_near))


def find_lines_apart(
    components: list[Component], fields: Sequence[tuple[Box, float]], rules: Mask
) -> list[Line]:
    """Find lines; no line has components in a field and others outside.

    Args:
        components: Of ink without rules and frames.
        fields: What frames enclose, and rows of boxes; and how many columns beyond each
            writing in it may go on.
        rules: True where rules and sides of boxes were.
    """
    found: list[Line] = []
    for field, beyond in fields:
        within, components = split(components, field, beyond)
        found += find_lines(within)
    found += find_lines(components, others=rules)
    return sorted(found, key=lambda line: line.band[0])


def split(
    components: list[Component], field: Box, beyond: float = np.inf
) -> tuple[list[Component], list[Component]]:
    """Split components into those in a field and those outside.

    If one is on its right side, the writing goes on there, and components just beyond
    count as in the field.

    Args:
        components: Of a page.
        field: What a frame or a row of boxes encloses.
        beyond: Columns in which the writing may go on.
    """
    left, top, right, bottom = field
    near = [of for of in components if top <= of.box.centre[1] < bottom]
    near = [of for of in near if of.box.width < field.width]
    crossing = [of.box for of in near if of.box.height > LEAST * field.height]
    goes_on = any(box.left < right < box.right for box in crossing)
    last = right + beyond if goes_on else right
    numbers = {of.number for of in near if left <= of.box.centre[0] < last}
    within = [of for of in components if of.number in numbers]
    return within, [of for of in components if of.number not in numbers]


def frame_ink(frame: Frame, inked: Mask, soft: Shades) -> Mask:
    """Return the ink of a frame, but not where strokes are on it.

    Args:
        frame: As `find_frames` gives it.
        inked: True where there is ink, rules too.
        soft: Soft ink.
    """
    sides = side_ink(frame.row, inked, soft)
    left, top, right, bottom = frame.inside
    above, below = slice(max(0, top - AROUND), top), slice(bottom, bottom + AROUND)
    before, behind = slice(max(0, left - AROUND), left), slice(right, right + AROUND)
    for corner in product((above, below), (before, behind)):
        sides[corner] |= inked[corner]  # each side counts as a stroke on the other
    return sides


def _is_in(inside: Box, row: BoxRow) -> bool:
    """Return whether the centre of what is enclosed is in a row of boxes."""
    x, y = inside.centre
    return row.left <= x <= row.right and row.top <= y <= row.bottom


def to_frame(hole: Hole) -> Frame | None:
    """Make a frame of what it encloses, if that has four straight sides."""
    hull, inside = cv2.convexHull(hole.contour), hole.inside
    _, size, angle = cv2.minAreaRect(hull)
    tilt = abs((angle + 45) % 90 - 45)
    if cv2.contourArea(hull) < FILLED * size[0] * size[1] or tilt > MOST_TILT:
        return None
    points = hull[:, 0].astype(float)
    corners = [
        points[(points * way).sum(axis=1).argmax()]
        for way in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    (a, b), (c, d), (e, f), (g, h) = (corner.tolist() for corner in corners)
    sides = (
        Side((a + g) / 2 - HALF + 1, round(g - a)),
        Side((c + e) / 2 + HALF - 1, round(e - c)),
    )
    top, bottom = round((b + d) / 2) - HALF + 1, round((f + h) / 2) + HALF - 1
    left, right = round(sides[0].column), round(sides[1].column) + 1
    return Frame(inside, BoxRow(left, right, top, bottom, sides, is_framed=True))
