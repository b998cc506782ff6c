"""Fold batch norms into convolutions and write a net as `mnistry.forward` runs it.

Run: python export_nets.py lines|digit TRAINED.safetensors OUT.safetensors
"""

import json
import sys

import numpy as np
from safetensors.numpy import save_file
from safetensors.torch import load_file

LINES = [
    ("body.0", (1, 1)),
    ("pool", 2, 2),
    ("body.2", (1, 1)),
    ("body.3", (1, 1)),
    ("pool", 2, 2),
    ("body.5", (1, 1)),
    ("body.6", (1, 1)),
    ("pool", 2, 1),
    ("body.8", (1, 1)),
    ("body.9", (0, 0)),
    ("body.11", (0, 2)),
    ("head", (0, 0)),
]
DIGIT = [
    ("body.0", (1, 1)),
    ("body.1", (1, 1)),
    ("pool", 2, 2),
    ("body.3", (1, 1)),
    ("body.4", (1, 1)),
    ("pool", 2, 2),
    ("body.6", (1, 1)),
    ("body.7", (1, 1)),
    ("pool", 7, 7, "dense"),
]


def folded(state, name):
    """A convolution with its batch norm folded in: (rows, columns, inputs, outputs)."""
    if f"{name}.0.weight" not in state:
        w, b = state[f"{name}.weight"].numpy(), state[f"{name}.bias"].numpy()
    else:
        w = state[f"{name}.0.weight"].numpy()
        scale = (
            state[f"{name}.1.weight"] / (state[f"{name}.1.running_var"] + 1e-5).sqrt()
        )
        b = (state[f"{name}.1.bias"] - state[f"{name}.1.running_mean"] * scale).numpy()
        w = w * scale.numpy()[:, None, None, None]
    return w.transpose(2, 3, 1, 0), b


def main():
    """Write."""
    kind, source, out = sys.argv[1:4]
    state = load_file(source)
    layers, tensors = [], {}
    for number, (name, *rest) in enumerate(LINES if kind == "lines" else DIGIT):
        if name == "pool":
            if rest[-1] != "dense":
                layers.append(["pool", *rest])
            continue
        w, b = folded(state, name)
        tensors[f"{number}.weight"] = np.ascontiguousarray(w).astype(np.float16)
        tensors[f"{number}.bias"] = b.astype(np.float16)
        layers.append(["convolve", str(number), *rest[0]])
        if name != "head":
            layers.append(["rectify"])
    if kind == "digit":
        w = state["head.weight"].numpy()  # (11, c*7*7) to (7*7*c, 11)
        c = w.shape[1] // 49
        w = w.reshape(11, c, 49).transpose(2, 1, 0).reshape(-1, 11)
        tensors["head.weight"] = np.ascontiguousarray(w).astype(np.float16)
        tensors["head.bias"] = state["head.bias"].numpy().astype(np.float16)
        layers.append(["dense", "head"])
    save_file(tensors, out, metadata={"layers": json.dumps(layers), "kind": kind})
    print(out, sum(t.size for t in tensors.values()), "weights")


if __name__ == "__main__":
    main()
