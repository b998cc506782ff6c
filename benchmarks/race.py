"""How long until a net reads 99 % of the test images? For whatever learns by epochs.

Rule of the race: the clock runs while a net learns and stands while it is evaluated.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mnistry import Digits

GOAL = 0.99  # of the test images


class Learner(NamedTuple):
    """A net under way, of whatever framework.

    Attributes:
        learn: Goes through the training images once.
        read: Gives a label for each of (n, 28, 28) uint8.
        parameters: How many numbers it learns.
    """

    learn: Callable[[], object]
    read: Callable[[Any], Any]
    parameters: int


class Look(NamedTuple):
    """What was seen after an epoch: seconds of learning so far, and the share read."""

    seconds: float
    accuracy: float


def race(
    learner: Learner, test: Digits, *, epochs: int, whole: bool = False
) -> list[Look]:
    """Let a net learn, and look at the test images after each epoch.

    Args:
        learner: A fresh one.
        test: What it is evaluated on.
        epochs: At most.
        whole: Take all of them; otherwise stop where the goal is reached.
    """
    looks: list[Look] = []
    seconds = 0.0
    for _ in range(epochs):
        start = time.perf_counter()
        learner.learn()
        seconds += time.perf_counter() - start
        looks.append(Look(seconds, accuracy(learner.read(test.images), test)))
        if looks[-1].accuracy >= GOAL and not whole:
            break
    return looks


def accuracy(labels: Any, digits: Digits) -> float:
    """Return which share of digits was read rightly."""
    return float(np.mean(np.asarray(labels) == digits.labels))


def seconds_to_goal(looks: Sequence[Look]) -> float | None:
    """Return the seconds of learning after which the goal was first seen, if ever."""
    return next((look.seconds for look in looks if look.accuracy >= GOAL), None)
