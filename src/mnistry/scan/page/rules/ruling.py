"""Remove rules (printed lines, frames, sides of boxes) and mend what they crossed.

A rule is ink much longer than a digit and no thicker than a pen; it may lean a little
and have gaps. Where strokes cross it, the ink stays. Sides of boxes that cannot be
strokes are removed as well; `boxes/` finds the others, once a page is read with them.
"""

from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.ink.components import Component, label_components, tall_height
from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.layout import lines
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

SHORTEST_RULE = 40, 64  # pixels; no straight part of a digit is so long
LEAST_RULES = 0.045  # of the picture; forms and tables have less, squared paper more
RULES_PERCENTILE = 80  # of darkness: the darker pixels of rules are crossed by digits
INK_PERCENTILE = 75  # of darkness: most lighter pixels of ink are soft edges
FADED_AROUND = 11  # pixels across; a thick rule with its soft edges is no broader
DARKER = 1.4  # times as dark as rules that are faded the writing is
ALONE = 1.5  # times the least height of sides; a single one that is lower is a tall 1
LEVEL = 0.15  # of that height by which the sides of one box differ at top and bottom
TALLER = 1.3  # heights of a digit; taller upright ink is the side of a box
AT_RULE = 7  # pixels from the end of a side to a rule, which has a gap there


class Context(NamedTuple):
    """What tells the sides of boxes on a page from tall strokes.

    Attributes:
        rules: True where rules were removed.
        component_map: Number of the connected component at each pixel, 0 for none.
        least: Height in pixels from which ink is a side, for each component.
    """

    rules: Mask
    component_map: NDArray[np.int32]
    least: NDArray[np.float64]


def find_page_rules(mask: Mask) -> Mask:
    """Find the rules of a page, as `find_rules` does: longer than any of its digits.

    Args:
        mask: True where there is ink.
    """
    least, most = SHORTEST_RULE
    shortest = int(min(max(1.2 * len(mask), least), most))
    return find_rules(mask, shortest, tallest=lines.TALL)


def find_rules(mask: Mask, shortest: int, *, tallest: int = 0) -> Mask:
    """Find straight ink along rows or columns, longer than any digit.

    Args:
        mask: True where there is ink.
        shortest: Length in pixels from which ink is a rule.
        tallest: Height in pixels of the tallest digit; upright rules are taller.

    Returns:
        The pixels of rules, but not where strokes cross them.

    Example:
        >>> mask = np.zeros((40, 90), bool)
        >>> mask[30] = True
        >>> mask[10:36, 40:43] = True
        >>> rules = find_rules(mask, 50)
        >>> bool(rules[30, 10]), bool(rules[30, 41]), bool(rules[20, 41])
        (True, False, False)
    """
    ink = mask.astype(np.uint8)
    flat, flat_rules = map(cv2.transpose, _upright(cv2.transpose(ink), shortest))
    upright, upright_rules = _upright(ink, max(shortest, tallest))
    # where two rules cross, each would be kept as a stroke that crosses the other
    rules: Mask = (flat_rules | upright_rules | (flat & upright)).astype(bool)
    return rules


def fade_rules(dark: Pixels, mask: Mask, rules: Mask) -> Pixels | None:
    """Make rules paler than the writing as light as paper.

    So digits across them are not torn. Components without rules stay as they are: they
    may be pale digits.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.
        mask: True where there is ink.
        rules: True where rules are.

    Returns:
        How dark each pixel is then; None if there are few rules, or they are as dark
        as the writing.
    """
    if np.count_nonzero(rules) < LEAST_RULES * rules.size:
        return None
    # not the soft edges of rules: these are no darker
    written = mask & ~dilated(rules, 3)
    if not written.any():
        return None
    level = float(np.percentile(dark[rules], RULES_PERCENTILE))
    ink = float(np.percentile(dark[written], INK_PERCENTILE))
    if ink < DARKER * level:
        return None
    above = np.maximum(dark.astype(np.float32) - level, 0)
    faded = cv2.convertScaleAbs(above, alpha=ink / (ink - level))
    _, component_map = cv2.connectedComponents(mask.astype(np.uint8))
    touched = np.zeros(int(component_map.max()) + 1, bool)
    touched[component_map[rules]] = True  # sides of boxes hang on rules, as pale
    touched[0] = False
    near = dilated(touched.take(component_map), FADED_AROUND)
    kept: Pixels = np.where(near, faded, dark)
    return kept


def without_rules(mask: Mask, rules: Mask) -> Mask:
    """Remove rules from a mask, and mend the strokes that they crossed.

    Args:
        mask: True where there is ink.
        rules: True where rules are, as `find_rules` gives them.
    """
    if not rules.any():
        return mask
    left = (mask & ~rules).astype(np.uint8)
    mended = cv2.morphologyEx(left, cv2.MORPH_CLOSE, rectangle(3, 3))
    cleaned: Mask = np.where(dilated(rules, 3), mended, left).astype(bool)
    return cleaned & mask


def without_sides(
    ruled: Mask,
    rules: Mask,
    components: list[Component],
    component_map: NDArray[np.int32],
) -> Mask:
    """Remove the sides of boxes from the ink of a page.

    Args:
        ruled: True where there is ink, without long rules.
        rules: True where these were.
        components: Of the ink.
        component_map: Number of the connected component at each pixel, 0 for none.
    """
    height = tall_height(components)
    if not height:
        return ruled

    def context() -> Context:
        least = np.zeros(int(component_map.max()) + 1)
        for line in lines.find_lines(components):
            least[[of.number for of in line.components]] = TALLER * line.height
        return Context(rules, component_map, least)

    return remove_box_sides(ruled, round(TALLER * height), context)


def remove_box_sides(
    mask: Mask, shortest: int, context: Callable[[], Context] | None = None
) -> Mask:
    """Remove sides of boxes: upright straight ink that is taller than a digit.

    A box has two sides, which begin and end alike; a single stroke of ordinary height
    is a tall 1, or the stem of a 4. Digits taller than the rest of the page, such as
    handwriting in print, have strokes as tall as sides elsewhere.

    Args:
        mask: True where there is ink, without long rules.
        shortest: Height in pixels from which ink is a side; more than that of a 1.
        context: Gives what else is known of the page; called only if there are sides.

    Example:
        >>> mask = np.zeros((40, 20), bool)
        >>> mask[5:35, 3] = mask[5:35, 18] = mask[10:30, 12] = True
        >>> cleaned = remove_box_sides(mask, 26)
        >>> bool(cleaned[:, 3].any()), bool(cleaned[:, 12].any())
        (False, True)
        >>> mask[:, 18] = False
        >>> remove_box_sides(mask, 26) is mask
        True
    """
    shortest = max(8, shortest)
    whole, found = _upright(mask.astype(np.uint8), shortest)
    if not cv2.countNonZero(found):
        return mask
    regions, facts = label_components(whole)
    sides = found.astype(bool) & _of_boxes(regions, facts, shortest)
    if context is not None and sides.any():
        sides &= ~_of_digits(regions, facts, context())
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
    regions: NDArray[np.int32], facts: NDArray[np.int64], context: Context
) -> Mask:
    """Find strokes lower than sides in their line would be, and not between rules."""
    least = np.zeros(len(facts))
    inked = regions > 0
    np.maximum.at(least, regions[inked], context.least[context.component_map[inked]])
    low = facts[:, cv2.CC_STAT_HEIGHT] < least
    for number in np.flatnonzero(low).tolist():
        left, top, wide, high, _ = facts[number].tolist()
        columns = slice(max(0, left - AT_RULE), left + wide + AT_RULE)
        ends = [
            slice(max(0, end - AT_RULE), end + AT_RULE) for end in (top, top + high)
        ]
        low[number] = not all(context.rules[end, columns].any() for end in ends)
    of_digits: Mask = low.take(regions)
    return of_digits


def _upright(
    ink: NDArray[np.uint8], shortest: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the ink of upright rules: all of it, and without strokes across them.

    Level ones are found in the transpose: OpenCV opens along columns five to ten times
    as fast as along rows.
    """
    thick = max(3, shortest // 12)
    # a rule that leans is a stair: three columns hold two of its steps
    doubled = cv2.dilate(ink, rectangle(1, 3))
    doubled = cv2.morphologyEx(doubled, cv2.MORPH_CLOSE, rectangle(5, 1))
    long = _long_upright(doubled, shortest)
    if not cv2.countNonZero(long):
        return long, long
    found = cv2.dilate(long, rectangle(1, 3)) & ink
    crossing = cv2.morphologyEx(ink, cv2.MORPH_OPEN, rectangle(1, thick + 2))
    return found, found & ~crossing & 1


def _long_upright(ink: NDArray[np.uint8], shortest: int) -> NDArray[np.uint8]:
    """Open along columns, unless a shorter erosion shows that there are no rules."""
    # at the border, beyond which everything counts as ink, half of the length is enough
    least = min(ink.shape[0], shortest - shortest // 2)
    some = cv2.erode(ink, rectangle(least, 1))
    if not cv2.countNonZero(some):
        return np.zeros_like(ink)
    kernel = rectangle(shortest, 1)
    eroded: NDArray[np.uint8] = cv2.erode(ink, kernel)
    if not cv2.countNonZero(eroded):
        return eroded
    opened: NDArray[np.uint8] = cv2.dilate(eroded, kernel)
    return opened
