"""Find rows of printed boxes and combs, and the ink of their sides.

Unlike ones and stems, sides reach from the rule below to the rule above. A comb has no
rule above: its teeth stand at both ends of a rule, and at equal steps between them.
`side_ink` tells their ink from strokes on them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.boxes.bend import flatten
from mnistry.scan.page.boxes.box_rules import THICKEST, Rule, Rules, height_along
from mnistry.scan.page.boxes.side_ink import side_ink
from mnistry.scan.page.boxes.sides import NARROWEST, BoxRow, Side, find_sides
from mnistry.scan.page.ink.binarize import Shades
from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

LOWEST = 8  # pixels of a side, which may be the tooth of a comb
STEP = NARROWEST, 3.0  # heights of a box from side to side
TOOTH = 9.0  # heights of a tooth from one to the next, at most, if teeth are low
LOW = 26  # pixels; teeth of a comb that are lower than that
OFF = 0.1  # of a step, by which a tooth is away from its place, at most
# how much nearer one end of a comb is than the other in a photograph, where it has some
# cells: three strokes on a rule are no comb in perspective
NEARER, FEW = (1.0, 0.87, 1.15, 0.75, 1.33), 4
AS_HIGH = 0.8  # of the height of the teeth at both ends: the others are no lower
EMPTY = 0.35  # of a row's columns, at least, have nothing that stands on the rule
MOST_CELLS = 24
COVERED = 0.7  # of a row's width, at least, has ink along the rules above and below
FULLER = 1.2  # times the ink of a rule has the one below, if that one is the side
IN_BOTH = 0.5  # of the columns of two rules are in both
HIGHEST = 200  # pixels of a box
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
    rows = _outermost([*_framed(ink, rules), *_combs(ink, rules)])
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


def _combs(ink: NDArray[np.uint8], rules: Rules) -> Iterator[BoxRow]:
    """Yield combs: rules on which teeth stand."""
    upright = cv2.dilate(ink, rectangle(1, 5))  # teeth may lean a little
    for rule in rules.single:
        if rule.right - rule.left <= 4 * LOWEST:
            continue  # too short for two steps, as bars of digits are
        bend = rules.bend_of([rule], rule.left, rule.right)
        down = rules.thickness_of(rule, bend)
        above = slice(max(0, down.stop - HIGHEST), down.stop)
        across = slice(rule.left, rule.right)
        heights = _heights(flatten(upright, above, across, bend), down)
        places, tall = _places(heights)
        if len(places) > 2 and tall < HIGHEST:
            sides = tuple(Side(float(place) + rule.left, 0) for place in places)
            ends = rule.left, rule.right, down.stop - tall, down.stop - 2
            yield BoxRow(*ends, sides, is_framed=False, bend=bend)


def _outermost(rows: list[BoxRow]) -> list[BoxRow]:
    """Leave out rows that lie in others, as bars of digits do, and the second of two.

    A comb that overlaps framed boxes is one of their rules, with what stands on it.
    """
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


def _heights(above: NDArray[np.uint8], rule: slice) -> NDArray[np.int64]:
    """Return how far ink goes up from a rule at each column, across small gaps."""
    closed = cv2.morphologyEx(above, cv2.MORPH_CLOSE, rectangle(5, 1))
    closed[rule.start - rule.stop :] = 1
    up = closed[::-1] == 0
    return np.where(up.any(axis=0), up.argmax(axis=0), len(above))


def _places(heights: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Find what stands at both ends of a rule and at steps between them.

    Steps are equal, or as in perspective.

    Args:
        heights: Of the ink that stands on each column of a rule.

    Returns:
        The columns, none if there are no such sides; and how high the sides are.
    """
    width = len(heights)
    ends = heights[: 2 * THICKEST], heights[-2 * THICKEST :]
    tall = int(min(end.max() for end in ends))
    stands = heights >= AS_HIGH * tall
    found = np.flatnonzero(stands)
    if tall < LOWEST or not len(found) or 1 - stands.mean() < EMPTY:
        return np.empty(0), 0
    first = float(found[found < 2 * THICKEST].mean())
    last = float(found[found >= width - 2 * THICKEST].mean())
    most = tall * (TOOTH if tall < LOW else STEP[1])
    least, between = max(STEP[0] * tall, 2 * LOWEST), last - first
    some = [of for of in range(MOST_CELLS, 0, -1) if least <= between / of <= most]
    for nearer, cells in product(NEARER, some):
        if nearer != 1 and cells < FEW:
            continue
        shares = np.linspace(0, 1, cells + 1)
        shares /= shares + nearer * (1 - shares)
        places = (first + shares * between).astype(np.float64)
        off = max(3.0, OFF * (between / cells))
        nearest = _nearest(found, places)
        if (np.abs(nearest - places) <= off).all():
            # NEARER is about so much
            return (places if nearer == 1 else nearest.astype(np.float64)), tall
    return np.empty(0), 0


def _nearest(
    found: NDArray[np.int64], places: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return which of some sorted numbers is the nearest to each of others."""
    at = np.searchsorted(found, places).clip(1, len(found) - 1)
    before, after = found[at - 1], found[at]
    nearest: NDArray[np.int64] = np.where(
        places - before <= after - places, before, after
    )
    return nearest
