"""Paired comparison of two models on the same images."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels
from mnistry.errors import UsageError
from mnistry.metrics.counts import check_pair, wilson_interval


class Comparison(NamedTuple):
    """Where two models differ, and how likely that is by chance.

    Attributes:
        only_first: Images that only the first model read correctly.
        only_second: Images that only the second read correctly.
        p_value: The probability of a difference at least this large if they were
            equally good, 0 to 1; below 0.05 usually counts as significant.
    """

    only_first: int
    only_second: int
    p_value: float


def compare(
    written: Labels, first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> Comparison:
    """Compare two models on the same images by McNemar's exact test.

    Images that both read correctly, or both misread, say nothing about which is better;
    each of the others is a fair coin toss if the models are equally good.

    Args:
        written: True labels, (n,).
        first: Labels that the first model read, (n,).
        second: Labels that the second model read, (n,).

    Raises:
        ShapeError: The three are not one label each for the same images.

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
    discordant, fewer = only_first + only_second, min(only_first, only_second)
    # whole numbers as large as they come: exact for any number of images
    ways, at_most = 1, 0
    for successes in range(fewer + 1):
        at_most += ways
        ways = ways * (discordant - successes) // (successes + 1)
    p_value = min(1.0, 2 * _ratio(at_most, discordant))
    return Comparison(only_first, only_second, p_value)


def _ratio(number: int, halvings: int) -> float:
    """Divide by 2 ** halvings, also where either is too large for a float."""
    surplus = max(0, number.bit_length() - 64)  # more bits than a float keeps
    return math.ldexp(float(number >> surplus), surplus - halvings)


class Difference(NamedTuple):
    """The difference in accuracy of two models on the same images.

    Attributes:
        difference: The accuracy of the first minus that of the second.
        low: Lower end of the 95 % confidence interval.
        high: Upper end.
    """

    difference: float
    low: float
    high: float


def paired_difference(
    written: Labels, first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> Difference:
    """Return the difference in accuracy of two models, with its 95 % interval.

    Args:
        written: True labels, (n,), at least one.
        first: Labels that the first model read, (n,).
        second: Labels that the second model read, (n,).

    Raises:
        ShapeError: The three are not one label each for the same images.
        UsageError: There are no images.

    Source:
        R. G. Newcombe: Improved confidence intervals for the difference between
        binomial proportions based on paired data. Statistics in Medicine 17:2635-2650,
        1998, method 10: Wilson's intervals, combined with the correlation of the two.

    Example:
        >>> written = np.zeros(50, np.uint8)  # the first row of the paper's table II
        >>> first, second = np.ones((2, 50), np.uint8)
        >>> first[:48], second[:36], second[48:] = 0, 0, 0
        >>> [round(value, 4) for value in paired_difference(written, first, second)]
        [0.2, 0.0569, 0.3404]
    """
    check_pair(written, first)
    check_pair(written, second)
    count = len(written)
    if not count:
        message = "there are no images to compare on; expected 1 or more."
        raise UsageError(message)
    first_right, second_right = first == written, second == written
    rights = int(np.count_nonzero(first_right)), int(np.count_nonzero(second_right))
    shares = [right / count for right in rights]
    (low_1, high_1), (low_2, high_2) = (wilson_interval(of, count) for of in rights)
    phi = _correlation(first_right, second_right)
    down_1, up_1 = shares[0] - low_1, high_1 - shares[0]
    down_2, up_2 = shares[1] - low_2, high_2 - shares[1]
    difference = shares[0] - shares[1]
    return Difference(
        difference,
        difference - math.sqrt(down_1**2 - 2 * phi * down_1 * up_2 + up_2**2),
        difference + math.sqrt(up_1**2 - 2 * phi * up_1 * down_2 + down_2**2),
    )


def _correlation(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Return the correlation of two models' errors, continuity-corrected."""
    both = int(np.count_nonzero(first & second))
    neither = int(np.count_nonzero(~first & ~second))
    only_first = int(np.count_nonzero(first & ~second))
    only_second = int(np.count_nonzero(~first & second))
    margins = (both + only_first) * (neither + only_second)
    margins *= (both + only_second) * (neither + only_first)
    if not margins:
        return 0.0
    product = both * neither - only_first * only_second
    corrected = max(product - len(first) / 2, 0) if product > 0 else product
    return corrected / math.sqrt(margins)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values of several comparisons by Holm's method.

    Source:
        S. Holm: A simple sequentially rejective multiple test procedure. Scandinavian
        Journal of Statistics 6:65-70, 1979.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    raised, largest = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for place, number in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[number]))
        raised[number] = largest
    return raised
