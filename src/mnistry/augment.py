"""Random shifts and affine maps of images, a whole batch at once.

Rule of the package: images in, images out, same shape and dtype; what comes in at the
edge is paper (0). Each image draws the same number of random values, so the result does
not depend on how many are processed at a time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, expect_whole
from mnistry.errors import UsageError

if TYPE_CHECKING:
    from numpy.random import Generator  # NumPy loads it late, and so do we

Augment = Callable[[Images, "Generator"], Images]
"""For `batches(augment=…)`: `shift`, `affine`, a `partial` of them, or your own."""

BLOCK_IMAGES = 256  # moved at a time: some 0.8 MB in each array of floats


def shift(images: Images, generator: "Generator", *, most_pixels: int = 2) -> Images:
    """Shift each image at random by whole pixels, vertically and horizontally.

    Args:
        images: (n, rows, columns) uint8.
        generator: The random number generator.
        most_pixels: Largest shift in each direction, 0 or more; MNIST's digits have
            four pixels of paper around them.

    Returns:
        (n, rows, columns) uint8, new memory.

    Raises:
        UsageError: `most_pixels` is below 0.

    Example:
        >>> images = np.full((3, 28, 28), 255, np.uint8)
        >>> moved = shift(images, np.random.default_rng(0))
        >>> moved.shape, moved.min()
        ((3, 28, 28), np.uint8(0))
    """
    expect_whole("most_pixels", most_pixels, least=0)
    count, rows, columns = images.shape
    down, right = generator.integers(0, 2 * most_pixels + 1, (count, 2)).T
    edge = (most_pixels, most_pixels)
    padded = np.pad(images, ((0, 0), edge, edge))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (rows, columns), axis=(1, 2)
    )
    moved: Images = windows[np.arange(count), down, right]
    return moved


def affine(
    images: Images,
    generator: "Generator",
    *,
    most_degrees: float = 10,
    most_scaling: float = 0.1,
    most_shear: float = 0.1,
    most_pixels: float = 2,
) -> Images:
    """Rotate, scale, shear and shift each image at random, uniformly distributed.

    Ink between pixels is interpolated bilinearly.

    Args:
        images: (n, rows, columns) uint8.
        generator: The random number generator.
        most_degrees: Largest rotation, either way.
        most_scaling: Largest change of height and of width, as a share.
        most_shear: Largest horizontal shift per row: 0.1 slants by about 6 degrees.
        most_pixels: Largest shift in each direction.

    Returns:
        (n, rows, columns) uint8, new memory.

    Raises:
        UsageError: A bound is below 0, or `most_scaling` 1 or more.

    Example:
        >>> images = np.full((3, 28, 28), 255, np.uint8)
        >>> turned = affine(images, np.random.default_rng(0))
        >>> turned.shape, turned.min()
        ((3, 28, 28), np.uint8(0))
    """
    bounds = np.array(
        [most_degrees, *[most_scaling] * 2, most_shear, *[most_pixels] * 2]
    )
    if (bounds < 0).any() or most_scaling >= 1:
        message = (
            f"the bounds are {bounds.tolist()} (degrees, scaling, shear, pixels);"
            " expected all 0 or more, and scaling below 1."
        )
        raise UsageError(message)
    drawn = (2 * generator.random((len(images), len(bounds))) - 1) * bounds
    moved = np.empty_like(images)
    for start in range(0, len(images), BLOCK_IMAGES):
        block = slice(start, start + BLOCK_IMAGES)
        moved[block] = _sample(images[block], *_places(images.shape, drawn[block]))
    return moved


def _places(
    shape: tuple[int, ...], drawn: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return where each new pixel's ink comes from: rows and columns, as floats."""
    _, rows, columns = shape
    degrees, tall, wide, shear, down, right = drawn.T[..., None, None]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    y, x = np.ogrid[:rows, :columns]
    y, x = y - (rows - 1) / 2 - down, x - (columns - 1) / 2 - right
    turned_y, turned_x = cosine * y - sine * x, sine * y + cosine * x
    from_y = turned_y / (1 + tall) + (rows - 1) / 2
    from_x = (turned_x + shear * turned_y) / (1 + wide) + (columns - 1) / 2
    return from_y.astype(np.float32), from_x.astype(np.float32)


def _sample(images: Images, y: NDArray[Any], x: NDArray[Any]) -> Images:
    """Read ink between pixels, from images with paper around them."""
    count, rows, columns = images.shape
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    y, x = np.clip(y, -1, rows) + 1, np.clip(x, -1, columns) + 1
    top, left = y.astype(np.int32), x.astype(np.int32)  # both are 0 or more: floor
    y -= top
    x -= left
    width = columns + 3
    first = np.arange(count, dtype=np.int64)[:, None, None] * ((rows + 3) * width)
    corner = first + top * width + left
    ink = padded.ravel()
    upper = ink[corner] * (1 - x) + ink[corner + 1] * x
    lower = ink[corner + width] * (1 - x) + ink[corner + width + 1] * x
    sampled: Images = (upper * (1 - y) + lower * y + 0.5).astype(np.uint8)
    return sampled
