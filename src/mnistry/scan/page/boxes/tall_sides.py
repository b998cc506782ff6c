"""Remove the sides of boxes that are certain: upright ink taller than any digit.

`rows.py` and its neighbours find the others, once a page is read with them.
"""

from collections import defaultdict
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask
from mnistry.extras import require
from mnistry.scan.page.ink.components import Component, label_components, tall_height
from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.layout.lines import find_lines
from mnistry.scan.page.picture.pixels import rectangle
from mnistry.scan.page.rules.ruling import find_straight

cv2 = require("cv2", extra="read")

TALLER = 1.3  # heights of a digit; taller upright ink is the side of a box
LOWEST = 8  # pixels of a side
ALONE = 1.5  # times the least height of sides; a single one that is lower is a tall 1
LEVEL = 0.15  # of that height by which the sides of one box differ at top and bottom
AT_RULE = 7  # pixels from the end of a side to a rule, which has a gap there


def without_tall_sides(
    mask: Mask,
    rules: Mask,
    components: list[Component],
    component_map: ComponentMap,
) -> Mask:
    """Remove the sides of boxes that are taller than digits from the ink of a page.

    A box has two sides, which begin and end alike; a single stroke of ordinary height
    is a tall 1, or the stem of a 4. Digits taller than the rest of the page, such as
    handwriting in print, have strokes as tall as sides elsewhere.

    Args:
        mask: True where there is ink, without long rules.
        rules: True where these were.
        components: Of the ink.
        component_map: Number of the connected component at each pixel, 0 for none.

    Example:
        >>> from mnistry.scan.page.ink.components import find_components
        >>> mask = np.zeros((40, 60), bool)
        >>> mask[5:35, 3] = mask[5:35, 18] = True
        >>> mask[10:30, 12] = mask[10:30, 40:44] = mask[10:30, 50:54] = True
        >>> found = find_components(mask)
        >>> cleaned = without_tall_sides(mask, np.zeros_like(mask), *found)
        >>> bool(cleaned[:, 3].any()), bool(cleaned[:, 12].any())
        (False, True)
    """
    height = tall_height(components)
    if not height:
        return mask
    shortest = max(LOWEST, round(TALLER * height))
    whole, found = find_straight(mask.astype(np.uint8), shortest)
    if not cv2.countNonZero(found):
        return mask
    regions, facts = label_components(whole)
    sides = found.astype(bool) & _of_boxes(regions, facts, shortest)
    if sides.any():
        least = np.zeros(int(component_map.max()) + 1)
        for line in find_lines(components):
            least[[of.number for of in line.components]] = TALLER * line.height
        inked = regions > 0
        lowest = np.zeros(len(facts))
        np.maximum.at(lowest, regions[inked], least[component_map[inked]])
        sides &= ~_of_digits(regions, facts, lowest, rules)
    if not sides.any():
        return mask
    cleaned: Mask = mask & ~sides
    specks = cv2.morphologyEx(cleaned.astype(np.uint8), cv2.MORPH_OPEN, rectangle(2, 2))
    return np.where(dilated(sides, 3), specks.astype(bool), cleaned)


def _of_boxes(
    regions: NDArray[np.int32], facts: NDArray[np.int64], shortest: int
) -> Mask:
    """Find very tall strokes, and those with another like them at some distance."""
    step = max(2, round(LEVEL * shortest))
    bars = [
        (left, top // step, (top + height) // step, height)
        for left, top, _, height, _ in facts[1:].tolist()
    ]
    columns: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for left, top, bottom, _ in bars:  # no pairs: a page may have thousands
        for ends in product((top - 1, top, top + 1), (bottom - 1, bottom, bottom + 1)):
            columns[ends].append(left)
    farthest = {ends: (min(some), max(some)) for ends, some in columns.items()}
    kept = [False]
    for left, top, bottom, height in bars:
        away = max(abs(left - end) for end in farthest[top, bottom])
        kept.append(height >= ALONE * shortest or away >= shortest / 2)
    of_boxes: Mask = np.array(kept).take(regions)
    return of_boxes


def _of_digits(
    regions: NDArray[np.int32],
    facts: NDArray[np.int64],
    least: NDArray[np.float64],
    rules: Mask,
) -> Mask:
    """Find strokes lower than sides in their line would be, and not between rules."""
    low = facts[:, cv2.CC_STAT_HEIGHT] < least
    for number in np.flatnonzero(low).tolist():
        left, top, wide, high, _ = facts[number].tolist()
        columns = slice(max(0, left - AT_RULE), left + wide + AT_RULE)
        ends = [
            slice(max(0, end - AT_RULE), end + AT_RULE) for end in (top, top + high)
        ]
        low[number] = not all(rules[end, columns].any() for end in ends)
    of_digits: Mask = low.take(regions)
    return of_digits
