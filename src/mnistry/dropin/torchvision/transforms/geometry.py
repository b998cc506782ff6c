"""Transforms of torchvision that move or resize a picture; Pillow does the work.

Chance comes from torch's own generator, as torchvision has it. A tensor (channels,
rows, columns) is changed channel by channel, and alike.
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry import extras

if TYPE_CHECKING:
    import torch
else:
    torch = extras.require("torch", extra="train")

Range = float | Sequence[float]


class Resize:
    """A picture of another size: its shorter side, or (rows, columns)."""

    def __init__(
        self,
        size: int | Sequence[int],
        antialias: bool = True,  # noqa: FBT001, FBT002 - as torchvision has it
    ) -> None:
        """Choose the size; `antialias` is always so here, as for PIL in torchvision."""
        self.size = size
        self.antialias = antialias

    def __call__(self, picture: Any) -> Any:
        """Resize the picture, bilinearly."""
        return _each_channel(self._resized, picture)

    def _resized(self, picture: Any) -> Any:
        from PIL import Image

        if isinstance(self.size, int):
            short = min(picture.size)
            columns, rows = (int(self.size * side / short) for side in picture.size)
        else:
            rows, columns = (*self.size, *self.size)[:2]
        return picture.resize((columns, rows), Image.Resampling.BILINEAR)

    def __repr__(self) -> str:
        return f"Resize(size={self.size})"


class RandomAffine:
    """Turn, move, scale and shear a picture at random; black comes in from outside."""

    def __init__(
        self,
        degrees: Range,
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: Range | None = None,
    ) -> None:
        """Choose how much.

        Args:
            degrees: The most it is turned either way, or the least and the most.
            translate: Of columns and rows, the share that it is moved at most.
            scale: The least and the most.
            shear: In degrees along the rows: the most either way, or least and most.
        """
        self.degrees = _both_ways(degrees)
        self.translate = translate
        self.scale = scale
        self.shear = None if shear is None else _both_ways(shear)

    def __call__(self, picture: Any) -> Any:
        """Return another picture each time."""
        columns, rows = picture.size if hasattr(picture, "getbands") else _size(picture)
        angle = _uniform(*self.degrees)
        across, down = (
            round(_uniform(-share * side, share * side))
            for share, side in zip(
                self.translate or (0, 0), (columns, rows), strict=True
            )
        )
        factor = _uniform(*self.scale) if self.scale else 1.0
        slant = math.tan(math.radians(_uniform(*self.shear))) if self.shear else 0.0
        # from a place in the new picture to that in the old: about the middle
        left = columns / 2 * (1 - 1 / factor) - slant * rows / 2 / factor
        top = rows / 2 * (1 - 1 / factor)
        back = (1 / factor, slant / factor, left, 0, 1 / factor, top)

        def change(channel: Any) -> Any:
            turned = channel.rotate(angle, translate=(across, down))
            if (factor, slant) == (1, 0):
                return turned
            return turned.transform(turned.size, 0, back)  # 0: Pillow's AFFINE

        return _each_channel(change, picture)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(degrees={list(self.degrees)})"


class RandomRotation(RandomAffine):
    """Turn a picture at random; black comes in from outside."""

    def __init__(self, degrees: Range) -> None:
        super().__init__(degrees)


def _each_channel(change: Callable[[Any], Any], picture: Any) -> Any:
    """Change a PIL picture, or each channel of a tensor as if it were one."""
    if not isinstance(picture, torch.Tensor):
        return change(picture)
    from PIL import Image

    channels = (Image.fromarray(channel.numpy()) for channel in picture)
    changed = [torch.from_numpy(np.array(change(channel))) for channel in channels]
    return torch.stack(changed)


def _size(tensor: Any) -> tuple[int, int]:
    return int(tensor.shape[-1]), int(tensor.shape[-2])


def _both_ways(degrees: Range) -> tuple[float, float]:
    if isinstance(degrees, int | float):
        return -float(degrees), float(degrees)
    return float(degrees[0]), float(degrees[1])


def _uniform(low: float, high: float) -> float:
    return float(torch.empty(1).uniform_(low, high))
