"""Training augmentation: affine and elastic, the whole batch at once.

Each image lies on a rubber sheet with a grid of control points. All points are rotated,
scaled, sheared and shifted together, then each is moved a little on its own; cubic
B-splines, which reproduce affine maps exactly, interpolate between them. Rule of the
package: images in, images out, of the same shape and dtype.

Source:
    Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks
    applied to visual document analysis", doi:10.1109/ICDAR.2003.1227801, for elastic
    bending of digits. The sheet is the free-form deformation of Sederberg and Parry
    1986, doi:10.1145/15886.15903.
"""

import math
from functools import cache

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch.nn.functional import grid_sample, pad

from mnistry.arrays import Images
from mnistry.recipes import Recipe

HELD = 8  # points a side: 5.4 pixels apart on 28, about the size of a loop or a hook

Floats = NDArray[np.float32]


def augment(images: Images, recipe: Recipe, rng: np.random.Generator) -> Images:
    """Distort each image at random, as far as the recipe allows.

    Args:
        images: (n, rows, columns) uint8.
        recipe: Its rotation_degrees, scaling, shear, shift_pixels, elastic_pixels and
            stroke; if all are 0, images are returned unchanged.
        rng: The random number generator.

    Returns:
        (n, rows, columns) uint8; what comes in at the edge is paper.

    Example:
        >>> images = np.full((1, 28, 28), 255, np.uint8)
        >>> moved = augment(images, Recipe(shift_pixels=3), np.random.default_rng(0))
        >>> moved.shape, moved.dtype, bool((moved != images).any())
        ((1, 28, 28), dtype('uint8'), True)
    """
    bends = any((recipe.rotation_degrees, recipe.scaling, recipe.shear))
    bends = bends or bool(recipe.elastic_pixels)
    if not len(images) or not (bends or recipe.stroke or recipe.shift_pixels):
        return images
    if not bends and not recipe.stroke:
        return _shifted(images, recipe.shift_pixels, rng)
    ink = torch.from_numpy(images[:, None].astype(np.float32))
    if recipe.stroke:
        share = rng.uniform(-recipe.stroke, recipe.stroke, (len(images), 1, 1, 1))
        ink = _thicken(ink, torch.from_numpy(share.astype(np.float32)))
    if bends or recipe.shift_pixels:
        sheets = torch.from_numpy(_sheets(images.shape, recipe, rng))
        ink = grid_sample(ink, sheets.permute(0, 2, 3, 1), align_corners=True)
    bent: Images = ink[:, 0].round_().to(torch.uint8).numpy()
    return bent


def _shifted(images: Images, most: float, rng: np.random.Generator) -> Images:
    """Shift only: half the work, by slices and two weighted means."""
    count, rows, columns = images.shape
    shift = rng.uniform(-most, most, (2, count, 1, 1)).astype(np.float32)
    edge = math.ceil(most)
    padded = np.zeros((count, rows + 2 * edge, columns + 2 * edge), np.uint8)
    padded[:, edge : edge + rows, edge : edge + columns] = images  # np.pad takes longer
    windows = sliding_window_view(padded, (rows + 1, columns + 1), axis=(1, 2))
    whole = np.floor(shift)
    first = (whole + edge).astype(np.intp).reshape(2, count)
    down, right = shift - whole
    ink = windows[np.arange(count), *first].astype(np.float32)
    ink = ink[:, :-1] + (ink[:, 1:] - ink[:, :-1]) * down
    ink = ink[:, :, :-1] + (ink[:, :, 1:] - ink[:, :, :-1]) * right
    shifted: Images = np.rint(ink, out=ink).astype(np.uint8)
    return shifted


def _thicken(ink: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Thicken or thin: move towards the darkest (below 0: the palest) neighbour."""
    around = pad(ink, (1, 1, 1, 1))
    beside = (
        ink,
        around[..., :-2, 1:-1],
        around[..., 2:, 1:-1],
        around[..., 1:-1, :-2],
        around[..., 1:-1, 2:],
    )
    stacked = torch.stack(beside)
    darker, paler = stacked.amax(0) - ink, ink - stacked.amin(0)
    return ink + share.clamp(min=0) * darker + share.clamp(max=0) * paler


def _sheets(shape: tuple[int, ...], recipe: Recipe, rng: np.random.Generator) -> Floats:
    """Return the source of each new pixel: (n, x and y, rows, columns).

    1 is half an image from the middle, as for `grid_sample`.
    """
    count, rows, columns = shape
    down, down_place = _spline(rows)
    across, across_place = _spline(columns)
    y, x = np.meshgrid(down_place, across_place, indexing="ij")
    held = np.einsum("nij,jyx->niyx", _matrices(count, recipe, rng), np.stack([x, y]))
    pixel = 2 / np.array([columns - 1, rows - 1], np.float32).reshape(1, 2, 1, 1)
    shift = rng.uniform(-recipe.shift_pixels, recipe.shift_pixels, (count, 2, 1, 1))
    held += shift.astype(np.float32) * pixel
    if recipe.elastic_pixels:
        # splines smooth: points must be pushed further than pixels are to be moved
        smoothed = np.sqrt((down**2).sum(1).mean() * (across**2).sum(1).mean())
        push = rng.standard_normal((count, 2, HELD, HELD), np.float32)
        held += push * (recipe.elastic_pixels / smoothed * pixel)
    sheets: Floats = down @ held @ across.T
    return sheets


def _matrices(count: int, recipe: Recipe, rng: np.random.Generator) -> Floats:
    """Draw rotation, scale and shear of each image: (n, 2, 2) matrices."""
    limit = np.radians(recipe.rotation_degrees)
    turn = rng.uniform(-limit, limit, count)
    height, width = np.exp(rng.uniform(-recipe.scaling, recipe.scaling, (2, count)))
    slant = rng.uniform(-recipe.shear, recipe.shear, count)
    cosine, sine, nothing = np.cos(turn), np.sin(turn), np.zeros(count)
    turned = np.array([[cosine, -sine], [sine, cosine]])
    shaped = np.array([[width, slant * width], [nothing, height]])
    matrices: Floats = np.einsum("ijn,jkn->nik", turned, shaped).astype(np.float32)
    return matrices


@cache
def _spline(pixels: int) -> tuple[Floats, Floats]:
    """Return how much each held point moves a pixel (pixels, HELD), and its place."""
    spacing = (pixels - 1) / (HELD - 3)
    apart = np.abs(np.arange(pixels)[:, None] / spacing - (np.arange(HELD) - 1))
    near = (4 - 6 * apart**2 + 3 * apart**3) / 6
    far = (2 - apart).clip(0) ** 3 / 6
    weights = np.where(apart < 1, near, far)
    place = 2 * (np.arange(HELD) - 1) / (HELD - 3) - 1
    return weights.astype(np.float32), place.astype(np.float32)
