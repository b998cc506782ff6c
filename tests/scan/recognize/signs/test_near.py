"""A slash before the last dash is found though it touches the digit before it."""

import cv2
import numpy as np

from mnistry.scan.page.ink.components import find_components
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.pattern import any_digits
from mnistry.scan.recognize.signs.separate import Separated, separations


def first_of(*strokes: tuple[int, int, int, int]) -> Separated:
    """Write two zeros and strokes after them, and take out what is likeliest a sign."""
    ink = np.zeros((120, 240), np.uint8)
    for column in (40, 80):
        cv2.ellipse(ink, (column, 60), (12, 22), 0, 0, 360, 1, 5)
    for a, b, c, d in strokes:
        cv2.line(ink, (a, b), (c, d), 1, 5)
    components, component_map = find_components(ink > 0)
    line, soft = Line.of(components, (35, 85)), 255 * ink
    page = Page(soft, ink > 0, component_map, (line,), np.eye(3), ink > 0, soft)
    return next(separations(page, line, (20.0, 180.0), any_digits()))


DASH = 146, 60, 168, 59


def test_a_slash_is_taken_out_and_the_digit_it_touches_stays() -> None:
    found = first_of((118, 22, 82, 94), (128, 60, 150, 59))
    assert [sign.text for sign in found.signs] == ["/", "-"]
    assert len(found.line.components) == 3  # two zeros and the dash
    assert found.page.soft[60, 92] > 0
    assert not found.page.soft[20:34].any()


def test_a_slash_far_taller_than_digits_is_one() -> None:
    found = first_of((141, 4, 103, 96), DASH)
    assert [sign.text for sign in found.signs] == ["/", "-"]
    assert not found.page.soft[4:30].any()


def test_a_one_that_is_no_taller_than_the_digit_it_touches_stays() -> None:
    found = first_of((108, 40, 92, 80), DASH)
    assert [sign.text for sign in found.signs] == ["-"]
