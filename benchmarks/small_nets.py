"""Nets that learn as much as may be with so many numbers, one function for each size.

The same ideas as in `mnistry.learn.nets`, for parameters instead of seconds: most of a
convolution's numbers mix channels, so each is parted in two, one that looks at its
environment channel by channel (k*k numbers a channel) and one that mixes channels
pixel by pixel. The last layer before the answer weights each place of a channel instead
of taking the mean of all. Where there are next to no numbers, the same convolutions are
used three times over.

The nets and recipes up to 10k were chosen on images held out from training, after
runs of eight epochs; the larger ones are `accurate`, narrower, with the same recipe.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import max_pool2d

from mnistry.recipes import RECIPES, Recipe


class UpTo2k(nn.Module):
    """1,906 parameters: a step of 2, then one pair of convolutions three times.

    Source:
        ruslangrimov/mnist-minimal-model on GitHub, for using convolutions again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begin = nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2, bias=False),  # (8, 12, 12)
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 24, 1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(),
        )
        self.again = nn.Sequential(
            nn.Conv2d(24, 24, 3, padding=1, groups=24, bias=False),
            nn.Conv2d(24, 24, 1, bias=False),
        )
        self.first, self.second, self.third = (nn.BatchNorm2d(24) for _ in range(3))
        self.end = nn.Sequential(
            nn.Conv2d(24, 24, 3, groups=24, bias=False),  # (24, 1, 1)
            nn.BatchNorm2d(24),
            nn.Flatten(),
            nn.Linear(24, 10),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits, (n, 10), of (n, 1, 28, 28)."""
        seen = self.begin(images)
        seen = max_pool2d(seen + self.first(self.again(seen)).relu(), 2)  # (24, 6, 6)
        seen = seen + self.second(self.again(seen)).relu()
        seen = max_pool2d(seen + self.third(self.again(seen)).relu(), 2)  # (24, 3, 3)
        logits: torch.Tensor = self.end(seen)
        return logits


def up_to_10k() -> nn.Module:
    """9,858 parameters."""
    return nn.Sequential(
        nn.PixelUnshuffle(2),  # (4, 14, 14)
        nn.Conv2d(4, 24, 3, bias=False),  # (24, 12, 12)
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.Conv2d(24, 24, 3, groups=24, bias=False),
        nn.Conv2d(24, 40, 1, bias=False),  # (40, 10, 10)
        nn.BatchNorm2d(40),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(40, 40, 3, padding=1, groups=40, bias=False),
        nn.Conv2d(40, 48, 1, bias=False),  # (48, 5, 5)
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.Conv2d(48, 48, 3, padding=1, groups=48, bias=False),
        nn.Conv2d(48, 56, 1, bias=False),  # (56, 5, 5)
        nn.BatchNorm2d(56),
        nn.ReLU(),
        nn.Conv2d(56, 56, 5, groups=56, bias=False),  # (56, 1, 1)
        nn.BatchNorm2d(56),
        nn.Flatten(),
        nn.Linear(56, 10),
    )


def up_to_50k() -> nn.Module:
    """45,590 parameters: `accurate` with fewer channels, parted in two at its end."""
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, bias=False),  # (12, 26, 26)
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.Conv2d(12, 24, 3, bias=False),  # (24, 24, 24)
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (24, 12, 12)
        nn.Conv2d(24, 40, 3, bias=False),  # (40, 10, 10)
        nn.BatchNorm2d(40),
        nn.ReLU(),
        nn.Conv2d(40, 40, 3, bias=False),  # (40, 8, 8)
        nn.BatchNorm2d(40),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (40, 4, 4)
        nn.Conv2d(40, 40, 3, padding=1, groups=40, bias=False),
        nn.Conv2d(40, 96, 1, bias=False),  # (96, 4, 4)
        nn.BatchNorm2d(96),
        nn.ReLU(),
        nn.Conv2d(96, 96, 3, groups=96, bias=False),
        nn.Conv2d(96, 104, 1, bias=False),  # (104, 2, 2)
        nn.BatchNorm2d(104),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(104 * 2 * 2, 10),
    )


def up_to_200k() -> nn.Module:
    """193,626 parameters: `accurate` with fewer channels at its end."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, bias=False),  # (16, 26, 26)
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, bias=False),  # (32, 24, 24)
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (32, 12, 12)
        nn.Conv2d(32, 64, 3, bias=False),  # (64, 10, 10)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, bias=False),  # (64, 8, 8)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (64, 4, 4)
        nn.Conv2d(64, 92, 3, padding=1, bias=False),  # (92, 4, 4)
        nn.BatchNorm2d(92),
        nn.ReLU(),
        nn.Conv2d(92, 92, 3, bias=False),  # (92, 2, 2)
        nn.BatchNorm2d(92),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(92 * 2 * 2, 10),
    )


class Size(NamedTuple):
    """A net with at most so many parameters, how it learns, and what it should reach.

    Attributes:
        most: Parameters.
        build: Gives a fresh net.
        recipe: Chosen on images held out.
        aim: Of the test images, the share to be read rightly.
    """

    most: int
    build: Callable[[], nn.Module]
    recipe: Recipe
    aim: float


ALL = Recipe(
    batch_size=128,
    learning_rate=0.01,
    momentum=0.9,
    square_momentum=0.99,
    warmup=0.2,
    decay=True,
    channels_last=True,
)
LITTLE = ALL.changed(rotation_degrees=5, scaling=0.05, shift_pixels=0.5)
MORE = ALL.changed(
    rotation_degrees=8, scaling=0.1, shear=0.1, shift_pixels=1, elastic_pixels=0.5
)

SIZES = {
    "2k": Size(2_000, UpTo2k, LITTLE.changed(epochs=20), 0.990),
    "10k": Size(10_000, up_to_10k, MORE.changed(epochs=16), 0.994),
    "50k": Size(50_000, up_to_50k, RECIPES["accurate"], 0.996),
    "200k": Size(200_000, up_to_200k, RECIPES["accurate"], 0.997),
}
