"""A trained net with its facts: predict, save, load.

Rule of the package: a model file is a safetensors file. Nothing in it can run; whatever
is not numbers of the net stands as JSON in its header.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnistry.arrays import SIDE, as_ink
from mnistry.batches import normalise
from mnistry.errors import CheckpointError, ShapeError
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.frame import MEND
from mnistry.learn.device import retain_memory, thread_count
from mnistry.learn.generator import OwnGenerator
from mnistry.learn.nets import BUILDERS, NETS, build
from mnistry.learn.shards import replicas, side_by_side
from mnistry.learn.start import expect_module
from mnistry.predictions import Predictions, apply_trust

PREDICT_IMAGES = (
    128  # at a time: measured best of 64 to 1,000, 1 MB a layer stays cached
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Model:
    """A trained net with its facts.

    Attributes:
        net: The module, in evaluation mode.
        facts: Plain values for JSON: the net's name, recipe, seed, data, versions,
            history.
    """

    net: nn.Module
    facts: Mapping[str, Any]

    def __repr__(self) -> str:
        weights = sum(array.size for array in self.weights.values())
        return f"<Model {self.facts.get('net')}: {weights:,} parameters>"

    @property
    def weights(self) -> dict[str, NDArray[Any]]:
        """Copies of all parameters and buffers of the net, by name."""
        return weights_of(self.net)

    @property
    def temperature(self) -> float:
        """Temperature fitted on held-out images; 1 if none were held out."""
        return float(self.facts.get("trust", {}).get("temperature", 1))

    def predict(self, images: Any) -> Predictions:
        """Classify each image, and decide whether it is a digit at all.

        Args:
            images: (n, 28, 28) uint8, 0 paper to 255 ink; Digits; or anything else that
                `as_images` takes: (n, 784), one channel, numbers from 0 to 1.

        Returns:
            Predictions with the temperature and rejection threshold fitted on the
            images held out in training; without any, nothing is rejected.

        Raises:
            ShapeError: Images of another shape or dtype.
        """
        images = as_ink(images)
        size = tuple(self.facts.get("image_size", images.shape[1:]))
        if images.shape[1:] != size:
            message = (
                f"images are {images.shape[1]}x{images.shape[2]} pixels; this model"
                f" was trained on {size[0]}x{size[1]}."
            )
            framed = f" {MEND}" if size == (SIDE, SIDE) else ""
            raise ShapeError(message + framed)
        logits = predict_logits(self.net, images, thread_count())
        return apply_trust(logits, self.facts.get("trust"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a safetensors file, atomically.

        The same weights and facts give the same file, byte for byte: the seconds each
        epoch took are left out (a run's `history.csv` has them).

        Args:
            path: The file. It is overwritten if it exists; its folder is created.

        Raises:
            CacheError: The folder cannot be written.
        """
        rows = self.facts.get("history")
        facts = dict(self.facts)
        if rows is not None:
            facts["history"] = [
                {name: of for name, of in row.items() if name != "seconds"}
                for row in rows
            ]
        write_weights(Path(path), self.weights, facts)

    def to_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the model as ONNX, as `mnistry.learn.export.onnx.to_onnx` does."""
        from mnistry.learn.export.onnx import to_onnx

        to_onnx(self, path)

    def to_keras(self, path: str | os.PathLike[str]) -> None:
        """Write the model as .keras or .h5, as `learn.export.keras.to_keras` does."""
        from mnistry.learn.export.keras import to_keras

        to_keras(self, path)

    def card(self, *, measured: Mapping[str, Any] | None = None) -> str:
        """Write one page about the model, as `learn.export.card.model_card` does."""
        from mnistry.learn.export.card import model_card

        return model_card(self, measured=measured)


def predict_logits(
    net: nn.Module, images: NDArray[np.uint8], threads: int = 1
) -> NDArray[np.float32]:
    """Run a net over images in batches (call `net.eval()` first).

    Args:
        net: Takes normalised images, (n, 1, rows, columns) float32.
        images: (n, rows, columns) uint8.
        threads: Number of threads; the logits do not depend on it.

    Returns:
        (n, classes) float32.
    """
    if not len(images):  # some layers cannot take none
        return predict_logits(net, np.zeros((1, *images.shape[1:]), np.uint8))[:0]
    retain_memory()
    starts = range(0, len(images), PREDICT_IMAGES)
    device = next((weights.device for weights in net.parameters()), None)
    is_alone = device is None or device.type != "cpu"
    # forward may keep something in the net: each thread has its own
    nets = [net] if is_alone else replicas(net, min(threads, len(starts)))
    calls = [
        partial(_logits, of, images, part, device)
        for of, part in zip(nets, np.array_split(starts, len(nets)), strict=True)
    ]
    with side_by_side(len(nets)) as call_all:
        return np.concatenate(call_all(calls))


def _logits(
    net: nn.Module,
    images: NDArray[np.uint8],
    starts: Iterable[int],
    device: torch.device | None,
) -> NDArray[np.float32]:
    with torch.inference_mode():
        parts = [
            net(torch.from_numpy(normalise(images[start:][:PREDICT_IMAGES])).to(device))
            for start in starts
        ]
        return torch.cat(parts).float().cpu().numpy()


def load_trained_model(
    path: str | os.PathLike[str], *, net: nn.Module | None = None
) -> Model:
    """Load a model that `Model.save` wrote. No code in the file is run.

    Args:
        path: A safetensors file.
        net: If it is your own module: one built in the same way. Its weights are
            replaced.

    Raises:
        UsageError: `net` is not a module.
        CheckpointError: The file is truncated, damaged, or holds another net.

    Example:
        >>> model = load_trained_model("run/model.safetensors")  # doctest: +SKIP
        >>> model.predict(test.images).labels  # doctest: +SKIP
        array([7, 2, 1, ..., 4, 5, 6], dtype=uint8)
    """
    path = Path(path)
    if net is not None:
        expect_module(net)
    weights, facts = read_weights(path)
    return Model(net=restore(path, weights, facts, net).eval(), facts=facts)


def restore(
    path: Path,
    weights: Mapping[str, NDArray[Any]],
    facts: Mapping[str, Any],
    net: nn.Module | None,
) -> nn.Module:
    """Build the net that a file names, or use the given one; load its weights.

    Raises:
        CheckpointError: There is no such net, or the weights are of another one.
    """
    if net is None:
        net = _build(path, facts)
    fill(net, weights, path)
    recipe = facts.get("recipe")
    if isinstance(recipe, dict) and recipe.get("channels_last") is True:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def _build(path: Path, facts: Mapping[str, Any]) -> nn.Module:
    name, classes = facts.get("net"), facts.get("classes")
    if not isinstance(name, str) or name not in BUILDERS:
        message = (
            f"{path} holds a net {name!r}; those built here are:"
            f" {', '.join(NETS)}. For a net of your own pass it, freshly built:"
            " load_model(path, net=...)."
        )
        raise CheckpointError(message)
    if not isinstance(classes, int) or not 2 <= classes <= 256:
        message = f"{path} has a net of {classes!r} classes; expected 2 to 256."
        raise CheckpointError(message)
    with OwnGenerator(0):  # the weights are replaced
        net = build(name, classes)
    size = facts.get("image_size", (28, 28))
    try:
        with torch.no_grad():
            net.eval()(torch.zeros(1, 1, *size))
    except (RuntimeError, TypeError) as error:
        message = (
            f"{path} has a net {name!r} that takes no images of {size!r} pixels, which"
            " its facts name. It is damaged; get or train it again."
        )
        raise CheckpointError(message) from error
    return net


def weights_of(net: nn.Module) -> dict[str, NDArray[Any]]:
    """Copy all parameters and buffers of a net, by name."""
    state = net.state_dict()
    return {
        name: np.array(tensor.cpu().numpy(), order="C")
        for name, tensor in state.items()
    }


def fill(net: nn.Module, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Load weights into a net, if they fit it.

    Raises:
        CheckpointError: A name is missing or unexpected, or a shape or dtype differs.
    """
    found = {name: (array.shape, str(array.dtype)) for name, array in weights.items()}
    wanted = {
        name: (tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in net.state_dict().items()
    }
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            message = (
                f"{path} has {_words(found.get(name))} as {name!r};"
                f" this net expects {_words(wanted.get(name))}."
                " It is of another net; train it anew, or pass the net it is of."
            )
            raise CheckpointError(message)
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            tensor.copy_(torch.from_numpy(np.array(weights[name])))


def _words(of: tuple[tuple[int, ...], str] | None) -> str:
    return "nothing" if of is None else f"{of[1]} of shape {of[0]}"
