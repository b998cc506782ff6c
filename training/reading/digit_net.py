"""The net for single digits, as it is trained: ten digits, and what is no digit."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mnistry.inference.net import load_net
from training.reading.line_net import block, unfold_body, widened

CLASSES = 11
NON_DIGIT = 10
NARROW = 40, 64, 96, 128, 160
WIDE = 56, 96, 144, 192, 224
SMALL = 12, 16, 24, 32, 40
"""Channels of the five convolutions: those of the packaged net, of one tried, and of
the net that tells which way is up."""
DROPOUT = 0.2


class DigitNet(nn.Module):
    """Images (n, 1, 28, 28) to logits (n, 11); the last class is no digit.

    Args:
        channels: Of the five convolutions.
        classes: Another number of logits.
    """

    SIDE = 3  # rows and columns of what the head sees

    def __init__(
        self, channels: Sequence[int] = NARROW, classes: int = CLASSES
    ) -> None:
        """Lay the layers."""
        super().__init__()
        self.shape = {"channels": [*channels], "classes": classes}
        a, b, c, d, e = channels
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),
            block(4, a),
            block(a, b),
            nn.MaxPool2d(2),
            block(b, c),
            block(c, d),
            nn.MaxPool2d(2),
            block(d, e),
            nn.Dropout2d(DROPOUT),
        )
        self.head = nn.Linear(self.SIDE**2 * e, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        logits: torch.Tensor = self.head(self.body(x).flatten(1))
        return logits


@torch.no_grad()
def unfold(net: DigitNet, path: Path, images: torch.Tensor) -> None:
    """Begin from packaged weights, whose batch norms are folded in.

    It may have more channels, as `line_net.unfold` explains.

    Args:
        net: To begin with, in place; it computes at first what the packaged one does.
        path: Such as reading-digit.safetensors.
        images: (n, 1, 28, 28), what the norms are set by.
    """
    packaged = load_net(path)
    _, copied = unfold_body(net.body, packaged, images)
    by_place = packaged.weights["head.weight"].reshape(net.SIDE**2, 1, -1, CLASSES)
    last = widened(by_place, copied, np.arange(CLASSES))
    net.head.weight.copy_(last.reshape(CLASSES, -1))
    net.head.bias.copy_(torch.from_numpy(packaged.weights["head.bias"]))
