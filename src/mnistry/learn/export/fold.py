"""A trained net written for `mnistry.inference.net`, which needs no torch to run it.

Batch norms vanish: after training they only scale and shift what a convolution gives,
so its weights take that over.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnistry.errors import UsageError
from mnistry.inference.net import Net, to_net
from mnistry.learn.export.settings import both, window

FoldedWeights = dict[str, NDArray[np.float32]]
Layer = list[Any]


def fold(net: nn.Module, rows: int = 28, columns: int = 28) -> Net:
    """Write a net of convolutions and dense layers as layers in words and weights.

    Args:
        net: An `nn.Sequential` of the layers that this knows; it is not changed.
        rows: Of the images that it takes.
        columns: Of the images that it takes.

    Returns:
        A net that gives the same logits, but for rounding, of images (n, rows, columns,
        1), normalised.

    Raises:
        UsageError: There is a layer that it does not know.

    Example:
        >>> fold(nn.Sequential(nn.Flatten(), nn.Linear(784, 10))).layers
        (('dense', '1'),)
    """
    layers: list[Layer] = []
    weights: FoldedWeights = {}
    activity = torch.zeros(1, 1, rows, columns)
    pixels = activity.shape[1:]  # channels, rows, columns: what a flat vector was
    with torch.inference_mode():
        for name, module in copy.deepcopy(net).eval().named_children():
            if activity.ndim == 4:
                pixels = activity.shape[1:]
            activity = module(activity)
            _write(name, module, (layers, weights), tuple(pixels))
    return to_net(layers, weights)


def _write(
    name: str,
    module: nn.Module,
    written: tuple[list[Layer], FoldedWeights],
    pixels: tuple[int, ...],
) -> None:
    layers, weights = written
    if isinstance(module, nn.Conv2d) and _is_plain(module):
        rows, columns = (int(padding) for padding in module.padding)
        weights[f"{name}.weight"] = _numbers(module.weight, 1).transpose(2, 3, 1, 0)
        weights[f"{name}.bias"] = _bias(module, module.out_channels)
        layers.append(["convolve", name, rows, columns, module.stride[0]])
    elif isinstance(module, nn.BatchNorm2d) and _is_after(layers, module):
        _absorb(module, weights, layers[-1][1])
    elif isinstance(module, nn.Linear):
        weight = _numbers(module.weight, 1)
        if not any(layer[0] == "dense" for layer in layers):
            # torch flattens channels first, we channels last
            seen = weight.reshape(-1, *pixels).transpose(0, 2, 3, 1)
            weight = seen.reshape(len(weight), -1)
        weights[f"{name}.weight"] = weight.T
        weights[f"{name}.bias"] = _bias(module, module.out_features)
        layers.append(["dense", name])
    elif type(module) in SIMPLE and _is_whole(module):
        layers += SIMPLE[type(module)](module)
    else:
        message = (
            f"layer {name!r} is {module}; expected one of an nn.Sequential of plain"
            " convolutions, batch norms after them, ReLU, largest-value pooling and"
            " dense layers. Save the model as ONNX instead."
        )
        raise UsageError(message)


def _is_plain(module: nn.Conv2d) -> bool:
    plain = module.groups == 1 and module.dilation == (1, 1)
    return (
        plain
        and module.stride[0] == module.stride[1]
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
    )


def _is_whole(module: nn.Module) -> bool:
    """Return whether a pool's windows lie side by side, as those of `forward` do."""
    if not isinstance(module, nn.MaxPool2d):
        return True
    size = both(module.kernel_size)
    return window(module) == (size, size)


def _is_after(layers: list[Layer], norm: nn.BatchNorm2d) -> bool:
    counted = norm.running_mean is not None
    return counted and bool(layers) and layers[-1][0] == "convolve"


def _absorb(norm: nn.BatchNorm2d, weights: FoldedWeights, name: str) -> None:
    """Let a convolution do what the batch norm after it does."""
    scale = _numbers(norm.weight, 1) / np.sqrt(_numbers(norm.running_var, 1) + norm.eps)
    weights[f"{name}.weight"] = weights[f"{name}.weight"] * scale
    shifted = weights[f"{name}.bias"] - _numbers(norm.running_mean, 0)
    weights[f"{name}.bias"] = shifted * scale + _numbers(norm.bias, 0)


def _bias(module: nn.Conv2d | nn.Linear, outputs: int) -> NDArray[np.float32]:
    return _numbers(module.bias, 0) + np.zeros(outputs, np.float32)


def _numbers(tensor: torch.Tensor | None, otherwise: float) -> NDArray[np.float32]:
    """Take a layer's numbers, or what it does as if it had such."""
    if tensor is None:
        return np.full(1, otherwise, np.float32)
    numbers: NDArray[np.float32] = tensor.detach().cpu().numpy()
    return numbers


SIMPLE: dict[type, Callable[[Any], list[Layer]]] = {
    nn.PixelUnshuffle: lambda module: [["unshuffle", module.downscale_factor]],
    nn.MaxPool2d: lambda module: [["pool", *both(module.kernel_size)]],
    nn.ReLU: lambda _: [["rectify"]],
    nn.Flatten: lambda _: [],
    nn.Dropout: lambda _: [],
    nn.Dropout2d: lambda _: [],
}
"""Layers without numbers to learn."""
