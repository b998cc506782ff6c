"""Take the straight line between a net and the one that it began from.

Weights between the two read strips of every kind better than either end (Wortsman et
al., Robust fine-tuning of zero-shot models, 2022, https://arxiv.org/abs/2109.01903).
The one before may have been narrower: it is widened as `line_net.unfold` widens it. If
it had no attention yet, that adds nothing at first.

Run: python -m training.reading.interpolate new.safetensors before.safetensors 0.6 out
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save

from mnistry.formats.atomic import write_atomic
from mnistry.inference.net import Net, load_net
from training.reading.line_net import CLASSES, channels, widened

Weights = dict[str, NDArray[np.float32]]


def layers_with_weights(net: Net) -> list[tuple[str, str]]:
    """Return the kind and the name of each convolution and dense layer, in order."""
    kinds = "convolve", "dense"
    return [(layer[0], str(layer[1])) for layer in net.layers if layer[0] in kinds]


def beginning(new: Net, before: Net) -> Weights:
    """Return the weights that a net began from, in the shapes that it has now."""
    shapes = {name: array.shape for name, array in new.weights.items()}
    if shapes == {name: array.shape for name, array in before.weights.items()}:
        return dict(before.weights)
    layers = layers_with_weights(before), layers_with_weights(new)
    weights: Weights = {}
    inputs: NDArray[np.int64] | None = None
    for (kind, old), (_, name) in zip(*layers, strict=True):
        weight, bias = before.weights[f"{old}.weight"], before.weights[f"{old}.bias"]
        shape = new.weights[f"{name}.weight"].shape
        if kind == "dense":  # of images with the channels last
            assert inputs is not None
            weight = weight.reshape(shape[0] // len(inputs), 1, -1, CLASSES)
        if inputs is None:
            inputs = np.arange(weight.shape[2])
        outputs = channels(weight.shape[3], shape[-1])
        wide = widened(weight, inputs, outputs).numpy()
        weights[f"{name}.weight"] = wide.transpose(2, 3, 1, 0).reshape(shape)
        weights[f"{name}.bias"] = bias[outputs]
        inputs = outputs
    for name in (str(layer[1]) for layer in new.layers if layer[0] == "attend"):
        for part in ("weight", "bias"):  # which added nothing, whatever it saw
            weights[f"{name}.inner.{part}"] = new.weights[f"{name}.inner.{part}"]
            none = np.zeros_like(new.weights[f"{name}.outer.{part}"])
            weights[f"{name}.outer.{part}"] = none
    return weights


def interpolate(new: Net, before: Net, weight: float) -> dict[str, NDArray[np.float16]]:
    """Return so much of a net and the rest of the one before, in half precision."""
    began = beginning(new, before)
    return {
        name: np.ascontiguousarray(
            (weight * array + (1 - weight) * began[name]).astype(np.float16)
        )
        for name, array in new.weights.items()
    }


def main() -> None:
    """Write the net between the two, with the header of the new one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("new", type=Path, help="as exported")
    parser.add_argument("before", type=Path, help="as packaged")
    parser.add_argument("weight", type=float, help="of the new one, 0 to 1")
    parser.add_argument("out", type=Path, help="safetensors file to write")
    args = parser.parse_args()
    with safe_open(args.new, "numpy") as file:
        metadata = file.metadata()
    new, before = load_net(args.new), load_net(args.before)
    arrays = interpolate(new, before, args.weight)
    write_atomic(args.out, save(arrays, metadata))


if __name__ == "__main__":
    main()
