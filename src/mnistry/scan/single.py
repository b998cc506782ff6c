"""One digit in a picture: find it, and leave out everything else.

The digit is the ink that is much and central; dots, box lines and pieces of neighbours
lie at the border, or are small.
"""

import math

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.frame import to_frame
from mnistry.scan.ink import Mask, ink_mask, soft_ink
from mnistry.scan.light import even_out
from mnistry.scan.lines import Component, find_components
from mnistry.scan.pen import Box
from mnistry.scan.rules import remove_rules

cv2 = require("cv2", extra="read")

WORK_SIDE = 112  # pixels of the longer side at which a digit is looked at
LEAST_SHARE = 0.04  # of the digit's ink: smaller pieces are dots
EDGE = 64  # of 255; softer ink than this does not widen the digit's box


def work_size(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale a picture so that its longer side is 112 pixels.

    Example:
        >>> work_size(np.zeros((28, 14, 3), np.uint8)).shape
        (112, 56, 3)
    """
    rows, columns = picture.shape[:2]
    factor = WORK_SIDE / max(rows, columns)
    size = max(4, round(columns * factor)), max(4, round(rows * factor))
    shrinks = factor < 1
    scaled: NDArray[np.uint8] = cv2.resize(
        picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    )
    return scaled


def isolate(picture: NDArray[np.uint8]) -> tuple[Pixels, Box | None]:
    """Give the soft ink of the one digit in a picture, everything else gone.

    Args:
        picture: (rows, columns, 3) uint8, dark ink on light paper, of work size.

    Returns:
        Soft ink of the picture's size, and the box of the digit; none if there is no
        ink at all.
    """
    dark = even_out(picture)
    mask = ink_mask(dark)
    cleaned = remove_rules(mask, round(0.6 * min(picture.shape[:2])))
    if cleaned.sum() < 0.3 * mask.sum():  # a one as tall as the picture is no rule
        cleaned = mask
    chosen = choose_ink(cleaned)
    if not chosen.any():
        return np.zeros_like(dark), None
    near = cv2.dilate(chosen.astype(np.uint8), np.ones((3, 3), np.uint8))
    soft = soft_ink(dark) * near
    rows = np.flatnonzero(chosen.any(axis=1))
    columns = np.flatnonzero(chosen.any(axis=0))
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return soft, box


def frame_single(picture: NDArray[np.uint8]) -> tuple[Pixels, Box | None]:
    """Bring the one digit in a picture to 28×28.

    Args:
        picture: (rows, columns, 3) uint8, dark ink on light paper, of any size.

    Returns:
        The image as MNIST's are, and the box of the digit in the picture.
    """
    work = work_size(picture)
    soft, box = isolate(work)
    if box is None:
        return to_frame(soft), None
    factor = picture.shape[1] / work.shape[1], picture.shape[0] / work.shape[0]
    back = Box(
        math.floor(box.left * factor[0]),
        math.floor(box.top * factor[1]),
        math.ceil(box.right * factor[0]),
        math.ceil(box.bottom * factor[1]),
    )
    return to_frame(soft, faintest=EDGE), back


def choose_ink(mask: Mask) -> Mask:
    """Choose the components that make up the one digit.

    Args:
        mask: True where there is ink.
    """
    components, numbers = find_components(mask)
    if not components:
        return np.zeros_like(mask)
    main = max(components, key=lambda c: _weight(c, mask.shape))
    chosen = [main.number]
    chosen += [c.number for c in components if c is not main and _belongs(c, main, mask)]
    return np.isin(numbers, chosen)


def _weight(component: Component, shape: tuple[int, ...]) -> float:
    """Ink counts by how central it is; a piece along the border hardly does."""
    rows, columns = shape
    box = component.box
    away_x = ((box.left + box.right) / columns - 1) * 1.0
    away_y = ((box.top + box.bottom) / rows - 1) * 1.0
    central = math.exp(-1.5 * (away_x**2 + away_y**2))
    tall = box.height / rows
    return component.area**0.5 * max(box.height, box.width) * central * (0.2 + tall)


def _belongs(component: Component, main: Component, mask: Mask) -> bool:
    box, around = component.box, main.box
    if component.area < LEAST_SHARE * main.area:
        return False
    reach = 0.12 * max(around.height, around.width)
    apart_x = max(box.left - around.right, around.left - box.right)
    apart_y = max(box.top - around.bottom, around.top - box.bottom)
    if max(apart_x, apart_y) > reach:
        return False
    rows, columns = mask.shape
    at_border = (
        box.left == 0 or box.top == 0 or box.right == columns or box.bottom == rows
    )
    inside = min(box.right, around.right) - max(box.left, around.left)
    return not at_border or inside > 0.7 * box.width
