"""Batches of composed strips: read from shards, bent and worn anew each time.

A strip is composed once and shown several times; each time it is stretched, slanted,
bent, thickened, blurred and stained differently, so that no two showings are alike.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from training.reading.strip_shards import Strip, read_shard

BLANK = 10
SHARDS_AT_ONCE = 10
ROWS = 32


class Batch(NamedTuple):
    """Strips (n, 1, 32, w), the class of each frame (n, w / 2), and the digits."""

    images: torch.Tensor
    frames: torch.Tensor
    digits: torch.Tensor
    counts: torch.Tensor


def stream(folder: Path, size: int, seed: int, *, start: int = 0) -> Iterator[Batch]:
    """Yield batches without end, each by its number: the shards least shown first.

    Args:
        folder: Of shards. Those that come while this runs are shown as well; batches
            are the same again only where the folder is.
        size: Strips in a batch.
        seed: Decides, with a batch's number, all that is drawn for it.
        start: Number of the first batch that is wanted.
    """
    shown: Counter[Path] = Counter()
    number = 0
    for turn in itertools.count():
        rng = np.random.default_rng([seed, turn])
        paths = sorted(folder.glob("[0-9]*.npz"))
        least = max(0, min((shown[path] for path in paths if path in shown), default=0))
        for path in paths:
            shown[path] = max(shown[path], least)
        paths.sort(key=lambda path: (shown[path], rng.random()))
        chosen = paths[:SHARDS_AT_ONCE]
        shown.update(chosen)
        strips = [strip for path in chosen for strip in read_shard(path)]
        for part in alike(strips, size, rng):
            if number >= start:
                torch.manual_seed(number)
                yield worn(part, np.random.default_rng([seed, 1, number]))
            number += 1


def alike(
    strips: list[Strip], size: int, rng: np.random.Generator
) -> Iterator[list[Strip]]:
    """Part strips into batches of about one width, in any order."""
    order = rng.permutation(len(strips))
    parts = []
    for some in np.array_split(order, max(1, len(order) // (size * 40))):
        by_width = sorted(some, key=lambda k: strips[k].pixels.shape[1])
        parts += [by_width[i : i + size] for i in range(0, len(some), size)]
    for number in rng.permutation(len(parts)):
        yield [strips[k] for k in parts[number]]


def plain(strips: list[Strip]) -> torch.Tensor:
    """Return strips as they are, side by side with room on the right."""
    wide = max(32, max(strip.pixels.shape[1] for strip in strips))
    images = np.zeros((len(strips), 1, ROWS, -(-wide // 4) * 4), np.float32)
    for image, strip in zip(images, strips, strict=True):
        image[0, :, : strip.pixels.shape[1]] = strip.pixels
    return torch.from_numpy(images) / 255


def worn(strips: list[Strip], rng: np.random.Generator) -> Batch:
    """Return strips bent and worn, with the class of each frame."""
    wide = np.array([strip.pixels.shape[1] for strip in strips])
    stretch = np.exp(rng.normal(0, 0.13, len(strips)).clip(-0.3, 0.3))
    most = -(-int((wide * stretch).max()) // 4) * 4 + int(rng.choice([0, 4, 12]))
    offset = rng.uniform(0, 1, len(strips)) * (most - wide * stretch)
    images = bent(plain(strips), stretch, offset, most, rng)
    frames = np.full((len(strips), most // 2), BLANK, np.int64)
    for number, strip in enumerate(strips):
        middles = (strip.centres * stretch[number] + offset[number]) / 2
        reaches = np.maximum(0.7, 0.09 * strip.widths * stretch[number])
        firsts = np.ceil(middles - reaches - 0.5).clip(0).astype(int)
        lasts = np.floor(middles + reaches - 0.5).astype(int)
        for digit, first, last in zip(strip.digits, firsts, lasts, strict=True):
            frames[number, first : last + 1] = digit
    digits = np.concatenate([strip.digits for strip in strips]).astype(np.int64)
    counts = torch.tensor([len(strip.digits) for strip in strips])
    images = stained(inked(images, rng), rng)
    return Batch(images, torch.from_numpy(frames), torch.from_numpy(digits), counts)


def column(values: np.ndarray) -> torch.Tensor:
    """Return a value for each image of a batch, ready to be multiplied with it."""
    return torch.from_numpy(values.astype(np.float32)).view(-1, 1, 1)


def bent(
    images: torch.Tensor,
    stretch: np.ndarray,
    offset: np.ndarray,
    most: int,
    rng: np.random.Generator,
) -> torch.Tensor:
    """Stretch, slant, raise and bend each strip in its own way."""
    count, _, _, wide = images.shape
    middle = (torch.arange(ROWS) + 0.5 - ROWS / 2).view(1, -1, 1)
    columns = (torch.arange(most) + 0.5).view(1, 1, -1)
    often = rng.random((2, count)) < 0.6
    tall = np.exp(rng.normal(0, 0.1, count).clip(-0.25, 0.25) * often[0])
    up = rng.normal(0, 1.5, count) * often[0]
    lean = rng.normal(0, 0.13, count) * often[1]
    coarse = torch.randn(count, 2, 4, most // 11 + 2)
    coarse *= column(np.abs(rng.normal(0, 0.45, count)))[:, None]
    shift = functional.interpolate(coarse, (ROWS, most), mode="bilinear")
    drift = torch.randn(count, 1, most // 50 + 2)
    drift *= column(np.abs(rng.normal(0, 0.8, count)))
    drift = functional.interpolate(drift, most, mode="linear")
    x = (columns - column(offset)) / column(stretch) + column(lean) * middle
    y = ROWS / 2 + middle * column(tall) + column(up) + drift
    grid = torch.stack(
        [(x + shift[:, 0]) * 2 / wide - 1, (y + shift[:, 1]) * 2 / ROWS - 1], -1
    )
    return functional.grid_sample(images, grid, align_corners=False)


def inked(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Change the pen of each strip: bolder, thinner, softer, darker, fainter."""
    count = len(images)

    def some(share: float, least: float, most: float) -> torch.Tensor:
        amount = rng.uniform(least, most, count) * (rng.random(count) < share)
        return column(amount)[:, None]

    around = functional.max_pool2d(images, 3, 1, 1)
    within = -functional.max_pool2d(-images, 3, 1, 1)
    smooth = functional.avg_pool2d(images, 3, 1, 1)
    images = (
        images
        + some(0.15, 0.1, 0.8) * (around - images)
        + some(0.12, 0.1, 0.6) * (within - images)
        + some(0.3, 0.1, 1.0) * (smooth - images)
    )
    gamma = torch.exp(some(0.5, -0.45, 0.45))
    contrast = 1 + some(0.7, -0.3, 0.35)
    return images.clamp(1e-4, 1) ** gamma * contrast


def stained(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Put on each strip what paper brings: noise, print from behind, rules, gaps."""
    count, _, _, wide = images.shape
    noise = column(np.abs(rng.normal(0, 0.05, count)) * (rng.random(count) < 0.5))
    images = images + torch.randn_like(images) * noise[:, None]
    if rng.random() < 0.5:  # another strip shines through
        ghost = column(rng.uniform(0.1, 0.45, count) * (rng.random(count) < 0.2))
        images = torch.maximum(images, ghost[:, None] * images.flip(0, 3))
    for number in np.flatnonzero(rng.random(count) < 0.12):
        first, thick = int(rng.integers(0, ROWS)), int(rng.integers(1, 3))
        if rng.random() < 0.6:
            stripe = images[number, 0, first : first + thick]
            if rng.random() < 0.5:
                stripe.clamp_(min=float(rng.uniform(0.2, 1.0)))
                continue
        else:  # upright ones are only pale: a dark one would be a 1
            first = int(rng.integers(0, wide))
            stripe = images[number, 0, :, first : first + thick]
        stripe *= float(rng.uniform(0, 0.5))
    return images.clamp(0, 1)
