"""Turn a picture so that its lines are level: by the feet and heads of what is written.

Angles are in degrees, positive where lines fall to the right, as rows count downwards.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.lines import Line

cv2 = require("cv2", extra="read")

LEAST = 2.0  # degrees; nets read what is less askew as it is
DRIFT = 0.45  # heights of a digit; a line that falls less over its length is level
MOST = 30.0  # degrees; more is no accident of the hand
FEWEST = 3  # components that tell a direction

Affine = NDArray[np.float64]
"""(2, 3) float64; from points (x, y) of one picture to points of another."""


def skew_of(found: tuple[Line, ...] | list[Line]) -> float:
    """Tell by how many degrees lines are askew: the median, long lines count more.

    Args:
        found: Lines of a picture.

    Example:
        >>> skew_of([])
        0.0
    """
    angles, weights = [], []
    for line in found:
        height = line.band[1] - line.band[0]
        tall = [
            c.box
            for c in line.components
            if 0.6 * height <= c.box.height <= 1.6 * height
        ]
        if len(tall) < FEWEST:
            continue
        across = np.array([(box.left + box.right) / 2 for box in tall])
        down = np.array([(box.top + box.bottom) / 2 for box in tall])
        if np.ptp(across) < 2 * height:
            continue
        angle = _angle(across, down)
        drift = abs(np.tan(np.radians(angle))) * np.ptp(across)
        angles.append(angle if drift > DRIFT * height else 0.0)
        weights.append(float(np.ptp(across)))
    if not angles:
        return 0.0
    order = np.argsort(angles)
    reached = np.cumsum(np.array(weights)[order])
    return float(np.array(angles)[order][np.searchsorted(reached, reached[-1] / 2)])


def _angle(across: NDArray[np.float64], down: NDArray[np.float64]) -> float:
    """Theil and Sen's median of slopes, which one odd digit does not move."""
    first, second = np.triu_indices(len(across), 1)
    run = across[second] - across[first]
    far = np.abs(run) > 0.5 * np.abs(run).max()
    slopes = (down[second] - down[first])[far] / run[far]
    return float(np.degrees(np.arctan(np.median(slopes))))


def level(picture: NDArray[np.uint8], angle: float) -> tuple[NDArray[np.uint8], Affine]:
    """Turn a picture so that lines askew by an angle become level.

    Args:
        picture: (rows, columns, 3) uint8.
        angle: By how many degrees lines are askew.

    Returns:
        The turned picture, large enough to hold all of it, and the way back: from its
        points to points of the picture given.
    """
    rows, columns = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = int(columns * cos + rows * sin) + 1, int(columns * sin + rows * cos) + 1
    matrix[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    turned = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    back: Affine = cv2.invertAffineTransform(matrix)
    return turned, back
