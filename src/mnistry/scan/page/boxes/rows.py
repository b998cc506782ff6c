"""Find rows of printed boxes and combs, and the ink of their sides.

Unlike ones and stems, sides reach from the rule below to the rule above; a comb
(`combs`) has no rule above. `side_ink` tells their
ink from strokes on them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.boxes.bend import flatten
from mnistry.scan.page.boxes.box_rules import THICKEST, Rule, Rules, height_along
from mnistry.scan.page.boxes.combs import HIGHEST, LOWEST, STEP, find_combs
from mnistry.scan.page.boxes.side_ink import side_ink
from mnistry.scan.page.boxes.sides import BoxRow, Side, find_sides
from mnistry.scan.page.ink.binarize import Shades
from mnistry.scan.page.ink.masks import dilated

cv2 = require("cv2", extra="read")

COVERED = 0.7  # of a row's width, at least, has ink along the rules above and below
FULLER = 1.2  # times the ink of a rule has the one below, if that one is the side
IN_BOTH = 0.5  # of the columns of two rules are in both
MOST_OF_DIGIT = 1.5  # cells of a comb that a digit, or two, is wide
ALIKE = 4  # pixels between the ends of two rows that are the same, at most
REGULAR = 1.5  # times the width of most cells: none is wider
AT_BORDER = 4  # pixels; a row that ends so near it may go on beyond the picture


def find_boxes(mask: Mask, soft: Shades) -> tuple[Mask, list[BoxRow]]:
    """Find the printed sides of boxes in a row.

    Args:
        mask: True where there is ink.
        soft: Soft ink.

    Returns:
        The ink of sides, but not where strokes cross them or go along them; and the
        rows of boxes.

    Example:
        >>> mask = np.zeros((60, 140), bool)
        >>> mask[50:52, 10:132] = mask[30:52, 10:132:40] = True
        >>> mask[10:40, 28:30] = True
        >>> sides, _ = find_boxes(mask, mask * np.uint8(255))
        >>> bool(sides[40, 50]), bool(sides[51, 60]), bool(sides[:45, 28].any())
        (True, True, False)
    """
    ink = mask.astype(np.uint8)
    rules = Rules(ink)
    found = np.zeros_like(mask)
    if not rules.mask.any():
        return found, []
    rows = _outermost([*_framed(ink, rules), *find_combs(ink, rules)])
    for row in rows:
        found |= side_ink(row, mask, soft)
    return found, rows


def erase_sides(soft: Pixels, sides: Mask, mask: Mask) -> Pixels:
    """Remove sides from soft ink, with their soft edges, but not what crosses them.

    Args:
        soft: Soft ink.
        sides: As `find_boxes` gives them.
        mask: The ink without them.
    """
    edges = dilated(sides, 7) & ~dilated(mask, 3)
    painted: Pixels = np.where(edges | sides, np.uint8(0), soft)
    return painted


def _framed(ink: NDArray[np.uint8], rules: Rules) -> Iterator[BoxRow]:
    """Yield rows of boxes with a rule above them and one below, the nearest.

    Bars and feet of digits may look like a rule; the one below has much more ink then.
    """
    joined = sorted(rules.joined, key=lambda rule: rule.bottom)
    bottoms = [rule.bottom for rule in joined]
    shares: dict[Rule, float] = {}  # of those that were asked for

    def share_of(rule: Rule) -> float:
        if rule not in shares:
            bend = rules.bend_of([rule], rule.left, rule.right)
            down = rules.rows_of(rule, (rule.left + rule.right) // 2, bend)
            across = slice(rule.left, rule.right)
            shares[rule] = height_along(ink, down, across, bend)[1]
        return shares[rule]

    for upper in joined:
        found, least = None, COVERED
        first = bisect_left(bottoms, upper.top + 2 * LOWEST)
        for lower in joined[first : bisect_right(bottoms, upper.top + HIGHEST)]:
            if _may_frame(upper, lower) and share_of(upper) >= COVERED:
                is_fuller = share_of(lower) >= least
                row = _between(ink, rules, upper, lower) if is_fuller else None
                if row is not None:
                    found, least = row, FULLER * share_of(lower)
        if found is not None:
            yield found


def _may_frame(upper: Rule, lower: Rule) -> bool:
    """Return whether two rules overlap enough to be those of a row of boxes."""
    left, right = min(upper.left, lower.left), max(upper.right, lower.right)
    both = min(upper.right, lower.right) - max(upper.left, lower.left)
    return both >= IN_BOTH * (right - left)


def _between(
    ink: NDArray[np.uint8], rules: Rules, upper: Rule, lower: Rule
) -> BoxRow | None:
    """Return the row of boxes between two rules, if there is one."""
    left, right = min(upper.left, lower.left), max(upper.right, lower.right)
    bend = rules.bend_of([upper, lower], left, right)
    middle, across = (left + right) // 2, slice(left, right)
    (top, one), (bottom, two) = (
        height_along(ink, rules.rows_of(rule, middle, bend), across, bend)
        for rule in (upper, lower)
    )
    tall = bottom - top
    if (
        tall < 2 * LOWEST
        or min(one, two) < COVERED
        or right - left < 2 * STEP[0] * tall
    ):
        return None
    near = slice(max(0, left - 6), min(ink.shape[1], right + 6))
    found = find_sides(flatten(ink, slice(top + 1, bottom), near, bend))
    sides = _regular(
        [side._replace(column=side.column + near.start) for side in found], tall
    )
    row = BoxRow(left, right, top, bottom, tuple(sides), is_framed=True, bend=bend)
    return row if _are_cells(row, ink.shape[1]) else None


def _are_cells(row: BoxRow, columns: int) -> bool:
    """Return whether sides divide a row into cells of one width, up to its ends.

    If the row ends at the picture's border, its last side may be cut off.
    """
    tall = row.bottom - row.top
    if len(row.sides) < 3:
        return False
    widths = np.diff([side.column for side in row.sides])
    cells = widths[widths > STEP[0] * tall]
    usual = float(np.median(cells)) if len(cells) else 0.0
    if len(cells) < 2 or usual > STEP[1] * tall or cells.max() > REGULAR * usual:
        return False
    most = REGULAR * usual, STEP[0] * tall
    first, last = row.sides[0].column - row.left, row.right - row.sides[-1].column
    at_border = row.left <= AT_BORDER, row.right >= columns - AT_BORDER
    return first <= most[not at_border[0]] and last <= most[not at_border[1]]


def _regular(sides: list[Side], tall: int) -> list[Side]:
    """Leave out sides that divide a cell in two: strokes as tall as the box."""
    widths = np.diff([side.column for side in sides])
    cells = widths[widths > STEP[0] * tall]
    if not len(cells):
        return sides
    usual = float(np.median(cells))
    kept = sides[:1]
    for side, after in pairwise(sides[1:]):
        before, behind = side.column - kept[-1].column, after.column - side.column
        is_stroke = abs(before + behind - usual) < 0.15 * usual
        if not (is_stroke and max(before, behind) < 0.85 * usual):
            kept.append(side)
    return [*kept, sides[-1]]


def _outermost(rows: list[BoxRow]) -> list[BoxRow]:
    """Leave out rows that lie in others, as bars of digits do, and the second of two.

    A comb that overlaps framed boxes is one of their rules, with what stands on it.
    """
    combs = [row for row in rows if not row.is_framed]
    rows = [row for row in rows if not any(_is_digit_of(row, comb) for comb in combs)]
    framed = [row for row in rows if row.is_framed]
    some = [row for row in rows if row.is_framed or not _overlaps(row, framed)]
    return [
        row
        for number, row in enumerate(some)
        if not any(
            _lies_in(row, other) and not (number < at and _lies_in(other, row))
            for at, other in enumerate(some)
            if at != number
        )
    ]


def _is_digit_of(row: BoxRow, comb: BoxRow) -> bool:
    """Return whether a row is so small beside the cells of a comb that it is a digit.

    The loop of a six has a bar above and one below, and two sides.
    """
    step = (comb.right - comb.left) / (len(comb.sides) - 1)
    is_within = comb.left <= row.left + ALIKE and row.right <= comb.right + ALIKE
    is_above = comb.bottom - STEP[1] * step < row.bottom < comb.bottom + LOWEST
    return is_within and is_above and row.right - row.left < MOST_OF_DIGIT * step


def _overlaps(row: BoxRow, others: list[BoxRow]) -> bool:
    return any(
        min(row.right, other.right) - max(row.left, other.left) > 0
        and min(row.bottom, other.bottom) - max(row.top, other.top) > THICKEST
        for other in others
    )


def _lies_in(row: BoxRow, other: BoxRow) -> bool:
    return (
        other.left <= row.left + ALIKE
        and row.right <= other.right + ALIKE
        and other.top <= row.top + ALIKE
        and row.bottom <= other.bottom + ALIKE
    )
