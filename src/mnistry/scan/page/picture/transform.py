"""Homographies from points of one picture to another, and boxes by them."""

from itertools import product
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box

Homography = NDArray[np.float64]
"""(3, 3) float64; from points (x, y, 1) of one picture to another, in perspective."""


def scaling(across: float, down: float | None = None) -> Homography:
    """Return the transform to a picture that is so many times as wide and as tall.

    Args:
        across: Times as wide.
        down: Times as tall; as `across` if it is not given.

    Example:
        >>> (scaling(2.0) @ [30, 20, 1]).tolist()
        [60.0, 40.0, 1.0]
    """
    down = across if down is None else down
    return np.array([[across, 0, 0], [0, down, 0], [0, 0, 1]], float)


def to_source(box: Box, back: Homography) -> Box:
    """Return the box in the source around the corners of a box of a page.

    Args:
        box: In what was looked at.
        back: From its points to points of the source.

    Example:
        >>> to_source(Box(1, 2, 3, 4), scaling(2.0))
        Box(left=2, top=4, right=6, bottom=8)
    """
    across, down, far = back.tolist()  # so few numbers are sooner done without NumPy
    left, top, right, bottom = box
    if across[1] or down[0] or far[0] or far[1]:  # it is turned
        columns, rows = [], []
        for x, y in product((left, right), (top, bottom)):
            depth = far[0] * x + far[1] * y + far[2]
            columns.append((across[0] * x + across[1] * y + across[2]) / depth)
            rows.append((down[0] * x + down[1] * y + down[2]) / depth)
    else:
        columns = [(across[0] * x + across[2]) / far[2] for x in (left, right)]
        rows = [(down[1] * y + down[2]) / far[2] for y in (top, bottom)]
    # a millionth of a pixel is rounding, not ink
    left, top = floor(min(columns) + 1e-6), floor(min(rows) + 1e-6)
    return Box(left, top, ceil(max(columns) - 1e-6), ceil(max(rows) - 1e-6))
