"""Conformal prediction sets: several digits, the true one among them."""

import math

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels, Probabilities
from mnistry.errors import UsageError
from mnistry.metrics.calibration import check_rows


def fit_sets(
    written: Labels, probabilities: Probabilities, *, coverage: float = 0.99
) -> float:
    """Fit the probability above which a digit is in the prediction set.

    Fit it on held-out images; on other images of the same kind, sets then contain the
    true digit with a probability of at least `coverage`, whatever the model. For images
    of another kind nothing is guaranteed.

    Args:
        written: True labels, (n,).
        probabilities: (n, classes), rows sum to 1.
        coverage: How often sets must contain the true digit, above 0 and below 1.

    Returns:
        The threshold for `name_sets`; 0, so that sets contain all digits, if n is too
        small for such a guarantee.

    Raises:
        ShapeError: There is not one label below `classes` for each row.
        UsageError: `coverage` is not above 0 and below 1.

    Source:
        V. Vovk, A. Gammerman, G. Shafer: Algorithmic learning in a random world, 2005;
        split conformal prediction, with 1 - probability as the score.

    Example:
        >>> chances = np.array([[0.9], [0.8], [0.7]])
        >>> fit_sets(np.zeros(3, np.uint8), chances, coverage=0.5)
        0.8
    """
    check_rows(written, probabilities)
    check_coverage(coverage)
    carried = np.sort(probabilities[np.arange(len(written)), written])[::-1]
    place = math.ceil((len(written) + 1) * coverage)
    return float(carried[place - 1]) if place <= len(written) else 0.0


def check_coverage(coverage: float) -> None:
    """Check a coverage.

    Raises:
        UsageError: It is not above 0 and below 1.
    """
    if not isinstance(coverage, int | float) or not 0 < coverage < 1:
        message = (
            f"coverage is {coverage!r}; expected above 0 and below 1, such as 0.99."
        )
        raise UsageError(message)


def name_sets(probabilities: Probabilities, threshold: float) -> NDArray[np.bool_]:
    """Return the prediction set of each image.

    Args:
        probabilities: (n, classes), rows sum to 1.
        threshold: What `fit_sets` returned.

    Returns:
        (n, classes) bool; a set may contain no digit, one or several.

    Example:
        >>> name_sets(np.array([[0.9, 0.1], [0.5, 0.5]]), 0.4).sum(axis=1)
        array([1, 2])
    """
    return np.asarray(probabilities >= threshold)
