"""Accuracy with its interval, the confusion matrix, precision and recall."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels
from mnistry.errors import ShapeError, UsageError

Z_95 = 1.959963984540054  # 97.5 % of a normal distribution lie below


class Interval(NamedTuple):
    """A confidence interval of a share, 0 to 1."""

    low: float
    high: float


class PerLabel(NamedTuple):
    """Precision and recall of each label, each (classes,); NaN if undefined.

    Attributes:
        written: Number of images with the label.
        read: Number of images read as the label.
        precision: The share of images read as the label that have it.
        recall: The share of images with the label that were read as it.
    """

    written: NDArray[np.int64]
    read: NDArray[np.int64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def accuracy(written: Labels, read: Labels) -> float:
    """Return the share of images that were read correctly, 0 to 1; NaN if n is 0.

    Args:
        written: True labels, (n,).
        read: Labels that were read, (n,).

    Raises:
        ShapeError: The two are not one label each for the same images.

    Example:
        >>> accuracy(np.array([7, 2, 1, 0]), np.array([7, 2, 1, 6]))
        0.75
    """
    check_pair(written, read)
    return float(np.mean(written == read)) if len(written) else math.nan


def wilson_interval(right: int, count: int) -> Interval:
    """Return the 95 % confidence interval of a share (Wilson's).

    It contains the true share in about 95 of 100 tests. It stays within 0 to 1 and is
    sound near both ends, where the usual plus-minus is not.

    Args:
        right: Number of successes, 0 to `count`.
        count: Number of trials; for 0 the interval is 0 to 1.

    Raises:
        UsageError: `right` is not within 0 to `count`.

    Source:
        E. B. Wilson: Probable inference, the law of succession, and statistical
        inference. JASA 22:209-212, 1927. doi:10.1080/01621459.1927.10502953

    Example:
        >>> [round(end, 5) for end in wilson_interval(9_964, 10_000)]
        [0.99502, 0.9974]
    """
    if not 0 <= right <= count:
        message = f"right is {right}; expected 0 to {count}, which is count."
        raise UsageError(message)
    if not count:
        return Interval(0.0, 1.0)
    share, square = right / count, Z_95**2
    centre = (share + square / (2 * count)) / (1 + square / count)
    spread = share * (1 - share) / count + square / (4 * count**2)
    half = Z_95 * math.sqrt(spread) / (1 + square / count)
    # at the ends the formula gives 0 and 1, except for rounding
    low = centre - half if right else 0.0
    high = centre + half if right < count else 1.0
    return Interval(low, high)


def confusion(written: Labels, read: Labels, *, classes: int = 10) -> NDArray[np.int64]:
    """Return the confusion matrix.

    Args:
        written: True labels, (n,), below `classes`.
        read: Labels that were read, (n,), below `classes`.
        classes: Number of classes.

    Returns:
        (classes, classes) int64; rows: true labels, columns: labels that were read. It
        sums to n, and correct readings are on the diagonal.

    Raises:
        ShapeError: The two are not one label each for the same images, or a label is
            not below `classes`.

    Example:
        >>> confusion(np.array([0, 1, 1]), np.array([0, 1, 0]), classes=2)
        array([[1, 0],
               [1, 1]])
    """
    check_pair(written, read)
    if len(written) and max(written.max(), read.max()) >= classes:
        message = (
            f"the largest label is {max(written.max(), read.max())}; expected labels"
            f" below {classes}. Pass classes=..., as many as there are."
        )
        raise ShapeError(message)
    cells = written.astype(np.int64) * classes + read
    counts = np.bincount(cells, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def per_label(counts: NDArray[np.int64]) -> PerLabel:
    """Return precision and recall of each label.

    Args:
        counts: What `confusion` returns, (classes, classes).

    Example:
        >>> per_label(np.array([[1, 0], [1, 1]])).recall
        array([1. , 0.5])
    """
    written, read, right = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    with np.errstate(invalid="ignore"):
        return PerLabel(written, read, right / read, right / written)


def check_pair(written: NDArray[np.integer], read: NDArray[np.integer]) -> None:
    """Check that two arrays hold one label each for the same images.

    Raises:
        ShapeError: They do not.
    """
    if written.ndim != 1 or written.shape != read.shape:
        message = (
            f"written has shape {written.shape} and read {read.shape}; expected one"
            " label each for the same images, (n,). Do they belong together?"
        )
        raise ShapeError(message)
