"""When not to answer: thresholds chosen on held-out images."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels, Logits
from mnistry.errors import UsageError
from mnistry.metrics.calibration import fit_temperature
from mnistry.metrics.sets import check_coverage, fit_sets
from mnistry.predictions import digit_scores
from mnistry.softmax import softmax

COVERAGES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998)


class Trust(NamedTuple):
    """Temperature and thresholds of a model, fitted on held-out images.

    Attributes:
        coverage: The coverage for which the two thresholds were chosen.
        temperature: What to divide logits by.
        reject_below: The digit score, of logits so divided, below which a picture is
            rejected.
        name_above: The probability above which a digit is in the prediction set.
        sets: Pairs of coverage and `name_above` for other coverages, the largest last;
            only as far as the number of images can guarantee them.
    """

    coverage: float
    temperature: float
    reject_below: float
    name_above: float
    sets: list[list[float]]


def fit_rejection(scores: NDArray[np.floating], *, coverage: float = 0.99) -> float:
    """Choose the score below which a picture is rejected as a non-digit.

    Args:
        scores: (n,) scores of held-out digits, such as `digit_scores`.
        coverage: The share of digits that must be kept, above 0 and up to 1.

    Returns:
        The threshold that keeps at least that share of `scores`; minus infinity if
        there are none.

    Raises:
        UsageError: `coverage` is not above 0 and up to 1.

    Example:
        >>> fit_rejection(np.array([4.0, 1.0, 3.0, 2.0]), coverage=0.75)
        2.0
    """
    if not 0 < coverage <= 1:
        message = f"coverage is {coverage}; expected above 0 and up to 1, such as 0.99."
        raise UsageError(message)
    if not len(scores):
        return -math.inf
    ordered = np.sort(np.asarray(scores, np.float64))[::-1]
    # a hair less: 0.99 of 100 must be 99, despite rounding
    kept = math.ceil(len(ordered) * coverage - 1e-9)
    return float(ordered[kept - 1])


def fit_trust(written: Labels, logits: Logits, *, coverage: float = 0.99) -> Trust:
    """Fit temperature and thresholds on held-out images.

    Args:
        written: True labels, (n,), n of at least 1.
        logits: (n, classes) of those images.
        coverage: The share of digits to keep, and the share of sets that should contain
            the true digit, above 0 and below 1.

    Raises:
        ShapeError: There is not one label below `classes` for each row of logits.
        UsageError: There are none, or `coverage` is not above 0 and below 1.

    Example:
        >>> logits = np.log([[0.9, 0.1]] * 4)
        >>> trust = fit_trust(np.array([0, 0, 0, 1], np.uint8), logits, coverage=0.5)
        >>> round(trust.temperature, 3)
        2.0
    """
    temperature = fit_temperature(written, logits)
    calibrated = (np.asarray(logits, np.float64) / temperature).astype(np.float32)
    chances = softmax(calibrated)
    pairs = [[share, fit_sets(written, chances, coverage=share)] for share in COVERAGES]
    return Trust(
        coverage=coverage,
        temperature=temperature,
        reject_below=fit_rejection(digit_scores(calibrated), coverage=coverage),
        name_above=fit_sets(written, chances, coverage=coverage),
        sets=[pair for pair in pairs if pair[1] > 0],
    )


def known_threshold(
    trust: Mapping[str, Any] | None, coverage: float
) -> tuple[float, float] | None:
    """Look up a stored threshold for prediction sets.

    Args:
        trust: What `fit_trust` returned, as a mapping; a model file may hold anything.
        coverage: How often sets must contain the true digit, above 0 and below 1.

    Returns:
        The coverage it was fitted for, at least `coverage`, and the threshold for
        `name_sets`; None if there is none for so large a coverage.

    Raises:
        UsageError: `coverage` is not above 0 and below 1.

    Example:
        >>> known_threshold({"sets": [[0.9, 0.7], [0.99, 0.2]]}, 0.95)
        (0.99, 0.2)
    """
    check_coverage(coverage)
    if not isinstance(trust, Mapping):
        return None
    listed = trust.get("sets")
    pairs = [*listed] if isinstance(listed, list) else []
    pairs.append([trust.get("coverage"), trust.get("name_above")])
    enough = [tuple(pair) for pair in pairs if _is_pair(pair) and pair[0] >= coverage]
    return min(enough, default=None)


def _is_pair(pair: Any) -> bool:
    """Return whether this is a valid pair of coverage and threshold."""
    numbers = isinstance(pair, list | tuple) and len(pair) == 2
    return numbers and all(isinstance(one, float) and 0 < one <= 1 for one in pair)
