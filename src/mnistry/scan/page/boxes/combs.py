"""Find combs: teeth stand at both ends of a rule, and at equal steps between them.

There is no rule above them. The teeth between the ends may be lower than those.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.boxes.bend import flatten
from mnistry.scan.page.boxes.box_rules import THICKEST, Rules
from mnistry.scan.page.boxes.sides import NARROWEST, BoxRow, Side
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
# times the height of the lowest tooth, where teeth are lower than the ends: most are no
# higher, but where a digit touches them
AS_LOW = 1.15
# pixels that a tooth is wider than its rule is thick, at most. Of 25 generated combs it
# was 1 to 3, unless a digit touched it; of letters of words on a rule 4 to 70
WIDER = 3
EMPTY = 0.35  # of a row's columns, at least, have nothing that stands on the rule
MOST_CELLS = 24
HIGHEST = 200  # pixels of a box


def find_combs(ink: NDArray[np.uint8], rules: Rules) -> Iterator[BoxRow]:
    """Yield combs: rules on which teeth stand.

    Args:
        ink: (rows, columns) of ones where there is ink.
        rules: Those of the page.

    Example:
        >>> ink = np.zeros((60, 140), np.uint8)
        >>> ink[50:52, 10:132] = ink[20:52, 10:132:120] = ink[40:52, 10:132:30] = 1
        >>> (comb,) = find_combs(ink, Rules(ink))
        >>> len(comb.sides), comb.top, comb.outer
        (5, 40, 20)
    """
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
        outer = _height_at_ends(heights)
        if len(places) > 2 and outer < HIGHEST:
            thickness = flatten(rules.mask, down, across, bend).sum(axis=0)
            wide = _tooth_width(heights, places, tall)
            if wide > np.median(thickness) + WIDER:
                continue  # letters of words
            sides = tuple(Side(float(place) + rule.left, 0) for place in places)
            ends = rule.left, rule.right, down.stop - tall, down.stop - 2
            row = BoxRow(*ends, sides, is_framed=False, bend=bend)
            yield row._replace(outer=down.stop - outer)


def _heights(above: NDArray[np.uint8], rule: slice) -> NDArray[np.int64]:
    """Return how far ink goes up from a rule at each column, across small gaps."""
    closed = cv2.morphologyEx(above, cv2.MORPH_CLOSE, rectangle(5, 1))
    closed[rule.start - rule.stop :] = 1
    up = closed[::-1] == 0
    return np.where(up.any(axis=0), up.argmax(axis=0), len(above))


def _height_at_ends(heights: NDArray[np.int64]) -> int:
    """Return how high the lower one of what stands at both ends of a rule is."""
    return int(min(heights[: 2 * THICKEST].max(), heights[-2 * THICKEST :].max()))


def _places(heights: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Find what stands at both ends of a rule and at steps between them.

    Steps are equal, or as in perspective. Teeth between the ends may be lower.

    Args:
        heights: Of the ink that stands on each column of a rule.

    Returns:
        The columns, none if there are no such sides; and how high the sides are.
    """
    tall = _height_at_ends(heights)
    places = next(_at_steps(heights, tall, 1), np.empty(0))
    lower = tall
    while (lower := int(AS_HIGH * lower)) >= LOWEST:
        for some in _at_steps(heights, lower, max(FEW, len(places))):
            teeth = _teeth_between(heights, some)
            # digits may stand on the rule at some places, each higher than teeth
            if np.median(teeth) <= AS_LOW * teeth.min() + 1:
                places, tall = some, int(teeth.min())
                break
    return places, tall


def _teeth_between(
    heights: NDArray[np.int64], places: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return how high the teeth between the ends are, each near its place."""
    off = round(_slack((places[-1] - places[0]) / (len(places) - 1)))
    near = cv2.dilate(heights.astype(np.float32)[None], rectangle(1, 2 * off + 1))
    found: NDArray[np.float32] = near[0, places[1:-1].round().astype(np.int64)]
    return found


def _tooth_width(
    heights: NDArray[np.int64], places: NDArray[np.float64], tall: int
) -> int:
    """Return how wide teeth between the ends are: that of the narrowest third.

    Where a digit touches a tooth, or stands near it on the rule, it looks wider.
    """
    stands = np.pad(heights >= tall / 2, 1)
    changes = np.flatnonzero(stands[1:] != stands[:-1])
    starts, ends = changes[::2], changes[1::2]
    middles = (starts + ends) / 2
    widths = []
    for place in places[1:-1]:
        away = np.maximum(np.maximum(starts - place, place - ends), 0)
        nearest = int((away + np.abs(middles - place) / len(stands)).argmin())
        widths.append(int(ends[nearest] - starts[nearest]))
    return sorted(widths)[len(widths) // 3]


def _at_steps(
    heights: NDArray[np.int64], tall: int, fewest: int
) -> Iterator[NDArray[np.float64]]:
    """Find what is about so tall at both ends of a rule and at steps between them.

    Args:
        heights: Of the ink that stands on each column of a rule.
        tall: Height of what is looked for.
        fewest: Steps.

    Yields:
        The columns, the most steps first; equal steps before those in perspective.
    """
    width = len(heights)
    stands = heights >= AS_HIGH * tall
    found = np.flatnonzero(stands)
    if tall < LOWEST or not len(found) or 1 - stands.mean() < EMPTY:
        return
    first = float(found[found < 2 * THICKEST].mean())
    last = float(found[found >= width - 2 * THICKEST].mean())
    most = tall * (TOOTH if tall < LOW else STEP[1])
    least, between = max(STEP[0] * tall, 2 * LOWEST), last - first
    steps = range(MOST_CELLS, fewest - 1, -1)
    some = [of for of in steps if least <= between / of <= most]
    away = _away_from(found, width)
    for nearer, cells in product(NEARER, some):
        if nearer != 1 and cells < FEW:
            continue
        shares, slack = _shares(nearer, cells), _slack(between / cells)
        # as below, in a fraction of the time: of one tooth, and of all
        if away[round(first + float(shares[1]) * between)] > slack + 0.5:
            continue
        places = (first + shares * between).astype(np.float64)
        if (away[places.round().astype(np.int64)] > slack + 0.5).any():
            continue
        nearest = _nearest(found, places)
        if (np.abs(nearest - places) <= slack).all():
            # NEARER is about so much
            yield places if nearer == 1 else nearest.astype(np.float64)


@lru_cache(maxsize=256)
def _shares(nearer: float, cells: int) -> NDArray[np.float64]:
    """Return where the sides of cells are, from 0 to 1, in perspective."""
    shares = np.linspace(0, 1, cells + 1)
    shares /= shares + nearer * (1 - shares)
    shares.flags.writeable = False
    return shares


def _away_from(found: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Return how far each of so many columns is from the nearest of those found."""
    columns = np.arange(width, dtype=np.float64)
    return np.abs(_nearest(found, columns) - columns)


def _slack(step: float) -> float:
    """Return by how many columns a tooth may be away from its place."""
    return max(3.0, OFF * step)


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
