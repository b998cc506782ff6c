"""The CTC forward algorithm: how likely digits are, over all their alignments.

The net gives log probabilities of ten digits and of blank for each frame; see `decode`.

Source:
    Graves et al., Connectionist Temporal Classification, 2006,
    doi:10.1145/1143844.1143891.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.pattern import Pattern

BLANK = 10
EACH_DIGIT = [(digit,) for digit in range(10)]  # as sequences of one
LOG_ZERO = -1e9  # so low that sums of it are below any log probability that occurs
SMALLEST = 1e-300  # keeps logarithms finite if a sequence does not fit
SCALED_EVERY = 8  # frames; doubles do not underflow if each frame gives 1e-36 or more

Frames = NDArray[np.float32]
"""(frames, 11) float32; log probabilities of ten digits and of blank."""


def log_posterior(frames: Frames, digits: tuple[int, ...]) -> float:
    """Return the probability of just these digits, over all alignments with the frames.

    Args:
        frames: (frames, 11) log probabilities.
        digits: The sequence of digits.

    Returns:
        The natural logarithm of the probability.

    Example:
        >>> frames = np.log(np.full((2, 11), 1 / 11, np.float32))
        >>> round(float(np.exp(log_posterior(frames, (3,)))) * 121, 3)  # 3-, -3, 33
        3.0
    """
    return float(log_posteriors([frames], [digits])[0, 0])


def log_mean(logs: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the logarithm of the mean of probabilities along the first axis.

    Args:
        logs: Their natural logarithms.

    Example:
        >>> round(float(np.exp(log_mean(np.log([0.2, 0.4])))), 3)
        0.3
    """
    mean: NDArray[np.floating] = np.logaddexp.reduce(logs, axis=0)
    return mean - mean.dtype.type(np.log(len(logs)))


def log_posteriors(
    views: Sequence[Frames], sequences: Sequence[tuple[int, ...]]
) -> NDArray[np.float64]:
    """Return the probability of each sequence of digits in each view.

    All views and sequences take a step together, in probabilities that are scaled every
    few frames: logarithms, or view after view, would cost many times as much. Both
    halves of the frames take it together, too, the second one backwards with each
    sequence reversed: where they meet, their products are summed. A shorter view is
    padded with frames that are certainly blank, which changes nothing.

    Args:
        views: The log probabilities of each, (frames, 11).
        sequences: Sequences of digits.

    Returns:
        (views, sequences) natural logarithms.
    """
    count, longest = len(sequences), max(map(len, sequences), default=0)
    symbols = np.full((2 * count, 2 * longest + 1), BLANK)
    for number, sequence in enumerate(sequences):
        symbols[number, 1 : 2 * len(sequence) : 2] = sequence
        symbols[number + count, 1 : 2 * len(sequence) : 2] = sequence[::-1]
    frames = _halves(views)
    first, last = frames[: len(frames) // 2], frames[: len(frames) // 2 - 1 : -1]
    ways = symbols[:count], symbols[count:]
    emitted = np.empty((len(first), len(symbols), len(views), symbols.shape[1]))
    emitted[:, :count] = first.take(ways[0], axis=2).transpose(0, 2, 1, 3)
    emitted[:, count:] = last.take(ways[1], axis=2).transpose(0, 2, 1, 3)
    steps = _steps(symbols)
    alpha, scale = _forward(emitted, steps)
    ends = np.array([2 * len(sequence) for sequence in sequences], int)
    opposite = ends[:, None] - np.arange(2 * longest + 1)
    of_each, of_view = np.arange(count)[:, None, None], np.arange(len(views))[:, None]
    met = alpha[count:][of_each, of_view, np.maximum(opposite, 0)[:, None]]
    met *= (alpha[:count] @ steps[:count]) * (opposite >= 0)[:, None]
    logs = np.log(met.sum(axis=2) + SMALLEST) + scale[:count] + scale[count:]
    together: NDArray[np.float64] = logs.T
    return together


def _forward(
    emitted: NDArray[np.float64], steps: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum over all alignments with the frames, up to each symbol of each sequence.

    Args:
        emitted: (frames, sequences, views, symbols) probabilities.
        steps: (sequences, symbols, symbols), as `_steps` gives them.

    Returns:
        (sequences, views, symbols) scaled sums, and the logarithm of their scale.
    """
    alpha = np.zeros(emitted.shape[1:])
    alpha[:, :, :2] = emitted[0, :, :, :2]
    moved = np.empty_like(alpha)
    scale = np.zeros(alpha.shape[:2])
    for number in range(1, len(emitted)):
        np.matmul(alpha, steps, out=moved)
        np.multiply(moved, emitted[number], out=alpha)
        if number % SCALED_EVERY == 0:
            total = alpha.sum(axis=2) + SMALLEST
            alpha /= total[:, :, None]
            scale += np.log(total)
    return alpha, scale


def _steps(symbols: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return which symbols of each sequence may follow a symbol in the next frame.

    Itself, the next one, and the one after a blank between two different digits.
    """
    size = symbols.shape[1]
    every = np.arange(size)
    steps = np.zeros((len(symbols), size, size))
    steps[:, every, every] = steps[:, every[:-1], every[1:]] = 1.0
    digits = every[3::2]
    steps[:, digits - 2, digits] = symbols[:, digits] != symbols[:, digits - 2]
    return steps


def log_matching(
    views: Sequence[Frames], pattern: Pattern, least: float = -np.inf
) -> NDArray[np.float64]:
    """Return the probability in each view that the digits match a pattern, whichever.

    Args:
        views: The log probabilities of each, (frames, 11).
        pattern: What is allowed. A sequence that it can match in two ways counts twice,
            so that others seem less likely than they are, never more.
        least: Natural logarithm; if after some of the frames no view can reach it any
            more, the other frames are left out.

    Returns:
        (views,) natural logarithms; if all are below `least`, upper bounds of them.

    Example:
        >>> from mnistry.scan.pattern import parse_pattern
        >>> frames = np.log(np.full((2, 11), 1 / 11, np.float32))
        >>> round(float(np.exp(log_matching([frames], parse_pattern("[0-9]"))[0])), 3)
        0.248
    """
    states = len(pattern.steps)
    leads = np.zeros((BLANK, states, states))  # by a digit from a state to a state
    for state, steps in enumerate(pattern.steps):
        for step in steps:
            leads[list(step.digits), state, step.after] += 1
    # if every match is counted once, probability only falls from frame to frame
    falls = leads.sum(axis=2).max() <= 1
    emitted = _halves(views).transpose(0, 2, 1)[..., None]
    alpha = np.zeros((BLANK + 1, len(views), states))
    alpha[BLANK, :, 0] = 1.0
    digits = alpha[:BLANK]
    scale = np.zeros(len(views))
    for number, emission in enumerate(emitted, 1):
        all_of = alpha.sum(axis=0)
        digits += (all_of - digits) @ leads
        alpha[BLANK] = all_of
        alpha *= emission
        if number % SCALED_EVERY == 0 or number == len(emitted):
            total = alpha.sum(axis=(0, 2)) + SMALLEST
            alpha /= total[:, None]
            scale += np.log(total)
            if falls and scale.max() < least:
                return scale
    ends = sorted(pattern.ends)
    logs: NDArray[np.float64] = scale + np.log(
        alpha[:, :, ends].sum(axis=(0, 2)) + SMALLEST
    )
    return logs


def side_by_side(views: Sequence[Frames], count: int) -> NDArray[np.float64]:
    """Return (count, views, 11) log probabilities; after a view's end blank is certain.

    Args:
        views: The log probabilities of each, (frames, 11).
        count: Frames that are given, as many as the longest view has or more.
    """
    together = np.full((count, len(views), BLANK + 1), LOG_ZERO)
    together[:, :, BLANK] = 0.0
    for number, frames in enumerate(views):
        together[: len(frames), number] = frames
    return together


def _halves(views: Sequence[Frames]) -> NDArray[np.float64]:
    """Return probabilities of views side by side, padded to the same even length."""
    half = (max(map(len, views)) + 1) // 2
    return np.exp(side_by_side(views, 2 * max(1, half)))
