"""Connected components of ink, and how tall the digits among them are."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask, Pixels
from mnistry.box import Box
from mnistry.extras import require

cv2 = require("cv2", extra="read")

ORDINARY = 0.6, 1.5  # times the typical height: so tall are digits of a line
TALL_LETTERS = 1.2, 1.9  # times the height of an x
LETTERS, LETTERS_SHARE = 40, 0.1  # so many of them are print


class Component(NamedTuple):
    """A connected component of ink.

    Attributes:
        box: Around it.
        area: How many pixels it has.
        number: Of it in its component map.
    """

    box: Box
    area: int
    number: int


def label_components(
    ink: Mask | Pixels, connectivity: int = 8
) -> tuple[ComponentMap, NDArray[np.int64]]:
    """Label connected components, and give the box and the area of each.

    OpenCV does so with statistics of paper, too, and centroids that nobody asks for: in
    twice the time for a string, in three times for a page. Here both ends of each run
    of ink in a row are enough.

    Args:
        ink: (rows, columns); 1 or true where there is ink.
        connectivity: 8, or 4 where pixels that share a corner only are not connected.

    Returns:
        The number of the component at each pixel, 0 for none; and by that number (n, 5)
        left, top, width, height and area, as OpenCV's statistics have them, all 0 for
        number 0.

    Example:
        >>> label_components(np.eye(4, 6, 2, dtype=bool))[1].tolist()
        [[0, 0, 0, 0, 0], [2, 0, 4, 4, 4]]
    """
    drawn = ink.view(np.uint8)
    count, component_map = cv2.connectedComponents(drawn, connectivity=connectivity)
    framed = cv2.copyMakeBorder(drawn, 0, 1, 1, 0, cv2.BORDER_CONSTANT, value=0).ravel()
    (changes,) = (framed[1:] != framed[:-1]).nonzero()
    starts, lengths = changes[::2], changes[1::2] - changes[::2]
    rows, lefts = np.divmod(starts, ink.shape[1] + 1)
    numbers = component_map[rows, lefts]
    left, top = np.full((2, count), ink.size)
    right, bottom = np.zeros((2, count), np.int64)
    np.minimum.at(left, numbers, lefts)
    np.maximum.at(right, numbers, lefts + lengths)
    top[numbers[::-1]], bottom[numbers] = rows[::-1], rows + 1  # the last of each stays
    area = np.bincount(numbers, lengths, count).astype(np.int64)
    facts = np.array([left, top, right - left, bottom - top, area]).T
    facts[0] = 0
    return component_map, facts


def find_components(mask: Mask) -> tuple[list[Component], ComponentMap]:
    """Find connected components, without specks.

    Args:
        mask: True where there is ink.

    Returns:
        The components, and the number of the component at each pixel, 0 for none.
    """
    if not mask.size:  # OpenCV would end the process
        return [], np.zeros(mask.shape, np.int32)
    component_map, facts = label_components(mask)
    components = [
        Component(Box(left, top, left + width, top + height), area, number)
        for number, (left, top, width, height, area) in enumerate(facts.tolist())
        if number and area >= 4 and max(width, height) >= 3
    ]
    return components, component_map


def ink_of(component: Component, component_map: ComponentMap) -> Mask:
    """Return the ink of a component, as large as its box.

    Args:
        component: As `find_components` gives it.
        component_map: The number of the component at each pixel, 0 for none.
    """
    ink: Mask = component_map[component.box.slices] == component.number
    return ink


def mask_of(components: Sequence[Component], component_map: ComponentMap) -> Mask:
    """Return the ink of some components, as large as the picture.

    Args:
        components: At least one, as `find_components` gives them.
        component_map: The number of the component at each pixel, 0 for none.
    """
    is_chosen = np.zeros(int(component_map.max()) + 1, bool)
    is_chosen[[component.number for component in components]] = True
    mask: Mask = is_chosen.take(component_map)
    return mask


def typical_height(components: list[Component]) -> float:
    """Return the height of digits: the median, components weighted by their ink.

    None counts more than the square of its height: an underline is long and low.

    Example:
        >>> specks = [Component(Box(0, 0, 3, 3), 9, n) for n in range(9)]
        >>> typical_height([*specks, Component(Box(9, 0, 29, 30), 200, 10)])
        30.0
    """
    if not components:
        return 0.0
    heights = ((box[3] - box[1], area) for box, area, _ in components)
    return weighted_median([(high, min(area, high * high)) for high, area in heights])


def weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """Return the value up to which values have half of all weight (lower median).

    Args:
        weighted: Values, one at least, each with its weight.

    Example:
        >>> weighted_median([(7, 1.0), (1, 2.0), (3, 4.0)])
        3.0
    """
    ordered = sorted(weighted)
    reached = list(accumulate([weight for _, weight in ordered]))
    return float(ordered[bisect_left(reached, reached[-1] / 2)][0])


def of_ordinary_height(
    components: Sequence[Component], height: float
) -> list[Component]:
    """Return the components about as tall as digits, without dots, stamps and the like.

    Args:
        components: Of a line or a page.
        height: That of digits, above 0.
    """
    least, most = (share * height for share in ORDINARY)
    return [of for of in components if least <= of.box.height <= most]


def tall_height(components: list[Component]) -> float:
    """Return the height of digits, or of tall letters, if there are many: it is print.

    In print the typical height is that of an x; a stem or a 1 is half as tall again.
    """
    height = typical_height(components)
    tall = [
        of.box.height
        for of in components
        if TALL_LETTERS[0] * height < of.box.height < TALL_LETTERS[1] * height
        and of.box.width > 0.3 * of.box.height
    ]
    is_print = len(tall) > max(LETTERS, LETTERS_SHARE * len(components))
    return float(median(tall)) if is_print else height
