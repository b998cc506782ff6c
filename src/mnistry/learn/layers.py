"""The layers of a net, as rows of data."""

from typing import Any, TypedDict

import torch
from torch import nn


class Layer(TypedDict):
    """One row of the table of layers."""

    layer: str
    """The kind of layer, such as "Conv2d"."""
    shape: tuple[int, ...]
    """Shape of its output for one image, such as (32, 24, 24)."""
    parameters: int
    """Number of trainable parameters."""


def summary(net: nn.Module, rows: int = 28, columns: int = 28) -> list[Layer]:
    """List the layers of a net in the order in which an image passes them.

    The net is run once on an empty image, and is not changed.

    Args:
        net: Any module that takes (n, 1, rows, columns) float32.
        rows: Height of an image, in pixels.
        columns: Width of an image, in pixels.

    Returns:
        One row for each module without submodules. Their parameters sum to those of the
        net, unless other modules have parameters of their own.

    Example:
        >>> from mnistry.learn.nets import build
        >>> for layer in summary(build("linear")):
        ...     print(layer["layer"], layer["shape"], layer["parameters"])
        Flatten (784,) 0
        Linear (10,) 7850
    """
    found: list[Layer] = []

    def note(module: nn.Module, _: Any, output: torch.Tensor) -> None:
        name, shape = type(module).__name__, tuple(output.shape[1:])
        found.append(Layer(layer=name, shape=shape, parameters=parameter_count(module)))

    leaves = [module for module in net.modules() if not any(module.children())]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    modes = {module: module.training for module in net.modules()}
    try:
        net.eval()
        with torch.inference_mode():
            net(torch.zeros(1, 1, rows, columns))
    finally:
        for module, training in modes.items():
            module.training = training
        for hook in hooks:
            hook.remove()
    return found


def parameter_count(net: nn.Module) -> int:
    """Count the trainable parameters of a net.

    Example:
        >>> parameter_count(nn.Linear(2, 3))
        9
    """
    return sum(parameter.numel() for parameter in net.parameters())
