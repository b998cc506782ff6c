"""`mnistry.load_model()`: the model that comes with the package, or one of your own.

The packaged model needs NumPy and nothing else; where onnxruntime is installed it runs
the net, three times as fast. How it was trained, and what was measured, stands in
`models/README.md` and in the header of its file (`facts`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from mnistry.arrays import Images, Logits, as_ink
from mnistry.batches import normalise
from mnistry.errors import CheckpointError, ShapeError, UsageError
from mnistry.formats.plain import refuse_url
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.frame import MEND
from mnistry.inference.net import Net, run, to_net
from mnistry.inference.onnx import open_session
from mnistry.models.handed_over import expect_model, expect_opened
from mnistry.models.onnx import load_onnx
from mnistry.predictions import Predictions, Predictor, apply_trust

if TYPE_CHECKING:
    from torch import nn

    from mnistry.learn.model import Model

FILE = "digits.safetensors"
SIDE = 28
BLOCK_IMAGES = 128  # at a time: what a layer makes of them stays in the cache
CLASSES = 10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PackagedModel:
    """A net that reads digits without torch, with its facts.

    Attributes:
        net: Its layers and weights.
        facts: As JSON: recipe, seed, data, versions, what was measured.
        session: onnxruntime's, with the same net; without one NumPy runs it.
    """

    net: Net
    facts: Mapping[str, Any]
    session: Any = None

    def __repr__(self) -> str:
        numbers = sum(array.size for array in self.net.weights.values())
        return f"<PackagedModel {self.facts.get('net')}: {numbers:,} numbers>"

    def __reduce__(self) -> tuple[Any, tuple[Net, Mapping[str, Any]]]:
        """Give copies and other processes how to make it: a session cannot be sent."""
        return _opened, (self.net, self.facts)

    def predict(self, images: Any) -> Predictions:
        """Classify each image, and decide whether it is a digit at all.

        Args:
            images: (n, 28, 28) uint8, 0 paper to 255 ink; Digits; or as `as_images`
                takes them: (n, 784), one channel, numbers from 0 to 1.

        Returns:
            Calibrated probabilities for handwriting like MNIST's;
            `.rejected` for pictures of no digit.

        Raises:
            ShapeError: Images of another shape or dtype.

        Example:
            >>> from mnistry.synth.drawn import draw
            >>> images, labels = draw(100)
            >>> bool((load_model().predict(images).labels == labels).mean() > 0.9)
            True
        """
        images = as_ink(images)
        if images.shape[1:] != (SIDE, SIDE):
            message = (
                f"images are {images.shape[1]}x{images.shape[2]} pixels; the packaged"
                f" model takes {SIDE}x{SIDE}. {MEND}"
            )
            raise ShapeError(message)
        return apply_trust(self._logits(images), self.facts.get("trust"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file that `load_model` reads, atomically.

        Args:
            path: The file; one that is there is replaced, its folder is made.

        Raises:
            CacheError: The folder cannot be written.
        """
        write_weights(Path(path), dict(self.net.weights), self.facts)

    def to_torch(self) -> "Model":
        """Give the same as a `Model`, whose net is a torch module; it needs torch."""
        from mnistry.learn.model import Model
        from mnistry.learn.start import to_module

        return Model(to_module(self.net).eval(), self.facts)

    def _logits(self, images: Images) -> Logits:
        starts = range(0, len(images), BLOCK_IMAGES)
        parts = [self._block(images[start : start + BLOCK_IMAGES]) for start in starts]
        return np.concatenate([np.zeros((0, CLASSES), np.float32), *parts])

    def _block(self, images: Images) -> Logits:
        pixels = normalise(images)
        if self.session is not None:
            (logits,) = self.session.run(None, {"images": pixels})
            return np.asarray(logits, np.float32)
        return run(self.net, pixels.reshape(-1, SIDE, SIDE, 1)).reshape(-1, CLASSES)


@overload
def load_model() -> PackagedModel: ...


@overload
def load_model(
    path: str | os.PathLike[str], *, net: "nn.Module | None" = None
) -> "Model": ...


@overload
def load_model(
    path: str | os.PathLike[str] | None, *, net: "nn.Module | None" = None
) -> "PackagedModel | Model": ...


def load_model(
    path: str | os.PathLike[str] | None = None, *, net: "nn.Module | None" = None
) -> "PackagedModel | Model | Predictor":
    """Load the packaged model, one that `Model.save` wrote, or ONNX. No code is run.

    Args:
        path: A safetensors file, or an ONNX file of any origin, for which see
            `as_predictor`; without one it is the packaged model, which needs no torch,
            and neither does a file that `PackagedModel.save` wrote.
        net: For a file of a net of your own: one built as it was for training.

    Raises:
        UsageError: `path` is a URL; `net` without a path, or no module.
        CheckpointError: The file is cut, was changed, or holds another net; or it is of
            a format whose loading runs code, for which lines of Python are given.
        MissingExtraError: A file needs torch or onnxruntime, which is not installed.

    Example:
        >>> load_model()
        <PackagedModel packaged: 404,474 numbers>
    """
    if path is not None:
        refuse_url(path)
        if Path(path).suffix.lower() == ".onnx":
            return load_onnx(Path(path))
        expect_opened(Path(path))
        expect_model(Path(path))
        weights, facts = read_weights(Path(path))
        if net is None and "layers" in facts:
            return _opened(_like_packaged(Path(path), facts, weights), facts)
        from mnistry.learn.model import load_trained_model

        return load_trained_model(path, net=net)
    if net is not None:
        message = (
            "net is given and no path; expected the file of its weights, such as"
            " load_model('run/model.safetensors', net=net). mnistry.train trains it."
        )
        raise UsageError(message)
    with as_file(files("mnistry") / "models" / FILE) as packaged:
        weights, facts = read_weights(packaged)
    return _opened(to_net(facts["layers"], weights), facts)


def _opened(net: Net, facts: Mapping[str, Any]) -> PackagedModel:
    return PackagedModel(net, facts, open_session(net, SIDE, SIDE))


def _like_packaged(
    path: Path, facts: Mapping[str, Any], weights: Mapping[str, Any]
) -> Net:
    """Make the net of a file that `PackagedModel.save` wrote.

    Raises:
        CheckpointError: It is of other layers than the packaged model's.
    """
    packaged = load_model()
    shapes = {name: of.shape for name, of in packaged.net.weights.items()}
    is_same = facts["layers"] == packaged.facts["layers"]
    if not is_same or shapes != {name: of.shape for name, of in weights.items()}:
        message = (
            f"{path} has other layers than the packaged model; expected a file that its"
            " save wrote. Save it once more, or train a model anew."
        )
        raise CheckpointError(message)
    return to_net(facts["layers"], weights)
