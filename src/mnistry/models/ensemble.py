"""Ensembles: several models, or one with test-time augmentation, as one model.

Rule of the package: a model is anything with `predict`, and so is an ensemble; its cost
is that of one prediction, times models, times shifts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistry.arrays import Images, as_ink
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.metrics import Trust, fit_trust
from mnistry.plural import counted
from mnistry.predictions import (
    Predictions,
    Predictor,
    apply_trust,
    ensemble_predictions,
    expect_predictor,
)

# down and right, in pixels: as it is, and one to each side
SHIFTS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ensemble:
    """Models whose predictions are averaged.

    Attributes:
        models: One or more.
        shifts: Test-time augmentation: (down, right) in pixels, for each prediction.
        trust: Temperature and rejection threshold; None if no images were held out.
    """

    models: tuple[Predictor, ...]
    shifts: tuple[tuple[int, int], ...] = ((0, 0),)
    trust: Trust | None = None

    def __repr__(self) -> str:
        models = counted(len(self.models), "model")
        return f"<Ensemble of {models}, {counted(len(self.shifts), 'shift')} each>"

    @property
    def facts(self) -> dict[str, Any]:
        """Plain values for JSON: net and seed of each model, shifts, trust."""
        facts: dict[str, Any] = {
            "net": "average",
            "models": [_name(model) for model in self.models],
            "shifts": [list(shift) for shift in self.shifts],
        }
        return facts if self.trust is None else facts | {"trust": self.trust._asdict()}

    def predict(self, images: Any) -> Predictions:
        """Classify each image; all models and shifts have equal weight.

        Args:
            images: (n, 28, 28) uint8, 0 paper to 255 ink; Digits; or anything else that
                `as_images` takes: (n, 784), one channel, numbers from 0 to 1.

        Raises:
            ShapeError: Images of another shape or dtype, or models whose classes
                differ.
        """
        images = as_ink(images)
        shifted = [moved(images, *shift) for shift in self.shifts]
        several = [model.predict(some) for model in self.models for some in shifted]
        trust = None if self.trust is None else self.trust._asdict()
        return apply_trust(ensemble_predictions(several).logits, trust)


def average(
    models: Sequence[Predictor] | Predictor,
    *,
    shifted: bool = False,
    held_out: Digits | None = None,
) -> Ensemble:
    """Average several models, or one over shifted images (test-time augmentation).

    Args:
        models: One or more, each with `predict`, for instance nets with different
            seeds. A single model needs no list.
        shifted: Also read every image shifted by one pixel up, down, left and right:
            five times the work.
        held_out: Images that none of the models has learned from, to fit the
            temperature and rejection threshold of the average on. Images that `train`
            held out for one seed do not qualify: the others learned from them. Without
            any, probabilities are plain averages and nothing is rejected.

    Raises:
        UsageError: There are no models, or one has no `predict`.

    Example:
        >>> from mnistry.models.packaged import load_model
        >>> average(load_model(), shifted=True)
        <Ensemble of 1 model, 5 shifts each>
    """
    if not isinstance(models, Sequence):  # one model; anything else is refused below
        models = [models]
    if not models:
        message = "there are no models to average; expected one or more."
        raise UsageError(message)
    for model in models:
        expect_predictor(model)
    shifts = SHIFTS if shifted else SHIFTS[:1]
    bare = Ensemble(tuple(models), shifts)
    if held_out is None:
        return bare
    trust = fit_trust(held_out.labels, bare.predict(held_out.images).logits)
    return Ensemble(bare.models, shifts, trust)


def moved(images: Images, down: int, right: int) -> Images:
    """Shift images by whole pixels; what comes in at the edge is paper.

    Args:
        images: (n, rows, columns) uint8.
        down: Pixels; up if it is below 0.
        right: Pixels; left if it is below 0.

    Example:
        >>> moved(np.array([[[1, 2], [3, 4]]], np.uint8), 0, 1).tolist()
        [[[0, 1], [0, 3]]]
    """
    _, rows, columns = images.shape
    edge = max(abs(down), abs(right))
    padded = np.pad(images, ((0, 0), (edge, edge), (edge, edge)))
    top, left = edge - down, edge - right
    at: Images = padded[:, top : top + rows, left : left + columns]
    return at


def _name(model: Predictor) -> str:
    facts: Mapping[str, Any] = getattr(model, "facts", {})
    named = [f"{name} {facts[name]}" for name in ("net", "seed") if name in facts]
    return ", ".join(named) or type(model).__name__
