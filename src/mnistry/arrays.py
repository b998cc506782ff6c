"""The words for arrays: one name for each kind that travels through the house."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import ShapeError

Images = NDArray[np.uint8]
"""(n, rows, columns) uint8; 0 is paper, 255 is ink."""

Labels = NDArray[np.uint8]
"""(n,) uint8; what is written: 0 to 9 for digits."""

Pixels = NDArray[np.uint8]
"""(rows, columns) uint8; one picture of any size."""

Batch = NDArray[np.float32]
"""(n, 1, rows, columns) float32; images as a net wants them, normalised."""

Logits = NDArray[np.float32]
"""(n, classes) float32; what a net says before softmax."""

Probabilities = NDArray[np.float32]
"""(n, classes) float32; each row sums to 1."""

MEAN = 0.1307  # of all pixels of the 60,000 MNIST training images, divided by 255
STANDARD_DEVIATION = 0.3081  # of the same pixels


def as_images(array: Any) -> Images:
    """Take images as (n, rows, columns) uint8, or say what they are instead.

    Args:
        array: Anything NumPy can see as an array.

    Returns:
        The same memory where possible.

    Raises:
        ShapeError: Not three axes, or not whole numbers from 0 to 255 as uint8.

    Example:
        >>> as_images(np.zeros((5, 28, 28), np.uint8)).shape
        (5, 28, 28)
    """
    images = np.asarray(array)
    if images.ndim != 3:
        message = (
            f"images have shape {images.shape}; expected three axes,"
            " (n, rows, columns). For one image pass image[None]."
        )
        raise ShapeError(message)
    if images.dtype != np.uint8:
        message = (
            f"images have dtype {images.dtype}; expected uint8, 0 paper to 255 ink."
            " Numbers from 0 to 1 become so by (images * 255).round().astype('uint8')."
        )
        raise ShapeError(message)
    return images


def as_labels(array: Any, count: int) -> Labels:
    """Take labels as (count,) uint8, or say what they are instead.

    Args:
        array: Whole numbers from 0 to 255, of any integer dtype.
        count: How many there must be.

    Raises:
        ShapeError: Another number of axes or of labels, not integers, or out of range.

    Example:
        >>> as_labels([7, 2, 1], 3)
        array([7, 2, 1], dtype=uint8)
    """
    labels = np.asarray(array)
    if labels.shape != (count,):
        message = (
            f"labels have shape {labels.shape}; expected ({count},),"
            " one for each image. Do images and labels belong together?"
        )
        raise ShapeError(message)
    if labels.dtype == np.uint8:
        return labels
    if labels.size and not np.issubdtype(labels.dtype, np.integer):
        message = (
            f"labels have dtype {labels.dtype}; expected whole numbers."
            " One-hot rows become labels by labels.argmax(axis=1)."
        )
        raise ShapeError(message)
    if labels.size and (labels.min() < 0 or labels.max() > 255):
        message = (
            f"labels run from {labels.min()} to {labels.max()};"
            " expected 0 to 255, as uint8 holds."
        )
        raise ShapeError(message)
    return labels.astype(np.uint8)
