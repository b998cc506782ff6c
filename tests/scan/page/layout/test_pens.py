"""Another pen begins something else, and grain in colours is no other pen."""

import numpy as np
import pytest

from mnistry.scan.page.prepare import prepare

BLACK, BLUE, RED = (25, 25, 30), (30, 46, 128), (190, 30, 36)


def counts(
    *colours: tuple[int, int, int], apart: int = 30, pens: tuple[int, ...] = (6,) * 9
) -> list[int]:
    """Write strokes side by side, each in its colour; give how many a line has."""
    generator = np.random.default_rng(0)
    picture = np.full((120, 80 + (apart + 6) * len(colours), 3), (225, 222, 210), float)
    for number, (colour, pen) in enumerate(zip(colours, pens, strict=False)):
        left = 40 + number * (apart + 6)
        picture[40:85, left : left + pen] = colour
    noise = generator.normal(0, 8, picture.shape)
    [page] = prepare((picture + noise).clip(0, 255).astype(np.uint8))
    return [len(line.components) for line in page.lines]


@pytest.mark.parametrize("own", [BLACK, BLUE])
def test_what_is_written_in_red_beside_a_number_is_no_part_of_it(
    own: tuple[int, int, int],
) -> None:
    assert counts(own, own, own, RED) == [3, 1]
    assert counts(own, own, own, RED, RED) == [3, 2]


def test_one_pen_writes_one_line() -> None:
    assert counts(BLACK, BLACK, BLACK, BLACK) == [4]
    assert counts(BLUE, BLUE, BLUE, BLUE) == [4]


def test_digits_close_to_each_other_are_one_number_in_any_colour() -> None:
    assert counts(BLACK, BLACK, RED, apart=9) == [3]
    assert counts(RED, BLACK, RED, BLACK, RED) == [5]


def test_what_the_side_of_a_box_leaves_is_no_other_pen() -> None:
    assert counts(BLACK, RED, BLACK, pens=(12, 2, 12)) == [3]
