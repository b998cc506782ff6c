import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.arrays import Images
from mnistry.augment import affine, shift
from mnistry.errors import UsageError


def noise(count: int, rows: int = 9, columns: int = 7) -> Images:
    generator = np.random.default_rng(count)
    return generator.integers(1, 256, (count, rows, columns), np.uint8)


@given(count=st.integers(0, 20), most=st.integers(0, 9), seed=st.integers(0, 9))
def test_a_shift_is_what_a_slow_one_does(count: int, most: int, seed: int) -> None:
    images = noise(count)
    moves = np.random.default_rng(seed).integers(0, 2 * most + 1, (count, 2)) - most
    slow = np.zeros_like(images)
    for image, moved, (down, right) in zip(images, slow, moves, strict=True):
        for row, column in np.ndindex(image.shape):
            y, x = row + down, column + right
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                moved[row, column] = image[y, x]
    fast = shift(images, np.random.default_rng(seed), most_pixels=most)
    np.testing.assert_array_equal(fast, slow)


def test_every_shift_comes_equally_often() -> None:
    images = np.zeros((9000, 5, 5), np.uint8)
    images[:, 2, 2] = 255
    moved = shift(images, np.random.default_rng(0), most_pixels=1)
    counts = (moved == 255).sum(0)[1:4, 1:4]
    assert counts.sum() == 9000
    # each is binomial with mean 1000 and deviation 30; five deviations are enough
    assert abs(counts - 1000).max() < 150


def slow_affine(images: Images, drawn: np.ndarray) -> Images:
    """What `affine` says, pixel by pixel."""
    count, rows, columns = images.shape
    made = np.zeros_like(images)
    middle_y, middle_x = (rows - 1) / 2, (columns - 1) / 2
    for n in range(count):
        degrees, tall, wide, shear, down, right = drawn[n]
        angle = math.radians(degrees)
        for row, column in np.ndindex(rows, columns):
            y, x = row - middle_y - down, column - middle_x - right
            turned_y = math.cos(angle) * y - math.sin(angle) * x
            turned_x = math.sin(angle) * y + math.cos(angle) * x
            from_y = turned_y / (1 + tall) + middle_y
            from_x = (turned_x + shear * turned_y) / (1 + wide) + middle_x
            top, left = math.floor(from_y), math.floor(from_x)
            ink = 0.0
            for at_y, at_x in np.ndindex(2, 2):
                weight = 1 - abs(from_y - top - at_y)
                weight *= 1 - abs(from_x - left - at_x)
                if 0 <= top + at_y < rows and 0 <= left + at_x < columns:
                    ink += weight * images[n, top + at_y, left + at_x]
            made[n, row, column] = int(ink + 0.5)
    return made


@settings(max_examples=20)
@given(seed=st.integers(0, 99), far=st.sampled_from([0.0, 0.5, 3.0, 30.0]))
def test_an_affine_is_what_a_slow_one_does(seed: int, far: float) -> None:
    images = noise(3)
    fast = affine(images, np.random.default_rng(seed), most_pixels=far)
    bounds = np.array([10, 0.1, 0.1, 0.1, far, far])
    drawn = (2 * np.random.default_rng(seed).random((3, 6)) - 1) * bounds
    slow = slow_affine(images, drawn)
    # float32 places: an error of 1e-5 pixels may turn a rounding, no more
    assert abs(fast.astype(int) - slow).max() <= 1


def test_an_affine_of_nothing_changes_nothing() -> None:
    images = noise(300)
    same = affine(
        images,
        np.random.default_rng(0),
        most_degrees=0,
        most_scaling=0,
        most_shear=0,
        most_pixels=0,
    )
    np.testing.assert_array_equal(same, images)


@pytest.mark.parametrize("augment", [shift, affine])
def test_no_images_and_read_only_ones_are_taken(augment: object) -> None:
    images = noise(2)
    images.flags.writeable = False
    for some in (images, images[:0]):
        moved = augment(some, np.random.default_rng(0))  # type: ignore[operator]
        assert moved.shape == some.shape
        assert moved.dtype == np.uint8
        moved += 1


def test_bounds_below_nought_are_refused() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(UsageError, match="most_pixels is -1; expected 0 or more"):
        shift(noise(1), generator, most_pixels=-1)
    with pytest.raises(UsageError, match=r"the bounds are \[10.0, 1.0, .*below 1"):
        affine(noise(1), generator, most_scaling=1)
