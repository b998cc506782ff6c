"""What may be looked at, and how it is laid out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.look.grid import check, default_columns, titles_of


def blank(count: int) -> Digits:
    return Digits(
        np.zeros((count, 28, 28), np.uint8), (np.arange(count) % 10).astype(np.uint8)
    )


@given(st.integers(1, 1_000))
def test_a_grid_is_about_square_and_holds_all(count: int) -> None:
    columns = default_columns(count)
    rows = -(-count // columns)
    assert columns * rows >= count > columns * (rows - 1)
    assert 0 <= columns - rows <= 1


def test_nothing_is_not_to_be_looked_at() -> None:
    with pytest.raises(
        UsageError, match="there are 0 digits to look at; expected 1 to"
    ):
        check(blank(0), None)


def test_too_many_are_not_drawn() -> None:
    with pytest.raises(UsageError, match=r"1,001 digits .* such as digits\[:9\]"):
        check(blank(1001), None)


def test_no_columns_are_an_error() -> None:
    with pytest.raises(UsageError, match="columns is 0; expected 1 or more"):
        check(blank(1), 0)


def test_there_are_no_more_columns_than_digits() -> None:
    assert check(blank(3), 30) == 3


def test_titles_are_labels_or_what_they_stand_for() -> None:
    digits = blank(3)
    assert titles_of(digits, None) == ["0", "1", "2"]
    named = Digits(digits.images, digits.labels, classes=("shirt", "shoe"))
    assert titles_of(named, None) == ["shirt", "shoe", "2"]
    assert titles_of(named, ["a", "b", "c"]) == ["a", "b", "c"]


def test_titles_for_other_digits_are_an_error() -> None:
    with pytest.raises(
        UsageError, match="2 titles for 3 digits; expected one for each"
    ):
        titles_of(blank(3), ["a", "b"])


def test_images_alone_are_no_digits() -> None:
    with pytest.raises(UsageError, match="digits are ndarray; expected Digits"):
        check(np.zeros((9, 28, 28), np.uint8), None)  # type: ignore[arg-type]
