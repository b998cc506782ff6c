"""Rules between the cells of a table part numbers; between boxes for digits none do."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout import lines, table_rules
from mnistry.scan.page.prepare import prepare


def ruled(*columns: int) -> NDArray[np.bool_]:
    """Upright rules, and level ones that join them."""
    rules = np.zeros((140, 400), bool)
    for column in columns:
        rules[10:130, column : column + 2] = True
    rules[[10, 70, 129], columns[0] : columns[-1] + 2] = True
    return rules


def digits(top: int, *lefts: int) -> list[Component]:
    """Digits 30 pixels tall and 20 wide."""
    return [
        Component(Box(left, top, left + 20, top + 30), 200, number)
        for number, left in enumerate(lefts, 1000 * top + 1)
    ]


def found(rules: NDArray[np.bool_], *ink: Component) -> list[int]:
    """How many digits each line has."""
    return [len(line.components) for line in lines.find_lines([*ink], rules)]


def test_close_numbers_in_cells_of_a_table_are_apart() -> None:
    rules = ruled(20, 95, 150, 225)
    assert found(rules, *digits(25, 30, 60, 108, 160, 190)) == [2, 1, 2]


def test_a_row_of_lone_digits_is_apart_where_another_row_tells_a_table() -> None:
    rules = ruled(20, 80, 140, 200)
    above, below = digits(25, 28, 54, 100, 150), digits(85, 50, 95, 150)
    assert found(rules, *above, *below) == [2, 1, 1, 1, 1, 1]
    assert found(rules, *below) == [3]


def test_boxes_for_one_digit_each_are_no_table_beside_the_cell_of_a_label() -> None:
    rules = ruled(20, 160, 200, 240, 280)
    label, number = digits(25, 40, 65, 90, 115), digits(25, 170, 210, 250)
    assert found(rules, *label, *number) == [7]


def test_a_digit_on_a_rule_is_in_the_cell_it_is_more_of() -> None:
    rules = ruled(20, 100, 180, 260)
    rules[30:52, 100:102] = False  # where strokes cross a rule, it is left to them
    assert found(rules, *digits(25, 30, 55, 85, 112, 140)) == [3, 2]


def test_rules_that_run_through_digits_are_of_squared_paper() -> None:
    rules = ruled(*range(20, 300, 50))
    assert found(rules, *digits(25, 26, 60, 84, 110, 136)) == [5]


def test_pale_rules_taken_for_paper_part_numbers_as_well() -> None:
    picture = np.full((400, 500), 245, np.uint8)
    for place in range(20, 400, 90):
        picture[place : place + 3, 20:470] = 170
    for place in range(20, 500, 90):
        picture[20:383, place : place + 3] = 170
    for top in range(45, 360, 90):
        for left in (28, 53, 78, 123, 150, 214, 303, 330):
            picture[top : top + 40, left : left + 18] = 20
            picture[top + 8 : top + 32, left + 6 : left + 12] = 245
    (page,) = prepare(picture)
    assert [len(line.tall) for line in page.lines] == [3, 2, 1, 2] * 4


def test_a_lone_side_of_a_box_parts_nothing_as_a_rule_does() -> None:
    """In boxes whose other sides digits touch, a number was torn."""
    ink, rule = digits(25, 20, 45, 90, 115), ruled(76)
    assert found(rule, *ink) == [2, 2]
    whole = lines.find_lines(ink, others=rule)
    assert [len(line.components) for line in whole] == [4]


def test_a_rule_alone_in_its_row_is_of_no_table_though_another_is() -> None:
    """The side of a box parted the number in it, beside a table on its page."""
    rules = ruled(20, 95, 150, 225)
    rules[72:] = False
    rules[90:125, 86:88] = True
    table, number = digits(25, 30, 60, 108, 160, 190), digits(95, 40, 64, 92, 116)
    assert found(rules, *table, *number) == [2, 1, 2, 4]


def test_a_page_of_more_rows_than_a_table_has_is_none() -> None:
    row = table_rules.TextRow((25, 55), [of.box for of in digits(25, 30, 60, 108)])
    gaps = np.array([50, 80]), np.array([60, 108])
    for count, parted in ((1, True), (table_rules.MOST_ROWS + 1, False)):
        rules = ruled(20, 95, 150)
        tables = table_rules.Tables([row] * count, rules, rules)
        assert tables.separate(row, *gaps).any() == parted


@pytest.mark.parametrize("grey", [245, 228])
def test_rules_too_pale_for_ink_part_numbers_as_well(grey: int) -> None:
    paper = np.full((300, 460), 255, np.uint8)
    paper[20:282, 40:420:95] = paper[20:282, 41:420:95] = grey
    paper[20:282:65, 40:421] = paper[21:282:65, 40:421] = grey
    generator = np.random.default_rng(2)
    for row in range(4):
        for at in range(4):
            for left in (52, 80, 108):  # the last one is close to the next number
                corner = left + 95 * at, 38 + 65 * row
                middle = corner[0] + 9, corner[1] + 16
                cv2.ellipse(paper, middle, (8, 15), 0, 0, 360, 30, 3)
    noisy = np.clip(paper + generator.normal(0, 2, paper.shape), 0, 255)
    (page, *_) = prepare(noisy.astype(np.uint8))
    assert [len(line.components) for line in page.lines] == [3] * 16
