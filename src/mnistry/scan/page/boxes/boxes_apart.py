"""Find boxes in a row that stand apart, or are not level: each for itself.

`rows.py` finds rows by their rules, which have to be level or bent alike. On paper that
curls, boxes that stand apart are each a little higher than the last. Here one that is
whole is found by what it encloses, and its neighbours are looked for beside it: ink
goes around them, too, however much of it is pale or crossed by a digit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.boxes.cells import Cells, is_written
from mnistry.scan.page.boxes.frames import Frame, Hole, find_holes, to_frame
from mnistry.scan.page.boxes.sides import BoxRow, Side
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

SHAPE = 0.4, 1.3  # heights that a box for one digit is wide
APART = 0.8  # of its width between two boxes, at most
UNEVEN = 0.1  # of its width by which the next gap differs from the last
HIGHER = 0.15  # of its height by which the next box is higher
COVERED, EACH = 0.55, 0.4  # of the outline of a box has ink, and of each of its sides
ONE = 0.8  # of its upper or its lower side, where the others fade in glare
ALIKE = 0.25  # of its height by which the next box is lower, or narrower
PIECE, BREAK = 12, 18  # pixels of a side, and of a break in it where it is pale
SLACK = 7  # pixels across a side in which its ink may lie, for it leans
ROOM = 4  # pixels around a page
LEAST = 3  # boxes in a row: fewer may be a word, or what is to be ticked
# boxes of a row that are whole, at least, and their share of it: 79 of 81 photographs
# have a row with so many; beside the cell for ₹ on a cheque, the upper side of the
# field for the amount was taken for that of five boxes more
WHOLE = 2, 1 / 3
MOST = 300  # boxes on a page: more are squares of its paper
CLOSE = 0.3  # of a box's height between two rows: these are of a table or squares

Apart = tuple[Frame, ...]
"""Boxes in a row, from left to right, each as a frame."""


def cells_of(row: Apart) -> Cells:
    """Return what the boxes of a row enclose."""
    return tuple(frame.inside for frame in row)


def find_boxes_apart(
    inked: Mask, holes: Sequence[Hole], known: Sequence[Cells]
) -> list[Apart]:
    """Find rows of boxes that are not known yet, or not all of them.

    Args:
        inked: True where there is ink, rules too.
        holes: What it encloses.
        known: The cells of rows of boxes that were found by their rules.

    Example:
        >>> mask = np.zeros((80, 260), bool)
        >>> for number in range(4):
        ...     left, top = 10 + 60 * number, 10 + 5 * number
        ...     mask[top : top + 50, left : left + 40] = True
        ...     mask[top + 2 : top + 48, left + 2 : left + 38] = False
        >>> mask[30:50, 30] = mask[45:65, 150] = True  # two ones
        >>> mask[20:30, 70:110] = False  # the sides of the second are broken
        >>> (row,) = find_boxes_apart(mask, find_holes(mask), [])
        >>> [frame.inside.left for frame in row]
        [13, 71, 133, 193]
    """
    if not WHOLE[0] <= len(_whole_boxes(holes)) <= MOST:
        return []  # most pages: it would take longer to look at broken sides
    whole = _whole_boxes(find_holes(inked | _whole_sides(inked)))
    # letters enclose paper alone
    written = [frame for frame in whole if is_written(frame.inside, inked)]
    if not written or not WHOLE[0] <= len(whole) <= MOST:
        return []
    outlines = _Outlines(inked)
    rows: list[Apart] = []
    for frame in sorted(written, key=lambda frame: frame.inside.left):
        if not any(Box.around(cells_of(row)).overlap(frame.inside) for row in rows):
            rows.append(_grown(frame, whole, outlines))
    rows = [row for row in rows if len(row) >= LEAST and _are_seen(row, whole)]
    around = [Box.around(cells_of(row)) for row in rows]
    return [
        row
        for row, box in zip(rows, around, strict=True)
        if not any(_is_below(box, other) or _is_below(other, box) for other in around)
        and all(len(of) < len(row) for of in known if is_same_row(cells_of(row), of))
    ]


def _whole_boxes(holes: Sequence[Hole]) -> list[Frame]:
    """Return the boxes for one digit whose sides are whole."""
    least, most = SHAPE
    return [
        frame
        for hole in holes
        if least * hole.inside.height <= hole.inside.width <= most * hole.inside.height
        if (frame := to_frame(hole)) is not None
    ]


def is_same_row(one: Cells, other: Cells) -> bool:
    """Return whether cells of one row are cells of the other."""
    return bool(one and other) and Box.around(one).is_at(Box.around(other))


class _Outlines:
    """How much ink is along the outlines of boxes that may be on a page."""

    def __init__(self, inked: Mask) -> None:
        ink = inked.astype(np.uint8)
        self._inked = inked
        along = (cv2.dilate(ink, rectangle(*size)) for size in ((SLACK, 1), (1, SLACK)))
        flat, upright = (np.pad(ink, ROOM) for ink in along)
        self._flat, self._upright = cv2.integral(flat), cv2.integral(upright)

    def best_of(
        self, box: Box, right: range, down: range, *, is_regular: bool
    ) -> Box | None:
        """Move a box to where most ink goes around it; none where that is little.

        One level side is enough of a box that is written in, where it is about known.

        Args:
            box: What a box encloses.
            right: By how many columns it may be moved.
            down: By how many rows.
            is_regular: How far boxes are apart is known.
        """
        rows, columns = (size - 1 for size in self._flat.shape)
        x = np.array(right)[None, :] + ROOM
        y = np.array(down)[:, None] + ROOM
        left, last = x + box.left - 1, x + box.right
        top, foot = y + box.top - 1, y + box.bottom
        inside = (left >= 0) & (last < columns) & (top >= 0) & (foot < rows)
        left, last = (np.clip(at, 0, columns - 1) for at in (left, last))
        top, foot = (np.clip(at, 0, rows - 1) for at in (top, foot))
        sides: NDArray[np.float64] = np.stack(
            [
                _sums(self._flat, at, at + 1, left + 1, last + 1) / (box.width + 1)
                for at in (top, foot)
            ]
            + [
                _sums(self._upright, top + 1, foot + 1, at, at + 1) / (box.height + 1)
                for at in (left, last)
            ]
        )
        shares = np.where(inside & (sides.min(axis=0) >= EACH), sides.mean(axis=0), 0)
        if shares.max() >= COVERED:
            return _moved(box, shares, right, down)
        level = inside & (sides[:2].max(axis=0) >= ONE)
        if not (is_regular and level.any()):
            return None
        moved = _moved(box, np.where(level, sides.mean(axis=0), 0), right, down)
        return moved if is_written(moved, self._inked) else None


def _sums(
    integral: NDArray[np.int32],
    top: NDArray[np.int64],
    bottom: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Sum rectangles of a picture by its integral image."""
    upper = integral[top, right] - integral[top, left]
    lower = integral[bottom, right] - integral[bottom, left]
    sums: NDArray[np.int32] = lower - upper
    return sums


def _moved(box: Box, shares: NDArray[np.float64], right: range, down: range) -> Box:
    """Move a box to where its share of ink is the largest."""
    at = np.unravel_index(int(shares.argmax()), shares.shape)
    across, under = right[int(at[1])], down[int(at[0])]
    return Box(
        box.left + across, box.top + under, box.right + across, box.bottom + under
    )


def _whole_sides(inked: Mask) -> Mask:
    """Return level and upright sides without the breaks that pale ones have."""
    ink = inked.astype(np.uint8)
    found = np.zeros_like(ink)
    for thick, piece, gap in (
        (rectangle(3, 1), rectangle(1, PIECE), rectangle(1, BREAK)),
        (rectangle(1, 3), rectangle(PIECE, 1), rectangle(BREAK, 1)),
    ):
        sides = cv2.morphologyEx(cv2.dilate(ink, thick), cv2.MORPH_OPEN, piece)
        found |= cv2.morphologyEx(sides, cv2.MORPH_CLOSE, gap)
    return found > 0


def _grown(frame: Frame, whole: list[Frame], outlines: _Outlines) -> Apart:
    """Find the boxes on both sides of one that is whole."""
    found = [frame]
    for way in (1, -1):
        last, wide = frame.inside, frame.inside.width
        steps = range(wide + 1, round((1 + APART) * wide))
        if len(found) > 1:
            steps = _near(found[1].inside.left - last.left, wide)
        while True:
            beside = _beside(last, whole, way) or _seen(
                last, steps, way, outlines, is_regular=len(found) > 1
            )
            if beside is None:
                break
            found.append(beside)
            steps = _near(abs(beside.inside.left - last.left), wide)
            last = beside.inside
    return tuple(sorted(found, key=lambda frame: frame.inside.left))


def _near(step: int, wide: int) -> range:
    """Return the steps that are about as long."""
    off = round(UNEVEN * wide)
    return range(max(wide + 1, step - off), step + off + 1)


def _beside(last: Box, whole: list[Frame], way: int) -> Frame | None:
    """Return the whole box that is the next one of a row, if there is one."""
    tall, wide = last.height, last.width
    for frame in whole:
        box = frame.inside
        gap = box.left - last.right if way > 0 else last.left - box.right
        is_level = abs(box.centre[1] - last.centre[1]) < 2 * HIGHER * tall
        sizes = box.height - tall, box.width - wide
        is_near = 0 < gap < (APART + UNEVEN) * wide
        if is_level and is_near and max(map(abs, sizes)) < ALIKE * tall:
            return frame
    return None


def _seen(
    last: Box, steps: range, way: int, outlines: _Outlines, *, is_regular: bool
) -> Frame | None:
    """Return the next box of a row where enough of its outline is seen."""
    off = round(HIGHER * last.height)
    across = range(steps.start * way, steps.stop * way, way)
    if not across:
        return None
    down = range(-off, off + 1)
    box = outlines.best_of(last, across, down, is_regular=is_regular)
    return None if box is None else _framed(box)


def _framed(inside: Box) -> Frame:
    """Make a frame of what a level box encloses."""
    left, top, right, bottom = inside
    sides = Side(left - 1.0, 0), Side(float(right), 0)
    row = BoxRow(left - 1, right + 1, top - 1, bottom, sides, is_framed=True)
    return Frame(inside, row)


def _are_seen(row: Apart, whole: list[Frame]) -> bool:
    """Return whether enough boxes of a row are whole: others are likely, not seen."""
    least, share = WHOLE
    return sum(frame in whole for frame in row) >= max(least, share * len(row))


def _is_below(box: Box, other: Box) -> bool:
    """Return whether a row is so close below another that both are of a table."""
    gap = box.top - other.bottom
    tall = min(box.height, other.height)
    beside = min(box.right, other.right) - max(box.left, other.left)
    return -0.5 * tall < gap < CLOSE * tall and beside > 0 and box.top > other.top
