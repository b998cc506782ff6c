"""Models as Keras has them, `.keras` and `.h5`, made of Keras' own layers only.

The model takes images as they are, (n, rows, columns), 0 paper to 255 ink, and gives
logits; `keras.models.load_model` needs nothing of ours. Keras has the channels of a
pixel side by side: kernels are turned, and before flattening the channels are put first
again. Rule of the file: each layer of torch is a chain of Keras' layers with their
settings and arrays, as rows.

Source: https://keras.io/api/layers
"""

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numpy.typing import NDArray
from torch import nn

from mnistry.arrays import MEAN, STANDARD_DEVIATION
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.formats.atomic import write_atomic
from mnistry.learn.export.nodes import IMAGE, Add, Node, counterparts_of, nodes_of
from mnistry.learn.export.settings import (
    arrays_of,
    both,
    is_over_classes,
    padding,
    window,
    window_of_adaptive,
)
from mnistry.learn.export.trained import Trained, module_of

SUFFIXES = (".keras", ".h5")

Layer = tuple[str, dict[str, Any], list[NDArray[Any]]]
"""Its name in `keras.layers`, settings, and arrays in Keras' order."""


def to_keras(model: Trained, path: str | os.PathLike[str]) -> None:
    """Write a model as a file that plain Keras loads and that predicts the same.

    It is not compiled, as only predicting needs no more; its loss would be
    `SparseCategoricalCrossentropy(from_logits=True)`. If Keras was not imported before,
    and nothing is set, it is set to use torch (KERAS_BACKEND).

    Args:
        model: Its net is made of layers that Keras has, and of sums of them.
        path: Ends in .keras or .h5; a file that is there is replaced.

    Raises:
        UsageError: The path has another ending, a layer has no counterpart, or the net
            cannot be followed or is not known.
        MissingExtraError: keras is not installed.
        CacheError: The folder cannot be written.

    Example:
        >>> to_keras(model, "run/model.keras")  # doctest: +SKIP
        >>> again = keras.models.load_model("run/model.keras")  # doctest: +SKIP
        >>> again.predict(test.images).argmax(axis=1)  # doctest: +SKIP
        array([7, 2, 1, ..., 4, 5, 6])
    """
    suffix = Path(path).suffix
    if suffix not in SUFFIXES:
        message = (
            f"{path} ends in {suffix!r}; expected one of {', '.join(SUFFIXES)}, for"
            " Keras knows its files by their endings."
        )
        raise UsageError(message)
    rows, columns = model.facts.get("image_size", (28, 28))
    chains = [
        (node, counterparts_of(node, LAYERS, "Keras"))
        for node in nodes_of(module_of(model), rows, columns)
    ]
    if model.temperature != 1:
        chains[-1][1].append(("Rescaling", {"scale": 1 / model.temperature}, []))
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings(  # Keras 3.15 on torch, at each array it makes
            "ignore", "__array__ implementation", DeprecationWarning
        )
        whole = Path(folder) / f"model{suffix}"
        _build(chains, rows, columns).save(whole)
        write_atomic(path, whole.read_bytes())


def _build(chains: list[tuple[Node, list[Layer]]], rows: int, columns: int) -> Any:
    """Make the Keras model, layer by layer, and fill in the arrays."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "torch")  # it would want tensorflow
    keras = require("keras", extra="export")
    image = keras.Input((rows, columns), name="image")
    scale = 1 / (255 * STANDARD_DEVIATION)
    normalising: list[Layer] = [
        ("Rescaling", {"scale": scale, "offset": -MEAN / STANDARD_DEVIATION}, []),
        ("Reshape", {"target_shape": (rows, columns, 1)}, []),
    ]
    filled: list[tuple[Any, list[NDArray[Any]]]] = []

    def follow(given: list[Any], chain: list[Layer]) -> Any:
        for kind, settings, arrays in chain:
            name = f"{kind.lower()}_{len(filled) + 1}"
            layer = getattr(keras.layers, kind)(name=name, **settings)
            filled.append((layer, arrays))
            given = [layer(given if len(given) > 1 else given[0])]
        return given[0]

    outputs = {IMAGE: follow([image], normalising)}
    for node, chain in chains:
        outputs[node.name] = follow([outputs[name] for name in node.inputs], chain)
    model = keras.Model(image, outputs[chains[-1][0].name])
    for layer, arrays in filled:
        layer.set_weights(arrays)
    return model


def _plain(kind: str, **settings: Any) -> Callable[[Any, Node], list[Layer]]:
    return lambda _module, _node: [(kind, settings, [])]


def _convolution(module: nn.Conv2d, _: Node) -> list[Layer] | None:
    around = padding(module)
    if around is None:
        return None
    kernel = module.weight.detach().numpy().transpose(2, 3, 1, 0)
    settings = {
        "filters": module.out_channels,
        "kernel_size": both(module.kernel_size),
        "strides": both(module.stride),
        "dilation_rate": both(module.dilation),
        "groups": module.groups,
        "use_bias": module.bias is not None,
    }
    arrays = [kernel] if module.bias is None else [kernel, module.bias.detach().numpy()]
    wider: list[Layer] = [("ZeroPadding2D", {"padding": around}, [])]
    return (wider if any(map(any, around)) else []) + [("Conv2D", settings, arrays)]


def _linear(module: nn.Linear, node: Node) -> list[Layer] | None:
    if len(node.given) != 1:
        return None
    kernel = module.weight.detach().numpy().T
    arrays = [kernel] if module.bias is None else [kernel, module.bias.detach().numpy()]
    settings = {"units": module.out_features, "use_bias": len(arrays) == 2}
    return [("Dense", settings, arrays)]


def _norm(module: nn.BatchNorm1d | nn.BatchNorm2d, _: Node) -> list[Layer] | None:
    arrays = arrays_of(module)
    if arrays is None or module.momentum is None:
        return None
    settings = {"momentum": 1 - module.momentum, "epsilon": module.eps}
    return [("BatchNormalization", settings, arrays)]


def _pool(module: nn.MaxPool2d | nn.AvgPool2d, _: Node) -> list[Layer] | None:
    windows = window(module)
    if windows is None:
        return None
    kind = "MaxPooling2D" if isinstance(module, nn.MaxPool2d) else "AveragePooling2D"
    return [(kind, {"pool_size": windows[0], "strides": windows[1]}, [])]


def _adaptive(_: nn.AdaptiveAvgPool2d, node: Node) -> list[Layer] | None:
    size = window_of_adaptive(node.given, node.shape)
    if size is None:
        return None
    return [("AveragePooling2D", {"pool_size": size, "strides": size}, [])]


def _unshuffle(module: nn.PixelUnshuffle, node: Node) -> list[Layer]:
    step = module.downscale_factor
    channels, rows, columns = node.given
    how = (rows // step, step, columns // step, step, channels)
    return [
        ("Reshape", {"target_shape": how}, []),
        ("Permute", {"dims": (1, 3, 5, 2, 4)}, []),  # channel, row and column within
        ("Reshape", {"target_shape": (*node.shape[1:], node.shape[0])}, []),
    ]


def _flatten(_: nn.Flatten, node: Node) -> list[Layer]:
    first: list[Layer] = [("Permute", {"dims": (3, 1, 2)}, [])]
    return (first if len(node.given) == 3 else []) + [("Flatten", {}, [])]


def _gelu(module: nn.GELU, _: Node) -> list[Layer] | None:
    if module.approximate != "none":
        return None
    return [("Activation", {"activation": "gelu"}, [])]


def _softmax(module: nn.Softmax | nn.LogSoftmax, node: Node) -> list[Layer] | None:
    if not is_over_classes(module.dim, node.given):
        return None
    name = "softmax" if isinstance(module, nn.Softmax) else "log_softmax"
    return [("Activation", {"activation": name}, [])]


LAYERS: dict[type[nn.Module], Callable[[Any, Node], list[Layer] | None]] = {
    Add: _plain("Add"),
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.AvgPool2d: _pool,
    nn.BatchNorm1d: _norm,
    nn.BatchNorm2d: _norm,
    nn.Conv2d: _convolution,
    nn.Dropout: lambda drop, _: [("Dropout", {"rate": drop.p}, [])],
    nn.Dropout2d: lambda drop, _: [("SpatialDropout2D", {"rate": drop.p}, [])],
    nn.Flatten: _flatten,
    nn.GELU: _gelu,
    nn.Hardswish: _plain("Activation", activation="hard_silu"),
    nn.Identity: _plain("Identity"),
    nn.LeakyReLU: lambda relu, _: [
        ("LeakyReLU", {"negative_slope": relu.negative_slope}, [])
    ],
    nn.Linear: _linear,
    nn.LogSoftmax: _softmax,
    nn.MaxPool2d: _pool,
    nn.PixelUnshuffle: _unshuffle,
    nn.ReLU: _plain("Activation", activation="relu"),
    nn.Sigmoid: _plain("Activation", activation="sigmoid"),
    nn.Softmax: _softmax,
    nn.Tanh: _plain("Activation", activation="tanh"),
}
"""For each layer of torch those of Keras that do the same; None if there are none."""
