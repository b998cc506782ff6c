from collections.abc import Sequence
from itertools import permutations

from mnistry.box import Box
from mnistry.scan.page.order import reading_order


def ordered(boxes: Sequence[Box]) -> list[Box]:
    return [boxes[number] for number in reading_order(boxes)]


def test_numbers_of_a_row_that_rises_stay_in_one_row() -> None:
    left, right = Box(0, 20, 60, 60), Box(100, 0, 160, 36)  # share 16 rows of 36
    below = Box(0, 90, 60, 130), Box(100, 70, 160, 106)
    rows = [left, right, *below]
    for some in permutations(rows):
        assert ordered(some) == rows


def test_lines_below_each_other_are_two_rows_though_they_share_some() -> None:
    lines = [Box(0, 0, 60, 40), Box(10, 25, 90, 65), Box(0, 50, 60, 90)]
    assert ordered(lines[::-1]) == lines
