"""Logits to probabilities and their logarithms, along the last axis."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Probabilities

Real = TypeVar("Real", np.float32, np.float64)


def softmax(logits: NDArray[np.floating]) -> Probabilities:
    """Turn logits into probabilities, row by row.

    The largest logit of each row is subtracted first to avoid overflow; the rest is
    computed in float64, so that rows sum to 1 to float32 precision.

    Args:
        logits: (n, classes) real numbers.

    Returns:
        (n, classes) float32, 0 to 1; each row sums to 1.

    Example:
        >>> softmax(np.array([[1000, 1000]], np.float32))
        array([[0.5, 0.5]], dtype=float32)
    """
    probabilities: Probabilities = shares(logits).astype(np.float32)
    return probabilities


def shares(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn logits into probabilities along the last axis, in double precision.

    Example:
        >>> shares(np.log([1.0, 3.0])).round(6).tolist()
        [0.25, 0.75]
    """
    largest = logits.max(axis=-1, keepdims=True)
    powers: NDArray[np.float64] = np.exp(logits - largest, dtype=np.float64)
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def sigmoid(logit: float) -> float:
    """Turn log odds into a probability.

    Example:
        >>> sigmoid(0.0)
        0.5
    """
    return float(1 / (1 + np.exp(-logit)))


def log_softmax(logits: NDArray[Real]) -> NDArray[Real]:
    """Turn logits into log probabilities along the last axis.

    Example:
        >>> round(float(np.exp(log_softmax(np.zeros(4, np.float32)))[0]), 6)
        0.25
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs: NDArray[Real] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs
