"""Fold batch norms into convolutions and write a net as `inference.net` runs it.

Run: python -m training.reading.export lines lines/ reading-lines.safetensors
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import nn

from mnistry.formats.atomic import write_atomic
from mnistry.formats.tensors import read_weights
from mnistry.learn.checkpoint import CHECKPOINT, load_checkpoint
from training.reading.digit_net import DigitNet
from training.reading.headers import header_of
from training.reading.line_net import Attention, LineNet
from training.reading.loop import log

KINDS = "digit", "lines", "upright"
Layers = list[list[Any]]
"""Such as [["convolve", "0", 1, 1], ["rectify"]]."""


def load_average(kind: str, folder: Path) -> LineNet | DigitNet:
    """Return the averaged net of a run."""
    _, facts = read_weights(folder / CHECKPOINT)
    net: LineNet | DigitNet = (LineNet if kind == "lines" else DigitNet)(
        **facts["shape"]
    )
    run = load_checkpoint(folder, net)
    if run.average is None:
        message = f"{folder} holds a run without a moving average"
        raise ValueError(message)
    net.load_state_dict(run.average.state_dict())
    return net


def folded(part: nn.Sequential) -> tuple[nn.Conv2d, NDArray[Any], NDArray[Any]]:
    """Return a convolution, its weight (rows, columns, inputs, outputs) and its bias.

    The batch norm after it is folded in.
    """
    convolution, norm = part[0], part[1]
    assert isinstance(convolution, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    weight = convolution.weight * scale[:, None, None, None]
    bias = norm.bias - norm.running_mean * scale
    ordered = weight.detach().permute(2, 3, 1, 0).numpy()
    return convolution, ordered, bias.detach().numpy()


def dense(head: nn.Linear, side: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a dense layer's weights for images with the channels last."""
    weight = head.weight.detach().numpy()
    outputs = len(weight)
    by_place = weight.reshape(outputs, -1, side * side).transpose(2, 1, 0)
    return by_place.reshape(-1, outputs), head.bias.detach().numpy()


def attending(part: Attention, name: str) -> dict[str, NDArray[Any]]:
    """Return the weights of attention; queries are scaled as the softmax expects."""
    width = part.outer.in_channels
    scale = np.ones(3 * width, np.float32)
    scale[:width] = (width // part.heads) ** -0.5
    arrays: dict[str, NDArray[Any]] = {}
    for inside, convolution in (("inner", part.inner), ("outer", part.outer)):
        assert convolution.bias is not None
        weight = convolution.weight.detach().permute(2, 3, 1, 0).numpy()
        bias = convolution.bias.detach().numpy()
        times = scale if inside == "inner" else np.float32(1)
        arrays[f"{name}.{inside}.weight"] = weight * times
        arrays[f"{name}.{inside}.bias"] = bias * times
    return arrays


def part_of(part: nn.Module, name: str) -> tuple[Layers, dict[str, NDArray[Any]]]:
    """Return the layers of one part of a body, and their weights."""
    if isinstance(part, nn.PixelUnshuffle):
        return [["unshuffle", part.downscale_factor]], {}
    if isinstance(part, nn.MaxPool2d):
        size = part.kernel_size
        return [["pool", *(size if isinstance(size, tuple) else (size, size))]], {}
    if isinstance(part, nn.Sequential):
        convolution, weight, bias = folded(part)
        layer = ["convolve", name, *convolution.padding]
        arrays = {f"{name}.weight": weight, f"{name}.bias": bias}
        return [layer, ["rectify"]], arrays
    if isinstance(part, Attention):
        return [["attend", name, part.heads]], attending(part, name)
    return [], {}  # dropout


def export(net: LineNet | DigitNet) -> tuple[Layers, dict[str, NDArray[np.float16]]]:
    """Return a net's layers in words and its weights in half precision."""
    layers: Layers = []
    weights: dict[str, NDArray[Any]] = {}
    for number, part in enumerate(net.body):
        more, arrays = part_of(part, str(number))
        layers += more
        weights |= arrays
    if isinstance(net, DigitNet):
        layers.append(["dense", "head"])
        weight, bias = dense(net.head, net.SIDE)
    else:
        layers.append(["convolve", "head", 0, 0])
        assert net.head.bias is not None
        weight = net.head.weight.detach().permute(2, 3, 1, 0).numpy()
        bias = net.head.bias.detach().numpy()
    weights |= {"head.weight": weight, "head.bias": bias}
    return layers, {
        name: np.ascontiguousarray(array).astype(np.float16)
        for name, array in weights.items()
    }


def write(
    kind: str, folder: Path, out: Path, calibrations: tuple[Path, ...] = ()
) -> None:
    """Write the averaged net of a run as it is packaged."""
    layers, weights = export(load_average(kind, folder))
    metadata = {"layers": json.dumps(layers), "kind": kind}
    metadata["reading"] = json.dumps(header_of(kind, calibrations))
    write_atomic(out, save(weights, metadata))
    count = sum(weight.size for weight in weights.values())
    log(f"{out}: {count} weights, {out.stat().st_size} bytes")


def main() -> None:
    """Write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("out", type=Path, help="safetensors file to write")
    parser.add_argument("--calibration", type=Path, nargs="*", default=(), help="JSON")
    args = parser.parse_args()
    calibrations = tuple(args.calibration)
    write(args.kind, args.run, args.out, calibrations)


if __name__ == "__main__":
    main()
