"""Find rings drawn around a number, such as a total or an answer.

A ring is one round stroke along its own convex hull, with other ink inside; a digit has
none inside.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.ink.components import Component, ink_of, label_components
from mnistry.scan.page.ink.masks import dilated, stroke_width, with_edge

cv2 = require("cv2", extra="read")

# pixels of its height: no digit can be read in a lower one, and digits in a higher one
# are shrunk before they are read
LOWEST, HIGHEST = 24, 300
SLIM = 0.7  # of its height: a ring is no narrower
SPARSE = 0.45  # of its box; a ring has less ink
ROUND = 0.6, 0.9  # of the least rectangle around it: an ellipse fills 0.79, a frame 1
WRITTEN = 0.3  # of its height: something inside is as tall
FINE = 0.12  # of its height: its pen is no wider; that of touching digits is
ASTRAY = 0.08  # of its height from its hull, at most
COVERED = 0.85  # of its hull, at least, has ink near it: its ends need not meet
OPEN = 0.4  # of it is one region of paper, at least; less in a row of boxes
BOLDER = 1.3  # times the pen's width is its stroke where that is thickest
DEEP = 0.25  # of its height from its hull: so deep is only writing that touches it
OUTWARDS = np.array([-1, -1, 1, 1])  # the direction of each side of a box


def find_rings(components: Sequence[Component], component_map: ComponentMap) -> Mask:
    """Find the ink of rings.

    Args:
        components: As `find_components` gives them.
        component_map: The number of the component at each pixel, 0 for none.

    Example:
        >>> from mnistry.scan.page.ink.components import find_components
        >>> page = np.zeros((80, 140), np.uint8)
        >>> page[25:55, 50:54] = page[25:55, 80:84] = 1
        >>> ink = page | cv2.ellipse(page * 0, (67, 40), (55, 32), 0, 0, 350, 1, 3)
        >>> bool((find_rings(*find_components(ink > 0)) == ink - page).all())
        True
    """
    found = np.zeros(component_map.shape, bool)
    thin = [one for one in components if _is_thin(one)]
    if not thin:
        return found
    tall = np.array([o.box for o in components if o.box.height >= WRITTEN * LOWEST])
    outwards, heights = OUTWARDS * tall, tall[:, 3] - tall[:, 1]
    for one in thin:
        within = (outwards < OUTWARDS * np.array(one.box)).all(axis=1)
        if (within & (heights >= WRITTEN * one.box.height)).any():
            ink = np.pad(ink_of(one, component_map), 1)
            found[one.box.slices] |= _ring(ink)[1:-1, 1:-1]
    return found


def without_rings(dark: Pixels, mask: Mask, rings: Mask) -> Pixels:
    """Make rings as light as paper.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.
        mask: True where there is ink.
        rings: True where rings are.

    Returns:
        How dark each pixel is then.
    """
    left: Pixels = np.where(with_edge(rings, mask & ~rings), np.uint8(0), dark)
    return left


def _is_thin(one: Component) -> bool:
    """Return whether a component is as large as a ring, and has as little ink."""
    wide, high = one.box.width, one.box.height
    is_ring = LOWEST <= high <= HIGHEST and wide >= SLIM * high
    return is_ring and one.area < SPARSE * wide * high


def _ring(ink: Mask) -> Mask:
    """Return the ink of a component that is a ring, with paper around it; or nothing.

    Where writing touches it, what goes deeper inside is not the ring's.
    """
    nothing = np.zeros_like(ink)
    hull = cv2.convexHull(cv2.findNonZero(ink.view(np.uint8)))
    _, size, _ = cv2.minAreaRect(hull)
    filled, pen = cv2.contourArea(hull) / (size[0] * size[1]), stroke_width(ink)
    if not ROUND[0] < filled < ROUND[1] or pen > FINE * len(ink):
        return nothing
    nowhere = np.zeros(ink.shape, np.uint8)
    outline = cv2.polylines(nowhere, [hull], isClosed=True, color=(1,))
    astray, far = ASTRAY * len(ink) + 1, _distance(ink)
    if (far[outline > 0] <= astray).mean() < COVERED:
        return nothing
    outside = _outside(ink, hull, outline)
    if outside is None:
        return nothing
    stroke = _distance(outside) <= BOLDER * pen + 1
    _, pieces = cv2.connectedComponents((ink & ~stroke).view(np.uint8))
    deep = np.zeros(int(pieces.max()) + 1)
    np.maximum.at(deep, pieces.ravel(), _distance(outline > 0).ravel())
    deep[0] = 0
    ring: Mask = ink & (deep < DEEP * len(ink)).take(pieces)
    return ring


def _outside(ink: Mask, hull: NDArray[np.int32], outline: Pixels) -> Mask | None:
    """Return the paper outside a ring: beyond its hull, and between the hull and it.

    The hull closes a ring whose ends do not meet; the largest region is what it
    encloses. If that is small it is a row of boxes, and there is no ring.
    """
    barrier = ink | (outline > 0)
    parts, facts = label_components(~barrier, 4)
    filled = cv2.fillPoly(np.zeros(ink.shape, np.uint8), [hull], 1).astype(bool)
    within = np.unique(parts[filled])
    beside = np.unique(parts[dilated(outline > 0, 3) & filled])
    enclosed = within[(facts[within, cv2.CC_STAT_AREA] * (within > 0)).argmax()]
    if facts[enclosed, cv2.CC_STAT_AREA] < OPEN * np.count_nonzero(filled):
        return None
    is_outside = np.zeros(len(facts), bool)
    is_outside[beside] = True
    is_outside[[0, enclosed]] = False
    outside: Mask = is_outside.take(parts) | ~filled
    return outside


def _distance(mask: Mask) -> NDArray[np.float32]:
    """Return the distance of each pixel from what is true."""
    far: NDArray[np.float32] = cv2.distanceTransform(
        (~mask).view(np.uint8), cv2.DIST_L2, 3
    )
    return far
