"""Calibration: of 100 readings with a confidence of 90 %, 90 should be right."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels, Logits, Probabilities, expect_whole
from mnistry.errors import ShapeError, UsageError

BINS = 15  # as most papers since Guo et al. 2017 have it
GOLDEN = (math.sqrt(5) - 1) / 2
LOG_TEMPERATURE = (-4.0, 4.0)  # e⁻⁴ to e⁴: 0.018 to 55; fitted ones lie near 1
STEPS = 64  # each keeps 0.618 of the interval: 8 · 0.618⁶⁴ < 1e-12


class Reliability(NamedTuple):
    """A reliability diagram: accuracy against confidence; empty bins are NaN.

    Attributes:
        edges: (bins + 1,) edges of the bins, 0 to 1.
        counts: (bins,) number of readings in each.
        confidence: (bins,) their mean confidence.
        accuracy: (bins,) the share of them that is right.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def losses(written: Labels, logits: Logits) -> NDArray[np.float64]:
    """Return the cross-entropy loss of each image.

    Computed from the logits in float64: float32 probabilities round to 1 too early, and
    0 has no logarithm.

    Args:
        written: True labels, (n,).
        logits: (n, classes).

    Returns:
        (n,) minus the logarithm of the probability of the true label, 0 or more.

    Raises:
        ShapeError: There is not one label below `classes` for each row of logits.

    Example:
        >>> losses(np.array([0]), np.log([[0.25, 0.75]])).round(4)
        array([1.3863])
    """
    check_rows(written, logits)
    wide = np.asarray(logits, np.float64)
    wide = wide - wide.max(axis=1, keepdims=True)
    whole = np.log(np.exp(wide).sum(axis=1))
    result: NDArray[np.float64] = whole - wide[np.arange(len(written)), written]
    return result


def loss(written: Labels, logits: Logits) -> float:
    """Return the mean of `losses` (cross-entropy, negative log-likelihood).

    Example:
        >>> round(loss(np.array([0, 1]), np.log([[0.5, 0.5], [0.5, 0.5]])), 4)
        0.6931
    """
    return float(losses(written, logits).mean()) if len(written) else math.nan


def brier(written: Labels, probabilities: Probabilities) -> float:
    """Return the Brier score: 0 at best, 2 at worst.

    Args:
        written: True labels, (n,).
        probabilities: (n, classes), rows sum to 1.

    Returns:
        The mean squared distance to the one-hot label, summed over all classes.

    Raises:
        ShapeError: There is not one label below `classes` for each row.

    Source:
        G. W. Brier: Verification of forecasts expressed in terms of probability.
        Monthly Weather Review 78:1-3, 1950.

    Example:
        >>> brier(np.array([1]), np.array([[0.5, 0.5]]))
        0.5
    """
    check_rows(written, probabilities)
    if not len(written):
        return math.nan
    distance = np.asarray(probabilities, np.float64).copy()
    distance[np.arange(len(written)), written] -= 1
    return float((distance**2).sum(axis=1).mean())


def reliability(
    confidence: NDArray[np.floating],
    right: NDArray[np.bool_],
    *,
    bins: int = BINS,
    equal_counts: bool = False,
) -> Reliability:
    """Bin readings by confidence, and compute the accuracy of each bin.

    Args:
        confidence: (n,) confidence of each reading, 0 to 1.
        right: (n,) bool: which are right.
        bins: Number of bins.
        equal_counts: Use bins with equal numbers of readings, instead of equal width:
            they show more if most readings are confident.

    Raises:
        ShapeError: The two are not (n,) each.
        UsageError: `bins` is below 1.

    Source:
        C. Guo et al.: On calibration of modern neural networks. ICML 2017,
        arXiv:1706.04599, section 2.

    Example:
        >>> confidence = np.array([0.9, 0.9, 0.4])
        >>> reliability(confidence, np.array([True, False, True]), bins=2).accuracy
        array([1. , 0.5])
    """
    if confidence.ndim != 1 or confidence.shape != right.shape:
        message = (
            f"confidence has shape {confidence.shape} and right {right.shape};"
            " expected (n,) each, one value for each image."
        )
        raise ShapeError(message)
    expect_whole("bins", bins, least=1)
    edges = np.linspace(0, 1, bins + 1)
    if equal_counts and len(confidence):
        edges = np.quantile(np.asarray(confidence, np.float64), edges)
        edges[0], edges[-1] = 0, 1
    # a value on an edge belongs to the bin below it, and 0 to the first
    places = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins).astype(np.int64)
    with np.errstate(invalid="ignore"):
        claimed = np.bincount(places, np.asarray(confidence, float), bins) / counts
        held = np.bincount(places, right.astype(float), bins) / counts
    return Reliability(edges, counts, claimed, held)


def calibration_error(parts: Reliability) -> float:
    """Return the expected calibration error (ECE), 0 to 1.

    Args:
        parts: What `reliability` returns.

    Example:
        >>> parts = reliability(np.array([0.9, 0.9]), np.array([True, False]))
        >>> round(calibration_error(parts), 4)
        0.4
    """
    full = parts.counts > 0
    gaps = np.abs(parts.confidence[full] - parts.accuracy[full])
    total = parts.counts.sum()
    return float((gaps * parts.counts[full]).sum() / total) if total else math.nan


def fit_temperature(written: Labels, logits: Logits) -> float:
    """Fit the temperature: the number to divide logits by for the lowest loss.

    Fit it on held-out images. It changes no label, only confidences.

    Args:
        written: True labels, (n,), n of at least 1.
        logits: (n, classes).

    Returns:
        Above 1 if the net was overconfident, below 1 if underconfident; between 0.018
        and 55.

    Raises:
        ShapeError: There is not one label below `classes` for each row of logits.
        UsageError: There are none.

    Source:
        C. Guo et al.: On calibration of modern neural networks. ICML 2017,
        arXiv:1706.04599, section 4.2. The loss first falls and then rises as the
        temperature grows, so a golden-section search finds its only minimum.

    Example:
        >>> logits = np.log([[0.9, 0.1]] * 4)  # claims 90 %, holds 75 %
        >>> round(fit_temperature(np.array([0, 0, 0, 1]), logits), 3)
        2.0
    """
    check_rows(written, logits)
    if not len(written):
        message = "there are no images to fit a temperature on; expected 1 or more."
        raise UsageError(message)
    wide = np.asarray(logits, np.float64)

    def loss_at(log_temperature: float) -> float:
        return loss(written, wide / math.exp(log_temperature))  # type: ignore[arg-type]

    low, high = LOG_TEMPERATURE
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss_at(left), loss_at(right)
    for _ in range(STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss_at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss_at(right)
    return math.exp((low + high) / 2)


def check_rows(written: Labels, scores: NDArray[np.floating]) -> None:
    """Check that each row of scores has one label, below the number of classes.

    Raises:
        ShapeError: It has not.
    """
    if written.ndim != 1 or scores.ndim != 2 or len(written) != len(scores):
        message = (
            f"there are labels of shape {written.shape} for scores of shape"
            f" {scores.shape}; expected (n,) and (n, classes)."
        )
        raise ShapeError(message)
    if len(written) and written.max() >= scores.shape[1]:
        message = (
            f"the largest label is {written.max()}; expected labels below"
            f" {scores.shape[1]}, as many as the scores have columns."
        )
        raise ShapeError(message)
