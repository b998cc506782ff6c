from itertools import combinations
from math import atan, degrees
from statistics import median

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.box import Box
from mnistry.scan.page.ink.components import (
    Component,
    find_components,
    tall_height,
    typical_height,
)
from mnistry.scan.page.layout import lines
from mnistry.scan.page.prepare import prepare
from mnistry.scan.page.rules import deskew
from mnistry.scan.page.rules.rule_lines import find_rule_lines
from mnistry.scan.page.strip import STRIP, cut_strip, strip_matrix


def rows_of_bars(tops: tuple[int, ...], count: int = 6) -> np.ndarray:
    mask = np.zeros((220, 300), bool)
    for top in tops:
        for number in range(count):
            mask[top : top + 30, 20 + 40 * number : 30 + 40 * number] = True
    return mask


def test_lines_come_from_top_to_bottom_with_their_bands() -> None:
    components, component_map = find_components(rows_of_bars((20, 90, 160)))
    found = lines.find_lines(components)
    assert [line.band for line in found] == [(20, 50), (90, 120), (160, 190)]
    assert all(len(line.components) == 6 for line in found)
    assert found[0].box == Box(20, 20, 230, 50)
    assert component_map.max() == 18


def test_a_comma_belongs_to_its_line_and_a_speck_does_not_make_one() -> None:
    mask = rows_of_bars((20,))
    mask[48:56, 33:37] = True
    mask[200:203, 290:293] = True
    found = lines.find_lines(find_components(mask)[0])
    assert len(found) == 1
    assert len(found[0].components) == 7
    assert found[0].band == (20, 50)


def test_an_underline_does_not_make_digits_tall() -> None:
    digit = Component(Box(0, 0, 18, 30), 130, 1)
    underline = Component(Box(0, 40, 90, 46), 480, 2)
    assert typical_height([digit, underline]) == 30


def test_what_is_low_goes_on_with_what_is_near_also_beside_tall_digits() -> None:
    speck = Box(40, 161, 74, 195)
    number = (240, 138), (283, 138), (310, 140), (336, 155)
    low = [speck, *(Box(left, top, left + 20, top + 34) for left, top in number)]
    tall = [Box(left, 300, left + 70, 420) for left in range(200, 600, 90)]
    components = [Component(box, 9 * box.height, 0) for box in [*low, *tall]]
    found = lines.find_lines(components)
    assert sorted(len(line.components) for line in found) == [1, 4, 5]


def ink(*spans: tuple[int, int]) -> list[Component]:
    """Ink 30 pixels tall, from one column to another each."""
    return [
        Component(Box(left, 0, right, 30), 200, number)
        for number, (left, right) in enumerate(spans)
    ]


def test_a_digit_goes_on_with_a_digit_and_not_with_the_low_print_before_it() -> None:
    letters = [Box(left, 118, left + 16, 138) for left in range(0, 120, 20)]
    first = Box(180, 95, 218, 147)  # letters are less than ALIKE of its height ...
    others = [Box(left, 99, left + 32, 147) for left in (233, 283, 333)]  # not of these
    above = [Box(left, 9, left + 32, 57) for left in range(180, 480, 50)]
    boxes = [*letters, first, *others, *above]
    components = [Component(box, 200, at) for at, box in enumerate(boxes, 1)]
    found = lines.find_lines(components)
    assert [first, *others] in [[of.box for of in line.components] for line in found]


def test_numbers_whose_digits_touch_are_parted_at_the_gap_between_them() -> None:
    two_and_one = ink((0, 20), (24, 44), (100, 120))
    touching = ink((0, 40), (100, 145))
    for components in (two_and_one, touching):
        assert len(lines.find_lines(components)) == 2


def test_digits_far_apart_are_one_number_if_all_are() -> None:
    for spans in (((0, 20), (70, 90)), ((0, 20), (70, 90), (142, 162))):
        assert len(lines.find_lines(ink(*spans))) == 1


def test_an_upright_rule_parts_numbers_unless_each_gap_has_one() -> None:
    rules = np.zeros((30, 200), bool)
    rules[:, 62:64] = True
    cells = ink((0, 20), (24, 44), (76, 96), (100, 120))
    assert len(lines.find_lines(cells)) == 1
    assert len(lines.find_lines(cells, rules)) == 2
    rules[10:] = False  # a stain, and no rule
    assert len(lines.find_lines(cells, rules)) == 1
    rules[:, 30::40] = True
    boxes = ink((0, 20), (40, 60), (80, 100), (120, 140))
    assert len(lines.find_lines(boxes, rules)) == 1


@pytest.mark.parametrize(("tall", "height"), [(10, 10), (60, 14)])
def test_where_many_letters_are_tall_digits_are_as_tall(tall: int, height: int) -> None:
    heights = [10] * 100 + [14] * tall
    letters = [
        Component(Box(0, 0, 8, high), 40, number) for number, high in enumerate(heights)
    ]
    assert tall_height(letters) == height


def test_nothing_has_no_lines() -> None:
    assert lines.find_lines([]) == []
    assert lines.main_line([]) is None


def test_the_main_line_has_the_most_ink() -> None:
    mask = rows_of_bars((20,), 2) | rows_of_bars((120,), 6)
    found = lines.find_lines(find_components(mask)[0])
    main = lines.main_line(found)
    assert main is not None
    assert main.band == (120, 150)


@pytest.mark.parametrize("top", [20, 100])
def test_digits_of_a_strip_fill_its_core(top: int) -> None:
    mask = rows_of_bars((top,))
    matrix, width = strip_matrix(0, 300, (top, top + 30))
    strip = cut_strip(mask.astype(np.uint8) * 255, matrix, width)
    inked = np.flatnonzero((strip > 127).any(axis=1))
    assert strip.shape == (STRIP.rows, width)
    assert width % 4 == 0
    assert abs(inked[0] - STRIP.margin) <= 1
    assert abs(inked[-1] + 1 - (STRIP.rows - STRIP.margin)) <= 1


@pytest.mark.parametrize("angle", [-12.0, -4.0, 5.0, 15.0])
def test_a_turned_line_is_found_askew_and_made_level(angle: float) -> None:
    paper = np.full((400, 400, 3), 255, np.uint8)
    for left in range(80, 320, 36):
        paper[185:215, left : left + 8] = 0
    turned, _ = deskew.level(paper, -angle)
    components, _ = find_components(turned[:, :, 0] < 128)
    skew = deskew.skew_of(lines.find_lines(components))
    assert skew == pytest.approx(angle, abs=1.0)
    upright, _ = deskew.level(turned, skew or 0.0)
    components, _ = find_components(upright[:, :, 0] < 128)
    assert abs(deskew.skew_of(lines.find_lines(components)) or 0.0) < 1.0


@pytest.mark.parametrize("corner", [-70.0, 70.0])
def test_squares_seen_aslant_become_upright(corner: float) -> None:
    paper = np.full((600, 600), 255, np.uint8)
    for at in range(20, 600, 40):
        cv2.line(paper, (at, 0), (at, 599), 0, 2)
        cv2.line(paper, (0, at), (599, at), 0, 2)
    aslant = np.array([[1, corner / 600, 0], [0.08, 1, 0]])
    seen = cv2.warpAffine(paper, aslant, (600, 600), borderMode=cv2.BORDER_REPLICATE)
    angle = deskew.skew_of_rules(find_rule_lines(seen)) or 0.0
    upright = find_rule_lines(seen, upright=True)
    lean = (deskew.skew_of_rules(upright) or -angle) + angle
    level, _ = deskew.level(seen, angle, lean)
    for is_upright, most in ((False, 0.5), (True, 0.7)):
        found = find_rule_lines(level, upright=is_upright)
        assert deskew.skew_of_rules(found) == pytest.approx(0, abs=most)


def test_squares_whose_upright_rules_alone_lean_leave_nothing() -> None:
    paper = np.full((600, 800), 255, np.uint8)
    for at in range(20, 900, 60):
        cv2.line(paper, (at, 0), (at - 70, 599), 90, 3)
        cv2.line(paper, (0, at), (799, at), 90, 3)
    cv2.ellipse(paper, (410, 310), (20, 35), 0, 0, 360, 20, 7)
    (page, *_) = prepare(paper)
    assert [len(line.components) for line in page.lines] == [1]


def test_points_find_the_way_back() -> None:
    picture = np.zeros((50, 80, 3), np.uint8)
    picture[30, 60] = 255
    turned, back = deskew.level(picture, 10.0, 4.0)
    row, column = np.unravel_index(turned[:, :, 0].argmax(), turned.shape[:2])
    point = (back @ [column, row, 1])[:2]
    assert np.allclose(point, [60, 30], atol=1.0)


def test_few_digits_tell_no_direction() -> None:
    found = lines.find_lines(find_components(rows_of_bars((20,), 2))[0])
    assert deskew.skew_of(found) is None


@pytest.mark.parametrize("angle", [-25.0, -12.0, 0.0, 3.0, 18.0, 26.0])
def test_joined_digits_are_level_though_they_form_no_line(angle: float) -> None:
    paper = np.full((300, 600), 255, np.uint8)
    for left, right in ((150, 280), (300, 330), (350, 450)):  # two of them are joined
        cv2.rectangle(paper, (left, 130), (right, 170), 0, 6)
    turned, _ = deskew.level(paper, -angle)
    (page, *_) = prepare(turned)
    drift = 100 * abs(page.back[1, 0]) if page.back is not None else 0.0
    wanted = (
        angle if abs(angle) > 10 else 0.0
    )  # nearly level digits are read as they are
    assert drift == pytest.approx(100 * abs(np.sin(np.radians(wanted))), abs=4.0)


def test_ink_that_is_no_long_line_tells_no_direction() -> None:
    picture = np.zeros((200, 200), bool)
    picture[50:150, 50:150] = np.tri(100, dtype=bool)  # lower if it is turned
    assert deskew.skew_of_ink(picture) == 0.0
    assert deskew.skew_of_ink(np.zeros((20, 30), bool)) == 0.0


def test_two_things_apart_are_no_long_line() -> None:
    picture = np.zeros((600, 900), bool)
    picture[400:440, 300:380] = picture[20:200, 700:860] = True
    assert deskew.skew_of_ink(picture) == 0.0


def test_a_strip_is_the_same_however_much_paper_is_above_and_below() -> None:
    generator = np.random.default_rng(0)
    part = np.zeros((120, 200), np.uint8)
    part[30:90] = cv2.GaussianBlur(
        generator.integers(0, 256, (60, 200)) * 1.0, (0, 0), 3
    )
    page = np.pad(part, ((300, 250), (0, 0)))
    matrix, width = strip_matrix(10.0, 190.0, (20.0, 100.0))
    matrix[0, 1] = 0.2 * matrix[0, 0]  # it leans
    lower = matrix.copy()
    lower[:, 2] -= matrix[:, 1] * 300
    here = cut_strip(part, matrix, width)
    there = cut_strip(page, lower, width)
    assert np.abs(here.astype(int) - there.astype(int)).max() <= 2  # of rounding


@given(
    boxes=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 60)), min_size=3, max_size=12
    )
)
def test_the_skew_is_the_median_of_the_slopes_of_far_pairs(
    boxes: list[tuple[int, int]],
) -> None:
    parts = [
        Component(Box(x, y, x + 20, y + 30), 300, number)
        for number, (x, y) in enumerate(sorted(boxes), 1)
    ]
    pairs = list(combinations(sorted(boxes), 2))
    most = max(two[0] - one[0] for one, two in pairs)
    slopes = [
        (two[1] - one[1]) / (two[0] - one[0])
        for one, two in pairs
        if two[0] - one[0] > most / 2
    ]
    slope = median(slopes) if most >= 60 else 0.0
    steep = abs(slope) * most > deskew.DRIFT * 30
    found = deskew.skew_of([lines.Line(tuple(parts), (0.0, 30.0))])
    assert (found is None) == (most < 60)
    assert (found or 0.0) == pytest.approx(degrees(atan(slope)) if steep else 0.0)
