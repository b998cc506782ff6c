"""Gather the pieces of one digit whose pen skipped, without lines of a box and dust."""

import numpy as np

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.rules import ruling

REACH = 0.3  # of the digit's longer side: a skipping pen leaves no wider gap
LEAST_SIDE = 0.25  # of the picture's, which the digit has in any case: see REACH
LEAST_SHARE = 0.025  # of the ink so far: smaller pieces are dust
BORDER = 0.16  # of the picture's sides: rows and columns of ink there are a box's
EDGE = 0.17  # of the picture's sides: lines of boxes are within it
THIN = 0.1  # of the picture's sides: lines of boxes are no thicker
ACROSS = 0.9  # of the picture's shorter side: a rule in it is no shorter
LONG = 0.12, 0.3  # of its columns, rows: shorter lines may be pieces of digits


def is_box_line(component: Component, shape: tuple[int, ...]) -> bool:
    """Return whether a component is a piece of a box's line: thin, straight, outside.

    Args:
        component: Of a picture with one digit.
        shape: Rows and columns of the picture.

    Example:
        >>> is_box_line(Component(Box(0, 2, 90, 6), 300, 1), (100, 100))
        True
        >>> is_box_line(Component(Box(45, 2, 49, 92), 300, 1), (100, 100))
        False
    """
    (rows, columns), box = shape, component.box
    flat = box.height <= THIN * rows and box.width >= 2 * box.height
    upright = box.width <= THIN * columns and box.height >= 2 * box.width
    low_or_high = box.bottom <= EDGE * rows or box.top >= (1 - EDGE) * rows
    aside = box.right <= EDGE * columns or box.left >= (1 - EDGE) * columns
    if flat and low_or_high and box.width > LONG[0] * columns:
        return True
    return upright and aside and box.height > LONG[1] * rows


def without_rules_across(mask: Mask) -> Mask:
    """Remove rules that go nearly from side to side.

    Args:
        mask: Ink of a picture with one digit.
    """
    rules = ruling.find_rules(mask, round(ACROSS * min(mask.shape)))
    return ruling.without_rules(mask, rules)


def without_box(mask: Mask) -> Mask:
    """Remove lines of a box: rules, and full rows and columns along the border.

    Args:
        mask: Ink of a picture with one digit.
    """
    rows, columns = mask.shape
    lined = without_rules_across(mask)
    cleaned = lined.copy()
    for axis, side in ((1, rows), (0, columns)):
        band = max(2, round(BORDER * side))
        full = np.count_nonzero(lined, axis=axis) / mask.shape[axis] > 0.6
        full[band : side - band] = False
        if not full.any():
            continue
        full = dilated(full[:, None], 3)[:, 0]
        if axis:
            cleaned[full, :] = False
        else:
            cleaned[:, full] = False
    return cleaned


def gather_pieces(
    main: Component, others: list[Component], shape: tuple[int, ...]
) -> list[Component]:
    """Gather what belongs to a digit: pieces near it, and near those, and so on.

    Args:
        main: The piece that is surely part of it.
        others: All other ink, lines of boxes left out.
        shape: Rows and columns of the picture.

    Example:
        >>> one, two, far = (
        ...     Component(Box(40, top, 60, top + 20), 200, top) for top in (5, 30, 80)
        ... )
        >>> [piece.number for piece in gather_pieces(one, [two, far], (100, 100))]
        [5, 30]
    """
    chosen, rest = [main], others
    while True:
        near = [one for one in rest if _belongs(one, chosen, shape)]
        if not near:
            return chosen
        chosen = chosen + near
        rest = [one for one in rest if one not in near]


def _belongs(one: Component, chosen: list[Component], shape: tuple[int, ...]) -> bool:
    if one.area < LEAST_SHARE * sum(piece.area for piece in chosen):
        return False
    sides = np.array([piece.box for piece in chosen])
    left, top = sides[:, :2].min(axis=0)
    right, bottom = sides[:, 2:].max(axis=0)
    size = max(right - left, bottom - top, LEAST_SIDE * max(shape))
    if min(_gap(one.box, piece.box) for piece in chosen) > REACH * size:
        return False
    box, (rows, columns) = one.box, shape
    cut_off = box.left == 0 or box.top == 0 or box.right == columns
    inside = box.left >= left - 2 and box.right <= right + 2
    return bool(inside or not (cut_off or box.bottom == rows))


def _gap(one: Box, two: Box) -> int:
    across = max(one.left - two.right, two.left - one.right)
    return max(across, one.top - two.bottom, two.top - one.bottom, 0)
