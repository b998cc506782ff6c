"""Robustness: accuracy on corrupted digits."""

from typing import TypedDict

import numpy as np

from mnistry.arrays import Images
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictor
from mnistry.synth.stress import KINDS, SEVERITIES, disturb

IMAGES = 500  # for each kind and severity: a point is at worst ±4 %; 70 points


class Curve(TypedDict):
    """The accuracy under one kind of corruption."""

    kind: str
    accuracy: list[float]
    """At severity 0 (unchanged), 1, 2, 3, 4, 5."""
    images: int
    """Number of images at each severity."""


def stress_curves(
    model: Predictor, digits: Digits, *, images: int = IMAGES, seed: int = 0
) -> list[Curve]:
    """Measure a model on digits corrupted with increasing severity.

    Args:
        model: Anything with `predict`.
        digits: The digits to corrupt.
        images: How many of them, chosen at random; all if there are fewer.
        seed: Decides which, and how they are corrupted.

    Returns:
        One curve for each of `mnistry.synth.stress.KINDS`, in that order.

    Raises:
        UsageError: There are no digits, or `images` is less than 1.
    """
    if images < 1 or not len(digits):
        message = (
            f"there are {min(images, len(digits))} images to corrupt; expected 1 or"
            " more."
        )
        raise UsageError(message)
    order = np.random.default_rng(seed).permutation(len(digits))
    chosen = digits[np.sort(order[:images])]
    clean = _accuracy(model, chosen.images, chosen)
    return [
        Curve(
            kind=kind,
            accuracy=[clean]
            + [
                _accuracy(
                    model, disturb(chosen.images, kind, severity, seed=seed), chosen
                )
                for severity in SEVERITIES
            ],
            images=len(chosen),
        )
        for kind in KINDS
    ]


def _accuracy(model: Predictor, images: Images, digits: Digits) -> float:
    return float(np.mean(model.predict(images).labels == digits.labels))
