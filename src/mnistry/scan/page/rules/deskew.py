"""Turn a picture so that its lines are level: by the middles of digits, or by ink.

Angles are in degrees, positive where lines fall to the right, as rows count downwards.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import atan, degrees, radians, tan

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.extras import require
from mnistry.scan.page.ink.components import weighted_median
from mnistry.scan.page.layout.lines import WIDE_GAP, Line
from mnistry.scan.page.paper.illumination import find_paper
from mnistry.scan.page.picture.transform import Homography
from mnistry.scan.page.rules.rule_lines import RuleLines

cv2 = require("cv2", extra="read")

LEAST = 2.0  # degrees; the nets read lines less askew than that
DRIFT = 0.45  # heights of a digit; a line that falls less over its length is level
MOST = 30.0  # degrees; nobody writes more askew
FAIR = 0.6, 1.6  # heights of a digit: components as tall as that show a direction ...
FEWEST = 3  # ... if there are so many
LEAST_OF_RULES = 0.7  # degrees; rules less askew are found without turning
RULES_APART = 12.0  # pixels between the first and the last of two rules or more
# times as long as high is a number once it is level, and times as low as it was: so it
# is known to be askew though its digits form no line, for they touch or are on other
# rows. Of 150 generated strings the ink of upright ones gets 1.05 times as low at most,
# that of strings askew by 25 degrees 1.65 times at least, and 3 times as long as high
LONG, LOWER = 2.5, 1.3
INK_BETWEEN = 0.03, 0.97  # quantiles: a speck or the tail of a digit hardly counts
INK_ANGLES = np.arange(-MOST, MOST + 1, 2)  # degrees; half of a step is no matter
INK_SAMPLE = 500  # pixels of ink, which are enough ...
INK_LEAST = 30  # ... and fewer say nothing
STRONGEST = 25  # lines of Hough's transform whose mean is the angle
ALIKE = 1.0  # degrees by which rules of one page differ, at most


def skew_of(found: Sequence[Line]) -> float | None:
    """Return by how many degrees lines are askew: the median, weighted by length.

    Args:
        found: Lines of a picture.

    Returns:
        None if no line is long enough to tell.

    Example:
        >>> skew_of([]) is None
        True
    """
    weighted = []
    for line in found:
        height = line.height
        tall = [
            c.box
            for c in line.components
            if FAIR[0] * height <= c.box.height <= FAIR[1] * height
        ]
        if len(tall) < FEWEST:
            continue
        across, down = np.array([box.centre for box in tall]).T
        length = float(across.max() - across.min())
        if length < 2 * height:
            continue
        angle = _angle(across, down)
        drift = abs(tan(radians(angle))) * length
        weighted.append((angle if drift > DRIFT * height else 0.0, length))
    return weighted_median(weighted) if weighted else None


def skew_of_ink(ink: Mask) -> float:
    """Return by how many degrees all ink is askew if it is one long line, else 0.

    Turned by this angle the ink is as low as it can be, wherever digits begin and end.

    Args:
        ink: True where it is.

    Example:
        >>> ink = np.zeros((200, 300), np.uint8)
        >>> tilted = cv2.line(ink, (50, 50), (250, 130), 1, 20).astype(bool)
        >>> round(skew_of_ink(tilted)), skew_of_ink(tilted.T)
        (22, 0.0)
    """
    points = np.argwhere(ink).astype(np.float32)
    points = points[:: max(1, len(points) // INK_SAMPLE)]
    first, last = (int(share * len(points)) for share in INK_BETWEEN)
    is_wide = len(points) >= INK_LEAST and np.ptp(points, axis=0).argmax() == 1
    if not is_wide:  # as every line that is askew by so little is
        return 0.0
    turns = np.radians(INK_ANGLES, dtype=np.float32)
    cos, sin = np.cos(turns)[:, None], np.sin(turns)[:, None]
    down, across = points.T
    rows = np.partition(cos * down - sin * across, [first, last], axis=1)
    heights = rows[:, last] - rows[:, first]
    best = int(heights.argmin())
    columns = np.sort(cos[best] * across + sin[best] * down)[first : last + 1]
    is_long = columns[-1] - columns[0] > LONG * heights[best]
    is_one_line = is_long and np.diff(columns).max() < WIDE_GAP * heights[best]
    is_askew = heights[len(heights) // 2] > LOWER * heights[best]
    return float(INK_ANGLES[best]) if is_one_line and is_askew else 0.0


def _angle(across: NDArray[np.float64], down: NDArray[np.float64]) -> float:
    """Return the median of slopes (Theil and Sen), which one outlier does not move."""
    run, rise = (values - values[:, None] for values in (across, down))
    far = run > 0.5 * run.max()  # each pair once, from left to right
    slopes = np.sort(rise[far] / run[far])
    middle = float(slopes[(len(slopes) - 1) // 2] + slopes[len(slopes) // 2]) / 2
    return degrees(atan(middle))


def skew_of_rules(found: RuleLines | None) -> float | None:
    """Return by how many degrees rules are askew; None if there are fewer than two.

    Args:
        found: Of a picture; None if there are none.

    Example:
        >>> from mnistry.scan.page.rules.rule_lines import find_rule_lines
        >>> picture = np.full((300, 400, 3), 255, np.uint8)
        >>> for row in range(20, 300, 40):
        ...     picture = cv2.line(picture, (0, row), (399, row + 35), (0, 0, 0), 2)
        >>> round(skew_of_rules(find_rule_lines(picture)), 1)
        5.0
    """
    if found is None:
        return None
    strongest = np.sort(found.angles[:STRONGEST])
    best = np.abs(found.angles - strongest[len(strongest) // 2]) < ALIKE
    if np.ptp(found.distances[best]) < RULES_APART:
        return None
    return float(found.angles[best][:STRONGEST].mean())


def level(
    picture: NDArray[np.uint8], angle: float, lean: float = 0.0
) -> tuple[NDArray[np.uint8], Homography]:
    """Turn a picture so that lines askew by an angle become level.

    Args:
        picture: (rows, columns, 3) uint8, or grey.
        angle: By how many degrees lines are askew.
        lean: By how many degrees upright rules lean then; this is sheared away.

    Returns:
        The turned picture, large enough to hold all of it, and the way back: from its
        points to points of the picture given.
    """
    rows, columns = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1.0)
    matrix[0] -= tan(radians(lean)) * matrix[1]
    corners = matrix[:, :2] @ [[0, columns, 0, columns], [0, 0, rows, rows]]
    size = tuple(int(side) + 1 for side in np.ptp(corners, axis=1))
    matrix[:, 2] = np.array(size) / 2 - matrix[:, :2] @ [columns / 2, rows / 2]
    turned = warp_on_paper(picture, partial(cv2.warpAffine, M=matrix, dsize=size))
    return turned, np.vstack([cv2.invertAffineTransform(matrix), [0, 0, 1]])


def warp_on_paper(
    picture: NDArray[np.uint8], warp: Callable[..., NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Warp a picture; around it there is paper, so that no rules or ink go on there.

    Args:
        picture: (rows, columns, 3) uint8, or grey.
        warp: One of OpenCV's functions, with its transform and size.
    """
    warped = warp(find_paper(picture), borderMode=cv2.BORDER_REPLICATE)
    warp(picture, dst=warped, borderMode=cv2.BORDER_TRANSPARENT)
    return warped
