import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnistry
from mnistry.arrays import as_images
from mnistry.errors import ShapeError


@given(st.lists(st.integers(0, 9), max_size=20))
def test_the_place_of_the_one_is_the_label(labels: list[int]) -> None:
    rows = mnistry.one_hot(labels)
    assert rows.shape == (len(labels), 10)
    assert rows.dtype == np.float32
    assert rows.sum() == len(labels)
    assert rows.argmax(axis=1).tolist() == labels


def test_a_label_beyond_the_classes_is_refused() -> None:
    with pytest.raises(
        ShapeError, match="a label 12; expected 0 to 9. Pass classes=13"
    ):
        mnistry.one_hot([12])


def test_a_single_label_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"labels have shape \(\); expected \(1,\)"):
        mnistry.one_hot(7)


@pytest.mark.parametrize("shape", [(0, 0, 28), (5, 28, 0), (5, 0, 0)])
def test_images_without_pixels_are_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ShapeError, match="which is no pixel each; expected 1 or more"):
        as_images(np.zeros(shape, np.uint8))


def test_digits_in_place_of_images_are_named(toy: mnistry.Digits) -> None:
    with pytest.raises(ShapeError, match=r"these are Digits, not images; .* \.images"):
        as_images(toy)
