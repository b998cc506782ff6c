import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.learn.augment import augment
from mnistry.recipes import Recipe

EVERYTHING = Recipe(
    rotation_degrees=15,
    scaling=0.2,
    shear=0.2,
    shift_pixels=2,
    elastic_pixels=1,
    stroke=0.5,
)


def blobs(count: int = 5, rows: int = 28, columns: int = 28) -> Images:
    """A round blob in the middle of paper, of another radius in each image."""
    y, x = np.mgrid[:rows, :columns]
    distance = np.hypot(y - (rows - 1) / 2, x - (columns - 1) / 2)
    radii = np.linspace(3, 6, count)[:, None, None]
    images: Images = (255 * (radii - distance).clip(0, 1)).astype(np.uint8)
    return images


def middles(images: Images) -> NDArray[np.float64]:
    ink = images.astype(float)
    y, x = np.mgrid[: images.shape[1], : images.shape[2]]
    moments = np.stack([(ink * y).sum((1, 2)), (ink * x).sum((1, 2))])
    return np.asarray(moments / ink.sum((1, 2)), np.float64)


@given(
    st.integers(0, 5),
    st.integers(2, 40),
    st.integers(2, 40),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=30)
def test_shape_and_dtype_stay_and_the_originals_are_not_touched(
    count: int, rows: int, columns: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, rows, columns)).astype(np.uint8)
    before = images.copy()
    images.flags.writeable = False
    bent = augment(images, EVERYTHING, rng)
    assert bent.shape == images.shape
    assert bent.dtype == np.uint8
    np.testing.assert_array_equal(images, before)


def test_where_nothing_is_allowed_nothing_happens() -> None:
    images = blobs()
    assert augment(images, Recipe(), np.random.default_rng(0)) is images


@pytest.mark.parametrize(
    "name", ["rotation_degrees", "scaling", "shear", "elastic_pixels", "shift_pixels"]
)
def test_hardly_anything_allowed_hardly_changes_a_pixel(name: str) -> None:
    images = np.random.default_rng(1).integers(0, 256, (4, 28, 20)).astype(np.uint8)
    bent = augment(images, Recipe().changed(**{name: 1e-6}), np.random.default_rng(0))
    np.testing.assert_array_equal(bent, images)


def test_the_seed_alone_decides() -> None:
    images = blobs()
    once, again, other = (
        augment(images, EVERYTHING, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()


def test_a_shift_moves_the_middle_by_up_to_so_many_pixels_and_parts_of_them() -> None:
    images = np.repeat(blobs(1), 400, axis=0)
    bent = augment(images, Recipe(shift_pixels=3), np.random.default_rng(0))
    moved = middles(bent) - middles(images)
    assert np.abs(moved).max() <= 3.01
    assert np.abs(moved).max() > 2.9
    assert np.std(moved) == pytest.approx(3 / np.sqrt(3), rel=0.1)  # of even chances
    np.testing.assert_allclose(bent.sum((1, 2)), images.sum((1, 2)), rtol=0.02)


def test_a_turn_is_the_one_of_a_slow_loop() -> None:
    images = np.random.default_rng(3).integers(0, 256, (1, 11, 11)).astype(np.uint8)
    recipe = Recipe(rotation_degrees=90)
    bent = augment(images, recipe, np.random.default_rng(0))
    angle = np.random.default_rng(0).uniform(-np.pi / 2, np.pi / 2)
    for row in range(11):
        for column in range(11):
            y, x = row - 5, column - 5
            from_x = np.cos(angle) * x - np.sin(angle) * y + 5
            from_y = np.sin(angle) * x + np.cos(angle) * y + 5
            wanted = between(images[0], from_y, from_x)
            assert abs(float(bent[0, row, column]) - wanted) <= 1


def between(image: NDArray[np.uint8], y: float, x: float) -> float:
    """The ink at a place between pixels; outside is paper."""
    top, left = int(np.floor(y)), int(np.floor(x))
    total = 0.0
    for row in (top, top + 1):
        for column in (left, left + 1):
            if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
                share = (1 - abs(y - row)) * (1 - abs(x - column))
                total += share * float(image[row, column])
    return total


def test_elastic_pixels_are_what_a_pixel_moves_on_the_whole() -> None:
    ramp = np.broadcast_to(np.arange(28, dtype=np.uint8) * 9, (300, 28, 28))
    bent = augment(
        np.ascontiguousarray(ramp), Recipe(elastic_pixels=1), np.random.default_rng(0)
    )
    inner = (slice(None), slice(6, 22), slice(6, 22))
    moved = (bent[inner].astype(float) - ramp[inner]) / 9
    assert np.sqrt((moved**2).mean()) == pytest.approx(1, rel=0.1)


def test_a_stroke_thickens_and_thins_within_its_neighbours() -> None:
    images = blobs(40)
    bent = augment(images, Recipe(stroke=1), np.random.default_rng(0)).astype(int)
    around = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(int)
    beside = [
        around[:, 1 + down : 29 + down, 1 + right : 29 + right]
        for down, right in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    assert (bent <= np.max(beside, axis=0)).all()
    assert (bent >= np.min(beside, axis=0)).all()
    ink = bent.sum((1, 2)) - images.astype(int).sum((1, 2))
    assert (ink > 0).any()
    assert (ink < 0).any()


def test_the_random_numbers_of_others_are_left_alone() -> None:
    before = torch.get_rng_state()
    augment(blobs(), EVERYTHING, np.random.default_rng(0))
    assert torch.equal(before, torch.get_rng_state())
