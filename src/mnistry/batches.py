"""Batches for a net: gathered, converted and normalised with array arithmetic."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnistry.arrays import (
    MEAN,
    STANDARD_DEVIATION,
    Images,
    Labels,
    expect_whole,
    seeded,
)
from mnistry.augment import Augment
from mnistry.errors import UsageError

BLOCK_IMAGES = 512  # gathered at a time: 0.4 MB of bytes stay in a core's own cache
AUGMENT_STREAM = 1  # beside `seed`: a random stream apart from that of the order


def normalise(images: Images, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Turn images into what a net takes: (n, 1, rows, columns), mean 0, deviation 1.

    A pixel p becomes (p / 255 - 0.1307) / 0.3081, the mean and standard deviation of
    the MNIST training images.

    Args:
        images: (n, rows, columns) uint8.
        dtype: Any floating dtype.

    Example:
        >>> normalise(np.array([[[0, 255]]], np.uint8)).round(4)
        array([[[[-0.4242,  2.8215]]]], dtype=float32)
    """
    kind = np.dtype(dtype)
    scale = np.asarray(1 / (255 * STANDARD_DEVIATION), kind)
    shift = np.asarray(MEAN / STANDARD_DEVIATION, kind)
    batch: NDArray[Any] = np.multiply(images, scale, dtype=kind)
    batch -= shift
    return batch[:, None]


def batches(
    pair: tuple[Images, Labels],
    batch_size: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    dtype: DTypeLike = np.float32,
    augment: Augment | None = None,
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    """Yield all images once, `batch_size` at a time; the last batch may be smaller.

    Args:
        pair: Images (n, rows, columns) uint8 and their labels (n,) uint8.
        batch_size: Images in a batch, 1 or more.
        shuffle: Use a random order, which depends on `seed` alone; pass a different
            seed for each epoch.
        seed: Decides the order, and what `augment` does.
        dtype: Floating-point dtype of the images.
        augment: Changes images before they are normalised, such as
            `mnistry.augment.shift`; its randomness depends on `seed`, not on
            `batch_size`.

    Yields:
        Images (b, 1, rows, columns), normalised; labels (b,) int64. You may change
        them.

    Raises:
        UsageError: `batch_size` is below 1, or `dtype` is not floating-point.

    Example:
        >>> images = np.zeros((5, 28, 28), np.uint8)
        >>> labels = np.arange(5, dtype=np.uint8)
        >>> [len(y) for x, y in batches((images, labels), 2)]
        [2, 2, 1]
    """
    expect_whole("batch_size", batch_size, least=1)
    if not np.issubdtype(dtype, np.floating):
        message = (
            f"dtype is {np.dtype(dtype)}; expected a floating-point dtype, such as"
            " float32. The uint8 pixels are in `images`."
        )
        raise UsageError(message)
    count = len(pair[0])
    order = seeded(seed).permutation(count) if shuffle else None
    blocks = _blocks(pair, batch_size, order)
    if augment is not None:
        blocks = _augmented(blocks, augment, seed)
    return _batches(blocks, batch_size, dtype)


def _blocks(
    pair: tuple[Images, Labels], batch_size: int, order: NDArray[np.intp] | None
) -> Iterator[tuple[Images, Labels]]:
    """Gather several batches at a time."""
    images, labels = pair
    block = batch_size * max(1, BLOCK_IMAGES // batch_size)
    for start in range(0, len(images), block):
        rows = slice(start, start + block)
        if order is None:
            yield images[rows], labels[rows]
        else:  # `take` gathers in two thirds of the time that an index takes
            yield images.take(order[rows], axis=0), labels.take(order[rows])


def _augmented(
    blocks: Iterator[tuple[Images, Labels]], augment: Augment, seed: int
) -> Iterator[tuple[Images, Labels]]:
    generator = np.random.default_rng([seed, AUGMENT_STREAM])
    for images, labels in blocks:
        yield augment(images, generator), labels


def _batches(
    blocks: Iterator[tuple[Images, Labels]], batch_size: int, dtype: DTypeLike
) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
    for images, labels in blocks:
        ready = normalise(images, dtype)
        targets = labels.astype(np.int64)
        for first in range(0, len(targets), batch_size):
            last = first + batch_size
            yield ready[first:last], targets[first:last]
