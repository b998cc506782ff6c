"""CTC decoding under a pattern: the best row of digits that the pattern allows.

The net gives log probabilities of ten digits and of blank for each frame of a strip. A
row of digits is aligned with frames as in connectionist temporal classification: each
digit for one frame or more, blanks between, and one at least between two equal digits.

Source:
    Graves et al., Connectionist Temporal Classification, 2006,
    doi:10.1145/1143844.1143891.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.pattern import Pattern, any_digits
from mnistry.scan.recognize.ctc import BLANK, Frames, log_mean, log_posteriors

LOG_ZERO = -1e9  # so unlikely that sums of it stay apart from all that is likely
_ANY = any_digits()


class Hypothesis(NamedTuple):
    """A row of digits, and the logarithm of its mean probability over the views."""

    digits: tuple[int, ...]
    score: float


class Path(NamedTuple):
    """The best alignment with the frames: digits, and the frames each one takes."""

    digits: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    score: float


def best_path(frames: Frames, pattern: Pattern) -> Path | None:
    """Find the likeliest alignment whose digits the pattern allows (Viterbi).

    Args:
        frames: (frames, 11) log probabilities.
        pattern: What is allowed.

    Returns:
        The digits with their frames; none if no path fits in so few frames.

    Example:
        >>> from mnistry.scan.pattern import any_digits
        >>> frames = np.full((5, 11), -9.0, np.float32)
        >>> frames[[0, 2, 4], 10] = frames[1, 7] = frames[3, 7] = -0.1
        >>> best_path(frames, any_digits()).digits
        (7, 7)
    """
    free = _greedy_path(frames, pattern)
    if pattern.accepts(free.digits):
        return free  # the likeliest of all paths is the likeliest of those allowed
    arcs = _Arcs.of(pattern)
    # a node is (state, last symbol written in this frame, or blank)
    scores = np.full((len(pattern.steps), 11), LOG_ZERO)
    scores[0, BLANK] = 0.0
    states = np.arange(len(scores))
    history = []
    for frame in frames.astype(np.float64):
        came = np.full(scores.shape, -1, int)  # -1: the node itself, one frame earlier
        new = scores + frame  # stay: blank after blank, digit after itself
        last = scores[:, :BLANK].argmax(axis=1)
        rest = scores[states, last] + frame[BLANK]
        better = rest > new[:, BLANK]
        new[better, BLANK] = rest[better]
        came[better, BLANK] = (states * 11 + last)[better]
        arcs.write(scores, frame, new.reshape(-1), came.reshape(-1))
        scores = new
        history.append(came)
    return _trace(scores, history, pattern)


class _Arcs(NamedTuple):
    """The steps of a pattern, one for each digit, in the order of the nodes they enter.

    Attributes:
        origin: The states they leave.
        symbol: Their digits.
        nodes: Each node that one enters, once.
        starts: The first arc into each of these nodes.
    """

    origin: NDArray[np.int64]
    symbol: NDArray[np.int64]
    nodes: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, pattern: Pattern) -> "_Arcs":
        arcs = [
            (state, digit, step.after * 11 + digit)
            for state, steps in enumerate(pattern.steps)
            for step in steps
            for digit in sorted(step.digits)
        ]
        arcs.sort(key=lambda arc: arc[2])
        columns = np.array(arcs, np.int64).reshape(-1, 3).T
        nodes, starts = np.unique(columns[2], return_index=True)
        return cls(columns[0], columns[1], nodes, starts)

    def write(
        self,
        scores: NDArray[np.float64],
        frame: NDArray[np.float64],
        new: NDArray[np.float64],
        came: NDArray[np.int64],
    ) -> None:
        """Write a digit in this frame: after any other symbol of a state, or blank."""
        if not len(self.nodes):
            return
        states = np.arange(len(scores))
        best = scores.argmax(axis=1)
        others = scores.copy()
        others[states, best] = LOG_ZERO * 2
        second = others.argmax(axis=1)
        origin, symbol = self.origin, self.symbol
        before = np.where(best[origin] == symbol, second[origin], best[origin])
        value = scores[origin, before] + frame[symbol]
        highest, first = self._highest(value)
        better = highest > new[self.nodes]
        nodes, arcs = self.nodes[better], first[better]
        new[nodes] = highest[better]
        came[nodes] = origin[arcs] * 11 + before[arcs]

    def _highest(
        self, value: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Give the highest value of the arcs into each node, and the first such arc."""
        if len(value) == len(self.starts):  # one into each, as in [0-9]{7}
            return value, self.starts
        highest = np.maximum.reduceat(value, self.starts)
        lengths = np.diff(self.starts, append=len(value))
        winners = np.flatnonzero(value == np.repeat(highest, lengths))
        return highest, winners[np.searchsorted(winners, self.starts)]


def _trace(
    scores: NDArray[np.float64], history: list[NDArray[np.int64]], pattern: Pattern
) -> Path | None:
    ends = sorted(pattern.ends)
    if not ends:
        return None
    flat = [(float(scores[e, s]), e, s) for e in ends for s in range(11)]
    score, state, symbol = max(flat)
    if score <= LOG_ZERO / 2:
        return None
    digits: list[int] = []
    spans: list[tuple[int, int]] = []
    end = len(history)
    for at in range(len(history) - 1, -1, -1):
        came = int(history[at][state, symbol])
        if came == -1:
            continue
        if symbol != BLANK:
            digits.append(symbol)
            spans.append((at, end))
        state, symbol = divmod(came, 11)
        end = at
    return Path(tuple(digits[::-1]), tuple(spans[::-1]), score)


def align(frames: Frames, digits: tuple[int, ...]) -> Path | None:
    """Find the likeliest alignment of just these digits.

    Args:
        frames: (frames, 11) log probabilities.
        digits: The row of digits.

    Returns:
        The digits with their frames; none if they do not fit in so few frames.

    Example:
        >>> frames = np.full((4, 11), -9.0, np.float32)
        >>> frames[[0, 3], 10] = frames[1, 7] = frames[2, 4] = -0.1
        >>> align(frames, (7, 4)).spans
        ((1, 2), (2, 3))
    """
    free = _greedy_path(frames, _ANY)
    if free.digits == digits:
        return free  # the likeliest of all paths
    symbols = np.full(2 * len(digits) + 1, BLANK)
    symbols[1::2] = digits
    emitted = frames.astype(np.float64)[:, symbols]
    barred = np.full(len(symbols), LOG_ZERO)  # a blank may be left out between two
    barred[3::2] = np.where(symbols[3::2] == symbols[1:-2:2], LOG_ZERO, 0.0)
    reached = np.full(len(symbols) + 2, LOG_ZERO)  # two more before the first
    reached[2] = 0.0
    steps = np.zeros(emitted.shape, np.int8)
    for number, emission in enumerate(emitted):
        best, before, skipped = reached[2:], reached[1:-1], reached[:-2] + barred
        steps[number] = before > best
        best = np.maximum(best, before)
        steps[number, skipped > best] = 2
        reached[2:] = np.maximum(best, skipped) + emission
    return _follow(reached[2:], steps, digits)


def _follow(
    reached: NDArray[np.float64], steps: NDArray[np.int8], digits: tuple[int, ...]
) -> Path | None:
    """Go back, from the likeliest of the last symbols, by the steps that led there."""
    place = len(reached) - 1
    if digits and reached[place - 1] > reached[place]:
        place -= 1
    score = float(reached[place])
    if score <= LOG_ZERO / 2:
        return None
    starts, ends = [0] * len(digits), [0] * len(digits)
    for number in range(len(steps) - 1, -1, -1):
        if place % 2:
            starts[place // 2] = number
            ends[place // 2] = max(ends[place // 2], number + 1)
        place -= int(steps[number, place])
    return Path(digits, tuple(zip(starts, ends, strict=True)), score)


def rank_hypotheses(
    views: list[Frames], rows: set[tuple[int, ...]]
) -> list[Hypothesis]:
    """Rank rows of digits by their mean probability over several views of one line.

    A mean of logarithms read 1 to 2.5 % fewer composed strings: there one view that
    sees nothing outweighs four that do.

    Args:
        views: The log probabilities of each view, (frames, 11).
        rows: The rows of digits to rank.

    Returns:
        Each row with the logarithm of its mean probability; the likeliest first.

    Example:
        >>> frames = np.full((3, 11), -9.0, np.float32)
        >>> frames[[0, 2], 10] = frames[1, 7] = -0.1
        >>> rank_hypotheses([frames], {(7,), (1,)})[0].digits
        (7,)
    """
    if not rows:
        return []
    ordered = sorted(rows)
    scores = log_mean(log_posteriors(views, ordered))
    hypotheses = [
        Hypothesis(row, float(score))
        for row, score in zip(ordered, scores, strict=True)
    ]
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)


def _greedy_path(frames: Frames, pattern: Pattern) -> Path:
    """Take the likeliest symbol of each frame: the best path where none is refused."""
    barred = sorted(frozenset(range(BLANK)) - pattern.digits)
    free = frames
    if barred:
        free = frames.copy()
        free[:, barred] = LOG_ZERO
    digits: list[int] = []
    spans: list[tuple[int, int]] = []
    start, last = 0, BLANK
    for frame, symbol in enumerate([*free.argmax(axis=1).tolist(), BLANK]):
        if symbol == last:
            continue
        if last != BLANK:
            digits.append(last)
            spans.append((start, frame))
        start, last = frame, symbol
    return Path(tuple(digits), tuple(spans), float(free.max(axis=1).sum()))
