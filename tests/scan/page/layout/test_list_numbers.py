"""The number of a list is apart from its entry; amounts and dates are whole."""

import pytest

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout import lines

HEIGHT = 30


def row(text: str, *, wide: int, digit: int = 5) -> list[int]:
    """Find lines in digits and points; a space is `wide`. How many digits each has."""
    left = 20
    ink: list[Component] = []
    for sign in text:
        if sign == " ":
            left += wide - digit
            continue
        width, top = (4, HEIGHT - 3) if sign == "." else (18, 0)
        box = Box(left, 40 + top, left + width, 40 + HEIGHT)
        ink.append(Component(box, width * box.height, len(ink) + 1))
        left += width + digit
    return [len(line.tall) for line in lines.find_lines(ink)]


@pytest.mark.parametrize(
    ("text", "digits"), [("1. 30", [1, 2]), ("12. 3", [2, 1]), ("7. 12.50", [1, 4])]
)
def test_the_number_of_a_list_is_apart(text: str, digits: list[int]) -> None:
    assert row(text, wide=36) == digits


@pytest.mark.parametrize("text", ["1. 30", "1 234.50", "12. 5. 2026"])
def test_a_space_after_a_point_as_hands_leave_it_parts_nothing(text: str) -> None:
    assert len(row(text, wide=24)) == 1


@pytest.mark.parametrize("text", ["12. 5. 2026", "1234. 50", "1 30"])
def test_wider_ones_part_no_dates_no_amounts_and_nothing_without_a_point(
    text: str,
) -> None:
    assert len(row(text, wide=36)) == 1


def test_wide_hands_leave_as_much_room_between_digits() -> None:
    assert row("1. 30", wide=36, digit=20) == [3]
