import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnistry.scan.envelope import Alphabet
from mnistry.scan.frame import stack_frames, to_frame

blots = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(3, 40), st.integers(3, 40)),
    elements=st.sampled_from([0, 0, 40, 255]),
)


def enlarged(image: np.ndarray, times: int) -> np.ndarray:
    return image.repeat(times, axis=0).repeat(times, axis=1)


@pytest.mark.parametrize("times", [1, 2, 4, 5])
def test_a_framed_digit_enlarged_and_framed_lands_where_it_was(
    alphabet: Alphabet, times: int
) -> None:
    for image in alphabet.images:
        again = to_frame(enlarged(image, times), faintest=1)
        assert np.abs(again.astype(int) - image).max() <= 1


@pytest.mark.parametrize("margins", [((0, 0), (0, 0)), ((13, 5), (30, 2))])
def test_where_it_stood_on_the_paper_does_not_matter(
    alphabet: Alphabet, margins: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    image = alphabet.images[12]
    moved = np.pad(enlarged(image, 4), margins)
    assert np.array_equal(to_frame(moved), to_frame(enlarged(image, 4)))


@given(blots)
@settings(max_examples=60, deadline=None)
def test_the_mass_lies_at_the_centre_and_the_strongest_is_255(blot: np.ndarray) -> None:
    framed = to_frame(blot)
    assert framed.shape == (28, 28)
    if not (blot >= 8).any():
        assert not framed.any()
        return
    assert framed.max() == 255
    inked = np.nonzero(framed)
    if max(np.ptp(axis) for axis in inked) + 1 == 20:  # else ink was clipped
        rows, columns = np.mgrid[:28, :28] + 0.5
        for axis in (rows, columns):
            centre = (axis * framed).sum() / framed.sum()
            assert 13.5 < centre < 15.5


@given(st.integers(20, 90), st.integers(3, 90))
@settings(max_examples=40, deadline=None)
def test_the_longer_side_fills_twenty_pixels(height: int, width: int) -> None:
    framed = to_frame(np.full((height, width), 255, np.uint8))
    rows, columns = np.nonzero(framed)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20


def test_specks_are_widened_to_ten_pixels() -> None:
    framed = to_frame(np.full((2, 2), 255, np.uint8))
    rows, _ = np.nonzero(framed)
    assert np.ptp(rows) + 1 <= 5  # 2 of 10 pixels become 4 of 20


def test_no_ink_gives_an_empty_image() -> None:
    assert not to_frame(np.zeros((9, 9), np.uint8)).any()
    assert stack_frames([]).shape == (0, 28, 28)
