"""Run small convolutional nets with NumPy alone.

A net is a list of layers in words, kept in the header of its safetensors file, and its
weights, half precision on disk, single in memory. Pictures are (n, rows, columns,
channels), so that a convolution is one product of matrices.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import CheckpointError

Activity = NDArray[np.float32]
"""(n, rows, columns, channels) float32; what a layer gives."""


@dataclass(frozen=True, slots=True)
class Net:
    """A net: its layers in words, and its weights.

    Attributes:
        layers: Such as `["convolve", "0", 1, 1]`, the weights' name and the padding of
            rows and columns; `["pool", 2, 2]`; `["rectify"]`; `["dense", "7"]`.
        weights: By name; `0.weight` is (rows, columns, inputs, outputs).
    """

    layers: tuple[tuple[Any, ...], ...]
    weights: Mapping[str, NDArray[np.float32]]


def load_net(path: Path) -> Net:
    """Load a net from a safetensors file with its layers in the header.

    Args:
        path: Such a file, as `training/reading/export_nets.py` writes it.

    Raises:
        CheckpointError: The file cannot be read, or is no such net.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            layers = json.loads((file.metadata() or {})["layers"])
            weights = {
                name: file.get_tensor(name).astype(np.float32)
                for name in file.keys()  # noqa: SIM118
            }
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        message = (
            f"{path} is no net for reading: {error}; expected a safetensors file with"
            " its layers in the header. Install mnistry again, or pass model=None."
        )
        raise CheckpointError(message) from error
    return Net(tuple(tuple(layer) for layer in layers), weights)


def run(net: Net, images: Activity) -> Activity:
    """Run a net.

    Args:
        net: What to run.
        images: (n, rows, columns, channels) float32, as the net was trained.

    Example:
        >>> net = Net((("pool", 2, 2), ("rectify",)), {})
        >>> run(net, np.full((1, 4, 6, 1), -1, np.float32)).shape
        (1, 2, 3, 1)
    """
    activity = images
    for kind, *settings in net.layers:
        activity = LAYERS[kind](activity, net.weights, *settings)
    return activity


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn logits into log probabilities along the last axis.

    Example:
        >>> np.exp(log_softmax(np.zeros(4, np.float32))).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs: NDArray[np.float32] = shifted - np.log(
        np.exp(shifted).sum(axis=-1, keepdims=True)
    )
    return logs


def convolve(
    x: Activity, weights: Mapping[str, Any], name: str, rows: int, columns: int
) -> Activity:
    """Convolve, zeros around; the windows become rows of one matrix."""
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    if rows or columns:
        x = np.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
    high, wide, inputs, outputs = weight.shape
    view = np.lib.stride_tricks.sliding_window_view(x, (high, wide), axis=(1, 2))
    windows = view.transpose(0, 1, 2, 4, 5, 3).reshape(-1, high * wide * inputs)
    flat = windows @ weight.reshape(-1, outputs)
    flat += bias
    shaped: Activity = flat.reshape(*view.shape[:3], outputs)
    return shaped


def pool(x: Activity, weights: Mapping[str, Any], rows: int, columns: int) -> Activity:
    """Keep the largest of each rows × columns; what is left over is cut."""
    del weights
    high, wide = x.shape[1] // rows * rows, x.shape[2] // columns * columns
    parts = [
        x[:, i:high:rows, j:wide:columns] for i in range(rows) for j in range(columns)
    ]
    most: Activity = parts[0].copy()
    for part in parts[1:]:
        np.maximum(most, part, out=most)
    return most


def rectify(x: Activity, weights: Mapping[str, Any]) -> Activity:
    """Cut off what is below 0."""
    del weights
    return np.maximum(x, 0, out=x)


def dense(x: Activity, weights: Mapping[str, Any], name: str) -> Activity:
    """Weigh all of an image at once: (n, 1, 1, outputs)."""
    flat = x.reshape(len(x), -1) @ weights[f"{name}.weight"] + weights[f"{name}.bias"]
    out: Activity = flat[:, None, None, :]
    return out


LAYERS: Mapping[str, Callable[..., Activity]] = {
    "convolve": convolve,
    "pool": pool,
    "rectify": rectify,
    "dense": dense,
}
