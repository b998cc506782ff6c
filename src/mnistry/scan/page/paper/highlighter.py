"""Take the colour of a highlighter for paper: what is written shows through it.

It takes one or two colours from the light and leaves the third, ink takes all three.
So where ink lies on something broad and coloured, each pixel is as light as the
lightest of its colours is, compared with the paper.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.ink.components import label_components
from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.picture.pixels import rectangle, shrink

cv2 = require("cv2", extra="read")

COARSE = 600  # pixels of the longer side, at which colours are looked for
SMALLEST = 100  # pixels of the shorter side; a highlight fills what is lower
PAPER = 150  # the same, at which paper is looked for, and whether anything has colour
AROUND = 3  # of the shorter side: a highlighted part is lower than that
FEWEST = 6  # pixels at that size that are coloured; a narrow highlight has more
# of 255, all compared with the paper
COLOUR = 50  # between the lightest and the darkest of three colours; light has less
LIGHT = 200  # of the lightest colour of highlighters; of a red pen it is 190
INK = 0.75  # of that: ink is darker
LEAST, MOST = 0.03, 0.6  # share of ink in what is highlighted; a pen's stroke has none
FILLED = 0.8  # of what is not ink is coloured; within a loop of a pen it is paper
INNER = 0.3  # of its area; a pen's stroke has less, in loops that ran full
BROAD = 5  # coarse pixels; a pen's stroke is narrower, a marker's has no ink on it
HOLE = 5  # coarse pixels that grain may leave in it
SOFT = 5  # the same of its soft edge, and as much on the other side


def without_highlighter(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture in which highlighted paper is as light as the rest.

    Args:
        picture: (rows, columns, 3) uint8, or grey; dark ink on light paper.

    Returns:
        The same shape; the picture itself where nothing is highlighted.

    Example:
        >>> picture = np.full((200, 300, 3), 240, np.uint8)
        >>> picture[80:130, 50:250] = 240, 230, 60
        >>> without_highlighter(picture) is picture  # nothing is written there
        True
        >>> for column in range(60, 240, 30):
        ...     picture[90:120, column : column + 4] = 20
        >>> seen = without_highlighter(picture)
        >>> int(seen[100, 70].min()) > 230, int(seen[100, 61].max()) < 30
        (True, True)
    """
    if picture.ndim == 2 or min(picture.shape[:2]) < SMALLEST:
        return picture
    tiny = shrink(picture, PAPER)
    paper = _paper(tiny)
    coloured, _ = _colours(tiny, paper)
    if np.count_nonzero(coloured) < FEWEST:
        return picture
    small = shrink(picture, COARSE)
    paper = cv2.resize(paper, small.shape[1::-1])
    coloured, lightest = _colours(small, paper)
    found = _highlighted(coloured, lightest)
    if not found.any():
        return picture
    size = picture.shape[1::-1]
    here = cv2.resize(dilated(found, SOFT).view(np.uint8), size) > 0
    at_full = cv2.resize(paper, size)[here]
    light = np.minimum((picture[here] / at_full).max(axis=1, keepdims=True), 1.0)
    seen = picture.copy()
    seen[here] = np.rint(at_full * light).astype(np.uint8)
    return seen


def _paper(tiny: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the paper, broad marks on it left out."""
    side = max(3, min(tiny.shape[:2]) // AROUND) | 1
    soft = cv2.GaussianBlur(tiny, (0, 0), 0.8)
    closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, rectangle(side, side))
    paper: NDArray[np.uint8] = cv2.blur(closed, (side // 2,) * 2)
    return np.maximum(paper, 1)


def _colours(
    picture: NDArray[np.uint8], paper: NDArray[np.uint8]
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Return what is coloured, and the lightest colour of each pixel."""
    red, green, blue = cv2.split(cv2.divide(picture, paper, scale=255.0))
    lightest = cv2.max(cv2.max(red, green), blue)
    darkest = cv2.min(cv2.min(red, green), blue)
    return cv2.subtract(lightest, darkest) >= COLOUR, lightest


def _highlighted(
    coloured: NDArray[np.bool_], lightest: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Find what is coloured, broad, light, and has ink on it."""
    whole = (coloured | (lightest < INK * 255)).view(np.uint8)  # and what lies across
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, rectangle(HOLE, HOLE))
    inner = cv2.erode(whole, rectangle(BROAD, BROAD))
    if not cv2.countNonZero(inner):
        return np.zeros(coloured.shape, bool)
    numbers, facts = label_components(whole)
    kept = np.zeros(len(facts), bool)
    within = inner.astype(bool)
    for number in np.unique(numbers[within]).tolist():
        left, top, wide, high, area = facts[number].tolist()
        part = slice(top, top + high), slice(left, left + wide)
        inside = within[part] & (numbers[part] == number)
        if np.count_nonzero(inside) < INNER * area:
            continue
        values, colours = lightest[part][inside], coloured[part][inside]
        light = float(np.median(values))
        ink = values < INK * light
        kept[number] = (
            light >= LIGHT
            and LEAST <= ink.mean() <= MOST
            and bool(colours[~ink].mean() >= FILLED)
        )
    found: NDArray[np.bool_] = kept[numbers]
    return found
