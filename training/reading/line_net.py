"""The net for lines, as it is trained; how one begins from packaged weights.

Every layer is a convolution, a rectifier or a pooling, so that what comes out of it
runs by `mnistry.inference.net` without torch; batch norms are folded in by `export.py`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnistry.inference.net import Net, load_net

CLASSES = 11  # ten digits and blank
FRAMES = 2  # for each column that is left, each of two columns of the strip
DROPOUT = 0.1
NARROW = 16, 32, 64, 96, 128
WIDE = 24, 48, 80, 128, 160
"""Channels after each halving of the rows, and of the context: those of the net before,
and those of the packaged one."""

Kernel = int | tuple[int, int]


def block(i: int, o: int, kernel: Kernel = 3, padding: Kernel = 1) -> nn.Sequential:
    """Lay a convolution, normalised and rectified."""
    return nn.Sequential(
        nn.Conv2d(i, o, kernel, padding=padding, bias=False),
        nn.BatchNorm2d(o),
        nn.ReLU(inplace=True),
    )


class LineNet(nn.Module):
    """Strips (n, 1, 32, w) to logits (n, w / 2, 11); the last class is blank.

    Args:
        channels: After each halving of the rows, and of the context.
        extra: Further convolutions of 3 × 3 at four rows.
        context: Convolutions along the strip, of 1 × 5.
    """

    def __init__(
        self,
        channels: Sequence[int] = NARROW,
        extra: int = 1,
        context: int = 5,
    ) -> None:
        """Lay the layers."""
        super().__init__()
        a, b, c, d, e = channels
        self.shape = {"channels": [*channels], "extra": extra, "context": context}
        self.body = nn.Sequential(
            block(1, a),
            nn.MaxPool2d(2),
            block(a, b),
            block(b, b),
            nn.MaxPool2d(2),
            block(b, c),
            block(c, c),
            nn.MaxPool2d((2, 1)),
            block(c, d),
            *(block(d, d) for _ in range(extra)),
            block(d, e, (4, 1), 0),
            nn.Dropout(DROPOUT),
            *(block(e, e, (1, 5), (0, 2)) for _ in range(context)),
        )
        self.head = nn.Conv2d(e, FRAMES * CLASSES, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        y: torch.Tensor = self.head(self.body(x)).squeeze(2)  # n, 22, w / 4
        n, _, t = y.shape
        frames = y.view(n, FRAMES, CLASSES, t).permute(0, 3, 1, 2)
        return frames.reshape(n, FRAMES * t, CLASSES)


@torch.no_grad()
def unfold(net: LineNet, path: Path, images: torch.Tensor) -> list[int]:
    """Begin from packaged weights, whose batch norms are folded in.

    Norms take the mean and spread of `images` and give them back, so that the net
    computes at first what the packaged one does. A convolution that the packaged net
    does not have begins as the identity, for what is rectified passes it unchanged;
    where the packaged net has fewer channels, some are there twice, and what reads them
    shares its weights among the copies (Chen, Goodfellow, Shlens, Net2Net, 2016,
    https://arxiv.org/abs/1511.05641).

    Args:
        net: To begin with, in place.
        path: Such as reading-lines.safetensors.
        images: (n, 1, 32, w), what the norms are set by.

    Returns:
        The numbers of the convolutions that are new.
    """
    packaged = load_net(path)
    new, copied = unfold_body(net.body, packaged, images)
    last = packaged.weights["head.weight"]
    net.head.weight.copy_(widened(last, copied, np.arange(last.shape[3])))
    assert net.head.bias is not None
    net.head.bias.copy_(torch.from_numpy(packaged.weights["head.bias"]))
    return new


@torch.no_grad()
def unfold_body(
    body: nn.Sequential, packaged: Net, x: torch.Tensor
) -> tuple[list[int], NDArray[np.int64]]:
    """Begin all layers but the head from packaged weights, as `unfold` explains.

    Returns:
        The numbers of the convolutions that are new, and which channel of the packaged
        net each channel is that the head reads.
    """
    names = [str(layer[1]) for layer in packaged.layers if layer[0] == "convolve"]
    waiting = [name for name in names if name != "head"]
    new: list[int] = []
    copied = np.arange(x.shape[1])  # which channel of the packaged net each of x is
    for number, part in enumerate(body):
        if not isinstance(part, nn.Sequential):
            is_dropout = isinstance(part, nn.Dropout | nn.Dropout2d)
            x = x if is_dropout else part(x)
            copied = copied if number else np.arange(x.shape[1])
            continue
        convolution, norm = part[0], part[1]
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        bias = torch.zeros(convolution.out_channels)
        none = np.zeros(0, np.float32)
        weight = packaged.weights[f"{waiting[0]}.weight"] if waiting else none
        if waiting and weight.shape[:2] == convolution.kernel_size:
            outputs = channels(weight.shape[3], convolution.out_channels)
            convolution.weight.copy_(widened(weight, copied, outputs))
            bias = torch.from_numpy(packaged.weights[f"{waiting.pop(0)}.bias"])
            bias, copied = bias[outputs], outputs
        else:
            nn.init.dirac_(convolution.weight)
            new.append(number)
        y = convolution(x)
        mean, spread = y.mean((0, 2, 3)), y.var((0, 2, 3))
        norm.running_mean, norm.running_var = mean.clone(), spread.clone()
        norm.weight.copy_((spread + norm.eps).sqrt())
        norm.bias.copy_(mean + bias)
        x = torch.relu(y + bias[:, None, None])
    if waiting:
        message = f"no place for the convolutions {waiting}"
        raise ValueError(message)
    return new, copied


def channels(old: int, new: int) -> NDArray[np.int64]:
    """Give the channel of the packaged net that each channel begins as."""
    copies = np.random.default_rng(old).choice(old, new - old)
    return np.concatenate([np.arange(old), copies])


def widened(
    weight: NDArray[np.float32],
    inputs: NDArray[np.int64],
    outputs: NDArray[np.int64],
) -> torch.Tensor:
    """Give weights whose copied outputs are alike, whose copied inputs share theirs.

    The shares are uneven, so that copies learn to differ.
    """
    shares = np.random.default_rng(len(inputs)).uniform(0.5, 1.5, len(inputs))
    sums = np.bincount(inputs, shares)
    shared = weight[:, :, inputs] * (shares / sums[inputs])[:, None].astype(np.float32)
    return torch.from_numpy(shared[..., outputs].transpose(3, 2, 0, 1).copy())
