"""The frame: what QMNIST's authors found that MNIST's makers did."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnistry.frame import (
    BOX,
    SIDE,
    area_shares,
    centre_in_frame,
    stack_frames,
    to_frame,
)
from mnistry.synth.drawn import draw


def slow_frame(box: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey, centre of mass and move, pixel by pixel."""
    grey = [[round(float(v) / min(float(box.max()), 1) * 255) for v in r] for r in box]
    mass = sum(map(sum, grey))
    down = sum((y + 0.5) * v for y, row in enumerate(grey) for v in row) / mass
    across = sum((x + 0.5) * v for row in grey for x, v in enumerate(row)) / mass
    frame = np.zeros((SIDE, SIDE), np.uint8)
    for y, row in enumerate(grey):
        for x, value in enumerate(row):
            place = y + int(15 - down), x + int(15 - across)
            if 0 <= min(place) <= max(place) < SIDE:
                frame[place] = value
    return frame


@pytest.mark.parametrize("power", [1, 8, 40])
def test_centring_equals_its_slow_twin(power: int) -> None:
    rng = np.random.default_rng(power)
    # High powers leave few dark pixels, so that the mass lies off the middle.
    boxes = (rng.random((20, BOX, BOX)) ** power).astype(np.float32)
    boxes[:10, :, 4:] = 0
    for box, frame in zip(boxes, centre_in_frame(boxes), strict=True):
        np.testing.assert_array_equal(frame, slow_frame(box))


def test_ink_is_cut_off_where_its_mass_sits_in_a_corner() -> None:
    box = np.zeros((1, BOX, BOX), np.float32)
    box[0, :2, :2] = 1
    box[0, -1, -1] = 0.1
    frame = centre_in_frame(box)[0]
    assert frame[13:15, 13:15].tolist() == [[255, 255], [255, 255]]
    assert frame.sum() == 4 * 255


def test_a_drawn_digit_is_already_in_its_frame() -> None:
    images, _ = draw(200, seed=6)
    rows, columns = images.any(2).sum(1), images.any(1).sum(1)
    full = images[np.maximum(rows, columns) == BOX]
    assert len(full) > 150
    for image in full:
        np.testing.assert_array_equal(to_frame(image), image)


@settings(max_examples=25)
@given(st.integers(1, 4), st.integers(0, 30), st.integers(0, 30))
def test_size_and_place_on_the_paper_do_not_matter(
    scale: int, down: int, across: int
) -> None:
    image = draw(8)[0][7]
    large = np.kron(image, np.ones((scale, scale), np.uint8))
    paper = np.pad(large, ((down, across), (across, down)))
    difference = to_frame(paper).astype(int) - to_frame(image)
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("times", [2, 4, 5])
def test_an_enlarged_digit_lands_where_it_was(times: int) -> None:
    images, _ = draw(60, seed=9)
    large = images.repeat(times, axis=1).repeat(times, axis=2)
    difference = stack_frames(list(large)).astype(int) - stack_frames(list(images))
    assert np.abs(difference).max() <= 1


@given(st.integers(20, 90), st.integers(3, 90))
@settings(max_examples=40)
def test_the_longer_side_fills_the_box(height: int, width: int) -> None:
    rows, columns = np.nonzero(to_frame(np.full((height, width), 255, np.uint8)))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == BOX


def test_faint_ink_does_not_widen_the_box() -> None:
    picture = np.zeros((40, 40), np.uint8)
    picture[10:30, 18:22] = 200
    smudged = picture.copy()
    smudged[:, 0] = 7
    assert np.array_equal(to_frame(smudged, paper=7), to_frame(picture))
    assert not np.array_equal(to_frame(smudged), to_frame(picture))


def test_no_pictures_are_no_frames() -> None:
    assert stack_frames([]).shape == (0, SIDE, SIDE)


def test_paper_without_ink_gives_an_empty_frame() -> None:
    assert not to_frame(np.zeros((50, 40))).any()
    assert not centre_in_frame(np.zeros((1, BOX, BOX), np.float32)).any()


def test_a_small_dot_is_not_blown_up() -> None:
    picture = np.zeros((60, 60))
    picture[30:32, 30:32] = 1
    # Two pixels of ten are four of twenty.
    assert to_frame(picture).sum() == 16 * 255


@given(st.integers(1, 200), st.integers(1, 40))
def test_area_shares_keep_the_mean(size: int, target: int) -> None:
    shares = area_shares(size, target)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(shares.sum(0), target / size, rtol=1e-5)
