"""Tell dates from numbers: slashes look like ones, and points are left out."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from statistics import median

import numpy as np

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.page import Page
from mnistry.scan.pattern import Gap
from mnistry.scan.recognize.signs.shapes import fit_line, leans
from mnistry.softmax import sigmoid

YEAR = 4  # digits after the slashes of a date
SHORT_YEAR = 2  # the same
# sum of the log odds (SLASH) that ones in such places are slashes; one in a hundred
# numbers of six digits has ones there, so leaning is not enough. Of 53 composed dates
# that are read as numbers 39 are above, of 505 numbers with ones there 20; 30 and 6 if
# each of the two must be above LIKELY_SLASH
LIKELY_DATE = -3.0
# the same from which they are read as slashes. Of 28 composed dates that are read as
# numbers 26 are above, of 380 numbers with ones there 4: of all numbers as long that is
# one in ten thousand
CERTAIN_DATE = -1.0
DATES = 2.0  # log odds that a number with ones there is a date, before they are seen
FRACTION = 2  # digits above a slash, and below it, at most
# weights of the log odds that a stroke is a slash and no 1: of how much lower than the
# others its top and its foot are, in heights, of the columns that it leans to the right
# for each row, and the bias. By logistic regression of 173 slashes of composed
# fractions and 76 ones that lean. 97 % of the slashes are above LIKELY_SLASH, and 7 of
# these ones
SLASH = np.array([-12.3, 37.2, 3.2, -4.46])
LIKELY_SLASH = -1.0
SIGNS = frozenset("./-,:'")  # of a date; a point may look like the others


def may_be_date(
    digits: tuple[int, ...], boxes: tuple[Box, ...], slashes: list[Box], page: Page
) -> bool:
    """Return whether ones may be slashes: 38/8/1134 is read as 381811134, 5/83 as 5183.

    They lean where a date has slashes, or one of them reaches beyond its neighbours;
    few digits may be a fraction.

    Args:
        digits: That were read.
        boxes: Of each, on the page.
        slashes: That were found, one of a date's or none.
        page: Where they are.
    """
    if 1 not in digits:
        return False
    if reaches_beyond(digits, boxes, page) or may_be_fraction(digits, boxes, page):
        return True
    height = median([box.height for box in boxes])
    for year, ones in _ones_in_dates(digits, boxes, slashes):
        if year == YEAR:
            is_likely = all(leans(_ink_in(page, box), height) for box in ones)
        else:
            is_likely = _date_odds(ones, boxes, page) > LIKELY_DATE
        if is_likely:
            return True
    return False


def find_slashes(
    digits: tuple[int, ...], boxes: tuple[Box, ...], slashes: list[Box], page: Page
) -> tuple[list[Box], float]:
    """Find ones that are rather slashes of a date: 38/8/1134, not 381811134.

    Args:
        digits: That were read.
        boxes: Of each, on the page.
        slashes: That were found, one of a date's or none.
        page: Where they are.

    Returns:
        Those ones, if any, and the probability that they are slashes.
    """
    found: list[Box] = []
    highest = CERTAIN_DATE
    for _, ones in _ones_in_dates(digits, boxes, slashes):
        odds = _date_odds(ones, boxes, page)
        if odds > highest:
            found, highest = ones, odds
    return found, sigmoid(highest + DATES)


def _ones_in_dates(
    digits: tuple[int, ...], boxes: tuple[Box, ...], slashes: list[Box]
) -> Iterator[tuple[int, list[Box]]]:
    """Yield the ones that stand where dates have slashes, and the digits of the year.

    One of the two slashes may have been found.
    """
    marks = [(box, str(digit)) for digit, box in zip(digits, boxes, strict=True)]
    marks += [(box, "/") for box in slashes]
    marks.sort(key=lambda mark: mark[0].left + mark[0].right)
    for year, first, between in product((YEAR, SHORT_YEAR), (1, 2), (1, 2)):
        second = first + between + 1
        if second != len(marks) - year - 1:
            continue
        pair = marks[first], marks[second]
        ones = [box for box, text in pair if text == "1"]
        is_date = {text for _, text in pair} <= {"1", "/"}
        if is_date and len(slashes) == 2 - len(ones) < 2:
            yield year, ones


def _date_odds(ones: list[Box], boxes: tuple[Box, ...], page: Page) -> float:
    """Return the sum of the log odds that ones of a line are slashes."""
    others = [box for box in boxes if box not in ones]
    return sum(_slash_odds(of, others, page) for of in ones)


def reaches_beyond(digits: tuple[int, ...], boxes: tuple[Box, ...], page: Page) -> bool:
    """Return whether a 1 that leans reaches beyond both its neighbours, as in 5/83.

    24 of 64 confidently wrong readings of composed strings with slashes have such a 1,
    and none of 125 correct ones of numbers (MNIST's test digits, seeds from 9000). That
    it leans is no evidence by itself: ones of 59 of these 125 do.

    Args:
        digits: That were read.
        boxes: Of each, on the page.
        page: Where they are.
    """
    height = median([box.height for box in boxes])
    for at in range(1, len(digits) - 1):
        box, beside = boxes[at], (boxes[at - 1], boxes[at + 1])
        is_tall = box.top < min(other.top for other in beside)
        is_tall &= box.bottom > max(other.bottom for other in beside)
        if digits[at] == 1 and is_tall and leans(_ink_in(page, box), height):
            return True
    return False


def may_be_fraction(
    digits: tuple[int, ...], boxes: tuple[Box, ...], page: Page
) -> bool:
    """Return whether a 1 with at most two digits on each side may be a slash.

    Args:
        digits: That were read.
        boxes: Of each, on the page.
        page: Where they are.
    """
    for at in range(1, len(digits) - 1):
        sides = at, len(digits) - 1 - at
        if digits[at] != 1 or max(sides) > FRACTION:
            continue
        others = [*boxes[:at], *boxes[at + 1 :]]
        if _slash_odds(boxes[at], others, page) > LIKELY_SLASH:
            return True
    return False


def _slash_odds(one: Box, others: Sequence[Box], page: Page) -> float:
    """Return the log odds that a 1 is a slash, by its place among the other digits."""
    top = float(np.mean([other.top for other in others]))
    bottom = float(np.mean([other.bottom for other in others]))
    height, ink = max(1.0, bottom - top), _ink_in(page, one)
    if not leans(ink, height):
        return -np.inf
    higher, lower = (one.top - top) / height, (one.bottom - bottom) / height
    return float(np.array([higher, lower, -fit_line(ink)[0], 1.0]) @ SLASH)


def is_dated(gaps: Sequence[Gap]) -> bool:
    """Return whether signs split digits as those of a date: one or two, twice, four.

    Args:
        gaps: Before, between and after the digits.

    Example:
        >>> plain, point = Gap(), Gap(".")
        >>> is_dated([plain, plain, point, point, plain, plain, plain, plain])
        True
        >>> is_dated([plain, point, plain, plain, plain, plain, plain, plain])
        False
    """
    count = len(gaps) - 1
    signed = [at for at in range(1, count) if SIGNS & set(gaps[at].signs)]
    parts = [after - before for before, after in pairwise([0, *signed, count])]
    return len(parts) == 3 and max(parts[:2]) <= 2 and parts[2] == YEAR


def _ink_in(page: Page, box: Box) -> Mask:
    """Return the ink of the component that has most of it in a box."""
    near = page.component_map[box.slices]
    counts = np.bincount(near.ravel())
    counts[0] = 0
    ink: Mask = near == counts.argmax()
    return ink
