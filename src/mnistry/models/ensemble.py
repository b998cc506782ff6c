"""Several models, or one that looks several times, as one that reads better than each.

Rule of the room: a model is whatever has `predict`, and so is what comes out; it costs
as many times as much as there are models and moved images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnistry.arrays import Images, as_images
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.metrics import Trust, fit_trust
from mnistry.predictions import (
    Predictions,
    Predictor,
    averaged,
    expect_predictor,
    trusted,
)

# down and right, in pixels: as it is, and one to each side
SHIFTS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Average:
    """Models that are asked together.

    Attributes:
        models: One or more.
        shifts: How far each moves the images, (down, right) in pixels, for each look.
        trust: How sure it may be and what it rejects, if images were held back for it.
    """

    models: tuple[Predictor, ...]
    shifts: tuple[tuple[int, int], ...] = ((0, 0),)
    trust: Trust | None = None

    def __repr__(self) -> str:
        return f"<Average of {len(self.models)} models, {len(self.shifts)} looks each>"

    @property
    def facts(self) -> dict[str, Any]:
        """What JSON can say: net and seed of each model, the shifts, the trust."""
        facts: dict[str, Any] = {
            "net": "average",
            "models": [_name(model) for model in self.models],
            "shifts": [list(shift) for shift in self.shifts],
        }
        return facts if self.trust is None else facts | {"trust": self.trust._asdict()}

    def predict(self, images: Any) -> Predictions:
        """Say for each image which digit it is, all models and looks counting alike.

        Args:
            images: (n, 28, 28) uint8, 0 paper to 255 ink.

        Raises:
            ShapeError: Images of another shape or dtype, or models of other classes.
        """
        images = as_images(images)
        looks = [moved(images, *shift) for shift in self.shifts]
        several = [model.predict(look) for model in self.models for look in looks]
        trust = None if self.trust is None else self.trust._asdict()
        return trusted(averaged(several).logits, trust)


def average(
    models: Sequence[Predictor],
    *,
    shifted: bool = False,
    held_back: Digits | None = None,
) -> Average:
    """Let several models read together, or one with several looks.

    Args:
        models: One or more, each with `predict`; nets of several seeds, say.
        shifted: Whether each also reads every image moved by a pixel up, down, left and
            right: five times the work.
        held_back: Images that none of the models has learned from: they tell how sure
            the average may be, and what it rejects. The images that `train` holds back
            are others for each seed, and other models have learned from them. Without
            any, probabilities are the plain average, and nothing is rejected.

    Raises:
        UsageError: There are no models, or one that cannot predict.

    Example:
        >>> from mnistry.models.packaged import load_model
        >>> average([load_model()], shifted=True)
        <Average of 1 models, 5 looks each>
    """
    if not models:
        message = "there are no models to average; expected one or more."
        raise UsageError(message)
    for model in models:
        expect_predictor(model)
    shifts = SHIFTS if shifted else SHIFTS[:1]
    plain = Average(tuple(models), shifts)
    if held_back is None:
        return plain
    trust = fit_trust(held_back.labels, plain.predict(held_back.images).logits)
    return Average(plain.models, shifts, trust)


def moved(images: Images, down: int, right: int) -> Images:
    """Move images by whole pixels; paper comes in from outside.

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
