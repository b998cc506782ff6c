"""Every table of layers knows the same ones: those of this list, but for attention.

A layer stands in up to five places: NumPy's function (`inference.net.LAYERS`), its
ONNX node without the package onnx (`inference.onnx`), the way from torch to both
(`learn.export.fold`), and the ways to ONNX and Keras proper.
"""

import numpy as np
import pytest
import torch
from torch import nn

from mnistry.inference import net as numpy_net
from mnistry.inference.onnx import encode_graph, open_session
from mnistry.learn.export import keras, onnx
from mnistry.learn.export.fold import fold

# the word in a model file, its class in torch, and one of its kind for (n, 4, 6, 6)
IN_FILES: dict[str, tuple[type[nn.Module], nn.Module]] = {
    "unshuffle": (nn.PixelUnshuffle, nn.PixelUnshuffle(2)),
    "convolve": (nn.Conv2d, nn.Conv2d(4, 3, 3, padding=1)),
    "pool": (nn.MaxPool2d, nn.MaxPool2d(2)),
    "rectify": (nn.ReLU, nn.ReLU()),
    "dense": (nn.Linear, nn.Linear(144, 5)),
}
ONLY_FOR_READING = {"attend"}  # no net of `mnistry.train` has it: training/reading
WITHOUT_A_WORD = {nn.Flatten, nn.Dropout, nn.Dropout2d, nn.BatchNorm2d}  # folded away


def sequential(word: str) -> nn.Sequential:
    """The layer alone, or after what makes its input of one channel."""
    layer = IN_FILES[word][1]
    first: list[nn.Module] = [nn.Conv2d(1, 4, 3, padding=1)]
    if word == "unshuffle":
        first = []
    if word == "dense":
        first.append(nn.Flatten())
    return nn.Sequential(*first, layer)


def test_the_tables_know_the_layers_of_the_list() -> None:
    assert set(numpy_net.LAYERS) == set(IN_FILES) | ONLY_FOR_READING
    known = {kind for kind, _ in IN_FILES.values()} | WITHOUT_A_WORD
    assert known <= set(onnx.OPERATORS)
    assert set(onnx.OPERATORS) == set(keras.LAYERS)


@pytest.mark.parametrize("word", IN_FILES)
def test_each_layer_computes_the_same_in_torch_numpy_and_onnxruntime(word: str) -> None:
    torch.manual_seed(0)
    net = sequential(word).eval()
    folded = fold(net, 6, 6)
    assert folded.layers[-1][0] == word
    images = torch.randn(2, 1, 6, 6)
    with torch.inference_mode():
        expected = net(images).numpy()
    channels_last = images.permute(0, 2, 3, 1).contiguous().numpy()
    given = numpy_net.run(folded, channels_last)
    given = given[:, 0, 0] if expected.ndim == 2 else given.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(given, expected, atol=1e-5)
    session = open_session(folded, 6, 6)
    if session is not None:
        (onnx_given,) = session.run(None, {"images": images.numpy()})
        np.testing.assert_allclose(onnx_given, expected, atol=1e-5)


def test_a_layer_that_no_table_knows_is_refused_by_the_graph() -> None:
    with pytest.raises(KeyError):
        encode_graph(numpy_net.to_net([["sigmoid"]], {}), 6, 6)
