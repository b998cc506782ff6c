"""The nets that come with the package, run as fast as this machine can.

Where onnxruntime is installed it runs them on one thread: they are so small that NumPy
loses ten times as long in sharing a product of matrices among threads as in computing
it, if other programs use the processor too. Without it NumPy runs them.
"""

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.batches import normalise
from mnistry.errors import ShapeError
from mnistry.formats.tensors import read_weights
from mnistry.inference.net import Activity, Net, load_net, run, to_net
from mnistry.inference.onnx import open_session
from mnistry.predictions import Predictor, expect_predictor
from mnistry.softmax import log_softmax

SIDE = 28  # rows and columns of an image of a digit
STRIP_ROWS = 32


class Runner(NamedTuple):
    """A net with what runs it, and by how much its logits are to be divided."""

    net: Net
    session: Any
    temperature: float


@cache
def packaged_net(name: str) -> Net:
    """Give a net of reading that comes with the package: "digit", or "lines"."""
    return load_net(_path(f"reading-{name}"))


@cache
def _runner(name: str) -> Runner:
    if name == "plain":
        weights, facts = read_weights(_path("digits"))
        net, calm = to_net(facts["layers"], weights), facts["trust"]["temperature"]
        return Runner(net, open_session(net, SIDE, SIDE, threads=1), float(calm))
    net = packaged_net(name)
    shape = (STRIP_ROWS, None) if name == "lines" else (SIDE, SIDE)
    return Runner(net, open_session(net, *shape, threads=1), 1.0)


def _path(stem: str) -> Path:
    return Path(str(resources.files("mnistry") / "models" / f"{stem}.safetensors"))


def say_frames(strip: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tell, frame by frame, what the net for lines says of a strip.

    Args:
        strip: (32, columns) ink from 0 to 1; columns are a multiple of 4.

    Returns:
        (frames, 11) log probabilities of ten digits and of blank.
    """
    said = _run(_runner("lines"), strip[None, :, :, None])[0, 0]
    return log_softmax(said.reshape(-1, 11))


def say_digits(images: Images) -> NDArray[np.float32]:
    """Tell what the net for single digits says: ten digits, and junk.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.

    Returns:
        (n, 11) log probabilities.
    """
    small = images.astype(np.float32)[:, :, :, None] / np.float32(255)
    return log_softmax(_run(_runner("digit"), small).reshape(len(images), 11))


def say_plainly(images: Images) -> NDArray[np.float32]:
    """Tell what the packaged model says, the one that `mnistry.load_model` gives.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.

    Returns:
        (n, 10) log probabilities; of what is no digit none is much above the others.
    """
    runner = _runner("plain")
    said = _run(runner, normalise(images).transpose(0, 2, 3, 1))
    calm = said.reshape(len(images), 10) / np.float32(runner.temperature)
    return log_softmax(calm)


def _run(runner: Runner, activity: Activity) -> Activity:
    """Run a net on (n, rows, columns, 1); what it gives is (n, …, channels)."""
    if runner.session is None:
        return run(runner.net, activity)
    pixels = np.ascontiguousarray(activity.transpose(0, 3, 1, 2))
    (said,) = runner.session.run(None, {"images": pixels})
    return said if said.ndim == 2 else np.asarray(said.transpose(0, 2, 3, 1))


JUNK = 10
OTHER_JUNK = 0.05  # junk's share for models that do not know it

Weights = NDArray[np.float32]
"""(n, 11) float32; log probabilities of ten digits and of junk."""


def weigh(images: Images, model: Predictor | None = None) -> Weights:
    """Weigh images of single digits.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.
        model: Weighs in place of the packaged net.

    Returns:
        Log probabilities of ten digits and of junk.

    Raises:
        UsageError: The model cannot predict.
        ShapeError: It predicts something else than ten digits.
    """
    if not len(images):
        return np.zeros((0, 11), np.float32)
    if model is None:
        return say_digits(images)
    return _of_model(images, model)


def _of_model(images: Images, model: Predictor) -> Weights:
    expect_predictor(model)
    said = model.predict(images)
    told = np.asarray(getattr(said, "probabilities", said), np.float32)
    if told.shape != (len(images), 10):
        message = (
            f"the model's probabilities have shape {told.shape}; expected"
            f" {(len(images), 10)}, one row of ten digits for each image."
        )
        raise ShapeError(message)
    junk = OTHER_JUNK + (1 - OTHER_JUNK) * (1 - told.max(axis=1, keepdims=True))
    all_eleven = np.concatenate([told * (1 - junk), junk], axis=1)
    weights: Weights = np.log(np.maximum(all_eleven, 1e-9))
    return weights
