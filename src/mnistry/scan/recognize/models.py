"""The nets that come with the package, run as fast as this machine can.

Where onnxruntime is installed it runs them on one thread: they are so small that NumPy
loses ten times as long in sharing a product of matrices among threads as in computing
it, if other programs use the processor too. Without it NumPy runs them.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Pixels
from mnistry.batches import normalise
from mnistry.extras import require
from mnistry.formats.tensors import read_weights
from mnistry.inference.net import Activity, Net, load_net, run, to_net
from mnistry.inference.onnx import open_session
from mnistry.scan.recognize.headers import (
    DIGITS,
    DigitHeader,
    LineHeader,
    read_digit_header,
    read_line_header,
)
from mnistry.softmax import log_softmax

cv2 = require("cv2", extra="read")

SIDE = 28  # rows and columns of an image of a digit
NON_DIGIT = DIGITS  # the reject class, as `LogProbs` has it
AVX_512 = 13  # CV_CPU_AVX_512F of OpenCV's cvdef.h, which Python does not name
# channels that onnxruntime keeps together, by the instructions of this processor
BLOCK = 16 if cv2.checkHardwareSupport(AVX_512) else 8

LogProbs = NDArray[np.float32]
"""(n, 11) float32; log probabilities of ten digits, and of non-digit or blank."""


class Runner(NamedTuple):
    """A net with what runs it."""

    net: Net
    session: Any


@cache
def packaged_net(name: str) -> Net:
    """Return a net of reading that is packaged: "digit", "lines" or "upright"."""
    return load_net(_path(f"reading-{name}"))


@cache
def line_header() -> LineHeader:
    """Return what the packaged net for lines promises."""
    return read_line_header(_path("reading-lines"))


@cache
def digit_header() -> DigitHeader:
    """Return what the packaged net for single digits promises."""
    return read_digit_header(_path("reading-digit"))


@cache
def _line_runner() -> Runner:
    header = line_header()
    return _runner(packaged_net("lines"), header.temperature, header.strip.rows, None)


@cache
def _digit_runner() -> Runner:
    return _runner(packaged_net("digit"), digit_header().temperature, SIDE, SIDE)


@cache
def _packaged_runner() -> Runner:
    weights, facts = read_weights(_path("digits"))
    net = to_net(facts["layers"], weights)
    return _runner(net, float(facts["trust"]["temperature"]), SIDE, SIDE)


@cache
def _upright_runner() -> Runner:
    return _runner(packaged_net("upright"), 1.0, SIDE, SIDE)


def _runner(net: Net, temperature: float, rows: int, columns: int | None) -> Runner:
    """Divide the logits of a net by its temperature, by the weights that give them."""
    *_, (_, name, *_) = net.layers
    last = {key: net.weights[key] for key in (f"{name}.weight", f"{name}.bias")}
    divided = {key: array / np.float32(temperature) for key, array in last.items()}
    scaled = Net(net.layers, {**net.weights, **divided})
    session = open_session(scaled, rows, columns, threads=1, block=BLOCK)
    return Runner(scaled, session)


def _path(stem: str) -> Path:
    return Path(str(resources.files("mnistry") / "models" / f"{stem}.safetensors"))


def line_log_probs(strips: Sequence[Pixels]) -> list[LogProbs]:
    """Run the net for lines on strips, one after the other.

    Args:
        strips: Each (rows, columns) uint8 ink, as `line_header().strip` has it.

    Returns:
        Of each (CTC frames, 11) log probabilities of ten digits and of blank, the last.
    """
    runner = _line_runner()
    inks = [np.divide(strip, np.float32(255), dtype=np.float32) for strip in strips]
    logits = [_run(runner, ink[None, :, :, None]) for ink in inks]
    frames = [of.reshape(-1, DIGITS + 1) for of in logits]
    log_probs = log_softmax(_last(np.concatenate(frames), line_header().blank))
    ends = [0, *accumulate(map(len, frames))]
    return [log_probs[start:end] for start, end in pairwise(ends)]


def digit_log_probs(images: Images) -> LogProbs:
    """Run the net for single digits.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.

    Returns:
        (n, 11) log probabilities of ten digits and of non-digit, the last.
    """
    if not len(images):
        return np.zeros((0, DIGITS + 1), np.float32)
    pixels = images.astype(np.float32)[:, :, :, None] / np.float32(255)
    logits = _run(_digit_runner(), pixels).reshape(len(images), DIGITS + 1)
    return log_softmax(_last(logits, digit_header().non_digit))


def packaged_log_probs(images: Images) -> NDArray[np.float32]:
    """Run the packaged model, the one that `mnistry.load_model` gives.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.

    Returns:
        (n, 10) log probabilities; of a non-digit none is much above the others.
    """
    pixels = normalise(images).transpose(0, 2, 3, 1)
    return log_softmax(_run(_packaged_runner(), pixels).reshape(len(images), DIGITS))


def upright_log_odds(images: Images) -> NDArray[np.float32]:
    """Run the net that tells which way up digits are.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.

    Returns:
        (n,) log odds that each stands upright, against upside down.
    """
    pixels = images.astype(np.float32)[:, :, :, None] / np.float32(255)
    return _run(_upright_runner(), pixels).reshape(len(images))


def _last(logits: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """Move a class to the end, where decoding has blank and non-digit."""
    if index == DIGITS:
        return logits
    return np.append(np.delete(logits, index, axis=1), logits[:, [index]], axis=1)


def _run(runner: Runner, activity: Activity) -> Activity:
    """Run a net on (n, rows, columns, 1); what it gives is (n, …, channels)."""
    if runner.session is None:
        return run(runner.net, activity)
    pixels = np.ascontiguousarray(activity.transpose(0, 3, 1, 2))
    (logits,) = runner.session.run(None, {"images": pixels})
    return logits if logits.ndim == 2 else np.asarray(logits.transpose(0, 2, 3, 1))
