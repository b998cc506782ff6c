"""Signs that digits touch or reach over, and pieces of digits that are no signs."""

import cv2
import numpy as np
import pytest

from mnistry.arrays import Pixels
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits
from mnistry.scan.recognize.signs.separate import separations

INK, PEN = 0, 4


def paper() -> Pixels:
    """Give paper with a nought at its left."""
    picture = np.full((100, 220), 255, np.uint8)
    nought(picture, 45)
    return picture


def nought(picture: Pixels, column: int) -> None:
    cv2.ellipse(picture, (column, 50), (18, 22), 0, 0, 360, INK, PEN)


def stroke(picture: Pixels, *points: tuple[int, int]) -> None:
    cv2.polylines(picture, [np.array(points)], False, INK, PEN)


def point(picture: Pixels, column: int, row: int) -> None:
    cv2.circle(picture, (column, row), 4, INK, -1)


def signs_in(picture: Pixels) -> str:
    (page,) = prepare(picture)
    line = page.only_line
    assert line is not None
    first, *_ = separations(page, line, (0, picture.shape[1]), any_digits())
    return "".join(sign.text for sign in first.signs)


def test_a_colon_is_one_though_a_digit_touches_its_lower_point() -> None:
    picture = np.full((100, 220), 255, np.uint8)
    stroke(picture, (30, 32), (50, 32), (30, 72), (80, 72))
    nought(picture, 122)
    point(picture, 83, 46)
    point(picture, 84, 72)
    assert signs_in(picture) == ":"


def test_a_point_under_the_bar_of_a_seven_is_no_colon() -> None:
    picture = paper()
    stroke(picture, (76, 30), (112, 30), (92, 73))
    point(picture, 106, 72)
    nought(picture, 150)
    assert signs_in(picture) == "."


@pytest.mark.parametrize(("start", "signs"), [(160, ""), (188, "-")])
def test_a_dash_over_a_digit_is_a_piece_of_it(start: int, signs: str) -> None:
    picture = paper()
    stroke(picture, (150, 30), (150, 72), (182, 72))
    stroke(picture, (start, 50), (start + 18, 50))
    assert signs_in(picture) == signs


def test_a_thin_rest_of_a_rule_is_no_point() -> None:
    picture = paper()
    nought(picture, 122)
    picture[70:72, 76:92] = INK
    assert signs_in(picture) == ""


def test_a_minus_that_leads_into_a_three_is_a_minus() -> None:
    picture = np.full((100, 220), 255, np.uint8)
    for row, first, last in (39, -140, 90), (61, -90, 140):
        cv2.ellipse(picture, (70, row), (18, 11), 0, first, last, INK, PEN)
    nought(picture, 122)
    stroke(picture, (42, 50), (63, 50))
    assert signs_in(picture) == "-"
