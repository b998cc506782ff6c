"""Boxes for one digit each say how many digits a number has."""

import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.in_boxes import rate_in_boxes
from mnistry.scan.page.page import Page
from mnistry.scan.recognize.confidence import PENALTY
from mnistry.scan.results import ReadDigit, ReadLine

CELLS = tuple(Box(left, 20, left + 40, 80) for left in range(0, 200, 40))


@pytest.fixture
def five_boxes() -> Page:
    """Return a page with a row of five boxes, all of them written in."""
    mask = np.zeros((100, 600), bool)
    mask[30:70, 18:200:40] = True
    nothing = np.zeros(mask.shape, np.int32)
    soft = mask * np.uint8(255)
    return Page(
        soft, mask, nothing, (), np.eye(3), inked=mask, dark=soft, cells=(CELLS,)
    )


def written(text: str, left: int, step: int = 40) -> ReadLine:
    boxes = [
        Box(left + step * n, 25, left + step * n + 20, 75) for n in range(len(text))
    ]
    digits = [ReadDigit(int(of), 0.9, box) for of, box in zip(text, boxes, strict=True)]
    return ReadLine(text, 0.99, tuple(digits), Box.around(boxes))


def test_as_many_digits_as_boxes_with_ink_are_sure(five_boxes: Page) -> None:
    assert rate_in_boxes([written("12052", 10)], five_boxes) == [1]
    parts = [written("12", 10), written("052", 90)]
    assert rate_in_boxes(parts, five_boxes) == [1, 1]
    elsewhere = [written("12052", 10), written("110", 300)]
    assert rate_in_boxes(elsewhere, five_boxes) == [1, 1]


def test_cells_with_two_digits_are_a_tables(five_boxes: Page) -> None:
    marks = [written(text, 44 + 80 * n, step=16) for n, text in enumerate(("17", "20"))]
    assert rate_in_boxes(marks, five_boxes) == [1, 1]


def test_a_digit_lost_in_a_signature_makes_the_others_unsure(five_boxes: Page) -> None:
    assert rate_in_boxes([written("1205", 10)], five_boxes) == [PENALTY]


def test_a_code_beside_boxes_is_no_part_of_their_number(five_boxes: Page) -> None:
    code = written("12052110", 10, step=70)
    assert rate_in_boxes([code], five_boxes) == [PENALTY]


def test_halves_are_unsure_where_not_all_boxes_are_seen(five_boxes: Page) -> None:
    halves = [written("12052", 10), written("025", 210)]
    assert rate_in_boxes(halves, five_boxes) == [PENALTY, PENALTY]
    whole = written("12052025", 10)
    assert rate_in_boxes([whole], five_boxes) == [1]
