"""How likely a reading is right: what two readers say, and whether they agree."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.recognize.ctc import Frames
from mnistry.scan.recognize.decode import Hypothesis


class Fit(NamedTuple):
    """How facts of a line become a confidence.

    Attributes:
        weights: Of each fact, and the bias; they sum to a score.
        temperature: What a score above 0 is divided by, so that few of the sure are
            wrong. Those below stay: what is hopeless shall not look better.
    """

    weights: NDArray[np.float64]
    temperature: float


LEAST_SAID = -6.0  # logarithm; one net must not doubt a digit more than this
LEAST_DOUBT = 0.01  # keeps the logarithm of no doubt finite
LENGTHS = 3, 8  # digits; confidence was fitted on lines about so long
# fitted by training/reading/calibrate.py: strings, and codes that match a pattern
FREE = Fit(np.array([-1.628, -0.081, 0.912, -1.355]), 1.34)
MATCHING = Fit(np.array([-0.642, -0.745, -0.195, -0.11]), 1.41)
# training/reading/join_single.py: single digits of writers no net has seen; about so
# much, for accuracy hardly changes where the shares do a little
NETS_SHARES = 0.35, 0.2, 0.2  # of the net for lines, the packaged model, the third
ALL_INK_DOUBT = 0.4  # logarithm by which all ink must look better than a part of it
LEAST_HEARD = -25.0  # logarithm: one net must not decide alone
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


def line_facts(
    votes: list[Hypothesis], plain: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Gather what tells whether a line is read rightly.

    Args:
        votes: What the views hold likely, the chosen row of digits first; where a
            pattern is given, how likely among all that match it.
        plain: What the packaged model says of each digit, (n, 10).

    Returns:
        Two doubts, as logarithms: of the views in the row as a whole, and of the model
        in the digit it likes least; and the logarithm of the number of digits, for a
        short row may be what is left where digits were overlooked.
    """
    digits = list(votes[0].digits)
    worst = float(plain[np.arange(len(digits)), digits].min())
    sure = np.array([votes[0].score, max(worst, LEAST_SAID)])
    doubts = np.log(LEAST_DOUBT - np.minimum(sure, 0.0))
    return np.append(doubts, np.log(np.clip(len(digits), *LENGTHS)))


def line_confidence(
    votes: list[Hypothesis],
    plain: NDArray[np.float32],
    *,
    fit: Fit = FREE,
) -> float:
    """Tell how likely all digits of a line are right, and none is missing.

    Args:
        votes: What the views hold likely, the chosen row of digits first.
        plain: What the packaged model says of each digit, (n, 10).
        fit: `FREE`, or `MATCHING` where votes tell how likely rows are among those
            that match a pattern.
    """
    score = float(line_facts(votes, plain) @ fit.weights[:-1] + fit.weights[-1])
    score = min(score, score / fit.temperature)
    return float(1 / (1 + np.exp(-score)))


def join_nets(
    views: NDArray[np.float64], plain: NDArray[np.float32], own: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Join what three nets say about the only digit in a picture.

    Args:
        views: What the net for lines says, (10,) logarithms, the mean of its views.
        plain: What the packaged model says, (10,).
        own: What the net for single digits says, (11,): its doubt in any digit counts.

    Returns:
        (10,) logarithms of a share each; the exponentials sum to less than 1.
    """
    joined = np.zeros(10)
    heard: tuple[NDArray[Any], ...] = (views, plain, own[:10])
    for share, said in zip(NETS_SHARES, heard, strict=True):
        joined += share * np.maximum(said, LEAST_HEARD)
    return joined
