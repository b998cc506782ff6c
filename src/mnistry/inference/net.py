"""Run small convolutional nets with NumPy alone.

A net is a list of layers in words and its weights by name. Pictures are (n, rows,
columns, channels), so that a convolution is one product of matrices. Rule of the
package: a layer is a function of what came before, the weights and its settings, no
more.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import CheckpointError

Activity = NDArray[np.float32]
"""(n, rows, columns, channels) float32; what a layer gives."""


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A net: its layers by name, and its weights.

    Attributes:
        layers: Such as `["convolve", "0", 1, 1]`, the weights' name and the padding of
            rows and columns; `["pool", 2, 2]`; `["rectify"]`; `["dense", "7"]`;
            `["attend", "14", 4]`, the weights' name and how many heads.
        weights: By name, single precision; `0.weight` is (rows, columns, inputs,
            outputs), `0.bias` is (outputs,).
    """

    layers: tuple[tuple[Any, ...], ...]
    weights: Mapping[str, NDArray[np.float32]]


def to_net(layers: Iterable[Iterable[Any]], weights: Mapping[str, NDArray[Any]]) -> Net:
    """Make a net of layers as JSON has them and weights of any precision.

    Example:
        >>> to_net([["dense", "0"]], {"0.bias": np.zeros(3, np.float16)}).layers
        (('dense', '0'),)
    """
    single = {name: array.astype(np.float32) for name, array in weights.items()}
    return Net(tuple(tuple(layer) for layer in layers), single)


def load_net(path: Path) -> Net:
    """Load a net from a safetensors file with its layers in the header.

    Args:
        path: Such a file; its metadata has `layers`, a JSON list.

    Raises:
        CheckpointError: The file cannot be read, or is no such net.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            layers = json.loads((file.metadata() or {})["layers"])
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        message = (
            f"{path} is not a net for reading: {error}; expected a safetensors file"
            " with its layers in the header. Install mnistry again, or pass model=None."
        )
        raise CheckpointError(message) from error
    return to_net(layers, weights)


def run(net: Net, images: Activity) -> Activity:
    """Run a net.

    Args:
        net: What to run.
        images: (n, rows, columns, channels) float32, as the net was trained.

    Returns:
        What the last layer gives; of a dense one (n, 1, 1, outputs).

    Example:
        >>> net = Net((("pool", 2, 2), ("rectify",)), {})
        >>> run(net, np.full((1, 4, 6, 1), -1, np.float32)).shape
        (1, 2, 3, 1)
    """
    activity = images
    for kind, *settings in net.layers:
        activity = LAYERS[kind](activity, net.weights, *settings)
    return activity


def pixel_unshuffle(x: Activity, weights: Mapping[str, Any], side: int) -> Activity:
    """Make each block of side × side pixels one pixel of as many channels."""
    del weights
    count, rows, columns, channels = x.shape
    blocks = x.reshape(count, rows // side, side, columns // side, side, channels)
    ordered: Activity = blocks.transpose(0, 1, 3, 5, 2, 4)
    return ordered.reshape(count, rows // side, columns // side, -1)


def conv2d(
    x: Activity,
    weights: Mapping[str, Any],
    name: str,
    rows: int,
    columns: int,
    step: int = 1,
) -> Activity:
    """Convolution with zero padding, as one matrix product over all windows."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    if rows or columns:
        count, tall, broad, channels = x.shape
        padded = np.zeros((count, tall + 2 * rows, broad + 2 * columns, channels), "f4")
        padded[:, rows : rows + tall, columns : columns + broad] = x
        x = padded
    high, wide, inputs, outputs = weight.shape
    view = np.lib.stride_tricks.sliding_window_view(x, (high, wide), axis=(1, 2))
    view = view[:, ::step, ::step]
    windows = view.transpose(0, 1, 2, 4, 5, 3).reshape(-1, high * wide * inputs)
    flat = windows @ weight.reshape(-1, outputs)
    flat += bias
    shaped: Activity = flat.reshape(*view.shape[:3], outputs)
    return shaped


def max_pool2d(
    x: Activity, weights: Mapping[str, Any], rows: int, columns: int
) -> Activity:
    """Max pooling over rows × columns; a remainder at the edge is cut off."""
    del weights
    high, wide = x.shape[1] // rows * rows, x.shape[2] // columns * columns
    parts = [
        x[:, i:high:rows, j:wide:columns] for i in range(rows) for j in range(columns)
    ]
    most: Activity = parts[0].copy()
    for part in parts[1:]:
        np.maximum(most, part, out=most)
    return most


def relu(x: Activity, weights: Mapping[str, Any]) -> Activity:
    """ReLU, in place."""
    del weights
    return np.maximum(x, 0, out=x)


def linear(x: Activity, weights: Mapping[str, Any], name: str) -> Activity:
    """A dense layer over the whole image: (n, 1, 1, outputs)."""
    flat = x.reshape(len(x), -1) @ weights[f"{name}.weight"] + weights[f"{name}.bias"]
    out: Activity = flat[:, None, None, :]
    return out


def attention(
    x: Activity, weights: Mapping[str, Any], name: str, heads: int
) -> Activity:
    """Add to each column a mix of all columns of its row: multi-head self-attention.

    Of Vaswani et al., Attention is all you need, 2017, https://arxiv.org/abs/1706.03762.
    The weights of queries, keys and values stand side by side (1, 1, inputs, 3 ×
    width); a query is already divided by the root of a head's width.
    """
    count, rows, columns, _ = x.shape
    inner = conv2d(x, weights, f"{name}.inner", 0, 0)
    parts = inner.reshape(count, rows, columns, 3, heads, -1)
    query, key, value = parts.transpose(3, 0, 1, 4, 2, 5)
    logs = query @ key.swapaxes(-1, -2)
    shares = np.exp(logs - logs.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = (shares @ value).transpose(0, 1, 3, 2, 4).reshape(count, rows, columns, -1)
    return x + conv2d(mixed, weights, f"{name}.outer", 0, 0)


LAYERS: Mapping[str, Callable[..., Activity]] = {
    "unshuffle": pixel_unshuffle,
    "convolve": conv2d,
    "pool": max_pool2d,
    "rectify": relu,
    "dense": linear,
    "attend": attention,
}
"""The function of each layer, by the name that model files use."""
