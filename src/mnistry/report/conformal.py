"""Conformal prediction sets: as many digits as the coverage needs."""

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from mnistry import metrics
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictions

HELD_OUT = "images held out in training"
FEWEST = 2  # images: one to fit on, one to measure on


class LabelSets(TypedDict):
    """The sets of the images that carry one label."""

    label: int
    images: int
    coverage: float | None
    """The share whose set contains the label; None without images."""
    mean_size: float | None


class Sets(TypedDict):
    """Prediction sets, and how often they contain the true digit."""

    asked: float
    """The coverage that was requested."""
    promised: float
    """The coverage of the threshold: `asked`, or the next larger one stored."""
    threshold: float
    """The threshold: digits of at least this probability are in the set."""
    fitted_on: str
    fitted_images: int | None
    """Number of these images it was fitted on; None: on images held out in training."""
    images: int
    """Number of images that coverage is measured on."""
    coverage: float
    """The share of them whose set contains the true digit."""
    interval: tuple[float, float]
    """Its 95 % confidence interval."""
    mean_size: float
    single: float
    """The share whose set has one digit."""
    sizes: list[int]
    """Number of sets with 0, 1, 2 … digits."""
    labels: list[LabelSets]


def conformal_sets(
    digits: Digits,
    predictions: Predictions,
    trust: Mapping[str, Any] | None,
    *,
    coverage: float,
    seed: int = 0,
) -> Sets:
    """Make prediction sets, and measure how often they contain the true digit.

    If the model has thresholds fitted on images held out in training, sets are measured
    on all images. Otherwise the threshold is fitted on a random half of the images, and
    sets are measured on the other half.

    Args:
        digits: The images and their labels.
        predictions: A model's predictions for them.
        trust: What `mnistry.metrics.fit_trust` returned for the model, or None.
        coverage: How often sets should contain the true digit, above 0 and below 1.
        seed: Decides which half.

    Raises:
        UsageError: `coverage` is not above 0 and below 1, or there are fewer than two
            images and the model has no threshold.
    """
    chances, written = predictions.probabilities, digits.labels
    known = metrics.known_threshold(trust, coverage)
    if known is not None:
        promised, threshold = known
        return _measured(
            written,
            metrics.name_sets(chances, threshold),
            {"asked": coverage, "promised": promised, "threshold": threshold},
        )
    if len(digits) < FEWEST:
        message = (
            f"there is {len(digits)} image to fit and measure prediction sets on;"
            f" expected {FEWEST} or more. Give more images, or leave coverage out."
        )
        raise UsageError(message)
    order = np.random.default_rng(seed).permutation(len(digits))
    chosen, others = np.split(order, [len(digits) // 2])
    threshold = metrics.fit_sets(written[chosen], chances[chosen], coverage=coverage)
    return _measured(
        written[others],
        metrics.name_sets(chances[others], threshold),
        {"asked": coverage, "promised": coverage, "threshold": threshold},
        len(chosen),
    )


def _measured(
    written: NDArray[np.uint8],
    named: NDArray[np.bool_],
    chosen: Mapping[str, float],
    fitted_images: int | None = None,
) -> Sets:
    count, classes = named.shape
    holds = named[np.arange(count), written]
    sizes = named.sum(axis=1)
    interval = metrics.wilson_interval(int(holds.sum()), count)
    return Sets(
        asked=chosen["asked"],
        promised=chosen["promised"],
        threshold=chosen["threshold"],
        fitted_on=HELD_OUT
        if fitted_images is None
        else f"{fitted_images:,} of these images, at random",
        fitted_images=fitted_images,
        images=count,
        coverage=float(holds.mean()),
        interval=(interval.low, interval.high),
        mean_size=float(sizes.mean()),
        single=float((sizes == 1).mean()),
        sizes=np.bincount(sizes, minlength=classes + 1).tolist(),
        labels=[
            _of_label(label, holds[written == label], sizes[written == label])
            for label in range(classes)
        ],
    )


def _of_label(
    label: int, holds: NDArray[np.bool_], sizes: NDArray[np.integer]
) -> LabelSets:
    return LabelSets(
        label=label,
        images=len(holds),
        coverage=float(holds.mean()) if len(holds) else None,
        mean_size=float(sizes.mean()) if len(holds) else None,
    )


def in_words(sets: Sets) -> str:
    """Summarise it in one line.

    Example:
        >>> toy = Digits(np.zeros((2, 28, 28), np.uint8), [1, 0], name="toy")
        >>> predictions = Predictions(np.log([[0.1, 0.9], [0.2, 0.8]]))
        >>> trust = {"coverage": 0.9, "name_above": 0.5}
        >>> print(in_words(conformal_sets(toy, predictions, trust, coverage=0.9))[:56])
        conformal sets at 90 %: 50.00 % of 2 hold the true digit
    """
    low, high = sets["interval"]
    none, one, *several = (number / sets["images"] for number in sets["sizes"])
    asked = f", for {100 * sets['asked']:g} % asked"
    return (
        f"conformal sets at {100 * sets['promised']:g} %"
        f"{asked if sets['asked'] != sets['promised'] else ''}:"
        f" {100 * sets['coverage']:.2f} % of {sets['images']:,} hold the true digit"
        f" (95 %: {100 * low:.2f} to {100 * high:.2f}); {sets['mean_size']:.3f} digits"
        f" on average: {100 * one:.2f} % name one, {100 * sum(several):.2f} % several,"
        f" {100 * none:.2f} % none; threshold from {sets['fitted_on']}"
    )
