"""Masks of ink: what hangs together, its box, one dilated, how thick the pen was."""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.binarize import Mask
from mnistry.scan.page.pixels import rectangle

cv2 = require("cv2", extra="read")


def label_components(
    ink: Mask | Pixels, connectivity: int = 8
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Label connected components, and give the box and the area of each.

    OpenCV does so with statistics of paper, too, and centroids that nobody asks for: in
    twice the time for a string, in three times for a page. Here both ends of each run
    of ink in a row are enough.

    Args:
        ink: (rows, columns); 1 or true where there is ink.
        connectivity: 8, or 4 where pixels at a corner do not hang together.

    Returns:
        The number of the component at each pixel, 0 for none; and by that number (n, 5)
        left, top, width, height and area, as OpenCV's statistics have them, all 0 for
        number 0.

    Example:
        >>> label_components(np.eye(4, 6, 2, dtype=bool))[1].tolist()
        [[0, 0, 0, 0, 0], [2, 0, 4, 4, 4]]
    """
    drawn = ink.view(np.uint8)
    count, component_map = cv2.connectedComponents(drawn, connectivity=connectivity)
    framed = cv2.copyMakeBorder(drawn, 0, 1, 1, 0, cv2.BORDER_CONSTANT, value=0).ravel()
    changes = np.flatnonzero(framed[1:] != framed[:-1])
    starts, lengths = changes[::2], changes[1::2] - changes[::2]
    rows, lefts = np.divmod(starts, ink.shape[1] + 1)
    numbers = component_map[rows, lefts]
    left, top = np.full((2, count), ink.size)
    right, bottom = np.zeros((2, count), np.int64)
    np.minimum.at(left, numbers, lefts)
    np.maximum.at(right, numbers, lefts + lengths)
    top[numbers[::-1]], bottom[numbers] = rows[::-1], rows + 1  # the last of each stays
    area = np.bincount(numbers, lengths, count).astype(np.int64)
    facts = np.stack([left, top, right - left, bottom - top, area], axis=1)
    facts[0] = 0
    return component_map, facts


def box_of(mask: Mask) -> Box:
    """Give the box around all ink; there must be some.

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


def pen_width(mask: Mask) -> float:
    """Estimate how thick the pen was, in pixels, by how much of the ink is edge.

    A long stroke has two edges of one pixel each.

    Args:
        mask: True where there is ink; it may go on beyond the picture.

    Example:
        >>> stroke = np.zeros((40, 20), bool)
        >>> stroke[:, 8:12] = True
        >>> pen_width(stroke)
        4.0
    """
    ink = mask.astype(np.uint8)
    area = cv2.countNonZero(ink)
    edge = area - cv2.countNonZero(cv2.erode(ink, rectangle(3, 3)))
    return float(2 * area / max(1, edge))
