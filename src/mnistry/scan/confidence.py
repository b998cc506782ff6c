"""How likely a reading is right: what two readers say, and whether they agree."""

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.decide import Frames, Vote
from mnistry.scan.weigh import Weights

VIEWS_SHARE = 1.5  # how much the strip's net counts beside the single digit's
LEAST_SAID = -6.0  # logarithm; one net must not doubt a digit more than this
LEAST_DOUBT = 0.01  # keeps the logarithm of no doubt finite
# fitted by training/reading/calibrate.py: composed strings of writers no net has seen
LINE_WEIGHTS = np.array([-1.433, -0.074])
LINE_BIAS = 0.423
DOUBT = 0.3  # logarithm by which a second guess must look better than the first
SECOND = 0.5  # how much the single digit's net counts beside the strip's


def digit_shares(frames: Frames, weight: NDArray[np.float32]) -> NDArray[np.float64]:
    """Join what both readers say about one digit: (10,), sums to 1.

    Args:
        frames: The frames in which the digit was written.
        weight: What the net for single digits says of it.
    """
    first = frames[:, :10].max(axis=0)
    joined = (first + SECOND * weight[:10]).astype(np.float64)
    shares: NDArray[np.float64] = np.exp(joined - joined.max())
    return shares / float(shares.sum())


def line_facts(votes: list[Vote], weights: Weights) -> NDArray[np.float64]:
    """Gather what tells whether a line is read rightly.

    Args:
        votes: What the views hold likely, the chosen row of digits first.
        weights: What the net for single digits says of each digit.

    Returns:
        Two doubts, as logarithms: of the views in the row as a whole, and of the net
        for single digits in the digit it likes least.
    """
    chosen = votes[0]
    said = weights[np.arange(len(chosen.digits)), list(chosen.digits)]
    worst = max(float(said.min()), LEAST_SAID)
    return np.log(LEAST_DOUBT - np.array([min(chosen.score, 0.0), min(worst, 0.0)]))


def line_confidence(votes: list[Vote], weights: Weights) -> float:
    """Tell how likely all digits of a line are right, and none is missing.

    Args:
        votes: What the views hold likely, the chosen row of digits first.
        weights: What the net for single digits says of each digit.
    """
    score = float(line_facts(votes, weights) @ LINE_WEIGHTS) + LINE_BIAS
    return float(1 / (1 + np.exp(-score)))


def single_shares(
    weight: NDArray[np.float32], views: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Join what both readers say about the only digit in a picture.

    Args:
        weight: What the net for single digits says, (11,).
        views: What the strip's net says, (10,); none if it was not asked.

    Returns:
        (10,) shares; what is missing to 1 is that it is no digit.
    """
    joined = weight[:10].astype(np.float64)
    if views is not None:
        joined = joined + VIEWS_SHARE * views
    shares = np.exp(joined - joined.max())
    known: NDArray[np.float64] = shares / shares.sum() * (1 - np.exp(weight[10]))
    return known


def best_guess(weights: Weights) -> int:
    """Choose the guess at a digit that looks most like one; the first if in doubt.

    Args:
        weights: What the net says of each guess.

    Example:
        >>> import math
        >>> weights = np.full((2, 11), -9, np.float32)
        >>> weights[0, 7], weights[1, 1] = math.log(0.8), math.log(0.9)
        >>> best_guess(weights)
        0
    """
    likely = weights[:, :10].max(axis=1).astype(np.float64)
    likely[1:] -= DOUBT
    return int(likely.argmax())
