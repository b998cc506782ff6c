"""`mnistry.load_model()`: the model that comes with the package, or one of your own.

The packaged model needs only NumPy; if onnxruntime is installed, that runs the net,
three times as fast. `models/README.md` and the header of its file (`facts`) say how it
was trained and what was measured.
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
        facts: Plain values for JSON: recipe, seed, data, versions, measurements.
        session: An onnxruntime session with the same net; None: NumPy runs it.
    """

    net: Net
    facts: Mapping[str, Any]
    session: Any = None

    def __repr__(self) -> str:
        numbers = sum(array.size for array in self.net.weights.values())
        return f"<PackagedModel {self.facts.get('net')}: {numbers:,} parameters>"

    def __reduce__(self) -> tuple[Any, tuple[Net, Mapping[str, Any]]]:
        """Return how to rebuild it in copies and other processes, without session."""
        return _opened, (self.net, self.facts)

    def predict(self, images: Any) -> Predictions:
        """Classify each image, and decide whether it is a digit at all.

        Args:
            images: (n, 28, 28) uint8, 0 paper to 255 ink; Digits; or anything else that
                `as_images` takes: (n, 784), one channel, numbers from 0 to 1.

        Returns:
            Predictions, calibrated for handwriting like MNIST's; `.rejected` marks
            non-digits.

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
            path: The file. It is overwritten if it exists; its folder is created.

        Raises:
            CacheError: The folder cannot be written.
        """
        write_weights(Path(path), dict(self.net.weights), self.facts)

    def to_torch(self) -> "Model":
        """Return it as a `Model`, whose net is a torch module. Needs torch."""
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
    """Load the packaged model, or a model from a file. No code in a file is run.

    Args:
        path: A safetensors file that `save` wrote, or an ONNX file of any origin (see
            `as_predictor`); None for the packaged model. The packaged model, and files
            that `PackagedModel.save` wrote, need no torch.
        net: If the file holds your own module: one built in the same way.

    Raises:
        UsageError: `path` is a URL; `net` is not a module, or comes without a path.
        CheckpointError: The file is truncated, damaged, or holds another net; or
            loading its format would run code (the message says how to do that).
        MissingExtraError: The file needs torch or onnxruntime, which is not installed.

    Example:
        >>> load_model()
        <PackagedModel packaged: 404,474 parameters>
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
    """Build the net of a file that `PackagedModel.save` wrote.

    Raises:
        CheckpointError: Its layers are not those of the packaged model.
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
