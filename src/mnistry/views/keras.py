"""Digits as in Keras: writable NumPy arrays (x, y).

Keras itself is not needed: its data sets are NumPy arrays. What `mnist.load_data()`
returns is `to_keras(train), to_keras(test)`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Labels
from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.views import layout


def to_keras(digits: Digits) -> tuple[Images, Labels]:
    """Convert digits to arrays (x, y), copied so that they may be changed.

    Name, split, source, classes and further columns are lost.

    Args:
        digits: Any digits.

    Returns:
        x (n, rows, columns) uint8, 0 paper to 255 ink; y (n,) uint8.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> x, y = to_keras(toy)
        >>> x.shape, y
        ((3, 28, 28), array([7, 2, 1], dtype=uint8))
    """
    return digits.images.copy(), digits.labels.copy()


def from_keras(pair: tuple[NDArray[Any], NDArray[Any]]) -> Digits:
    """Convert arrays (x, y) to digits, in the same memory if they are uint8.

    Args:
        pair: x (n, rows, columns), (n, rows, columns, 1) or (n, 1, rows, columns),
            integers from 0 to 255 of any dtype; y (n,), or (n, 1).

    Raises:
        ShapeError: Other shapes, or numbers that are not pixels.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> from_keras(to_keras(toy)) == toy
        True
    """
    is_pair = isinstance(pair, Sequence) and len(pair) == 2
    if not is_pair or any(isinstance(part, tuple) for part in pair):
        message = (
            f"a {type(pair).__name__} was given; expected the two arrays (x, y) of one"
            " split. Convert each split separately."
        )
        raise ShapeError(message)
    x, labels = (np.asarray(part) for part in pair)
    images = layout.as_bytes(x)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    elif images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    return Digits(images, labels)
