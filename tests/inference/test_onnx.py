"""What onnxruntime and the package onnx make of the bytes."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from mnistry.batches import normalise
from mnistry.inference.net import run
from mnistry.inference.onnx import encode_graph
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
