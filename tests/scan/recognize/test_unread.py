"""Ones that were read as nothing are put back; what is no one is not."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.ink.components import find_components
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.recognize.line_reader import LineDigits
from mnistry.scan.recognize.unread import unread_ones, with_unread_ones

ZEROS = Box(40, 30, 70, 80), Box(90, 30, 120, 80)


def written(*strokes: tuple[int, int, int, int], pen: int = 6) -> tuple[Page, Line]:
    """Write two zeros, and strokes from point to point."""
    ink = np.zeros((110, 240), np.uint8)
    for box in ZEROS:
        middle = (box.left + box.right) // 2, (box.top + box.bottom) // 2
        cv2.ellipse(ink, middle, (12, 22), 0, 0, 360, 1, 6)
    for a, b, c, d in strokes:
        cv2.line(ink, (a, b), (c, d), 1, pen)
    components, component_map = find_components(ink > 0)
    line = Line(tuple(sorted(components, key=lambda of: of.box.left)), (30, 80))
    soft = 255 * ink
    page = Page(soft, ink > 0, component_map, (line,), np.eye(3), ink > 0, soft)
    return page, line


@pytest.mark.parametrize(
    ("stroke", "count"),
    [
        ((140, 33, 136, 77), 1),
        ((80, 33, 80, 77), 1),
        ((140, 10, 136, 100), 0),  # a rule, or the side of a box
        ((140, 55, 136, 77), 0),  # a comma
        ((180, 33, 176, 77), 0),  # far aside
        ((140, 77, 180, 40), 0),  # leaning as no one does
    ],
)
def test_a_stroke_among_digits_is_a_one_if_it_stands_as_they_do(
    stroke: tuple[int, int, int, int], count: int
) -> None:
    page, line = written(stroke)
    assert len(unread_ones(page, line, ZEROS)) == count


@pytest.mark.parametrize(
    ("middle", "count"),
    [
        ((168, 60), 0),  # an a, say, before which it is an l
        ((220, 60), 1),  # far away
        ((105, 60), 1),  # in a digit that was read
    ],
)
def test_a_stroke_beside_the_number_is_a_letter_where_another_letter_stands(
    middle: tuple[int, int], count: int
) -> None:
    page, line = written((140, 33, 136, 77))
    ink = page.mask.astype(np.uint8)
    cv2.ellipse(ink, middle, (9, 16), 0, 0, 360, 1, 5)
    components, component_map = find_components(ink > 0)
    line = line._replace(components=tuple(components))
    page = replace(page, mask=ink > 0, component_map=component_map, inked=ink > 0)
    assert len(unread_ones(page, line, ZEROS)) == count


def test_a_one_that_was_read_and_a_stroke_of_another_pen_stay_as_they_are() -> None:
    page, line = written((140, 33, 136, 77))
    assert not unread_ones(page, line, (*ZEROS, Box(133, 30, 143, 80)))
    page, line = written((140, 33, 136, 77), pen=1)
    assert not unread_ones(page, line, ZEROS)


def test_the_side_of_a_box_is_no_one_though_its_lines_were_taken_out() -> None:
    """Boxes of digits may reach from line to line, as their sides do."""
    page, line = written((80, 32, 80, 78))
    assert len(unread_ones(page, line, ZEROS)) == 1
    inked = page.mask.copy()
    inked[[31, 32, 77, 78], 35:125] = True
    assert not unread_ones(replace(page, inked=inked), line, ZEROS)


@pytest.mark.parametrize(("dark", "count"), [(255, 1), (120, 0)])
def test_a_stroke_far_paler_than_the_digits_is_the_side_of_a_box(
    dark: int, count: int
) -> None:
    """What else is left of boxes may be half of a line's ink."""
    page, line = written((80, 33, 80, 77))
    frame = np.zeros(page.mask.shape, np.uint8)
    for box in ZEROS:
        cv2.rectangle(frame, (box.left, box.top), (box.right, box.bottom), 1, 2)
    pale = np.where(page.mask, page.dark, 100 * frame).astype(np.uint8)
    pale[:, 75:86] = np.where(page.mask[:, 75:86], dark, 0)
    page = replace(page, dark=pale, mask=page.mask | (frame > 0))
    assert len(unread_ones(page, line, ZEROS)) == count


def test_a_one_in_the_place_of_the_digit_beside_it_was_not_read() -> None:
    page, line = written((132, 33, 130, 77))
    assert len(unread_ones(page, line, (ZEROS[0], Box(90, 30, 136, 80)))) == 1


def test_the_leaning_stem_of_a_four_is_no_one() -> None:
    """Its box is in that of the next digit, too, which is more like it."""
    page, line = written((164, 35, 146, 77), (178, 35, 162, 77))
    four, one = Box(125, 30, 157, 80), Box(156, 30, 176, 80)
    assert not unread_ones(page, line, (*ZEROS, four, one))


def test_a_one_is_put_among_the_digits_and_the_line_is_no_surer() -> None:
    page, line = written((80, 33, 80, 77))
    sure = np.full((2, 10), 0.01)
    sure[:, 0] = 0.91
    none = np.zeros(2)
    found = LineDigits((0, 0), ZEROS, sure, none, 0.97, 0.97, upright=none)
    read = with_unread_ones(found, page, line)
    assert read.digits == (0, 1, 0)
    assert read.upright.shape == (3,)
    assert read.boxes[1].left in range(75, 80)
    assert read.probabilities[1].argmax() == 1
    assert read.probabilities.sum(axis=1) == pytest.approx(1)
    assert read.confidence < 0.9
    ones = [(at, 33, at, 77) for at in (80, 130, 150)]
    page, line = written(*ones)
    assert with_unread_ones(found, page, line) is found  # these are rules
