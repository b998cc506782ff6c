"""Transforms of torchvision that move or resize a picture; Pillow does the work.

Chance comes from torch's own generator, as torchvision has it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mnistry import extras

if TYPE_CHECKING:
    import torch
else:
    torch = extras.require("torch", extra="train")

Range = float | Sequence[float]


class Resize:
    """A PIL picture of another size: its shorter side, or (rows, columns)."""

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = size

    def __call__(self, picture: Any) -> Any:
        """Resize the picture, bilinearly."""
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
    """Turn, move and scale a PIL picture at random; black comes in from outside."""

    def __init__(
        self,
        degrees: Range,
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
    ) -> None:
        """Choose how much.

        Args:
            degrees: The most it is turned either way, or the least and the most.
            translate: Of columns and rows, the share that it is moved at most.
            scale: The least and the most.
        """
        self.degrees = _both_ways(degrees)
        self.translate = translate
        self.scale = scale

    def __call__(self, picture: Any) -> Any:
        """Give another picture each time."""
        columns, rows = picture.size
        angle = _uniform(*self.degrees)
        across, down = (
            round(_uniform(-share * side, share * side))
            for share, side in zip(
                self.translate or (0, 0), (columns, rows), strict=True
            )
        )
        factor = _uniform(*self.scale) if self.scale else 1.0
        turned = picture.rotate(angle, translate=(across, down))
        if factor == 1:
            return turned
        left, top = columns / 2 * (1 - 1 / factor), rows / 2 * (1 - 1 / factor)
        shrink = (1 / factor, 0, left, 0, 1 / factor, top)
        return turned.transform(turned.size, 0, shrink)  # 0: Pillow's AFFINE

    def __repr__(self) -> str:
        return f"{type(self).__name__}(degrees={list(self.degrees)})"


class RandomRotation(RandomAffine):
    """Turn a PIL picture at random; black comes in from outside."""

    def __init__(self, degrees: Range) -> None:
        super().__init__(degrees)


def _both_ways(degrees: Range) -> tuple[float, float]:
    if isinstance(degrees, int | float):
        return -float(degrees), float(degrees)
    return float(degrees[0]), float(degrees[1])


def _uniform(low: float, high: float) -> float:
    return float(torch.empty(1).uniform_(low, high))
