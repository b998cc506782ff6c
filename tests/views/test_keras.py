"""The arrays that Keras' load_data gives."""

from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.views.keras import from_keras, to_keras


def test_arrays_may_be_written_and_digits_stay() -> None:
    digits = Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 2], np.uint8))
    x, y = to_keras(digits)
    x += 1
    y += 1
    assert digits == Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 2], np.uint8))


@pytest.mark.parametrize("shape", [(2, 28, 28, 1), (2, 1, 28, 28), (2, 28, 28)])
def test_a_channel_axis_and_other_dtypes_are_taken(shape: tuple[int, ...]) -> None:
    x, y = np.full(shape, 255.0), np.array([[7], [2]], np.int64)
    assert from_keras((x, y)) == Digits(
        np.full((2, 28, 28), 255, np.uint8), np.array([7, 2], np.uint8)
    )


def test_both_splits_at_once_are_refused() -> None:
    digits = Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 2], np.uint8))
    pair = to_keras(digits)
    both = (pair, pair)  # as load_data gives them
    wrong: list[Any] = [both, (*pair, 3), digits.images, None]
    for several in wrong:
        with pytest.raises(ShapeError, match=r"the two arrays \(x, y\) of one split"):
            from_keras(several)
