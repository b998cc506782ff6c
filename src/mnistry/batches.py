"""Batches for a net: gathered, widened and normalised with whole-array arithmetic."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnistry.arrays import MEAN, STANDARD_DEVIATION, Batch, Images, Labels
from mnistry.errors import UsageError

BLOCK_IMAGES = 512  # gathered at a time: 0.4 MB of bytes stay in a core's own cache


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
    images: Images,
    labels: Labels,
    batch_size: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    dtype: DTypeLike = np.float32,
) -> Iterator[tuple[Batch, NDArray[np.int64]]]:
    """Walk once through all images, `batch_size` at a time; the last batch may be less.

    Args:
        images: (n, rows, columns) uint8.
        labels: (n,) uint8.
        batch_size: How many images a batch has, 1 or more.
        shuffle: In a random order, which `seed` alone decides; take another seed for
            each epoch.
        seed: Decides the order.
        dtype: Floating dtype of the images given out.

    Yields:
        Images (b, 1, rows, columns), normalised; labels (b,) int64.

    Raises:
        UsageError: `batch_size` is less than 1.

    Example:
        >>> images = np.zeros((5, 28, 28), np.uint8)
        >>> [len(y) for x, y in batches(images, np.arange(5, dtype=np.uint8), 2)]
        [2, 2, 1]
    """
    if batch_size < 1:
        message = f"batch_size is {batch_size}; expected 1 or more."
        raise UsageError(message)
    return _batches(
        images, labels, batch_size, _order(len(images), shuffle, seed), dtype
    )


def _order(count: int, shuffle: bool, seed: int) -> NDArray[np.intp] | None:  # noqa: FBT001
    return np.random.default_rng(seed).permutation(count) if shuffle else None


def _batches(
    images: Images,
    labels: Labels,
    batch_size: int,
    order: NDArray[np.intp] | None,
    dtype: DTypeLike,
) -> Iterator[tuple[Batch, NDArray[np.int64]]]:
    block = batch_size * max(1, BLOCK_IMAGES // batch_size)
    for start in range(0, len(images), block):
        rows: Any = slice(start, start + block)
        if order is not None:
            rows = order[rows]
        ready = normalise(images[rows], dtype)
        targets = labels[rows].astype(np.int64)
        for first in range(0, len(targets), batch_size):
            last = first + batch_size
            yield ready[first:last], targets[first:last]
