"""Find a sheet of paper that lies on something darker, and look at it from above.

Its outline is looked for at several thresholds of several channels, for shadows fall on
sheets and wood shines. An outline is supported by its sides: along them the picture is
lighter just inside than just outside. Where a side goes on beyond a corner, the sheet
does not end there, but a shadow begins.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.picture.pixels import percentiles, rectangle, shrink, to_grey
from mnistry.scan.page.picture.transform import Homography

cv2 = require("cv2", extra="read")

Corners = NDArray[np.float64]
"""(4, 2) float64; x, y: upper left, upper right, lower right, lower left."""

COARSE = 400  # pixels of the longer side, at which outlines are looked for
THRESHOLDS = 12  # of each channel
LEAST_SHARE = 0.15  # of the picture; a smaller sheet is not what was photographed
MOST_SHARE = 0.985  # of the picture; a larger one fills it
# of the area of the sheet has another one beside it, at least: then neither is all that
# was photographed
ALIKE = 0.5
APART = 0.05  # of it, at most, lies on the sheet
STRAIGHT = 0.93  # of the hull are both the outline and its quadrilateral, at least
SMALLEST = 200  # pixels of the shorter side; a smaller picture was cut out of a sheet
BESIDE = (3.0, 7.0, 12.0)  # coarse pixels from a side at which lightness is compared
STEP = 14.0  # of 255; the least difference of lightness between a sheet and its table
LEAST_SIDE = 0.7  # of the length of each side, at least, has that step
AHEAD = np.arange(8.0, 40.0)  # coarse pixels beyond a corner, where a sheet has ended
SEEN_AHEAD = 12  # of these must be in the picture
# of the step along a side, beyond its corner, from which the rest of the sheet is in a
# shadow. Of 400 generated notes, 60 numbers photographed by hand, 12 forms and 12
# cheques on tables, lit parts of notes had 0.38 and more, all but one of 34; whole
# sheets 0.22 and less, all but one of 248
SHADED = 0.3
INSET = 2.0  # coarse pixels; the very edge of a sheet bends, shades and shines
EDGE = 51  # of 255; a gradient so high is an edge


def find_sheet(picture: NDArray[np.uint8]) -> Corners | None:
    """Find the corners of a sheet that lies on something darker.

    Args:
        picture: (rows, columns, 3) uint8, or grey.

    Returns:
        The corners in pixels of the picture; None if there is no such sheet, it fills
        the picture, or another lies beside it.

    Example:
        >>> picture = np.full((300, 220, 3), 60, np.uint8)
        >>> picture[40:260, 30:190] = 230
        >>> corners = np.array([[30, 40], [190, 40], [190, 260], [30, 260]])
        >>> bool(np.abs(find_sheet(picture) - corners).max() < 5)
        True
    """
    if min(picture.shape[:2]) < SMALLEST:
        return None
    small = shrink(picture, COARSE)
    scale = np.array(picture.shape[1::-1]) / small.shape[1::-1]
    channels = _channels(small)
    scored = []
    outlines = [of for channel in channels for of in _outlines(channel)]
    least = LEAST_SHARE * channels[0].size
    for corners in outlines:
        if _area(corners) >= least:
            support = _support(channels[0], corners)
            score = support * np.sqrt(_area(corners))
            if support >= LEAST_SIDE:
                scored.append((score, corners))
    scored.sort(key=lambda one: -one[0])
    whole = (of for _, of in scored if not _ends_in_shadow(channels[0], of))
    best = next(whole, None)
    if best is None or _has_another_beside(channels[0], best, outlines):
        return None
    found: Corners = _inset(best) * scale
    return found


def rectify(
    picture: NDArray[np.uint8], corners: Corners
) -> tuple[NDArray[np.uint8], Homography]:
    """Look at a sheet from above.

    Args:
        picture: (rows, columns, 3) uint8, or grey.
        corners: Of the sheet.

    Returns:
        The sheet as large as its longer sides are in the picture, and the transform
        from its points to points of the picture.
    """
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    columns, rows = round(max(sides[0], sides[2])), round(max(sides[1], sides[3]))
    own = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    back: Homography = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    sheet = cv2.warpPerspective(
        picture, back, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return sheet, back


def _channels(small: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return pictures whose paper is light and without strokes, some without shade."""
    soft = cv2.GaussianBlur(small, (0, 0), 1.0)
    closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, rectangle(7, 7))
    grey = to_grey(closed)
    around = cv2.blur(grey, (max(small.shape[:2]) // 2,) * 2)
    local = cv2.addWeighted(grey, 1.0, around, -0.5, 64)
    edges = cv2.morphologyEx(closed, cv2.MORPH_GRADIENT, rectangle(3, 3))
    strongest = edges if small.ndim == 2 else edges.max(axis=2)
    flat = 255 - np.minimum(strongest, EDGE) * np.uint8(255 // EDGE)
    if small.ndim == 2:
        return [grey, local, flat]
    white = 255 - cv2.cvtColor(closed, cv2.COLOR_RGB2HSV)[:, :, 1]
    return [grey, closed.min(axis=2), local, white, flat]


def _outlines(channel: NDArray[np.uint8]) -> list[Corners]:
    """Return quadrilaterals lighter than what is around them, at several thresholds."""
    found = []
    low, high = percentiles(channel, [2, 98])
    area = channel.size
    least = ALIKE * LEAST_SHARE * area
    for threshold in np.linspace(low, high, THRESHOLDS + 2)[1:-1]:
        mask = (channel > threshold).astype(np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, rectangle(5, 5))
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            if least <= cv2.contourArea(contour) <= MOST_SHARE * area:
                corners = _quadrilateral(contour)
                if corners is not None:
                    found.append(corners)
    return found


def _area(corners: Corners) -> float:
    return float(cv2.contourArea(corners.astype(np.float32)))


def _has_another_beside(
    grey: NDArray[np.uint8], best: Corners, outlines: list[Corners]
) -> bool:
    """Return whether another sheet, not much smaller, lies beside one."""
    area = _area(best)
    for of in outlines:
        if ALIKE * area <= _area(of) <= area / ALIKE:
            shared, _ = cv2.intersectConvexConvex(
                best.astype(np.float32), of.astype(np.float32)
            )
            if shared <= APART * area and _support(grey, of) >= LEAST_SIDE:
                return True
    return False


def _quadrilateral(contour: NDArray[np.int32]) -> Corners | None:
    """Return the corners of a contour, if it has four straight sides."""
    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, closed=True)
    for share in (0.01, 0.02, 0.03, 0.05):
        points = cv2.approxPolyDP(hull, share * length, closed=True)[:, 0]
        if len(points) <= 4:
            break
    if len(points) != 4:
        return None
    area = cv2.contourArea(points.astype(np.float32))
    if min(area, cv2.contourArea(contour)) < STRAIGHT * cv2.contourArea(hull):
        return None
    return _in_order(points.astype(np.float64))


def _in_order(points: NDArray[np.float64]) -> Corners:
    """Put corners in order: clockwise as seen, from the upper left."""
    middle = points.mean(axis=0)
    angles = np.arctan2(*(points - middle).T[::-1])
    points = points[np.argsort(angles)]
    return np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0)


def _support(grey: NDArray[np.uint8], corners: Corners) -> float:
    """Return the share of the worst side at which the sheet is lighter than the table.

    Nothing is seen beyond a side at the picture's border; one such side is trusted.
    """
    shares = []
    middle = corners.mean(axis=0)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = np.linspace(0.03, 0.97, 60)[:, None] * (end - start) + start
        steps = _steps(grey, along, _outwards(start, end, middle))
        seen = np.isfinite(steps[0])
        steps = np.where(np.isfinite(steps), steps, steps[0])
        if seen.mean() < 0.3:
            shares.append(np.nan)
            continue
        higher = steps.min(axis=0)[seen] > STEP
        shares.append(float(higher.mean()))
    known = np.array([share for share in shares if np.isfinite(share)])
    return float(known.min()) if len(known) >= 3 else 0.0


def _ends_in_shadow(grey: NDArray[np.uint8], corners: Corners) -> bool:
    """Return whether an outline is a lit part whose sides go on in a shadow."""
    middle = corners.mean(axis=0)
    for around in (corners, corners[::-1]):
        for start, end in zip(around, np.roll(around, -1, axis=0), strict=True):
            normal = _outwards(start, end, middle)
            way = (end - start) / (np.linalg.norm(end - start) + 1e-9)
            half = np.linspace(0.5, 0.97, 30)[:, None] * (end - start) + start
            here, ahead = (
                np.min(_steps(grey, points, normal)[1:], axis=0)
                for points in (half, end + AHEAD[:, None] * way)
            )
            here, ahead = here[np.isfinite(here)], ahead[np.isfinite(ahead)]
            if not len(here) or len(ahead) < SEEN_AHEAD:
                continue
            if np.percentile(ahead, 20) > SHADED * np.median(here):
                return True
    return False


def _outwards(
    start: NDArray[np.float64], end: NDArray[np.float64], middle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the normal of a side, away from the middle of its outline."""
    normal = np.array([end[1] - start[1], start[0] - end[0]])
    normal /= np.linalg.norm(normal) + 1e-9
    return -normal if (normal * (middle - start)).sum() > 0 else normal


def _steps(
    grey: NDArray[np.uint8], points: NDArray[np.float64], normal: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much lighter it is inside a side than outside, at each distance."""
    aside = np.array(BESIDE)[:, None, None] * normal
    within, beyond = (
        _sample(grey, of.reshape(-1, 2)) for of in (points - aside, points + aside)
    )
    return (within - beyond).reshape(len(BESIDE), -1)


def _sample(
    grey: NDArray[np.uint8], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the lightness at points; NaN beyond the picture."""
    columns, rows = points.round().astype(int).T
    inside = (columns >= 0) & (rows >= 0)
    inside &= (columns < grey.shape[1]) & (rows < grey.shape[0])
    values = np.full(len(points), np.nan)
    values[inside] = grey[rows[inside], columns[inside]]
    return values


def _inset(corners: Corners) -> Corners:
    """Move corners inwards along both of their sides."""
    after, before = np.roll(corners, -1, axis=0), np.roll(corners, 1, axis=0)
    moved = corners.copy()
    for other in (after, before):
        way = other - corners
        moved += INSET * way / np.linalg.norm(way, axis=1, keepdims=True)
    return moved
