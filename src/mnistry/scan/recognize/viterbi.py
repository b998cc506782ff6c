"""The likeliest of all alignments whose digits a pattern allows, in several views.

A node is a state of the pattern and the symbol written last, a digit or blank: from one
frame to the next each goes on, or leads to blank, or to a digit that may come next.

Source:
    Viterbi, Error bounds for convolutional codes, 1967, doi:10.1109/TIT.1967.1054010.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.pattern import Pattern
from mnistry.scan.recognize.ctc import BLANK, LOG_ZERO, Frames, side_by_side

SYMBOLS = BLANK + 1


class Path(NamedTuple):
    """The best alignment with the frames: digits, and the frames each one takes."""

    digits: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    score: float


def viterbi(views: Sequence[Frames], pattern: Pattern) -> list[Path | None]:
    """Find the likeliest alignment with each view whose digits a pattern allows.

    Args:
        views: The log probabilities of each, (frames, 11), one at least.
        pattern: What is allowed.

    Returns:
        Of each view the digits with their frames; none if no path fits.

    Example:
        >>> from mnistry.scan.pattern import parse_pattern
        >>> frames = np.full((3, 11), -9.0, np.float32)
        >>> frames[[0, 2], 10] = frames[1, 7] = -0.1
        >>> viterbi([frames], parse_pattern("[0-9]"))[0].spans
        ((1, 2),)
    """
    states = len(pattern.steps)
    arcs = _Arcs.of(pattern, len(views))
    scores = np.full((len(views) * states, SYMBOLS), LOG_ZERO)
    scores[::states, BLANK] = 0.0
    every = np.arange(len(scores)) * SYMBOLS
    history = []
    for emission in side_by_side(views, max(map(len, views))):
        frame = np.repeat(emission, states, axis=0)
        came = np.full(scores.shape, -1, np.int32)  # -1: the node itself
        new = scores + frame  # stay: blank after blank, digit after itself
        last = every + scores[:, :BLANK].argmax(axis=1)
        rest = scores.take(last) + frame[:, BLANK]
        better = rest > new[:, BLANK]
        new[better, BLANK] = rest[better]
        came[better, BLANK] = last[better]
        arcs.write(scores, frame, new.reshape(-1), came.reshape(-1))
        scores = new
        history.append(came)
    ends = np.array(sorted(pattern.ends), np.int64)
    return [
        _trace(scores, history, ends + states * number) for number in range(len(views))
    ]


class _Arcs(NamedTuple):
    """The steps of a pattern, one for each digit and view, by the node each enters.

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
    def of(cls, pattern: Pattern, views: int) -> "_Arcs":
        arcs = [
            (state, digit, step.after * SYMBOLS + digit)
            for state, steps in enumerate(pattern.steps)
            for step in steps
            for digit in sorted(step.digits)
        ]
        arcs.sort(key=lambda arc: arc[2])
        states = len(pattern.steps)
        of_one = np.array(arcs, np.int64).reshape(-1, 3)
        each = np.arange(views)[:, None, None] * np.array([states, 0, states * SYMBOLS])
        origin, symbol, entered = (of_one + each).reshape(-1, 3).T
        nodes, starts = np.unique(entered, return_index=True)
        return cls(origin, symbol, nodes, starts)

    def write(
        self,
        scores: NDArray[np.float64],
        frame: NDArray[np.float64],
        new: NDArray[np.float64],
        came: NDArray[np.int32],
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
        value = scores[origin, before] + frame[origin, symbol]
        highest, first = self._highest(value)
        better = highest > new[self.nodes]
        nodes, arcs = self.nodes[better], first[better]
        new[nodes] = highest[better]
        came[nodes] = origin[arcs] * SYMBOLS + before[arcs]

    def _highest(
        self, value: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the highest value of arcs into each node, and the first such arc."""
        if len(value) == len(self.starts):  # one into each, as in [0-9]{7}
            return value, self.starts
        highest = np.maximum.reduceat(value, self.starts)
        lengths = np.diff(self.starts, append=len(value))
        winners = np.flatnonzero(value == np.repeat(highest, lengths))
        return highest, winners[np.searchsorted(winners, self.starts)]


def _trace(
    scores: NDArray[np.float64],
    history: list[NDArray[np.int32]],
    ends: NDArray[np.int64],
) -> Path | None:
    """Go back from the likeliest of the nodes in which a view's path may end."""
    flat = [(float(scores[e, s]), e, s) for e in ends.tolist() for s in range(SYMBOLS)]
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
        state, symbol = divmod(came, SYMBOLS)
        end = at
    return Path(tuple(digits[::-1]), tuple(spans[::-1]), score)
