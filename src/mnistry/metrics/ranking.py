"""Whether a model knows when it is wrong: what to hand over to a person first."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Logits
from mnistry.errors import ShapeError


class RiskCoverage(NamedTuple):
    """What goes wrong if only the surest readings are kept, each (n,).

    Attributes:
        coverage: Of all images, the share that is kept, 1/n to 1.
        risk: Of those, the share that was read wrongly.
        threshold: How sure the least sure of those is.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def area(self) -> float:
        """The mean risk over all coverages, known as AURC; the less the better."""
        return float(self.risk.mean()) if len(self.risk) else math.nan


def sureness(logits: Logits) -> NDArray[np.float64]:
    """Tell how sure each reading is, on a scale that does not end.

    The logarithm of p / (1 - p), where p is the largest probability: the same order as
    the confidence, but sure readings, whose confidence is 1 as far as float32 can tell,
    keep their order too.

    Args:
        logits: (n, classes), at least two classes.

    Returns:
        (n,) float64; 0 at a confidence of one half, infinite where all other
        probabilities are 0.

    Example:
        >>> sureness(np.log([[0.5, 0.5], [0.2, 0.8]])).round(4)
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
    """Tell how often one of the first scores higher than one of the second.

    Args:
        positive: (p,) scores that should be high.
        negative: (n,) scores that should be low.

    Returns:
        The share of all p · n pairs in the right order, ties counting half: 1 at best,
        0.5 by chance; NaN if either is empty. The area under the ROC curve is the same.

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
    """Tell how well scores part right readings from wrong ones, as `auroc`.

    Args:
        scores: (n,) how sure each reading is, such as `sureness`.
        right: (n,) which are right.

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
    """Tell what goes wrong if only the surest readings are kept, for each number kept.

    Args:
        scores: (n,) how sure each reading is; equal ones keep the order they have.
        right: (n,) which are right.

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
