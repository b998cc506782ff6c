"""Find the one digit in a picture, and leave out everything else.

The digit is most of the ink and central; dots, lines of a box and pieces of neighbours
are small, or at the border.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask, Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.frame import to_frame
from mnistry.scan.page.ink.binarize import ink_level, ink_mask
from mnistry.scan.page.ink.components import Component, find_components, mask_of
from mnistry.scan.page.ink.grain import is_grain
from mnistry.scan.page.ink.masks import box_of, dilated
from mnistry.scan.page.paper.illumination import flatten_illumination
from mnistry.scan.page.picture.pixels import percentiles, to_grey
from mnistry.scan.recognize.pieces import (
    BORDER,
    gather_pieces,
    is_box_line,
    without_box,
)

cv2 = require("cv2", extra="read")

WORK_SIDE = 112  # pixels of the longer side at which a digit is looked at
LEAST_SHARE = 0.04  # of the digit's ink: smaller pieces are dots
REACH = 0.12  # of the digit's longer side: pieces farther away are not its own
WITHIN = 0.7  # of the width of a piece at the border is in the digit's columns
ASIDE = 0.1  # as much as elsewhere counts a component in the outer columns or rows
EDGE = 63  # of 255; ink no darker than this does not widen the digit's box
TYPICAL = 200  # of 255; how dark typical ink is made before it is binarized
PAPER = 30  # percentile of darkness: no digit fills more than the rest of its box
SMALL_SIDE = 36  # pixels of the longer side; forms and postal scans have 16 to 32


class InkCandidate(NamedTuple):
    """A candidate for the ink of the one digit.

    Attributes:
        soft: Its soft ink.
        box: Around it.
        image: (28, 28), as MNIST's are.
        is_all: Nothing was left out.
    """

    soft: Pixels
    box: Box
    image: Pixels
    is_all: bool = False


class Ink(NamedTuple):
    """The ink of a picture of one digit.

    Attributes:
        mask: All of it.
        whole: Its components, and their map, as `find_components` gives both.
        unboxed: The same without lines of a box.
    """

    mask: Mask
    whole: tuple[list[Component], ComponentMap]
    unboxed: tuple[list[Component], ComponentMap]


def work_size(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale a picture so that its longer side is 112 pixels.

    Example:
        >>> work_size(np.zeros((28, 14, 3), np.uint8)).shape
        (112, 56, 3)
    """
    rows, columns = picture.shape[:2]
    factor = WORK_SIDE / max(rows, columns)
    size = max(4, round(columns * factor)), max(4, round(rows * factor))
    shrinks = factor < 1
    scaled: NDArray[np.uint8] = cv2.resize(
        picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    )
    return scaled


def find_ink(dark: Pixels) -> Ink:
    """Find the ink of a picture of work size, with lines of a box and without.

    Args:
        dark: How dark each pixel is (`darkness`).
    """
    mask = faint_ink(dark)
    cleaned = without_box(mask)
    found = find_components(mask)
    same = np.array_equal(cleaned, mask)
    return Ink(mask, found, found if same else find_components(cleaned))


def candidates_of(ink: Ink, soft: Pixels) -> list[InkCandidate]:
    """Return some candidates for the ink of the one digit.

    A line through the picture may be a rule, a 1, or the bar of a 7; a speck may be
    dust, or a piece of a digit whose pen skipped. All are tried, and the nets choose.

    Args:
        ink: As `find_ink` gives it.
        soft: The soft ink of the same picture (`binarize.soft_ink`).

    Returns:
        Up to three candidates: pieces near each other, without lines of a box; the most
        central ink; all ink. None if there is no ink at all.
    """
    masks = [join_pieces(*ink.unboxed), _choose_ink(*ink.whole), ink.mask]
    candidates: list[InkCandidate] = []
    for number, one in enumerate(masks):
        seen = any(np.array_equal(one, before) for before in masks[:number])
        if one.any() and not seen:
            candidates.append(_candidate(one, soft, is_all=number == 2))
    return candidates


def darkness(picture: NDArray[np.uint8], source_side: int) -> Pixels:
    """Return how dark each pixel is, compared with the paper.

    Across very few pixels the light does not change: evening it out would take ink for
    paper.

    Args:
        picture: (rows, columns, 3) uint8, or grey, dark ink on light paper; of work
            size.
        source_side: Pixels of its longer side before it was scaled.
    """
    if source_side > SMALL_SIDE:
        return flatten_illumination(picture)
    dark = 255 - to_grey(picture)
    flat: Pixels = cv2.subtract(dark, np.full_like(dark, paper_level(dark)))
    return flat


def paper_level(dark: Pixels) -> int:
    """Return how dark paper is: a percentile, rounded down but for rounding errors.

    Args:
        dark: How dark each pixel is.
    """
    return int(percentiles(dark, [PAPER])[0] + 1e-6)


def faint_ink(dark: Pixels) -> Mask:
    """Find ink as `ink_mask` does, after making faint ink dark.

    Sauvola's threshold needs contrast: of a faint pen on a small scan, in places only a
    tenth of black, it would keep fragments.

    Args:
        dark: How dark each pixel of a picture of work size is (`darkness`).
    """
    if is_grain(dark):
        return np.zeros(dark.shape, bool)
    _, level = ink_level(dark)
    return ink_mask(cv2.convertScaleAbs(dark, alpha=TYPICAL / max(1.0, level)))


def _candidate(chosen: Mask, soft: Pixels, *, is_all: bool) -> InkCandidate:
    alone = soft * dilated(chosen, 3)
    return InkCandidate(alone, box_of(chosen), to_frame(alone, paper=EDGE), is_all)


def _choose_ink(components: list[Component], component_map: ComponentMap) -> Mask:
    """Choose the components that make up the one digit: the most central, and near."""
    if not components:
        return np.zeros(component_map.shape, bool)
    main, shape = _main(components, component_map), component_map.shape
    others = [c for c in components if c is not main and _belongs(c, main, shape)]
    return mask_of([main, *others], component_map)


def _main(components: list[Component], component_map: ComponentMap) -> Component:
    """Return the component with most ink in the middle; there must be one."""
    shape = component_map.shape
    if len(components) == 1:
        return components[0]
    weights = _central_ink(component_map)
    return max(components, key=lambda c: _worth(c, weights, shape))


def _central_ink(component_map: ComponentMap) -> NDArray[np.float64]:
    """Sum the ink of each component, pixels at the border hardly counting."""
    central = _centrality(*component_map.shape).ravel()
    return np.bincount(component_map.ravel(), central).astype(np.float64)


@lru_cache(maxsize=64)
def _centrality(rows: int, columns: int) -> NDArray[np.float64]:
    down = np.linspace(-1, 1, rows)[:, None] ** 2
    across = np.linspace(-1, 1, columns)[None, :] ** 2
    central: NDArray[np.float64] = np.exp(-2.0 * (down + across))
    return central


def _worth(
    component: Component, weights: NDArray[np.float64], shape: tuple[int, ...]
) -> float:
    box, (rows, columns) = component.box, shape
    worth = float(weights[component.number]) * max(box.height, 0.5 * box.width)
    aside = (
        box.right <= BORDER * columns
        or box.left >= (1 - BORDER) * columns
        or box.bottom <= BORDER * rows
        or box.top >= (1 - BORDER) * rows
    )
    return worth * (ASIDE if aside else 1.0)


def _belongs(component: Component, main: Component, shape: tuple[int, ...]) -> bool:
    box, around = component.box, main.box
    if component.area < LEAST_SHARE * main.area:
        return False
    reach = REACH * max(around.height, around.width)
    apart_x = max(box.left - around.right, around.left - box.right)
    apart_y = max(box.top - around.bottom, around.top - box.bottom)
    if max(apart_x, apart_y) > reach:
        return False
    rows, columns = shape
    at_border = (
        box.left == 0 or box.top == 0 or box.right == columns or box.bottom == rows
    )
    inside = min(box.right, around.right) - max(box.left, around.left)
    return not at_border or inside > WITHIN * box.width


def join_pieces(found: list[Component], component_map: ComponentMap) -> Mask:
    """Choose the components that make up the one digit, even if its pen skipped.

    Args:
        found: As `find_components` gives them.
        component_map: The number of the component at each pixel, 0 for none.
    """
    shape = component_map.shape
    components = [one for one in found if not is_box_line(one, shape)]
    if not components:
        return np.zeros(shape, bool)
    main = _main(components, component_map)
    others = [one for one in components if one is not main]
    return mask_of(gather_pieces(main, others, shape), component_map)
