"""The confidence of a line or a digit: how sure several nets are, and agree."""

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.recognize.decode import Hypothesis
from mnistry.scan.recognize.models import LogProbs, digit_header, line_header
from mnistry.softmax import shares, sigmoid

MIN_PACKAGED_LOG_PROB = -6.0  # no digit counts as less likely to the packaged model
MIN_SURPRISAL = 0.01  # keeps its logarithm finite if a sequence is certain
MIN_PATTERN_SURPRISAL = 1.0  # so high that only lines that hardly match lose by it
LENGTHS = 3, 8  # digits; confidence was fitted on lines about so long
ALL_INK_PENALTY = 0.4  # log probability that all ink must gain on a part of it
# times the confidence of a line that may be something else, such as a date: it is then
# no longer sure (0.9), but if it was, it stays above 0.5, below which a line is unsure
# and the picture is looked at in other ways
PENALTY = 0.7
MIN_LOG_PROB = -25.0  # one net must not decide alone
ALTERNATIVES = 3  # other digits that are given with a digit


def digit_probabilities(
    log_probs: LogProbs,
    spans: Sequence[tuple[int, int]],
    digit_log_probs: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Combine both nets for each digit of a line: (n, 10), rows sum to 1.

    Args:
        log_probs: (frames, 11) the net for lines.
        spans: First CTC frame of each of n digits, and the one after its last.
        digit_log_probs: (n, 11) the net for single digits.
    """
    ends = [end for span in spans for end in span]
    if ends[-1] == len(log_probs):  # the last part goes to the end by itself
        ends.pop()
    strongest = np.maximum.reduceat(log_probs[:, :10], ends)[::2]
    joined = strongest + digit_header().line_weight * digit_log_probs[:, :10]
    return shares(joined.astype(np.float64))


def line_features(
    hypotheses: list[Hypothesis],
    packaged: NDArray[np.float32],
    matching: float | None = None,
) -> NDArray[np.float64]:
    """Compute the features of a line's confidence.

    Args:
        hypotheses: Rows of digits, the chosen one first.
        packaged: (n, 10) log probabilities of the packaged model.
        matching: Logarithm of the probability of all sequences that match the pattern,
            where one is given: the chosen sequence counts among these.

    Returns:
        Logarithms of surprisals, which are negative log probabilities: of the whole
        sequence in the views, and of its least likely digit to the model; then the
        logarithm of the number of digits, for in a short sequence digits may be
        missing; with a pattern, that of the surprisal that any sequence matches.
    """
    digits = list(hypotheses[0].digits)
    worst = float(packaged[np.arange(len(digits)), digits].min())
    all_rows = 0.0 if matching is None else matching
    logs = hypotheses[0].score - all_rows, max(worst, MIN_PACKAGED_LOG_PROB)
    features = [log(MIN_SURPRISAL - min(of, 0.0)) for of in logs]
    features.append(log(min(max(len(digits), LENGTHS[0]), LENGTHS[1])))
    if matching is not None:
        features.append(log(MIN_PATTERN_SURPRISAL - min(matching, 0.0)))
    return np.array(features)


def line_confidence(
    hypotheses: list[Hypothesis],
    packaged: NDArray[np.float32],
    matching: float | None = None,
) -> float:
    """Compute how likely all digits of a line are right and none is missing.

    Args:
        hypotheses: Rows of digits, the chosen one first.
        packaged: (n, 10) log probabilities of the packaged model.
        matching: Logarithm of the probability of all sequences that match the pattern,
            where one is given.
    """
    header = line_header()
    fit = header.free if matching is None else header.matching
    features = line_features(hypotheses, packaged, matching)
    score = float(features @ fit.coefficients[:-1] + fit.coefficients[-1])
    score = score / fit.temperature if score > 0 else score
    return sigmoid(score)


def excluding(confidence: float, other: float) -> float:
    """Return the probability of one of two readings of which at most one is right.

    Args:
        confidence: Of it, taken by itself.
        other: Of the other one, taken by itself.

    Example:
        >>> round(excluding(0.9, 0.0), 3), round(excluding(0.9, 0.5), 3)
        (0.9, 0.818)
    """
    both = confidence * other
    return (confidence - both) / (1 - both) if both < 1 else 0.5


def alternatives(
    probabilities: NDArray[np.float64], value: int
) -> tuple[tuple[int, float], ...]:
    """Return the likeliest other digits, each with its probability.

    Args:
        probabilities: (10,) of a digit.
        value: What it was read as.

    Example:
        >>> alternatives(np.arange(10) / 45, 9)[0]
        (8, 0.17777777777777778)
    """
    shares = probabilities.tolist()
    others = [of for of in range(len(shares)) if of != value]
    others.sort(key=shares.__getitem__, reverse=True)
    return tuple((of, shares[of]) for of in others[:ALTERNATIVES])


def combine_nets(
    views: NDArray[np.float64],
    packaged: NDArray[np.float32],
    digit: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Combine three nets for the only digit in a picture.

    Args:
        views: (10,) log probabilities of the net for lines, the mean of its views.
        packaged: (10,) log probabilities of the packaged model.
        digit: (11,) log probabilities of the net for single digits.

    Returns:
        (10,) weighted sums of log probabilities; the exponentials sum to less than 1.
    """
    joined = np.zeros(10)
    nets: tuple[NDArray[Any], ...] = (views, packaged, digit[:10])
    for weight, log_probs in zip(digit_header().ensemble, nets, strict=True):
        joined += weight * np.maximum(log_probs, MIN_LOG_PROB)
    return joined
