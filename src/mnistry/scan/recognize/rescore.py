"""Rescore the hypotheses of a line by nets that see one digit at a time.

The net for lines sees how digits are joined and seldom miscounts them, but it takes a
hasty 1 for a 7 more often than nets for single digits do. Where a digit touches no
other, these count too.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.scan.pattern import Pattern
from mnistry.scan.recognize import decode
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.scan.recognize.models import (
    NON_DIGIT,
    LogProbs,
    digit_header,
    digit_log_probs,
    packaged_log_probs,
)

MIN_LOG_PROB = -8.0  # one net must not decide alone
# Lines settled by two views are not rescored: in none of 1,690 generated ones did nets
# for single digits choose another digit, for the lead of the sequence is more than they
# can add. The net for single digits, which takes three times as long as the packaged
# model, runs only on digits of which that one is not SURE (log probability): 9 % of
# 7,976 in such lines. For the others AS_SURE times the log probabilities of the
# packaged model stand for its own: so confidences of digits have no more log loss
# (0.247; 0.256 without this, 0.305 with the model's own), the same Brier score
# (0.0291), and 35 change by more than 0.005. Of 1,640 generated lines that are rescored
# 1,451 are right, 1,450 without this, and as many confidently wrong
SURE, AS_SURE = -0.05, 0.4


class RescoringTerms(NamedTuple):
    """What the nets for single digits add to the score of each digit of a line.

    Attributes:
        digit: (n, 11) log probabilities of the net for single digits.
        packaged: (n, 10) log probabilities of the packaged model.
        isolated: (n,) whether the digit touches no other.
    """

    digit: LogProbs
    packaged: NDArray[np.float32]
    isolated: NDArray[np.bool_]


def rescoring_terms(
    images: Images, isolated: NDArray[np.bool_], sequence: tuple[int, ...]
) -> RescoringTerms:
    """Run both nets for single digits, the slower one if the other is not sure.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.
        isolated: (n,) whether the digit touches no other.
        sequence: The digits that they are, most likely.
    """
    packaged = packaged_log_probs(images)
    digit = np.full((len(images), NON_DIGIT + 1), -np.inf, np.float32)
    digit[:, :NON_DIGIT] = AS_SURE * packaged
    unsure = packaged[np.arange(len(sequence)), sequence] < SURE
    digit[unsure] = digit_log_probs(images[unsure])
    return RescoringTerms(digit, packaged, isolated)


def rescore_hypotheses(
    hypotheses: list[Hypothesis],
    terms: RescoringTerms,
    views: list[LogProbs],
    pattern: Pattern,
) -> list[Hypothesis]:
    """Rescore sequences of digits, and propose others that the nets prefer.

    Args:
        hypotheses: The likeliest first.
        terms: Of the digits of the likeliest.
        views: (frames, 11) log probabilities of each view.
        pattern: What the line must match.

    Returns:
        The hypotheses and further ones, the best by all nets first.

    Example:
        >>> view = np.full((4, 11), -9, np.float32)
        >>> view[1:3, 1], view[1:3, 7], view[[0, 3], 10] = -0.6, -0.8, -0.1
        >>> digit = np.full((1, 11), -9, np.float32)
        >>> digit[0, 7] = 0
        >>> terms = RescoringTerms(digit, digit[:, :10], np.array([True]))
        >>> from mnistry.scan.pattern import any_digits
        >>> first = decode.rank_hypotheses([view], {(1,)})
        >>> rescored = rescore_hypotheses(first, terms, [view], any_digits())
        >>> [hypothesis.digits for hypothesis in rescored]
        [(7,), (1,)]
    """
    sequence = np.array(hypotheses[0].digits)
    logs = np.maximum(terms.digit[:, :10], MIN_LOG_PROB)
    logs = logs + np.maximum(terms.packaged, MIN_LOG_PROB)
    weight = digit_header().rescoring_weight
    gains = weight * logs.astype(np.float64) * terms.isolated[:, None]
    gains -= gains[np.arange(len(sequence)), sequence][:, None]
    better = np.where(gains.max(axis=1) > 0, gains.argmax(axis=1), sequence)
    sequences = {tuple(int(digit) for digit in better)}
    for place in np.flatnonzero(better != sequence):
        one = sequence.copy()
        one[place] = better[place]
        sequences.add(tuple(int(digit) for digit in one))
    present = {hypothesis.digits for hypothesis in hypotheses}
    new = {digits for digits in sequences - present if pattern.accepts(digits)}
    candidates = hypotheses + decode.rank_hypotheses(views, new)

    def total(hypothesis: Hypothesis) -> float:
        if len(hypothesis.digits) != len(sequence):
            return hypothesis.score
        gained = gains[np.arange(len(sequence)), list(hypothesis.digits)].sum()
        return hypothesis.score + float(gained)

    return sorted(candidates, key=total, reverse=True)
