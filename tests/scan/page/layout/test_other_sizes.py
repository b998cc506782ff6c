"""Numbers of different sizes side by side are two; digits of one hand are one."""

import pytest

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout import lines


def row(*heights: int, wide: int = 30, at: int = 0) -> list[int]:
    """Find lines in digits of these heights; one begins `wide` after the others.

    How many digits each line has.
    """
    left = 20
    ink: list[Component] = []
    for number, height in enumerate(heights):
        left += wide if number == at and at else 5
        box = Box(left, 100 - height, left + height // 2, 100)
        ink.append(Component(box, box.width * height, number + 1))
        left = box.right
    return [len(line.components) for line in lines.find_lines(ink)]


@pytest.mark.parametrize(
    ("heights", "at"),
    [
        ((40, 42, 38, 22, 20, 23), 3),
        ((22, 20, 40, 42, 38), 2),
        ((40, 42, 20, 22, 23, 21), 2),
    ],
)
def test_numbers_of_different_sizes_are_two(heights: tuple[int, ...], at: int) -> None:
    assert sorted(row(*heights, at=at)) == sorted([at, len(heights) - at])


@pytest.mark.parametrize(
    ("heights", "at"),
    [
        ((40, 42, 38, 22, 20), 3),  # cents
        ((40, 42, 38, 36, 39, 42), 3),
        ((40, 42, 38, 20, 23, 41), 3),  # one is as tall
        ((40, 20, 22, 21), 1),  # the first alone is taller
    ],
)
def test_cents_and_digits_of_an_uneven_hand_stay(
    heights: tuple[int, ...], at: int
) -> None:
    assert row(*heights, at=at) == [len(heights)]


def test_a_gap_as_between_other_digits_parts_nothing() -> None:
    assert row(40, 42, 38, 22, 20, 23, at=3, wide=9) == [6]
