from collections.abc import Sequence
from itertools import permutations

from mnistry.box import Box
from mnistry.scan.page.layout.direction import is_sideways
from mnistry.scan.page.layout.order import reading_order


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


def test_what_stands_beside_or_leans_over_a_little_is_not_sideways() -> None:
    row = [Box(20 * n, 0, 20 * n + 18, 30) for n in range(4)]
    leaning = [box._replace(right=box.right + 8) for box in row]
    column = [Box(of.top, of.left, of.bottom, of.right) for of in row]
    mixed = [Box(0, 40, 18, 70), Box(2, 75, 20, 100), Box(4, 110, 20, 140), *row[1:]]
    assert [is_sideways(of) for of in (row, leaning, mixed)] == [False] * 3
    assert is_sideways(column)
    assert is_sideways([*mixed[:3], Box(60, 0, 78, 30)])


def test_specks_do_not_tell_the_direction_of_a_page() -> None:
    lying = [Box(90 * row, 40 * n, 90 * row + 40, 40 * n + 30) for row, n in GRID]
    specks = [
        Box(left, box.top - 5, left + 3, box.top - 2)
        for box in lying
        for left in (box.left - 30, box.left - 20, box.right + 10)
    ]
    assert is_sideways(lying)
    assert is_sideways([*lying, *specks])
    assert not is_sideways([*map(_turned, lying), *map(_turned, specks)])


GRID = [(row, n) for row in range(4) for n in range(6)]


def _turned(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)
