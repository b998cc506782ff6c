"""Building blocks of corruptions: random numbers, directions, clouds, moving ink.

They work on a whole batch, (n, rows, columns), with random values for each image.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink

if TYPE_CHECKING:
    from numpy.random import Generator


def lot(ink: Ink, generator: "Generator", low: float, high: float) -> NDArray[Any]:
    """Draw a number for each image, (n, 1, 1)."""
    return generator.uniform(low, high, (len(ink), 1, 1)).astype(np.float32)


def turned(ink: Ink, angle: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return each pixel's distance from the middle, along and across a direction."""
    rows, columns = ink.shape[1:]
    down = np.arange(rows, dtype=np.float32)[:, None] - (rows - 1) / 2
    right = np.arange(columns, dtype=np.float32) - (columns - 1) / 2
    cosine, sine = np.cos(angle), np.sin(angle)
    return right * cosine + down * sine, down * cosine - right * sine


def moved(ink: Ink, down: NDArray[Any], across: NDArray[Any]) -> Ink:
    """Move images, or each pixel on its own, to the nearest whole pixel."""
    count, rows, columns = ink.shape
    y = np.rint(np.arange(rows)[:, None] - down).astype(np.intp)
    x = np.rint(np.arange(columns) - across).astype(np.intp)
    inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
    image = np.arange(count)[:, None, None]
    there = ink[image, y.clip(0, rows - 1), x.clip(0, columns - 1)]
    return np.asarray(there * inside, np.float32)


def tents(length: int, zoom: NDArray[Any], shift: NDArray[Any]) -> Ink:
    """Make (n, length, length): each row averages what a pixel is zoomed from."""
    middle, places = (length - 1) / 2, np.arange(length, dtype=np.float32)
    sources = (places[:, None] - middle - shift) / zoom + middle
    reach = np.maximum(1, 1 / zoom)
    made = (1 - np.abs(sources - places) / reach).clip(0) / reach
    return np.asarray(made, np.float32)


def bells(length: int, deviation: NDArray[Any]) -> Ink:
    """Make (n, length, length): each row blurs; ink over the edge is lost."""
    places = np.arange(length, dtype=np.float32)
    made = np.exp(-(((places[:, None] - places) / deviation) ** 2) / 2)
    return np.asarray(made / (deviation * np.sqrt(2 * np.pi)).clip(1), np.float32)


def blurred(ink: Ink, generator: "Generator") -> Ink:
    """Blur a little, and some not at all."""
    deviation = lot(ink, generator, 0.2, 0.9)
    sides = (bells(length, deviation) for length in ink.shape[1:])
    down, across = (side / side.sum(2, keepdims=True) for side in sides)
    return np.asarray(down @ ink @ across.transpose(0, 2, 1), np.float32)


def clouds(ink: Ink, generator: "Generator", finest: int = 8) -> Ink:
    """Draw clouds, 0 to 1: random values on a grid, interpolated linearly.

    The points lie ever closer, half as far apart each time, down to `finest` to a side;
    how much each adds is drawn too, so that some clouds are smooth and others rough.
    """
    fog = np.zeros_like(ink)
    rough = lot(ink, generator, 0.4, 1)
    cells, strength = 2, np.ones_like(rough)
    while cells <= finest:
        lots = generator.random((len(ink), cells + 1, cells + 1), np.float32)
        down, across = (
            (1 - np.abs(np.linspace(0, cells, length)[:, None] - np.arange(cells + 1)))
            .clip(0)
            .astype(np.float32)
            for length in ink.shape[1:]
        )
        fog += down @ lots @ across.T * strength * lot(ink, generator, 0.5, 1.5)
        cells, strength = 2 * cells, strength * rough
    fog -= fog.min(axis=(1, 2), keepdims=True)
    largest = np.maximum(fog.max(axis=(1, 2), keepdims=True), 1e-6)
    return np.asarray(fog / largest, np.float32)


def grown(ink: Ink) -> Ink:
    """Let ink spread to the pixels below, above and beside; edges stay as they are."""
    around = np.pad(ink, ((0, 0), (1, 1), (1, 1)), mode="edge")
    upright = np.maximum(around[:, :-2, 1:-1], around[:, 2:, 1:-1])
    level = np.maximum(around[:, 1:-1, :-2], around[:, 1:-1, 2:])
    return np.maximum(np.maximum(upright, level), ink)
