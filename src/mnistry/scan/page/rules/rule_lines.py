"""Find rules as straight lines, however askew: where they are, and their angles."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.picture.pixels import percentiles, rectangle, shrink, to_grey

cv2 = require("cv2", extra="read")

MOST_ASKEW = 20.0  # degrees
LONGER_SIDE = 900  # pixels at which rules are looked for
LEAST_SIDE = 100  # pixels; in a smaller picture a long stroke looks like a rule
STEP = 8.0  # of 255; the least that a rule is darker than its paper
LENGTH = 0.5  # of the picture's width; a rule has no less ink
ANGLE_STEP = 0.25  # degrees


class RuleLines(NamedTuple):
    """Rules that are nearly level, the strongest first; one may come several times.

    Attributes:
        distances: From the upper left corner, in pixels of `shape`.
        angles: Degrees by which they are askew, positive where they fall to the right.
        shape: Rows and columns of the picture in which they were looked for.
    """

    distances: NDArray[np.float64]
    angles: NDArray[np.float64]
    shape: tuple[int, int]


def find_rule_lines(
    picture: NDArray[np.uint8], *, upright: bool = False
) -> RuleLines | None:
    """Find rules that go through half of a picture; None if there are none.

    They are found by Hough's transform (Duda and Hart 1972, doi:10.1145/361237.361242)
    of thin ink.

    Args:
        picture: (rows, columns, 3) uint8, or grey.
        upright: Find upright ones, level in the transpose of the picture.

    Example:
        >>> picture = np.full((300, 400), 255, np.uint8)
        >>> picture[100] = 0
        >>> bool(abs(find_rule_lines(picture).angles[0]) < 1)
        True
        >>> find_rule_lines(picture, upright=True) is None
        True
    """
    small = shrink(picture, LONGER_SIDE)
    if min(small.shape[:2]) < LEAST_SIDE:
        return None
    small = to_grey(small)
    if upright:
        small = np.ascontiguousarray(small.T)
    rows, columns = small.shape
    grey = cv2.GaussianBlur(small, (0, 0), 0.7)
    # what is darker than the paper within a few pixels: rules and thin strokes
    thin = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, rectangle(7, 7))
    [strong] = percentiles(thin, [98])
    ink = (thin > max(STEP, 0.4 * strong)).astype(np.uint8)
    limits = np.radians([90 - MOST_ASKEW, 90 + MOST_ASKEW])
    found = cv2.HoughLines(
        ink, 1, np.radians(ANGLE_STEP), int(LENGTH * columns), None, 0, 0, *limits
    )
    if found is None:
        return None
    distances, angles = found[:, 0, 0], np.degrees(found[:, 0, 1]) - 90
    return RuleLines(distances, angles, (rows, columns))
