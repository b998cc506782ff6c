"""What the nets left out: ones among the digits, a dollar's sign before them.

To the net for lines a straight stroke is a rule. One that is as tall as the digits
beside it, stands where they stand and is written with their pen is a one.
"""

from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.box import SAME_PLACE, Box
from mnistry.scan.page.ink.components import Component, ink_of
from mnistry.scan.page.ink.masks import stroke_width
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.recognize.line_reader import LineDigits
from mnistry.scan.recognize.signs.currency import may_be_dollar
from mnistry.scan.recognize.signs.separate import AS_TALL, Sign
from mnistry.scan.recognize.signs.shapes import STRAIGHT, fit_line

# lengths are in heights of a digit
TALL = 0.75, 1.2  # of a one
OFF = 0.2  # from the mean of its neighbours' heads and feet, at most
NEAR = 0.6  # to the next digit, at most
LEANING = 0.6  # columns for each row, at most
PEN = 0.6, 1.7  # times the width of the pen of the others
# times as dark as the ink of the line that is darker than three quarters of it, for
# half may be that of boxes: a paler stroke is a box's side. Of 3,600 generated strings
# six had ones, of 0.8 and more; of 500 in boxes 17 had sides, all but two of them paler
PALE = 0.7
# height of a 1 in whose place another digit was read, and how far above that digit's
# foot it ends: the left part of a 4 of two strokes is lower and ends higher
WHOLE, FOOT = 0.85, 0.15
# rules beside both ends of the side of a box: rows in which they are looked for, their
# length, and how much of it has ink. Of 200 generated exam numbers in boxes seven had
# sides read as ones
REACH, ROOM, LED = 0.1, 0.4, 0.9
AWAY = 0.5  # from the picture's side, at least, if no digit is on that side
LETTER = 1.0, 0.3  # distance and width of other ink that makes a stroke a letter
MOST = 0.5  # of the digits that were read: so many strokes are a drawing, or rules
# probability of such a 1. Of 1,728 generated pictures, of seeds on which no bound above
# was set, ten are correct only with them, none only without; of 220 photographs of
# numbers six are
LIKELY = 0.8
# a dollar's sign that was read as a part of the first digit: its height, its distance
# from that digit, how far it reaches over it, and how far the digit is within what was
# read. 108 of 141 composed amounts have their sign so, 58 without this; none of 450
# composed numbers, and of 500 on 60 generated pages, gets one
DOLLAR, DOLLAR_APART, DOLLAR_OVER, DOLLAR_WITHIN = 0.8, 0.5, 0.1, 0.3

Sides = NDArray[np.float64]
"""(n, 4): the left, top, right and bottom sides of boxes."""


def with_unread_ones(found: LineDigits, page: Page, line: Line) -> LineDigits:
    """Put ones among the digits of a line where strokes were read as nothing.

    Args:
        found: What was read.
        page: Where the line is, without signs that were removed.
        line: Without them, too.
    """
    ones = unread_ones(page, line, found.boxes)
    if not ones or len(ones) > MOST * len(found.digits):
        return found
    boxes = [*found.boxes, *ones]
    order = np.argsort([box.left + box.right for box in boxes], kind="stable")
    one = np.full((len(ones), 10), (1 - LIKELY) / 9)
    one[:, 1] = LIKELY
    digits = [*found.digits, *[1] * len(ones)]
    return found._replace(
        digits=tuple(digits[at] for at in order.tolist()),
        boxes=tuple(boxes[at] for at in order.tolist()),
        probabilities=np.concatenate([found.probabilities, one])[order],
        non_digit=np.append(found.non_digit, [1 - LIKELY] * len(ones))[order],
        confidence=min(found.confidence, LIKELY),
        upright=np.append(found.upright, [0.0] * len(ones))[order],
    )


def with_unread_dollar(
    signs: tuple[Sign, ...], page: Page, line: Line, boxes: tuple[Box, ...]
) -> tuple[Sign, ...]:
    """Add a dollar's sign before all digits that was not found among the signs.

    Args:
        signs: That were found.
        page: Where the line is.
        line: With all its ink.
        boxes: Of the digits that were read.
    """
    height, first = line.height, boxes[0]
    tall = [part for part in line.components if part.box.height >= DOLLAR * height]
    tall.sort(key=lambda part: part.box.left)
    if len(tall) < 2 or any(
        sign.text in AS_TALL and sign.box.left < first.left for sign in signs
    ):
        return signs
    # what is read as one digit may be the sign and that digit
    box, after = tall[0].box, tall[1].box
    apart = (after.left - box.right) / height
    within = min(after.width / 2, DOLLAR_WITHIN * height)
    if after.left + within > first.right or not -DOLLAR_OVER < apart < DOLLAR_APART:
        return signs
    is_dollar = may_be_dollar(ink_of(tall[0], page.component_map))
    return (Sign("$", box), *signs) if is_dollar else signs


def unread_ones(page: Page, line: Line, boxes: Sequence[Box]) -> list[Box]:
    """Return the strokes of a line that are ones but were not read.

    Args:
        page: Where the line is.
        line: With its components.
        boxes: Of the digits that were read.
    """
    if len(boxes) < 2:
        return []
    height = median([box.height for box in boxes])
    tall = [one for one in line.components if one.box.height > TALL[0] * height]
    if {one.box for one in tall}.issubset(boxes):
        return []  # as of most lines: each is all the ink of a digit
    sides = _sides_of(boxes)
    is_read = _are_read(_sides_of(one.box for one in tall), sides, height)
    strokes = [
        one
        for one, was_read in zip(tall, is_read.tolist(), strict=True)
        if not was_read
        and _stands_among(one.box, sides, height)
        and not _is_aside(one.box, page, line, boxes, height)
        and not _is_side(one.box, page, height)
        and not _is_pale(one, page, line)
        and _is_straight(ink_of(one, page.component_map), height)
    ]
    if not strokes:
        return []  # as of most lines: pens take longest
    pens = {
        one: stroke_width(np.pad(ink_of(one, page.component_map), 1)) for one in tall
    }
    usual = median(pens.values())
    return [one.box for one in strokes if PEN[0] < pens[one] / usual < PEN[1]]


def _is_straight(ink: Mask, height: float) -> bool:
    """Return whether it is a straight stroke, more or less upright."""
    slope, spread = fit_line(ink)
    return abs(slope) < LEANING and spread < STRAIGHT * height


def _is_aside(
    box: Box, page: Page, line: Line, boxes: Sequence[Box], height: float
) -> bool:
    """Return whether a stroke before or after all digits may be a letter or cut off."""
    if not _is_end(box, boxes):
        return False
    room = min(box.left, page.mask.shape[1] - box.right)
    return room < AWAY * height or _has_letter_beside(box, line, _sides_of(boxes))


def _is_side(box: Box, page: Page, height: float) -> bool:
    """Return whether rules go aside from both its ends, as from the side of a box."""
    reach, room = max(2, round(REACH * height)), max(2, round(ROOM * height))
    rows = [slice(max(0, end - reach), end + reach) for end in (box.top, box.bottom)]
    ends = [page.inked[of].max(axis=0) for of in rows]
    asides = (
        slice(max(0, box.left - room), box.left),
        slice(box.right, box.right + room),
    )
    return any(all(end[of].sum() > LED * room for end in ends) for of in asides)


def _is_pale(one: Component, page: Page, line: Line) -> bool:
    """Return whether a stroke is paler than the ink of its line."""
    of_line, own = line.box.slices, one.box.slices
    ink = page.dark[of_line][page.mask[of_line] > 0]
    stroke = page.dark[own][ink_of(one, page.component_map)]
    return bool(stroke.mean() < PALE * np.quantile(ink, 0.75))


def _are_read(strokes: Sides, digits: Sides, height: float) -> NDArray[np.bool_]:
    """Return which strokes were read: in the place of a digit, and nearest to it."""
    both, shares = _shared(strokes, digits)
    # where digits lean their boxes overlap: most of a stroke is in that of its own
    # digit; if two have as many of its pixels, it is the smaller one
    at = (both + shares / 2).argmax(axis=1)
    each = np.arange(len(strokes))
    smaller = np.minimum(_areas(strokes), _areas(digits)[at])
    is_there = both[each, at] > SAME_PLACE * smaller
    own = shares[each, at, None]
    is_nearer = own < shares[:, at].T
    is_whole = strokes[:, 3] - strokes[:, 1] > WHOLE * height
    stands = digits[at, 3, None] - strokes[:, 3] < FOOT * height
    are_read: NDArray[np.bool_] = is_there & ~(is_nearer & is_whole & stands).any(1)
    return are_read


def _sides_of(boxes: Iterable[Box]) -> Sides:
    return np.array([*boxes], float).reshape(-1, 4)


def _areas(sides: Sides) -> NDArray[np.float64]:
    left, top, right, bottom = sides.T
    areas: NDArray[np.float64] = (right - left) * (bottom - top)
    return areas


def _shared(one: Sides, two: Sides) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the pixels in each pair of boxes; also as a share of those in either."""
    low = np.maximum(one[:, None, :2], two[:, :2])
    high = np.minimum(one[:, None, 2:], two[:, 2:])
    both = (high - low).clip(0).prod(axis=2)
    return both, both / (_areas(one)[:, None] + _areas(two) - both)


def _has_letter_beside(box: Box, line: Line, digits: Sides) -> bool:
    """Return whether a component near a stroke was not read, and is no stroke."""
    reach, wide = (share * box.height for share in LETTER)
    for of in (one.box for one in line.components):
        apart = max(of.left - box.right, box.left - of.right)
        if apart < reach and of.width > wide and of.height > box.height / 2:
            centre = of.centre[0]
            if not ((digits[:, 0] <= centre) & (centre < digits[:, 2])).any():
                return True
    return False


def _is_end(box: Box, boxes: Sequence[Box]) -> bool:
    """Return whether a stroke is before all digits, or behind all."""
    sides = [of.left + of.right < box.left + box.right for of in boxes]
    return all(sides) or not any(sides)


def _stands_among(box: Box, sides: Sides, height: float) -> bool:
    """Return whether a stroke is as tall as the two digits nearest to it, and close."""
    if box.height >= TALL[1] * height:
        return False
    away = np.abs(sides[:, 0] + sides[:, 2] - box.left - box.right)
    nearest = sides[away.argsort()[:2]]
    off = np.abs(nearest[:, 1::2].mean(axis=0) - (box.top, box.bottom)).max()
    apart = max(sides[:, 0].min() - box.right, box.left - sides[:, 2].max())
    return bool(off < OFF * height and apart < NEAR * height)
