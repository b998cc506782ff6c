"""Drawn digits: a seeded generator of handwriting-like digits in MNIST's shape.

The data set that needs no file. Rule: NumPy only, and one law: digit number i
depends on the seed, the split and i, on nothing else. It is drawn in blocks of
``BLOCK``, each from a generator of its own, so more digits never change the first
ones, and the number of threads changes nothing. The same machine gives the same
bytes; another processor may round a few pixels to the next grey.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from mnistry.cores import usable_cores
from mnistry.errors import UsageError
from mnistry.frame import BOX, SIDE, area_shares, centre_in_frame, to_frame
from mnistry.synth.drawn.pen import HAND, Traces, normal, write
from mnistry.synth.drawn.render import ink
from mnistry.synth.drawn.splines import build_allographs

__all__ = [
    "Handwriting",
    "area_shares",
    "centre_in_frame",
    "draw",
    "in_frame",
    "to_frame",
    "trace",
]

BLOCK = 500  # digits from one generator; its arrays fit in a processor's cache
SPLITS = ("train", "test")

_allographs = cache(build_allographs)


class Handwriting(NamedTuple):
    """One digit as a pen writes it, at no particular scale.

    Attributes:
        strokes: One (m, 2) float32 array of points x, y for each stroke, y downward.
            The ink fits in a square from 0 to 1 and touches two opposite sides.
        radius: Radius of the pen in the same unit.
    """

    strokes: list[NDArray[np.float32]]
    radius: float


def draw(
    count: int,
    *,
    seed: int = 0,
    split: str = "train",
    threads: int | None = None,
    hand: Mapping[str, float] = HAND,
    progress: Callable[[int], None] | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw handwriting-like digits in exactly MNIST's shape.

    The first digits stay the same when more are drawn. Every hundred digits hold
    each label ten times, in random order. Splits and seeds share no digit.

    Args:
        count: How many digits, 0 or more.
        seed: Which digits, 0 or more.
        split: "train" or "test".
        threads: How many blocks are drawn at once; by default one a usable core.
        hand: How much hands differ; keys as in ``mnistry.synth.drawn.pen.HAND``.
        progress: Called after each block with how many digits are drawn.

    Returns:
        Images (count, 28, 28) uint8, 0 (paper) to 255 (ink), and labels (count,)
        uint8, 0 to 9.

    Raises:
        UsageError: ``count`` or ``seed`` is negative, or ``split`` is unknown.

    Example:
        >>> images, labels = draw(100, seed=1)
        >>> images.shape, images.dtype.name, np.bincount(labels).tolist()
        ((100, 28, 28), 'uint8', [10, 10, 10, 10, 10, 10, 10, 10, 10, 10])
    """
    _check(count, seed, split)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    labels = np.empty(count, np.uint8)

    def fill(number: int) -> None:
        here = slice(number * BLOCK, min(count, (number + 1) * BLOCK))
        drawn = _draw_block(_generator(seed, split, number), hand)
        images[here], labels[here] = (part[: here.stop - here.start] for part in drawn)

    with ThreadPoolExecutor(threads or usable_cores()) as pool:
        blocks = pool.map(fill, range(-(-count // BLOCK)))
        for number, _ in enumerate(blocks, start=1):
            if progress:
                progress(min(count, number * BLOCK))
    return images, labels


def trace(
    labels: NDArray[np.integer], *, seed: int = 0, hand: Mapping[str, float] = HAND
) -> Iterator[Handwriting]:
    """Write digits as strokes, to be drawn at any size.

    Args:
        labels: (n,) digits 0 to 9, in the order of writing.
        seed: Which hands, 0 or more.
        hand: How much hands differ; keys as in ``mnistry.synth.drawn.pen.HAND``.

    Yields:
        One digit for each label.

    Raises:
        UsageError: ``seed`` is negative or a label is no digit.

    Example:
        >>> [four] = trace(np.array([4]))
        >>> 1 <= len(four.strokes) <= 2, 0 < four.radius < 0.2
        (True, True)
    """
    _check(len(labels), seed, SPLITS[0])
    if len(labels) and not 0 <= labels.min() <= labels.max() <= 9:
        msg = f"labels: {labels.min()} .. {labels.max()}; expected digits 0 .. 9."
        raise UsageError(msg)
    return _traced(
        write(labels, _allographs(), _generator(seed, "trace", 0), hand=hand)
    )


def _traced(traces: Traces) -> Iterator[Handwriting]:
    strokes_of_dots = _allographs().stroke_of_dot
    for dots, radius, chosen in zip(
        _fit(traces) / BOX, traces.radii / BOX, traces.chosen, strict=True
    ):
        starts = np.flatnonzero(np.diff(strokes_of_dots[chosen])) + 1
        yield Handwriting(np.split(dots, starts), float(radius))


def _check(count: int, seed: int, split: str) -> None:
    for name, value in (("count", count), ("seed", seed)):
        if value < 0:
            msg = f"{name}: {value}; expected 0 or more."
            raise UsageError(msg)
    if split not in SPLITS:
        msg = f"split: {split!r}; expected one of {', '.join(SPLITS)}."
        raise UsageError(msg)


def _generator(seed: int, split: str, number: int) -> Generator:
    """Return the generator of one block; no two blocks share one."""
    key = ((*SPLITS, "trace").index(split), number)
    return Generator(PCG64(SeedSequence(seed, spawn_key=key)))


def _draw_block(
    rng: Generator, hand: Mapping[str, float]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    tens = np.tile(np.repeat(np.arange(10, dtype=np.uint8), 10), (BLOCK // 100, 1))
    labels = rng.permuted(tens, axis=1).ravel()
    return in_frame(write(labels, _allographs(), rng, hand=hand), rng), labels


def in_frame(traces: Traces, rng: Generator) -> NDArray[np.uint8]:
    """Ink what a pen wrote, letters too, and frame it as MNIST's digits are.

    Args:
        traces: Of n pictures; `pen.write` makes them.
        rng: Decides how rough the edges are.

    Returns:
        (n, 28, 28) uint8, 0 paper to 255 ink.
    """
    roughness = traces.rough[:, None, None] * normal(rng, len(traces.dots), BOX, BOX)
    radii = traces.pressures * traces.radii[:, None]
    boxes = ink(_fit(traces), radii, size=BOX, roughness=roughness)
    return centre_in_frame(boxes)


def _fit(traces: Traces) -> NDArray[np.float32]:
    """Scale and move the dots so that the ink just fits into the 20-pixel box."""
    low, high = traces.dots.min(1), traces.dots.max(1)
    longer = np.maximum((high - low).max(1), np.finfo(np.float32).tiny)
    scale = (BOX - 2 * traces.radii) / longer
    middle = (low + high) / 2
    centred = (traces.dots - middle[:, None]) * scale[:, None, None]
    fitted: NDArray[np.float32] = centred + np.float32(BOX / 2)
    return fitted
