"""A second opinion on the digits of a line: nets that saw one digit at a time.

The net for lines sees how digits hang together and seldom miscounts them, but it takes
a hasty one for a seven more often than nets that look at one digit do. Where a digit's
ink stands by itself, theirs counts too.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.scan.pattern import Pattern
from mnistry.scan.recognize import decode
from mnistry.scan.recognize.ctc import Frames
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.scan.recognize.models import Weights, say_plainly, weigh

# chosen on composed strings and generated pages of writers held back
SHARE = 0.3  # how much each of the two nets counts beside the views of a strip
LEAST = -8.0  # logarithm: one net must not decide alone


class Opinion(NamedTuple):
    """What the nets for single digits say of each digit of a line.

    Attributes:
        own: (n, 11) log probabilities of ten digits and of junk.
        plain: (n, 10) log probabilities, of the packaged model.
        whole: (n,) whether the digit's ink stands by itself.
    """

    own: Weights
    plain: NDArray[np.float32]
    whole: NDArray[np.bool_]


def ask(images: Images, whole: NDArray[np.bool_]) -> Opinion:
    """Ask both nets.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.
        whole: (n,) whether the digit's ink stands by itself.
    """
    return Opinion(weigh(images), say_plainly(images), whole)


def reconsider(
    votes: list[Hypothesis], opinion: Opinion, frames: list[Frames], wanted: Pattern
) -> list[Hypothesis]:
    """Judge a row of digits again, and what it would be with other digits in it.

    Args:
        votes: What the views hold likely, the likeliest first.
        opinion: On the digits of the likeliest.
        frames: What the net for lines says of each view.
        wanted: What the line must match.

    Returns:
        The votes and further ones, in the order of what all nets say together.

    Example:
        >>> said = np.full((4, 11), -9, np.float32)
        >>> said[1:3, 1], said[1:3, 7], said[[0, 3], 10] = -0.6, -0.8, -0.1
        >>> alone = np.full((1, 11), -9, np.float32)
        >>> alone[0, 7] = 0
        >>> opinion = Opinion(alone, alone[:, :10], np.array([True]))
        >>> from mnistry.scan.pattern import any_digits
        >>> first = decode.rank_hypotheses([said], {(1,)})
        >>> [vote.digits for vote in reconsider(first, opinion, [said], any_digits())]
        [(7,), (1,)]
    """
    row = np.array(votes[0].digits)
    heard = np.maximum(opinion.own[:, :10], LEAST) + np.maximum(opinion.plain, LEAST)
    gains = SHARE * heard.astype(np.float64) * opinion.whole[:, None]
    gains -= gains[np.arange(len(row)), row][:, None]
    better = np.where(gains.max(axis=1) > 0, gains.argmax(axis=1), row)
    differing = np.flatnonzero(better != row)
    rows = {tuple(int(digit) for digit in better)}
    for place in differing:
        one = row.copy()
        one[place] = better[place]
        rows.add(tuple(int(digit) for digit in one))
    known = {vote.digits for vote in votes}
    new = {digits for digits in rows - known if wanted.accepts(digits)}
    together = votes + decode.rank_hypotheses(frames, new)

    def total(vote: Hypothesis) -> float:
        if len(vote.digits) != len(row):
            return vote.score
        return vote.score + float(gains[np.arange(len(row)), list(vote.digits)].sum())

    return sorted(together, key=total, reverse=True)
