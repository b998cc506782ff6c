"""Undo the perspective of squared paper that a camera saw at an angle.

All rules of one direction meet in a vanishing point. With x and y from the middle
of the picture, a level one is y = slope * x + height, and its slope changes evenly with
its height. Of upright ones x and y change places.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.picture.transform import Homography
from mnistry.scan.page.rules.deskew import skew_of_rules, warp_on_paper
from mnistry.scan.page.rules.rule_lines import RuleLines

cv2 = require("cv2", extra="read")

APART = 6.0  # pixels between two rules in the middle; nearer ones are one
MOST_RULES = 80  # that are compared, the strongest
FEWEST = 4  # rules that show where they meet
NEAR = 0.4  # degrees between a rule and one through the vanishing point, at most
AGREE = 0.6  # of the rules meet in one point, at least
SPREAD = 0.4  # of the picture, from the first of these to the last, at least
FAR = 0.2  # of the picture between two rules that predict the others, at least
# degrees between rules at opposite borders, from which they converge: ten generated
# squared sheets seen from above have 0.2 at most, 27 seen at an angle of 10 to 25
# degrees 5.4 and more in one direction or the other
CONVERGES = 1.0
FARTHEST = 2.0  # times as far or as near as the middle is any part of a sheet, at most


class Vanishing(NamedTuple):
    """Where rules of one direction meet.

    Attributes:
        slope: Of the rule through the middle of the picture.
        change: Of the slope, from one border to the other.
    """

    slope: float
    change: float


def rectify(
    picture: NDArray[np.uint8], level: RuleLines, upright: RuleLines
) -> tuple[NDArray[np.uint8], Homography] | None:
    """Transform a picture so that its rules are parallel, level and upright.

    Args:
        picture: (rows, columns, 3) uint8, or grey.
        level: Its level rules.
        upright: Its upright ones.

    Returns:
        The picture, and the way back: from its points to points of the one given; None
        if its rules do not converge.

    Example:
        >>> from mnistry.scan.page.rules.rule_lines import find_rule_lines
        >>> picture = np.full((400, 400), 255, np.uint8)
        >>> for at in range(20, 400, 20):
        ...     picture = cv2.line(picture, (at, 0), (at, 399), 0)
        ...     picture = cv2.line(picture, (0, at), (399, at + at // 8 - 25), 0)
        >>> found = find_rule_lines(picture), find_rule_lines(picture, upright=True)
        >>> seen, back = rectify(picture, *found)
        >>> turns = found[0].angles, find_rule_lines(seen).angles
        >>> [bool(np.ptp(angles) < 2) for angles in turns]
        [False, True]
    """
    directions = _find_directions(level, upright)
    if directions is None:
        return None
    across, down = directions
    if max(abs(across.change), abs(down.change)) < np.tan(np.radians(CONVERGES)):
        return None
    rows, columns = picture.shape[:2]
    # columns: where the level rules meet, where the upright ones do, and the middle
    inner = np.array(
        [
            [1, down.slope, 0],
            [across.slope, 1, 0],
            [-across.change / rows, -down.change / columns, 1],
        ]
    )
    inner[:, :2] /= np.sqrt(1 - across.slope * down.slope)  # as large as it was
    return _seen(picture, inner)


def find_vanishing(found: RuleLines) -> Vanishing | None:
    """Find where rules meet; None if they are too few or do not agree.

    Any two rules predict it; the two with which most others agree decide (RANSAC:
    Fischler and Bolles 1981, doi:10.1145/358669.358692, of all pairs).

    Args:
        found: Rules of a picture.
    """
    slopes, heights = _through_middle(found)
    rows = found.shape[0]
    first, second = np.triu_indices(len(slopes), 1)
    is_far = np.abs(heights[first] - heights[second]) > FAR * rows
    first, second = first[is_far], second[is_far]
    if not len(first):
        return None
    rise, run = (of[second] - of[first] for of in (slopes, heights))
    changes = rise / run
    middles = slopes[first] - changes * heights[first]
    off = slopes - changes[:, None] * heights - middles[:, None]
    agree = np.abs(off) < np.tan(np.radians(NEAR))
    best = agree[np.argmax(agree.sum(axis=1))]
    enough = max(FEWEST, AGREE * len(slopes))
    if best.sum() < enough or np.ptp(heights[best]) < SPREAD * rows:
        return None
    change, slope = np.polyfit(heights[best], slopes[best], 1)
    return Vanishing(float(slope), float(change) * rows)


def _through_middle(
    found: RuleLines,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slopes of rules, each once, and their heights in the middle column."""
    rows, columns = found.shape
    angles = np.radians(found.angles.astype(np.float64))
    slopes = np.tan(angles)
    heights = found.distances / np.cos(angles) + slopes * columns / 2 - rows / 2
    kept: list[int] = []
    for number, height in enumerate(heights.tolist()):
        if len(kept) < MOST_RULES and np.all(np.abs(heights[kept] - height) >= APART):
            kept.append(number)
    return slopes[kept], heights[kept]


def _find_directions(
    level: RuleLines, upright: RuleLines
) -> tuple[Vanishing, Vanishing] | None:
    """Find where level and upright rules meet; if one is unknown, by the other."""
    across, down = map(_find_direction, (level, upright))
    if across is None:
        if down is None:
            return None
        across = Vanishing(-down.slope, 0.0)
    elif down is None:
        down = Vanishing(-across.slope, 0.0)
    return across, down


def _find_direction(found: RuleLines) -> Vanishing | None:
    """Find where rules meet, or else by how much they are askew."""
    vanishing, angle = find_vanishing(found), skew_of_rules(found)
    if vanishing is not None or angle is None:
        return vanishing
    return Vanishing(float(np.tan(np.radians(angle))), 0.0)


def _seen(
    picture: NDArray[np.uint8], inner: NDArray[np.float64]
) -> tuple[NDArray[np.uint8], Homography] | None:
    """Apply a transform of points measured from the middle of the picture."""
    rows, columns = picture.shape[:2]
    to_corner = np.array([[1, 0, columns / 2], [0, 1, rows / 2], [0, 0, 1]])
    forth = np.linalg.inv(to_corner @ inner)
    corners = np.array([[0, columns, columns, 0], [0, 0, rows, rows], [1, 1, 1, 1]])
    x, y, far = forth @ corners.astype(np.float64)
    if far.min() < 1 / FARTHEST or far.max() > FARTHEST:
        return None
    x, y = x / far, y / far
    back = to_corner @ inner @ [[1, 0, x.min()], [0, 1, y.min()], [0, 0, 1]]
    size = int(np.ptp(x)) + 1, int(np.ptp(y)) + 1
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warp = partial(cv2.warpPerspective, M=back, dsize=size, flags=flags)
    return warp_on_paper(picture, warp), back
