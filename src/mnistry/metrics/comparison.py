"""Whether two models differ at all, seen on the same images."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels
from mnistry.metrics.counts import check_pair


class Comparison(NamedTuple):
    """Where two models differ, and how likely that is by chance.

    Attributes:
        only_first: Images that only the first model read rightly.
        only_second: Images that only the second read rightly.
        p_value: How likely they would differ so much, or more, if they were equally
            good: 0 to 1. Below 0.05 is usually taken for a difference.
    """

    only_first: int
    only_second: int
    p_value: float


def compare(
    written: Labels, first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> Comparison:
    """Compare two models on the same images by McNemar's exact test.

    Images that both read rightly, or both wrongly, tell nothing about which is better;
    of the others each is as good as a coin tossed, if the models are equally good.

    Args:
        written: What is written, (n,).
        first: What the first model read, (n,).
        second: What the second model read, (n,).

    Raises:
        ShapeError: They do not have one label each for the same images.

    Source:
        Q. McNemar: Note on the sampling error of the difference between correlated
        proportions or percentages. Psychometrika 12:153-157, 1947; in its exact form.

    Example:
        >>> written = np.zeros(8, np.uint8)
        >>> better = np.array([0, 0, 0, 0, 0, 0, 0, 1], np.uint8)
        >>> worse = np.array([1, 1, 1, 1, 1, 1, 0, 0], np.uint8)
        >>> compare(written, better, worse)
        Comparison(only_first=6, only_second=1, p_value=0.125)
    """
    check_pair(written, first)
    check_pair(written, second)
    first_right, second_right = first == written, second == written
    only_first = int(np.count_nonzero(first_right & ~second_right))
    only_second = int(np.count_nonzero(second_right & ~first_right))
    tosses, fewer = only_first + only_second, min(only_first, only_second)
    # whole numbers as large as they come: exact for any number of images
    ways, at_most = 1, 0
    for heads in range(fewer + 1):
        at_most += ways
        ways = ways * (tosses - heads) // (heads + 1)
    p_value = min(1.0, 2 * _ratio(at_most, tosses))
    return Comparison(only_first, only_second, p_value)


def _ratio(number: int, halvings: int) -> float:
    """Divide by 2 ** halvings, also where either is too large for a float."""
    surplus = max(0, number.bit_length() - 64)  # more bits than a float keeps
    return math.ldexp(float(number >> surplus), surplus - halvings)
