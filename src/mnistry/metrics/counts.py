"""How many were read rightly, of which, and how far that can be trusted."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels
from mnistry.errors import ShapeError, UsageError

Z_95 = 1.959963984540054  # 97.5 % of a normal distribution lie below


class Interval(NamedTuple):
    """Where a share probably lies, 0 to 1."""

    low: float
    high: float


class PerLabel(NamedTuple):
    """For each label how it fared, each (classes,); NaN where there is nothing to say.

    Attributes:
        written: How many images carry it.
        read: How many were read as it.
        precision: Of those read as it, the share that are it.
        recall: Of those that are it, the share that were read as it.
    """

    written: NDArray[np.int64]
    read: NDArray[np.int64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def accuracy(written: Labels, read: Labels) -> float:
    """Tell the share of images that were read rightly, 0 to 1; NaN if there are none.

    Args:
        written: What is written, (n,).
        read: What was read, (n,).

    Raises:
        ShapeError: The two do not have one label each for the same images.

    Example:
        >>> accuracy(np.array([7, 2, 1, 0]), np.array([7, 2, 1, 6]))
        0.75
    """
    check_pair(written, read)
    return float(np.mean(written == read)) if len(written) else math.nan


def wilson_interval(right: int, count: int) -> Interval:
    """Tell where a share probably lies, of which `right` in `count` were seen.

    The interval covers the true share in about 95 of 100 such tests. It stays within 0
    to 1 and is sensible near both ends, where the usual plus-minus is not.

    Args:
        right: How many of them, 0 to `count`.
        count: Of how many; with 0 nothing is known, and the answer is 0 to 1.

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
        message = f"right is {right}; expected 0 to {count}, the number of all."
        raise UsageError(message)
    if not count:
        return Interval(0.0, 1.0)
    share, square = right / count, Z_95**2
    centre = (share + square / (2 * count)) / (1 + square / count)
    spread = share * (1 - share) / count + square / (4 * count**2)
    half = Z_95 * math.sqrt(spread) / (1 + square / count)
    # at the ends the formula gives 0 and 1, but for rounding
    low = centre - half if right else 0.0
    high = centre + half if right < count else 1.0
    return Interval(low, high)


def confusion(written: Labels, read: Labels, *, classes: int = 10) -> NDArray[np.int64]:
    """Count how often each label was read as each.

    Args:
        written: What is written, (n,), below `classes`.
        read: What was read, (n,), below `classes`.
        classes: How many labels there are.

    Returns:
        (classes, classes) int64; the row is what is written, the column what was read.
        It sums to n, and the diagonal holds what was read rightly.

    Raises:
        ShapeError: The two do not have one label each for the same images, or a label
            is not below `classes`.

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
    """Tell precision and recall of each label.

    Args:
        counts: What `confusion` gives, (classes, classes).

    Example:
        >>> per_label(np.array([[1, 0], [1, 1]])).recall
        array([1. , 0.5])
    """
    written, read, right = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    with np.errstate(invalid="ignore"):
        return PerLabel(written, read, right / read, right / written)


def check_pair(written: NDArray[np.integer], read: NDArray[np.integer]) -> None:
    """See that two arrays hold one label each for the same images.

    Raises:
        ShapeError: They do not.
    """
    if written.ndim != 1 or written.shape != read.shape:
        message = (
            f"written has shape {written.shape} and read {read.shape}; expected one"
            " label each for the same images, (n,). Do they belong together?"
        )
        raise ShapeError(message)
