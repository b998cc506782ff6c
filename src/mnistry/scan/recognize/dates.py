"""Dates whose slashes are no taller than digits, and look like ones."""

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.binarize import Mask
from mnistry.scan.page.page import Page
from mnistry.scan.recognize.shapes import leans

YEAR = 4  # digits after the slashes; were it two, of numbers of six digits one in a
# hundred would have ones there
# times the confidence of such a number: it is not sure, but no other way to look at the
# picture is tried for it
DATE_SURE = 0.7


def may_be_date(digits: tuple[int, ...], boxes: tuple[Box, ...], page: Page) -> bool:
    """Tell whether ones lean where a date has slashes: 38/8/1134 is 381811134.

    Args:
        digits: That were read.
        boxes: Of each, on the page.
        page: Where they are.
    """
    second = len(digits) - YEAR - 1
    places = [
        (first, second)
        for first in (1, 2)
        if second - first in (2, 3) and digits[first] == digits[second] == 1
    ]
    height = float(np.median([box.height for box in boxes]))
    return any(
        all(leans(_ink_in(page, boxes[place]), height) for place in pair)
        for pair in places
    )


def _ink_in(page: Page, box: Box) -> Mask:
    """Give the ink in a box, that of the component which has most of it."""
    near = page.component_map[box.top : box.bottom, box.left : box.right]
    counts = np.bincount(near.ravel())
    counts[0] = 0
    ink: Mask = near == counts.argmax()
    return ink
