"""`torchvision.utils.make_grid`: many pictures as one."""

import math
import os
from typing import TYPE_CHECKING, Any

from mnistry import extras
from mnistry.formats.atomic import write_atomic
from mnistry.formats.sheets import encode_png

if TYPE_CHECKING:
    import torch
else:
    torch = extras.require("torch", extra="train")

COLOURS = 3


def save_image(
    tensor: "torch.Tensor | list[torch.Tensor]",
    fp: str | os.PathLike[str],
    **grid: Any,
) -> None:
    """Write what `make_grid` makes to a PNG, atomically.

    Args:
        tensor: As for `make_grid`, numbers from 0 to 1.
        fp: The file; one that is there is replaced.
        **grid: As for `make_grid`.

    Raises:
        CacheError: The folder cannot be written.
    """
    made = make_grid(tensor, **grid).mul(255).add(0.5).clamp(0, 255).to(torch.uint8)
    write_atomic(fp, encode_png(made.permute(1, 2, 0).cpu().numpy()))


def make_grid(
    tensor: "torch.Tensor | list[torch.Tensor]",
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,  # noqa: FBT001, FBT002 - as torchvision has it
    pad_value: float = 0.0,
) -> "torch.Tensor":
    """Put pictures side by side.

    Args:
        tensor: (n, channels, rows, columns), or a list of such pictures.
        nrow: Pictures in a row.
        padding: Pixels around each.
        normalize: Stretch all numbers to 0 to 1.
        pad_value: Of the pixels around.

    Returns:
        (3, rows, columns).

    Example:
        >>> make_grid(torch.zeros(9, 1, 28, 28), nrow=3).shape
        torch.Size([3, 92, 92])
    """
    pictures = torch.stack(tensor) if isinstance(tensor, list) else tensor
    if pictures.shape[1] == 1:
        pictures = pictures.expand(-1, COLOURS, -1, -1)
    if normalize:
        low, high = pictures.min(), pictures.max()
        pictures = (pictures - low) / (high - low).clamp(min=1e-5)
    count, channels, height, width = pictures.shape
    across = min(nrow, count)
    tall, broad = height + padding, width + padding
    shape = (
        channels,
        math.ceil(count / across) * tall + padding,
        across * broad + padding,
    )
    grid = pictures.new_full(shape, pad_value)
    for number, picture in enumerate(pictures):
        top = number // across * tall + padding
        left = number % across * broad + padding
        grid[:, top : top + height, left : left + width] = picture
    return grid
