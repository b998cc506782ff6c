"""Charts: ticks are round, points are where they belong."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    axis,
    chart,
    ticks,
    whole_axis,
)

numbers = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(numbers, numbers, st.integers(2, 8))
def test_ticks_are_few_evenly_spaced_and_within(
    one: float, other: float, most: int
) -> None:
    low, high = sorted((one, other))
    marks = ticks(low, high, most)
    assert len(marks) <= most + 1
    slack = 1e-6 * max(abs(low), abs(high))
    assert all(low - slack <= mark <= high + slack for mark in marks)
    if len(marks) > 2:
        steps = [b - a for a, b in pairwise(marks)]
        assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-3)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=30))
def test_points_lie_within_the_frame(points: list[tuple[float, float]]) -> None:
    made = chart(
        {"line": points}, axis(x for x, _ in points), axis(y for _, y in points)
    )
    for x, y in made["lines"][0]["ends"]:
        assert made["left"] <= x <= made["right"]
        assert made["top"] <= y <= made["bottom"]


def test_a_point_is_scaled_and_up_is_more() -> None:
    made = chart({"a": [(0, 0), (1, 1), (0.5, 0.5)]}, axis([0, 1]), axis([0, 1]))
    (left, bottom), (right, top), (middle, half) = made["lines"][0]["ends"]
    assert (left, bottom) == (LEFT, HEIGHT - BOTTOM)
    assert (right, top) == (WIDTH - 14, TOP)
    assert middle == pytest.approx((left + right) / 2, abs=0.1)
    assert half == pytest.approx((bottom + top) / 2, abs=0.1)


def test_shares_are_written_as_percent() -> None:
    assert [words for _, words in axis([0.97, 1], percent=True, most=3).ticks] == [
        "97 %",
        "98 %",
        "99 %",
        "100 %",
    ]


def test_epochs_have_no_halves() -> None:
    assert [words for _, words in whole_axis([1, 2, 3]).ticks] == ["1", "2", "3"]


def test_a_line_that_never_moves_has_a_tick() -> None:
    assert axis([3, 3]).ticks == [(3, "3")]
