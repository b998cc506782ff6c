"""Remove printed rules, and mend what they crossed.

A rule is ink much longer than a digit and no thicker than a pen; it may lean a little
and have gaps. Where strokes cross it, the ink stays.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
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
    flat, flat_rules = find_straight(ink, shortest, axis=1)
    upright, upright_rules = find_straight(ink, max(shortest, tallest))
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


def find_straight(
    ink: NDArray[np.uint8], shortest: int, axis: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Find straight rules: all of their ink, and that without strokes across them.

    Args:
        ink: (rows, columns) of ones where there is ink.
        shortest: Length in pixels from which ink is a rule.
        axis: Along which they go: 0 of upright ones, 1 of level ones.
    """
    thick = max(3, shortest // 12)
    # a rule that leans is a stair: three columns hold two of its steps
    doubled = cv2.dilate(ink, _kernel(5, 3, axis))
    long = _long(cv2.erode(doubled, _kernel(5, 1, axis)), shortest, axis)
    if not cv2.countNonZero(long):
        return long, long
    found = cv2.dilate(long, _kernel(1, 3, axis)) & ink
    crossing = cv2.morphologyEx(ink, cv2.MORPH_OPEN, _kernel(1, thick + 2, axis))
    return found, found & ~crossing & 1


def _long(ink: NDArray[np.uint8], shortest: int, axis: int) -> NDArray[np.uint8]:
    """Open along an axis, unless a shorter erosion shows that there are no rules."""
    # at the border, beyond which everything counts as ink, half of the length is enough
    least, side = shortest - shortest // 2, ink.shape[axis]
    if side <= least:  # a rule goes from border to border
        whole: NDArray[np.uint8] = cv2.reduce(ink, axis, cv2.REDUCE_MIN)
        return whole.repeat(side, axis)
    some = cv2.erode(ink, _kernel(least, 1, axis))
    if not cv2.countNonZero(some):
        return np.zeros_like(ink)
    kernel = _kernel(shortest, 1, axis)
    eroded: NDArray[np.uint8] = cv2.erode(ink, kernel)
    if not cv2.countNonZero(eroded):
        return eroded
    opened: NDArray[np.uint8] = cv2.dilate(eroded, kernel)
    return opened


def _kernel(along: int, across: int, axis: int) -> NDArray[np.uint8]:
    return rectangle(along, across) if axis == 0 else rectangle(across, along)
