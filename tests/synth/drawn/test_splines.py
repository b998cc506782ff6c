"""The rows of glyphs and the matrices made of them."""

import numpy as np

from mnistry.synth.drawn.glyphs import ALLOGRAPHS
from mnistry.synth.drawn.splines import DOTS, build_allographs, parse_strokes


def test_the_rows_are_ordered_by_digit_and_cover_all_ten() -> None:
    digits = [digit for digit, _, _ in ALLOGRAPHS]
    assert digits == sorted(digits)
    assert set(digits) == set(range(10))


def test_every_stroke_has_at_least_two_points_and_every_way_a_weight() -> None:
    for _, weight, text in ALLOGRAPHS:
        assert weight > 0
        assert all(len(stroke) >= 2 for stroke in parse_strokes(text))


def test_the_chances_of_a_digits_ways_add_up_to_one() -> None:
    allographs = build_allographs()
    for digit in range(10):
        mine = slice(allographs.first[digit], allographs.first[digit + 1])
        assert np.isclose(allographs.chance[mine].sum(), 1)


def test_every_dot_is_a_mean_of_points_so_that_a_moved_way_is_the_same_way() -> None:
    allographs = build_allographs()
    for matrix in (allographs.straight, allographs.smooth, allographs.lazy):
        np.testing.assert_allclose(matrix.sum(2), 1, atol=1e-5)


def test_a_straight_stroke_is_straight_in_all_three_mixtures() -> None:
    allographs = build_allographs([(0, 1, "0,0 0,10 0,20")])
    expected = (np.arange(DOTS) + 0.5) / DOTS * 2 - 1
    for matrix in (allographs.straight, allographs.smooth, allographs.lazy):
        dots = matrix[0] @ allographs.points[0]
        np.testing.assert_allclose(dots[:, 0], 0, atol=1e-5)
        np.testing.assert_allclose(dots[:, 1], expected, atol=1e-5)


def test_a_smooth_stroke_goes_through_its_points_and_turns_at_corners_only() -> None:
    row = [(0, 1, "0,0 10,10! 20,0"), (1, 1, "0,0 10,10 20,0")]
    corner, curve = (
        matrix @ points
        for matrix, points in zip(
            build_allographs(row).smooth, build_allographs(row).points, strict=True
        )
    )
    for dots in (corner, curve):
        assert np.hypot(dots[:, 0], dots[:, 1] - 0.5).min() < 0.02

    def sharpest(dots: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> float:
        steps = np.diff(dots, axis=0)
        angles = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        return float(np.abs(np.diff(angles)).max())

    assert sharpest(corner) > 0.7
    assert sharpest(curve) < 0.2


def test_dots_lie_closer_than_the_thinnest_pen_is_wide() -> None:
    allographs = build_allographs()
    for number in range(len(ALLOGRAPHS)):
        dots = allographs.smooth[number] @ allographs.points[number] * 10
        joined = np.diff(allographs.stroke_of_dot[number]) == 0
        gaps = np.hypot(*np.diff(dots, axis=0).T)[joined]
        assert gaps.max() < 1.1
