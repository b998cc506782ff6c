"""Models as ONNX, which runs without torch: in onnxruntime, browsers, phones, C++.

The graph takes `image`, uint8 (batch, rows, columns) with any number of images, and
gives `logits`, float32 (batch, classes). Rule of the file: each layer is a chain of
operators with their arrays and attributes, as rows; nothing is traced or optimised, so
that the same model gives the same bytes.

Source: https://onnx.ai/onnx/operators, opset 20.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnistry.arrays import MEAN, STANDARD_DEVIATION
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
from mnistry.version import __version__

OPSET = 20  # the first with Gelu, of 2023: onnxruntime reads it since 1.17
IR_VERSION = 9  # the file format that came with it

Operator = tuple[str, dict[str, NDArray[Any]], dict[str, Any]]
"""Its name, arrays it takes beside its input, and attributes."""


def to_onnx(model: Trained, path: str | os.PathLike[str]) -> None:
    """Write a model as an ONNX file that gives the same labels.

    The facts of the model (net, recipe, seed, digits and their SHA-256, versions,
    history) stand in the file's metadata, each fact under its name, as text or JSON.

    Args:
        model: Its net is made of layers that ONNX has, and of sums of them.
        path: The file; one that is there is replaced, its folder is made.

    Raises:
        UsageError: A layer has no counterpart, or the net cannot be followed or is not
            known.
        MissingExtraError: onnx is not installed.
        CacheError: The folder cannot be written.

    Example:
        >>> to_onnx(model, "run/model.onnx")  # doctest: +SKIP
        >>> session = onnxruntime.InferenceSession("run/model.onnx")  # doctest: +SKIP
        >>> (logits,) = session.run(None, {"image": test.images})  # doctest: +SKIP
    """
    write_atomic(path, encode_onnx(model))


def encode_onnx(model: Trained) -> bytes:
    """Make the bytes of an ONNX file, as `to_onnx` writes them.

    Raises:
        UsageError: A layer has no counterpart, or the net cannot be followed or is not
            known.
        MissingExtraError: onnx is not installed.
    """
    onnx = require("onnx", extra="export")
    rows, columns = model.facts.get("image_size", (28, 28))
    nodes = nodes_of(module_of(model), rows, columns)
    graph: dict[str, list[Any]] = {"nodes": [], "arrays": []}
    _chain(onnx, graph, ("image",), IMAGE, NORMALISING)
    for node in nodes:
        name, operators = node.name, counterparts_of(node, OPERATORS, "ONNX")
        if node is nodes[-1]:
            name = "logits"
            operators = [*operators, *_temperature_scaling(model.temperature)]
        _chain(onnx, graph, node.inputs, name, operators)
    value = onnx.helper.make_tensor_value_info
    kinds = onnx.TensorProto
    made = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph["nodes"],
            str(model.facts.get("net", "net")),
            [value("image", kinds.UINT8, ["batch", rows, columns])],
            [value("logits", kinds.FLOAT, ["batch", *nodes[-1].shape])],
            initializer=graph["arrays"],
        ),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="mnistry",
        producer_version=__version__,
    )
    onnx.helper.set_model_props(
        made,
        {
            name: of if isinstance(of, str) else json.dumps(of, sort_keys=True)
            for name, of in model.facts.items()
        },
    )
    encoded: bytes = made.SerializeToString(deterministic=True)
    return encoded


def _temperature_scaling(temperature: float) -> list[Operator]:
    """Divide logits by a temperature, as the model does."""
    if temperature == 1:
        return []
    return [("Mul", {"inverse_temperature": np.array(1 / temperature, np.float32)}, {})]


def _chain(
    onnx: Any,
    graph: dict[str, list[Any]],
    inputs: tuple[str, ...],
    name: str,
    operators: list[Operator],
) -> None:
    """Add operators to the graph, each on what the one before gives."""
    for number, (kind, arrays, attributes) in enumerate(operators, 1):
        output = name if number == len(operators) else f"{name}_{number}"
        named = {f"{output}_{part}": array for part, array in arrays.items()}
        graph["arrays"] += [
            onnx.numpy_helper.from_array(array, part) for part, array in named.items()
        ]
        taken = [*inputs, *named]
        made = onnx.helper.make_node(kind, taken, [output], output, **attributes)
        graph["nodes"].append(made)
        inputs = (output,)


def _plain(kind: str, **attributes: Any) -> Callable[[Any, Node], list[Operator]]:
    return lambda _module, _node: [(kind, {}, attributes)]


def _convolution(module: nn.Conv2d, _: Node) -> list[Operator] | None:
    around = padding(module)
    if around is None:
        return None
    (top, bottom), (left, right) = around
    attributes = {
        "kernel_shape": both(module.kernel_size),
        "strides": both(module.stride),
        "dilations": both(module.dilation),
        "group": module.groups,
        "pads": (top, left, bottom, right),
    }
    return [("Conv", _weights(module), attributes)]


def _linear(module: nn.Linear, node: Node) -> list[Operator] | None:
    if len(node.given) != 1:
        return None
    return [("Gemm", _weights(module), {"transB": 1})]


def _weights(module: nn.Conv2d | nn.Linear) -> dict[str, NDArray[Any]]:
    named = module.named_parameters()
    return {name: parameter.detach().numpy() for name, parameter in named}


def _norm(module: nn.BatchNorm1d | nn.BatchNorm2d, _: Node) -> list[Operator] | None:
    arrays = arrays_of(module)
    if arrays is None:
        return None
    names = ("scale", "shift", "mean", "variance")
    named = dict(zip(names, arrays, strict=True))
    return [("BatchNormalization", named, {"epsilon": module.eps})]


def _pool(module: nn.MaxPool2d | nn.AvgPool2d, _: Node) -> list[Operator] | None:
    windows = window(module)
    if windows is None:
        return None
    kind = "MaxPool" if isinstance(module, nn.MaxPool2d) else "AveragePool"
    return [(kind, {}, {"kernel_shape": windows[0], "strides": windows[1]})]


def _adaptive(_: nn.AdaptiveAvgPool2d, node: Node) -> list[Operator] | None:
    size = window_of_adaptive(node.given, node.shape)
    if size is None:
        return None
    return [("AveragePool", {}, {"kernel_shape": size, "strides": size})]


def _unshuffle(module: nn.PixelUnshuffle, node: Node) -> list[Operator]:
    step = module.downscale_factor
    channels, rows, columns = node.given
    how = np.array([0, channels, rows // step, step, columns // step, step])
    return [
        ("Reshape", {"how": how}, {}),  # 0: as many images as there are
        ("Transpose", {}, {"perm": (0, 1, 3, 5, 2, 4)}),
        ("Reshape", {"shape": np.array([0, *node.shape])}, {}),
    ]


def _softmax(module: nn.Softmax | nn.LogSoftmax, node: Node) -> list[Operator] | None:
    if not is_over_classes(module.dim, node.given):
        return None
    return [(type(module).__name__, {}, {"axis": 1})]


NORMALISING: list[Operator] = [  # in the order of batches.normalise
    ("Cast", {}, {"to": 1}),  # float32
    ("Mul", {"scale": np.array(1 / (255 * STANDARD_DEVIATION), np.float32)}, {}),
    ("Sub", {"shift": np.array(MEAN / STANDARD_DEVIATION, np.float32)}, {}),
    ("Unsqueeze", {"axes": np.array([1])}, {}),
]

OPERATORS: dict[type[nn.Module], Callable[[Any, Node], list[Operator] | None]] = {
    Add: _plain("Add"),
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.AvgPool2d: _pool,
    nn.BatchNorm1d: _norm,
    nn.BatchNorm2d: _norm,
    nn.Conv2d: _convolution,
    nn.Dropout: _plain("Identity"),
    nn.Dropout2d: _plain("Identity"),
    nn.Flatten: _plain("Flatten", axis=1),
    nn.GELU: lambda gelu, _: [("Gelu", {}, {"approximate": gelu.approximate})],
    nn.Hardswish: _plain("HardSwish"),
    nn.Identity: _plain("Identity"),
    nn.LeakyReLU: lambda relu, _: [("LeakyRelu", {}, {"alpha": relu.negative_slope})],
    nn.Linear: _linear,
    nn.LogSoftmax: _softmax,
    nn.MaxPool2d: _pool,
    nn.PixelUnshuffle: _unshuffle,
    nn.ReLU: _plain("Relu"),
    nn.Sigmoid: _plain("Sigmoid"),
    nn.Softmax: _softmax,
    nn.Tanh: _plain("Tanh"),
}
"""For each layer of torch the operators that do the same; None if there are none."""
