"""Whether confidence separates right from wrong: ROC area and risk–coverage."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Logits
from mnistry.errors import ShapeError


class RiskCoverage(NamedTuple):
    """The risk–coverage curve: errors if only confident readings are kept, each (n,).

    Attributes:
        coverage: The share of images that is kept, 1/n to 1.
        risk: The share of those that was misread.
        threshold: The lowest score among those.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The mean risk over all coverages (AURC); lower is better."""
        return float(self.risk.mean()) if len(self.risk) else math.nan


def log_odds(logits: Logits) -> NDArray[np.float64]:
    """Return the log odds of each predicted class, its logit.

    The logarithm of p / (1 - p), where p is the largest probability. It has the same
    order as the confidence, even where that rounds to 1 in float32.

    Args:
        logits: (n, classes), at least two classes.

    Returns:
        (n,) float64; 0 at a confidence of one half, infinite where all other
        probabilities are 0.

    Example:
        >>> log_odds(np.log([[0.5, 0.5], [0.2, 0.8]])).round(4)
        array([0.    , 1.3863])
    """
    wide = np.sort(np.asarray(logits, np.float64), axis=1)
    largest, others = wide[:, -1], wide[:, :-1]
    second = others[:, -1]
    finite = np.where(np.isfinite(second), second, 0.0)  # none but 0 is less
    with np.errstate(divide="ignore"):
        rest = finite + np.log(np.exp(others - finite[:, None]).sum(axis=1))
    result: NDArray[np.float64] = largest - rest
    return result


def auroc(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> float:
    """Return the area under the ROC curve.

    Args:
        positive: (p,) scores that should be high.
        negative: (n,) scores that should be low.

    Returns:
        The share of all p · n pairs in the right order, ties counting half: 1 at best,
        0.5 by chance; NaN if either is empty.

    Source:
        J. A. Hanley, B. J. McNeil: The meaning and use of the area under a receiver
        operating characteristic curve. Radiology 143:29-36, 1982.

    Example:
        >>> auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
        0.875
    """
    if not len(positive) or not len(negative):
        return math.nan
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left").sum()
    not_above = np.searchsorted(ordered, positive, side="right").sum()
    return float((below + not_above) / 2 / (len(positive) * len(negative)))


def error_detection(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Return how well scores separate right readings from wrong ones, as `auroc`.

    Args:
        scores: (n,) confidence of each reading on any scale, such as `log_odds`.
        right: (n,) bool: which are right.

    Raises:
        ShapeError: The two are not (n,) each.

    Example:
        >>> error_detection(np.array([2.0, 1.0, 3.0]), np.array([True, False, True]))
        1.0
    """
    _check(scores, right)
    return auroc(scores[right], scores[~right])


def risk_coverage(
    scores: NDArray[np.floating], right: NDArray[np.bool_]
) -> RiskCoverage:
    """Return the error among the most confident readings, for each number kept.

    Args:
        scores: (n,) confidence of each reading on any scale; ties keep their order.
        right: (n,) bool: which are right.

    Raises:
        ShapeError: The two are not (n,) each.

    Source:
        R. El-Yaniv, Y. Wiener: On the foundations of noise-free selective
        classification. JMLR 11:1605-1641, 2010.

    Example:
        >>> scores, right = np.array([2.0, 1.0, 3.0]), np.array([True, False, True])
        >>> risk_coverage(scores, right).risk.round(3)
        array([0.   , 0.   , 0.333])
    """
    _check(scores, right)
    order = np.argsort(-scores, kind="stable")
    kept = np.arange(1, len(scores) + 1)
    wrong = np.cumsum(~right[order])
    return RiskCoverage(
        coverage=kept / max(1, len(scores)),
        risk=wrong / kept,
        threshold=np.asarray(scores[order], np.float64),
    )


def _check(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> None:
    if scores.ndim != 1 or scores.shape != right.shape:
        message = (
            f"scores have shape {scores.shape} and right {right.shape}; expected (n,)"
            " each, one value for each image."
        )
        raise ShapeError(message)
