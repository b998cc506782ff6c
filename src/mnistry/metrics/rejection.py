"""When not to answer: thresholds chosen on images that were held out."""

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
    """What was learned about a model from images that it did not learn from.

    Attributes:
        coverage: The share of digits for which the two thresholds were chosen.
        temperature: What logits are to be divided by.
        reject_below: The score, of logits so divided, below which a picture is taken
            for no digit.
        name_above: How likely a digit must be to be named in a set.
        sets: The same for other coverages: pairs of coverage and `name_above`, the
            largest coverage last; only as far as the images can promise it.
    """

    coverage: float
    temperature: float
    reject_below: float
    name_above: float
    sets: list[list[float]]


def fit_rejection(scores: NDArray[np.floating], *, coverage: float = 0.99) -> float:
    """Choose the score below which a picture is taken for no digit.

    Args:
        scores: (n,) of digits that were not learned from, such as `digit_scores`.
        coverage: The share of digits that must be kept, above 0 and up to 1.

    Returns:
        At least that share of `scores` is not below it; minus infinity, so that all is
        kept, if there are none.

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
    # a hair less: 0.99 of 100 is 99, whatever the floats say
    kept = math.ceil(len(ordered) * coverage - 1e-9)
    return float(ordered[kept - 1])


def fit_trust(written: Labels, logits: Logits, *, coverage: float = 0.99) -> Trust:
    """Choose temperature and thresholds on images that were held out.

    Args:
        written: What is written, (n,), n of at least 1.
        logits: (n, classes) of those images.
        coverage: The share of digits that are to be kept, and the share of sets that
            are to hold the true digit, above 0 and below 1.

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
    """Look up how likely a digit must be to be named, as held-out images had it.

    Args:
        trust: What `fit_trust` learned, as a mapping; a model file may hold anything.
        coverage: How often the true digit must be named, above 0 and below 1.

    Returns:
        The coverage it was chosen for, at least `coverage`, and the threshold for
        `name_sets`; None where nothing so large was chosen.

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
    """Return whether this is a coverage with a threshold that promises it."""
    numbers = isinstance(pair, list | tuple) and len(pair) == 2
    return numbers and all(isinstance(one, float) and 0 < one <= 1 for one in pair)
