"""Fold batch norms into convolutions and write a net as `inference.net` runs it.

Run: python export_nets.py lines|digit TRAINED.safetensors OUT.safetensors
"""

import json
import sys
from pathlib import Path

import numpy as np
from loop import tell
from safetensors.numpy import save_file
from safetensors.torch import load_file
from torch import nn
from train_lines import LineNet
from train_single import DigitNet

NETS = {"lines": LineNet, "digit": DigitNet}


def folded(block: nn.Module) -> tuple[nn.Conv2d, np.ndarray, np.ndarray]:
    """Give a convolution, its weight (rows, columns, inputs, outputs) and its bias.

    The batch norm after it, if there is one, is folded in.
    """
    if isinstance(block, nn.Conv2d):
        weight, bias = block.weight, block.bias
        convolution = block
    else:
        convolution, norm, _ = block
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        weight = convolution.weight * scale[:, None, None, None]
        bias = norm.bias - norm.running_mean * scale
    arrays = weight.detach().permute(2, 3, 1, 0).numpy(), bias.detach().numpy()
    return convolution, *arrays


def dense(head: nn.Linear, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Give a dense layer's weights for images with the channels last."""
    weight = head.weight.detach().numpy()
    outputs = len(weight)
    by_place = weight.reshape(outputs, -1, rows * rows).transpose(2, 1, 0)
    return by_place.reshape(-1, outputs), head.bias.detach().numpy()


def export(net: nn.Module) -> tuple[list[list], dict[str, np.ndarray]]:
    """Give a net's layers in words and its weights in 16 bits."""
    layers: list[list] = []
    weights: dict[str, np.ndarray] = {}
    parts = [*net.body, net.head]
    for number, part in enumerate(parts):
        if isinstance(part, nn.Dropout | nn.Dropout2d):
            continue
        if isinstance(part, nn.MaxPool2d):
            size = part.kernel_size
            layers.append(["pool", *(size if isinstance(size, tuple) else (size,) * 2)])
            continue
        if isinstance(part, nn.Linear):
            weight, bias = dense(part, net.SIDE)
            layers.append(["dense", str(number)])
        else:
            convolution, weight, bias = folded(part)
            layers.append(["convolve", str(number), *convolution.padding])
            layers += [["rectify"]] if part is not net.head else []
        weights[f"{number}.weight"] = np.ascontiguousarray(weight).astype(np.float16)
        weights[f"{number}.bias"] = bias.astype(np.float16)
    return layers, weights


def main() -> None:
    """Write."""
    kind, source, out = sys.argv[1:]
    net = NETS[kind]()
    net.load_state_dict(load_file(source))
    layers, weights = export(net)
    save_file(weights, out, metadata={"layers": json.dumps(layers), "kind": kind})
    count = sum(weight.size for weight in weights.values())
    tell(f"{out}: {count} weights, {Path(out).stat().st_size} bytes")


if __name__ == "__main__":
    main()
