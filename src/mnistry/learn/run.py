"""A run under way, and the rows that it logs, as plain data."""

import platform
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

import numpy as np
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.learn.optimizers import Moments
from mnistry.predictions import Predictor
from mnistry.recipes import Recipe
from mnistry.statistics import digits_sha256
from mnistry.version import __version__


class Step(TypedDict):
    """The log of one step; for the last step of an epoch, with validation."""

    epoch: int
    """1 is the first one."""
    epochs: int
    step: int
    """The step in the whole run; 1 is the first one."""
    steps: int
    loss: float
    """Mean cross-entropy of the batch, before the step."""
    accuracy: float
    """Share of the batch read correctly, 0 to 1."""
    learning_rate: float
    validation_loss: NotRequired[float | None]
    """As in `Epoch`; only with the last step of an epoch."""
    validation_accuracy: NotRequired[float | None]


class Epoch(TypedDict):
    """The log of one epoch."""

    epoch: int
    """1 is the first one."""
    step: int
    """Steps taken so far."""
    loss: float
    """Mean over the steps of the epoch."""
    accuracy: float
    """Mean over the steps of the epoch, 0 to 1."""
    validation_loss: float | None
    """Loss on the held-out images after the epoch; None if there are none."""
    validation_accuracy: float | None
    learning_rate: float
    """Of the last step."""
    seconds: float
    """Since the first step began, validation included."""


@dataclass(slots=True, kw_only=True)
class Run:
    """All that changes from step to step; with the digits it can be resumed."""

    net: nn.Module
    recipe: Recipe
    facts: dict[str, Any]
    """Facts known from the first step on: net, seed, digits, versions …"""
    moments: Moments = field(default_factory=dict)
    """The optimizer's state."""
    average: nn.Module | None = None
    """The moving average of the net, if the recipe has one."""
    teacher: Predictor | None = None
    """Its probabilities replace the labels; it is not stored with the run."""
    best: nn.Module | None = None
    """The net, or its average, after the best epoch, if there is patience."""
    step: int = 0
    """Steps taken."""
    epoch_log: list[Step] = field(default_factory=list)
    """Of the epoch under way."""
    history: list[Epoch] = field(default_factory=list)
    seconds: float = 0.0
    """Since the first step began, without pauses."""

    @property
    def evaluated(self) -> nn.Module:
        """The net that is validated and saved."""
        return self.net if self.average is None else self.average

    @property
    def seed(self) -> int:
        """Decides order, augmentation, dropout and which images are held out."""
        return int(self.facts["seed"])


def digits_facts(digits: Digits) -> dict[str, Any]:
    """Describe the digits of a run.

    Returns:
        Name, split, number of images, and the SHA-256 over all bytes of the images
        followed by all of the labels; not their path, which may be private.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], name="toy")
        >>> digits_facts(toy)["images"]
        3
    """
    return {
        "name": digits.name,
        "split": digits.split_name,
        "images": len(digits),
        "sha256": digits_sha256(digits),
    }


def environment() -> dict[str, Any]:
    """Return the versions on which the weights depend."""
    return {
        "mnistry": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": str(torch.__version__),
    }
