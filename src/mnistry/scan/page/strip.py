"""Resample a line to a strip of fixed height.

The strip is scaled by the line's band, so that digits have one height, whatever is
above or below them.
"""

from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require

cv2 = require("cv2", extra="read")

# columns; ninety digits in one line. The net's columns look at all others, so that its
# memory grows with the square: 5 GB for 32,000
WIDEST_STRIP = 2048


class StripShape(NamedTuple):
    """The strips that a net for lines takes.

    Attributes:
        rows: Of a strip.
        digit_rows: Of these, how many a digit of ordinary height takes.
        column_step: Its columns are a multiple of this.
    """

    rows: int = 32
    digit_rows: int = 22
    column_step: int = 4

    @property
    def margin(self) -> int:
        """Rows above a digit of ordinary height, and columns before the first."""
        return (self.rows - self.digit_rows) // 2


STRIP = StripShape()
"""What training composes; reading takes the shape from the net's own header."""


def strip_matrix(
    left: float,
    right: float,
    band: tuple[float, float],
    shape: StripShape = STRIP,
    shear: float = 0.0,
) -> tuple[NDArray[np.float64], int]:
    """Return the affine transform from a line of a picture to its strip.

    Args:
        left: First column of the line.
        right: Column after its last.
        band: Rows where its digits begin and end.
        shape: Of the strip.
        shear: Columns by which it moves to the right for each row downwards.

    Returns:
        (2, 3), from points of the picture to points of the strip, and the strip's
        width, a multiple of the shape's step.
    """
    scale = shape.digit_rows / max(4.0, band[1] - band[0])
    width = (right - left) * scale + 2 * shape.margin
    middle = (band[0] + band[1]) / 2
    across = shape.margin - left * scale - shear * scale * middle
    down = shape.rows / 2 - middle * scale
    matrix = np.array([[scale, shear * scale, across], [0, scale, down]])
    step = shape.column_step
    return matrix, min(WIDEST_STRIP, ceil(width / step) * step)


def cut_strip(
    soft: Pixels,
    matrix: NDArray[np.float64],
    width: int,
    shape: StripShape = STRIP,
) -> Pixels:
    """Resample a line to a strip.

    Args:
        soft: The picture's soft ink.
        matrix: From points of the picture to points of the strip.
        width: Of the strip.
        shape: Of the strip.
    """
    scale = float(matrix[0, 0])
    around = 2.0 / scale + 2  # pixels that smoothing and interpolation look at
    top = max(0, int(-matrix[1, 2] / scale - around))
    bottom = max(top + 1, int((shape.rows - matrix[1, 2]) / scale + around) + 1)
    source = soft[top:bottom]
    if scale < 0.7:  # shrinking without smoothing would lose thin strokes
        source = cv2.GaussianBlur(source, (0, 0), 0.4 / scale)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, 1] * top
    strip: Pixels = cv2.warpAffine(
        source,
        moved,
        (width, shape.rows),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return strip
