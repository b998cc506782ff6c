"""Cut off dark margins: the edge of a book, the bed of a scanner, beyond a cell.

Rule: a margin is dark, reaches the picture's border, and is broader than any stroke;
if something is written on it, it is paper in a shadow. What is left of it beside the
paper gets the paper's colour, so that evening out the light does not amplify its noise
into ink.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.ink.components import label_components
from mnistry.scan.page.picture.pixels import percentiles, rectangle, shrink, to_grey

cv2 = require("cv2", extra="read")

COARSE = 500  # pixels of the longer side, at which margins are looked for
DARK = 0.45  # of the paper's lightness; shade seldom darkens it so much
BROAD = 0.16  # of the shorter side: no stroke is broader
ALONG = 0.5  # of a side of the picture, at least, is along a margin
ALONG_THIN = 0.9  # the same if the margin is no deeper than a broad stroke
BROADEST = 25  # coarse pixels of a stroke
LEAST_SHARE = 0.004  # of the picture; smaller margins do no harm
ALIKE = 0.5  # of the area of the largest sheet has another one, at least
LEAST_FILL = 0.7  # share of the paper's bounding box that is paper
MOST_INK = 0.4  # of the paper; light strokes on a dark ground are no paper
LEAST_SIDE = 24  # pixels of a picture; a smaller one has only a digit
RIM = 4  # coarse pixels at the border: nothing there is darker once it is blurred
INK = 0.4  # of a shadow's lightness, by which ink in it is darker; grain of wood 0.2
LIT = 48  # of 255; ink cannot be seen on what is darker
WRITTEN = 0.005  # of a shadow is such ink: 0.01 to 0.08 of 20 generated ones
SOFT = 3  # coarse pixels by which the edge of a margin is blurred


class Cut(NamedTuple):
    """A picture without its dark margins, and where it was cut out."""

    picture: NDArray[np.uint8]
    left: int
    top: int


def cut_margins(picture: NDArray[np.uint8]) -> Cut | None:
    """Cut dark margins off.

    Args:
        picture: (rows, columns, 3) uint8, or grey.

    Returns:
        What is left, as (rows, columns, 3); None if there are no dark margins, or no
        paper between them.

    Example:
        >>> picture = np.full((100, 200, 3), 230, np.uint8)
        >>> picture[:, :40] = 9
        >>> picture[40:60, 100:104] = 20
        >>> cut = cut_margins(picture)
        >>> cut.left, cut.top, cut.picture.shape[1]
        (43, 0, 157)
    """
    if min(picture.shape[:2]) < LEAST_SIDE:
        return None
    small = shrink(picture, COARSE)
    grey = to_grey(small)
    sides = grey[:RIM], grey[-RIM:], grey[:, :RIM], grey[:, -RIM:]
    if min(int(side.min()) for side in sides) >= DARK * 255:
        return None  # however light the paper is
    grey = cv2.GaussianBlur(grey, (0, 0), 0.8)
    otsu, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    lighter = grey[grey > otsu]
    darker = DARK * percentiles(lighter, [50])[0] if lighter.size else 0.0
    borders = grey[0], grey[-1], grey[:, 0], grey[:, -1]
    if not any(border.min() < darker for border in borders):
        return None
    dark = (grey < darker).astype(np.uint8)
    margin = _margin(dark)
    margin[_in_shadow(grey, margin)] = 0
    if margin.mean() < LEAST_SHARE:
        return None
    dilated = cv2.dilate(margin, rectangle(2 * SOFT + 1, 2 * SOFT + 1))
    box = _paper_box(1 - dilated, dark)
    if box is None:
        return None
    if picture.ndim == 2:
        picture, small = (
            cv2.cvtColor(of, cv2.COLOR_GRAY2RGB) for of in (picture, small)
        )
    return _cut(picture, small, dilated, box)


def _margin(dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Find what is dark, broad and at the border; beyond that all counts as dark."""
    rows, columns = dark.shape
    side = int(min(max(BROAD * min(rows, columns), 7), BROADEST)) // 2 * 2 + 1
    padded = cv2.copyMakeBorder(
        dark, side, side, side, side, cv2.BORDER_CONSTANT, value=1
    )
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, rectangle(side, side))
    within = opened[side : side + rows, side : side + columns]
    regions, facts = label_components(np.ascontiguousarray(within), 4)
    edges = [(regions[0], columns), (regions[-1], columns)]
    edges += [(regions[:, 0], rows), (regions[:, -1], rows)]
    margins = np.zeros(len(facts), np.uint8)
    for edge, length in edges:
        counts = np.bincount(edge, minlength=len(facts))
        depth = facts[:, cv2.CC_STAT_AREA] / np.maximum(counts, 1)
        least = np.where(depth >= side, ALONG, ALONG_THIN)
        margins |= counts >= least * length
    margins[0] = 0
    reached: NDArray[np.uint8] = margins[regions]
    return reached


def _in_shadow(grey: Pixels, margin: NDArray[np.uint8]) -> Mask:
    """Find margins that are paper in a shadow, with ink on it."""
    kernel = rectangle(BROADEST, BROADEST)
    edge = BROADEST
    beyond = cv2.copyMakeBorder(grey, *[edge] * 4, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(beyond, cv2.MORPH_CLOSE, kernel)[edge:-edge, edge:-edge]
    ink = (closed >= LIT) & (grey < (1 - INK) * closed.astype(np.float32))
    within = cv2.erode(margin, kernel) > 0
    count, regions = cv2.connectedComponents(margin, connectivity=4)
    inked, areas = (
        np.bincount(regions[of], minlength=count) for of in (ink & within, within)
    )
    is_written = inked > WRITTEN * areas
    is_written[0] = False
    in_shadow: Mask = is_written[regions]
    return in_shadow


def _paper_box(
    paper: NDArray[np.uint8], dark: NDArray[np.uint8]
) -> tuple[slice, slice] | None:
    """Return the rows and columns of the paper, if it looks like paper.

    Sheets beside each other, of which none is much smaller, are one paper.
    """
    regions, facts = label_components(paper, 4)
    if len(facts) < 2:
        return None
    areas = facts[1:, cv2.CC_STAT_AREA]
    sheets = []
    for number in (1 + np.flatnonzero(areas >= ALIKE * areas.max())).tolist():
        left, top, wide, high, area = facts[number].tolist()
        inked = float(dark[regions == number].mean())
        if area >= LEAST_FILL * wide * high and inked <= MOST_INK:
            sheets.append(Box(left, top, left + wide, top + high))
        elif area == areas.max():
            return None
    return Box.around(sheets).slices


def _cut(
    picture: NDArray[np.uint8],
    small: NDArray[np.uint8],
    margin: NDArray[np.uint8],
    box: tuple[slice, slice],
) -> Cut:
    """Cut the paper out; margins within its box get the colour of paper."""
    rows, columns = picture.shape[:2]
    down, right = rows / margin.shape[0], columns / margin.shape[1]
    top, bottom = round(box[0].start * down), round(box[0].stop * down)
    left, end = round(box[1].start * right), round(box[1].stop * right)
    cut = picture[top:bottom, left:end].copy()
    if not margin[box].any():
        return Cut(cut, left, top)
    side = max(9, min(margin.shape) // 8)
    kept = (1 - margin).astype(np.float32)
    weight = cv2.blur(kept, (side, side)) + np.float32(1e-3)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, rectangle(9, 9))
    lit = closed * kept[:, :, None]
    paper = cv2.blur(lit, (side, side)) / weight[:, :, None]
    whole = lit.sum(axis=(0, 1)) / max(1.0, float(kept.sum()))
    paper = np.where(weight[:, :, None] > 0.02, paper, whole).astype(np.float32)
    size = cut.shape[1::-1]
    fill = cv2.resize(paper[box], size, interpolation=cv2.INTER_LINEAR)
    shares = cv2.resize(margin[box].astype(np.float32), size)
    mixed = shares > 0  # most of the paper stays as it is
    share = shares[mixed][:, None]
    filled = cut[mixed] * (1 - share) + np.clip(fill[mixed], 0, 255) * share
    cut[mixed] = filled.round().astype(np.uint8)
    return Cut(cut, left, top)
