"""Masks of ink: the box around one, one dilated, its stroke width."""

import numpy as np

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")


def box_of(mask: Mask) -> Box:
    """Return the box around all ink; there must be some.

    Example:
        >>> box_of(np.eye(4, 6, 2, dtype=bool))
        Box(left=2, top=0, right=6, bottom=4)
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def dilated(mask: Mask, side: int) -> Mask:
    """Dilate a mask by a square: what is near ink is ink.

    Args:
        mask: True where there is ink.
        side: Of the square, odd: 3 adds one pixel on each side.

    Example:
        >>> dilated(np.array([[False, False, True, False]]), 3).tolist()
        [[False, True, True, True]]
    """
    larger: Mask = cv2.dilate(mask.view(np.uint8), rectangle(side, side)).view(np.bool_)
    return larger


def with_edge(mask: Mask, others: Mask) -> Mask:
    """Add the soft edge of ink, of two pixels, to its mask, where no other ink is.

    Args:
        mask: True where there is the ink.
        others: True where there is other ink.

    Example:
        >>> row = np.array([[0, 0, 0, 1, 0, 1]], bool)
        >>> with_edge(row & (np.arange(6) < 4), row & (np.arange(6) > 4)).tolist()
        [[False, True, True, True, True, False]]
    """
    return dilated(mask, 5) & ~others


def stroke_width(mask: Mask) -> float:
    """Estimate the stroke width in pixels, by the share of the ink that is edge.

    A long stroke has two edges of one pixel each.

    Args:
        mask: True where there is ink; it may go on beyond the picture.

    Example:
        >>> stroke = np.zeros((40, 20), bool)
        >>> stroke[:, 8:12] = True
        >>> stroke_width(stroke)
        4.0
    """
    ink = mask.astype(np.uint8)
    area = cv2.countNonZero(ink)
    edge = area - cv2.countNonZero(cv2.erode(ink, rectangle(3, 3)))
    return float(2 * area / max(1, edge))
