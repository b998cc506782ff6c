"""What onnxruntime and the package onnx make of the bytes."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from mnistry.batches import normalise
from mnistry.inference.net import Net, run
from mnistry.inference.onnx import encode_graph, open_session
from mnistry.learn.export.fold import fold
from mnistry.learn.nets import NETS, build
from mnistry.synth.drawn import draw


def own() -> nn.Sequential:
    """Padding and steps that differ, and pooling of three."""
    return nn.Sequential(
        nn.Conv2d(1, 4, (3, 5), padding=(2, 1)),
        nn.MaxPool2d(3),
        nn.Conv2d(4, 6, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(6 * 4 * 3, 300),
        nn.ReLU(),
        nn.Linear(300, 10),
    )


@pytest.mark.parametrize("name", [*NETS, "own"])
def test_onnxruntime_gives_the_same_logits(name: str) -> None:
    torch.manual_seed(0)
    net = fold(own() if name == "own" else build(name))
    encoded = encode_graph(net, 28, 28)
    onnx.checker.check_model(onnx.load_from_string(encoded), full_check=True)
    session = onnxruntime.InferenceSession(encoded)
    pixels = normalise(draw(20)[0])
    (logits,) = session.run(["logits"], {"images": pixels})
    wanted = run(net, pixels.reshape(-1, 28, 28, 1).copy()).reshape(20, -1)
    assert np.abs(logits - wanted).max() < 1e-4


def test_onnxruntime_attends_as_numpy_does_at_any_width() -> None:
    rng = np.random.default_rng(0)
    shapes = {"inner": (1, 1, 1, 24), "outer": (1, 1, 8, 1)}
    weights = {f"a.{part}.weight": rng.normal(size=of) for part, of in shapes.items()}
    weights |= {f"a.{part}.bias": rng.normal(size=of[3]) for part, of in shapes.items()}
    single = {name: array.astype(np.float32) for name, array in weights.items()}
    net = Net((("attend", "a", 2), ("rectify",)), single)
    encoded = encode_graph(net, 1, None)
    onnx.checker.check_model(onnx.load_from_string(encoded), full_check=True)
    session = onnxruntime.InferenceSession(encoded)
    for columns in 3, 7:
        images = rng.normal(size=(2, 1, 1, columns)).astype(np.float32)
        (given,) = session.run(["logits"], {"images": images})
        wanted = run(net, images.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        assert np.abs(given - wanted).max() < 1e-5


@pytest.mark.parametrize("block", [8, 16])
def test_channels_that_are_no_whole_blocks_are_read_the_same(block: int) -> None:
    torch.manual_seed(0)
    net = fold(
        nn.Sequential(
            nn.Conv2d(1, 24, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 20, 3),
            nn.Conv2d(20, 3, 1),
        )
    )
    pixels = np.random.default_rng(0).random((2, 1, 12, 10), np.float32)
    session = open_session(net, 12, 10, threads=1, block=block)
    (logits,) = session.run(None, {"images": pixels})
    plain = onnxruntime.InferenceSession(encode_graph(net, 12, 10))
    assert np.abs(logits - plain.run(None, {"images": pixels})[0]).max() < 1e-6
