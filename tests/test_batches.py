import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry import Digits
from mnistry.arrays import MEAN, STANDARD_DEVIATION
from mnistry.augment import affine, shift
from mnistry.batches import normalise
from mnistry.errors import UsageError


def made(count: int) -> Digits:
    images = np.random.default_rng(count).integers(0, 256, (count, 4, 4), np.uint8)
    return Digits(images, (np.arange(count) % 10).astype(np.uint8))


@given(st.integers(0, 1200), st.integers(1, 700), st.booleans(), st.integers(0, 5))
def test_every_image_comes_once_with_its_label(
    count: int, batch_size: int, shuffle: bool, seed: int
) -> None:
    digits = made(count)
    parts = list(digits.batches(batch_size, shuffle=shuffle, seed=seed))
    sizes = [len(labels) for _, labels in parts]
    assert sum(sizes) == count
    assert all(size == batch_size for size in sizes[:-1])
    order = np.arange(count)
    if shuffle:
        order = np.random.default_rng(seed).permutation(count)
    if parts:
        images = np.concatenate([images for images, _ in parts])
        labels = np.concatenate([labels for _, labels in parts])
        assert np.array_equal(images, normalise(digits.images[order]))
        assert np.array_equal(labels, digits.labels[order])
        assert images.dtype == np.float32
        assert labels.dtype == np.int64


def test_a_pixel_becomes_what_the_formula_says() -> None:
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    for dtype in (np.float16, np.float32, np.float64):
        batch = normalise(images, dtype)
        slow = [(pixel / 255 - MEAN) / STANDARD_DEVIATION for pixel in range(256)]
        assert batch.dtype == dtype
        assert batch.shape == (1, 1, 16, 16)
        tolerance = 4 * np.finfo(dtype).eps * max(slow)
        assert np.abs(batch.ravel().astype(float) - slow).max() < tolerance


def test_another_seed_gives_another_order() -> None:
    digits = made(100)
    one, two = (next(digits.batches(100, shuffle=True, seed=s))[1] for s in (0, 1))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize("shuffle", [False, True])
def test_augmentation_depends_on_the_seed_and_not_on_the_batch_size(
    shuffle: bool,
) -> None:
    digits = made(1100)
    for augment in (shift, affine):
        walks = [
            np.concatenate(
                [
                    images
                    for images, _ in digits.batches(
                        size, shuffle=shuffle, seed=seed, augment=augment
                    )
                ]
            )
            for size, seed in ((64, 0), (1100, 0), (7, 0), (64, 1))
        ]
        assert np.array_equal(walks[0], walks[1])
        assert np.array_equal(walks[0], walks[2])
        assert not np.array_equal(walks[0], walks[3])


def test_augmentation_leaves_labels_and_order_alone() -> None:
    digits = made(100)
    plain = next(digits.batches(100, shuffle=True, seed=3))
    moved = next(digits.batches(100, shuffle=True, seed=3, augment=shift))
    assert np.array_equal(plain[1], moved[1])
    assert not np.array_equal(plain[0], moved[0])
    by_hand = next(digits.batches(100, shuffle=True, seed=3, augment=lambda x, _: x))
    assert np.array_equal(plain[0], by_hand[0])


def test_batches_of_whole_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="dtype is int64; expected a floating-point"):
        made(3).batches(2, dtype=np.int64)


def test_no_batch_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="batch_size is 0; expected 1 or more"):
        made(3).batches(0)
