"""What was read is drawn as large as it was written."""

import numpy as np
import pytest

from mnistry.box import Box
from mnistry.errors import FormatError
from mnistry.scan.annotate import SURE_COLOUR, annotate
from mnistry.scan.results import ReadDigit, Reading, ReadLine


def read_in(boxes: list[Box]) -> ReadLine:
    digits = tuple(ReadDigit(7, 0.99, box) for box in boxes)
    return ReadLine("7" * len(boxes), 0.99, digits, boxes[0])


def label_rows(side: int, boxes: list[Box]) -> int:
    """Draw on white paper of a side; count the rows of the labels above the boxes."""
    paper = np.full((side, side), 255, np.uint8)
    drawn = annotate(paper, Reading((read_in(boxes),)))
    above = drawn[: len(drawn) - side + boxes[0].top - 2]
    return int((above == SURE_COLOUR).all(axis=2).any(axis=1).sum())


@pytest.mark.parametrize("side", [600, 2000])
@pytest.mark.parametrize("tall", [20, 60, 250])
def test_a_label_is_as_tall_as_what_was_read_whatever_the_picture(
    side: int, tall: int
) -> None:
    boxes = [Box(at, 300, at + tall // 2, 300 + tall) for at in (10, 10 + tall)]
    assert 0.4 * tall < label_rows(side, boxes) < 0.8 * tall


def test_labels_of_digits_close_together_have_room_beside_each_other() -> None:
    boxes = [Box(at, 300, at + 18, 400) for at in range(10, 210, 20)]
    assert label_rows(600, boxes) <= 20


def test_labels_of_digits_above_each_other_are_as_tall_as_beside_each_other() -> None:
    boxes = [Box(300, 300 + 80 * at, 370, 360 + 80 * at) for at in range(3)]
    assert label_rows(700, boxes) > 20


def test_a_label_at_the_upper_border_is_whole() -> None:
    box = Box(10, 3, 60, 100)
    assert label_rows(300, [box]) > 40


def test_a_page_that_is_not_there_is_named() -> None:
    paper = np.full((60, 60), 255, np.uint8)
    with pytest.raises(FormatError, match="has 1 page, and page 2 was asked for"):
        annotate(paper, Reading((read_in([Box(10, 10, 20, 30)]),)), page=2)
