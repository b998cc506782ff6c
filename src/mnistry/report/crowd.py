"""Accuracy on the labels that most people would give, where that is known."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels
from mnistry.catalog.disputed import MNIST_TEST
from mnistry.digits import Digits

MNIST_TEST_IMAGES = 10_000


class Crowd(NamedTuple):
    """The labels that most people would give.

    Attributes:
        labels: (n,) the given ones, but where most of five people chose another.
        counted: (n,) False where no label has a majority: such an image is left out.
        relabelled: How many labels differ from those given.
    """

    labels: Labels
    counted: NDArray[np.bool_]
    relabelled: int


def crowd_of(digits: Digits) -> Crowd | None:
    """Tell the labels that most people would give to the MNIST test images.

    Args:
        digits: All 10,000 test images in their order; of others nothing is known.

    Returns:
        None if it is not those.

    Source:
        `mnistry.catalog.disputed`.

    Example:
        >>> crowd_of(Digits(np.zeros((1, 28, 28), np.uint8), [7])) is None
        True
    """
    is_test = (digits.name, digits.split_name) == ("mnist", "test")
    if not is_test or len(digits) != MNIST_TEST_IMAGES:
        return None
    if any(digits.labels[row.index] != row.given for row in MNIST_TEST):
        return None  # in another order, or relabelled
    labels = digits.labels.copy()
    counted = np.ones(len(digits), bool)
    for row in MNIST_TEST:
        if row.crowd is None:
            counted[row.index] = False
        else:
            labels[row.index] = row.crowd
    return Crowd(labels, counted, int(np.count_nonzero(labels != digits.labels)))
