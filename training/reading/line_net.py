"""The net for lines, as it is trained; how one begins from packaged weights.

Every layer is a convolution, a rectifier, a pooling or attention, so that what comes
out of it runs by `mnistry.inference.net` without torch; batch norms are folded in by
`export.py`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from mnistry.inference.net import Net, load_net

CLASSES = 11  # ten digits and blank
FRAMES = 2  # for each column that is left, each of two columns of the strip
DROPOUT = 0.1
ATTENTION_WIDTH, HEADS = 128, 4
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


class Attention(nn.Module):
    """Let each frame of a strip learn from all others: multi-head self-attention.

    What it adds is nothing at first, so that a net which gets one computes what it did
    (Vaswani et al., Attention is all you need, 2017, https://arxiv.org/abs/1706.03762).

    Args:
        channels: Of what comes in and goes out, (n, channels, 1, t).
        width: Of queries, keys and values, all heads together.
        heads: How many.
    """

    def __init__(self, channels: int, width: int, heads: int) -> None:
        """Lay the two projections."""
        super().__init__()
        self.heads = heads
        self.inner = nn.Conv2d(channels, 3 * width, 1)
        # of what is mostly far below 1 they make queries and keys of about 1
        nn.init.normal_(self.inner.weight, std=2.3 / channels**0.5)
        self.outer = nn.Conv2d(width, channels, 1)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add what the other frames say."""
        n, _, _, t = x.shape
        parts = self.inner(x).reshape(n, 3, self.heads, -1, t).transpose(3, 4)
        query, key, value = parts.unbind(1)  # n, heads, t, width / heads
        mixed = functional.scaled_dot_product_attention(query, key, value)
        added: torch.Tensor = self.outer(mixed.transpose(2, 3).reshape(n, -1, 1, t))
        return x + added


class LineNet(nn.Module):
    """Strips (n, 1, 32, w) to logits (n, w / 2, 11); the last class is blank.

    Args:
        channels: After each halving of the rows, and of the context.
        extra: Further convolutions of 3 × 3 at four rows.
        context: Convolutions along the strip, of 1 × 5.
        attention: After how many of these each frame sees all others; 0 for never.
    """

    def __init__(
        self,
        channels: Sequence[int] = NARROW,
        extra: int = 1,
        context: int = 5,
        attention: int = 0,
    ) -> None:
        """Lay the layers."""
        super().__init__()
        a, b, c, d, e = channels
        self.shape: dict[str, list[int] | int] = {
            "channels": [*channels],
            "extra": extra,
            "context": context,
        }
        along: list[nn.Module] = [block(e, e, (1, 5), (0, 2)) for _ in range(context)]
        if attention:
            self.shape["attention"] = attention
            along.insert(attention, Attention(e, ATTENTION_WIDTH, HEADS))
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
            *along,
        )
        self.head = nn.Conv2d(e, FRAMES * CLASSES, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
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
    attends = [str(layer[1]) for layer in packaged.layers if layer[0] == "attend"]
    new: list[int] = []
    copied = np.arange(x.shape[1])  # which channel of the packaged net each of x is
    for number, part in enumerate(body):
        if isinstance(part, Attention) and attends:
            unfold_attention(part, packaged, attends.pop(0), copied)
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
    if waiting or attends:
        message = f"no place for the convolutions {waiting} or attention {attends}"
        raise ValueError(message)
    return new, copied


@torch.no_grad()
def unfold_attention(
    part: Attention, packaged: Net, name: str, copied: NDArray[np.int64]
) -> None:
    """Begin attention from packaged weights, whose queries are divided already."""
    inner, outer = (
        packaged.weights[f"{name}.{of}.weight"] for of in ("inner", "outer")
    )
    width = np.arange(inner.shape[3])
    part.inner.weight.copy_(widened(inner, copied, width))
    part.outer.weight.copy_(widened(outer, np.arange(outer.shape[2]), copied))
    for convolution, of in (part.inner, "inner"), (part.outer, "outer"):
        assert convolution.bias is not None
        bias = packaged.weights[f"{name}.{of}.bias"]
        convolution.bias.copy_(
            torch.from_numpy(bias[copied] if of == "outer" else bias)
        )
    scale = (outer.shape[2] // part.heads) ** 0.5
    assert part.inner.bias is not None
    part.inner.weight[: outer.shape[2]] *= scale
    part.inner.bias[: outer.shape[2]] *= scale


def channels(old: int, new: int) -> NDArray[np.int64]:
    """Return the channel of the packaged net that each channel begins as."""
    copies = np.random.default_rng(old).choice(old, new - old)
    return np.concatenate([np.arange(old), copies])


def widened(
    weight: NDArray[np.float32],
    inputs: NDArray[np.int64],
    outputs: NDArray[np.int64],
) -> torch.Tensor:
    """Return weights whose copied outputs are alike, whose copied inputs share theirs.

    The shares are uneven, so that copies learn to differ.
    """
    shares = np.random.default_rng(len(inputs)).uniform(0.5, 1.5, len(inputs))
    sums = np.bincount(inputs, shares)
    shared = weight[:, :, inputs] * (shares / sums[inputs])[:, None].astype(np.float32)
    return torch.from_numpy(shared[..., outputs].transpose(3, 2, 0, 1).copy())
