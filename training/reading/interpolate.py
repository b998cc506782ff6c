"""Take the straight line between a net and the one that it began from.

Weights between the two read strips of every kind better than either end (Wortsman et
al., Robust fine-tuning of zero-shot models, 2022, https://arxiv.org/abs/2109.01903).
A net for lines may have been narrower: it is widened as `line_net.unfold` widens it.

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
from training.reading.line_net import channels, widened

Weights = dict[str, NDArray[np.float32]]


def convolutions(net: Net) -> list[str]:
    """Give the names of a net's convolutions, in order."""
    return [str(layer[1]) for layer in net.layers if layer[0] == "convolve"]


def beginning(new: Net, before: Net) -> Weights:
    """Give the weights that a net began from, in the shapes that it has now."""
    if all(array.shape == new.weights[k].shape for k, array in before.weights.items()):
        return dict(before.weights)
    pairs = list(zip(convolutions(before), convolutions(new), strict=True))
    weights: Weights = {}
    inputs = np.zeros(1, int)
    for old, name in pairs:
        weight, bias = before.weights[f"{old}.weight"], before.weights[f"{old}.bias"]
        outputs = channels(weight.shape[3], new.weights[f"{name}.weight"].shape[3])
        wide = widened(weight, inputs, outputs).numpy()
        weights[f"{name}.weight"] = wide.transpose(2, 3, 1, 0)
        weights[f"{name}.bias"] = bias[outputs]
        inputs = outputs
    return weights


def interpolate(new: Net, before: Net, weight: float) -> dict[str, NDArray[np.float16]]:
    """Give so much of a net and the rest of the one before, in half precision."""
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
    arguments = parser.parse_args()
    with safe_open(arguments.new, "numpy") as file:
        metadata = file.metadata()
    new, before = load_net(arguments.new), load_net(arguments.before)
    arrays = interpolate(new, before, arguments.weight)
    write_atomic(arguments.out, save(arrays, metadata))


if __name__ == "__main__":
    main()
