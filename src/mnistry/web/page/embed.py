"""A model for the page: its layers, and weights in half precision."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnistry.errors import UsageError
from mnistry.inference.net import LAYERS, Net, to_net
from mnistry.models.packaged import CLASSES, SIDE, PackagedModel
from mnistry.synth.drawn import draw

if TYPE_CHECKING:
    from mnistry.learn.model import Model

COMPARED = 200  # drawn digits on which half precision is compared with single
MOST_LOST = 0.01  # of a probability; half precision of a trained net loses 0.001


class Embedded(NamedTuple):
    """A model for the page.

    Attributes:
        name: The name of its net.
        numbers: Number of weights.
        largest_difference: Largest change of a probability by half precision, over
            drawn digits.
        content: Plain values for JSON: layers, shapes, weights, temperature, rejection.
    """

    name: str
    numbers: int
    largest_difference: float
    content: dict[str, Any]


def embed(model: "PackagedModel | Model") -> Embedded:
    """Write a model for the page.

    Args:
        model: The packaged one, or one of `NETS` that was trained on 28x28 pixels.

    Raises:
        UsageError: Its layers are not known, or the page does not have one of them; it
            takes other images, has other classes, or half precision would change its
            answers.

    Example:
        >>> from mnistry import load_model
        >>> embedded = embed(load_model())
        >>> embedded.numbers, round(embedded.largest_difference, 3)
        (404474, 0.0)
    """
    net = model.net if isinstance(model, PackagedModel) else _folded(model)
    _expect_fit(net, model)
    with np.errstate(over="ignore"):  # infinite: seen when compared
        halves = {name: array.astype("<f2") for name, array in net.weights.items()}
    trust = model.facts.get("trust") or {}
    content = {
        "layers": net.layers,
        "shapes": [(name, array.shape) for name, array in halves.items()],
        "halves": b64encode(b"".join(a.tobytes() for a in halves.values())).decode(),
        "temperature": trust.get("temperature", 1),
        "rejectBelow": trust.get("reject_below"),
    }
    return Embedded(
        name=str(model.facts.get("net", "net")),
        numbers=sum(array.size for array in halves.values()),
        largest_difference=_largest_difference(model, to_net(net.layers, halves)),
        content=content,
    )


def _folded(model: "Model") -> Net:
    from mnistry.learn.export.fold import fold
    from mnistry.learn.export.trained import module_of

    return fold(module_of(model))


def _expect_fit(net: Net, model: "PackagedModel | Model") -> None:
    size = tuple(model.facts.get("image_size", (SIDE, SIDE)))
    classes = net.weights[f"{net.layers[-1][1]}.bias"].size if net.layers else 0
    known = set(LAYERS) - {"attend"}  # only in the net for lines; not in net.js
    unknown = sorted({str(layer[0]) for layer in net.layers} - known)
    if unknown or size != (SIDE, SIDE) or classes != CLASSES:
        message = (
            f"the model takes images of {size} and gives {classes} classes"
            f" (unknown layers: {unknown or 'none'}); the page needs (28, 28) and 10."
            " Train one of NETS on digits, or leave --model out."
        )
        raise UsageError(message)


def _largest_difference(model: "PackagedModel | Model", net: Net) -> float:
    """Check that the page gives the same answers as the model."""
    difference = np.inf  # where a weight is too large for half precision
    if all(np.isfinite(weight).all() for weight in net.weights.values()):
        images, _ = draw(COMPARED)
        own = model.predict(images).probabilities
        half = PackagedModel(net, model.facts).predict(images).probabilities
        difference = float(np.abs(own - half).max())
    if not difference <= MOST_LOST:
        message = (
            f"in the page's half precision a probability differs by"
            f" {difference:.3g}; expected {MOST_LOST} at most. Its net must be one of"
            " NETS, with weights that float16 can hold."
        )
        raise UsageError(message)
    return difference
