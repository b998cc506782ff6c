"""Digits made hard to read, on purpose: fourteen disturbances, five severities each.

Rule of the module: NumPy only, whole arrays, and seeded. What is done to an image
depends on the seed and on its place, never on how many others there are. The kinds are
those of people's photographs and forms and of Mu and Gilmer's MNIST-C
(arXiv:1906.02337); the generators and the severities are our own, so
numbers do not compare with MNIST-C's.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Ink
from mnistry.errors import UsageError, unknown_name

SEVERITIES = (1, 2, 3, 4, 5)

Streams = Iterator[np.random.Generator]
"""A fresh generator for each thing that is drawn by lot: rows stay what they are
whatever their number."""

Disturbance = Callable[[Ink, int, Streams], Ink]


def disturb(images: Images, kind: str, severity: int, *, seed: int = 0) -> Images:
    """Make images hard to read.

    Args:
        images: (n, rows, columns) uint8, 0 paper to 255 ink.
        kind: One of `KINDS`.
        severity: From 1, a little, to 5, where many digits cannot be read any more.
        seed: Decides directions, places and noise.

    Returns:
        As many images of the same size. The first ones are the same whatever their
        number.

    Raises:
        UnknownNameError: There is no such kind.
        UsageError: `severity` is not 1, 2, 3, 4 or 5.

    Example:
        >>> image = np.full((1, 4, 4), 200, np.uint8)
        >>> disturb(image, "low contrast", 5)[0, 0]
        array([30, 30, 30, 30], dtype=uint8)
    """
    if kind not in KINDS:
        raise unknown_name("kind of stress", kind, KINDS)
    if severity not in SEVERITIES:
        message = f"severity is {severity}; expected 1, 2, 3, 4 or 5."
        raise UsageError(message)
    # the same lots at each severity, so that a curve shows severity and not luck
    streams = iter(np.random.default_rng([seed, *kind.encode()]).spawn(4))
    paper = np.divide(images, 255, dtype=np.float32)
    ink = KINDS[kind](paper, severity, streams)
    return (ink.clip(0, 1) * 255).round().astype(np.uint8)


def _shift(ink: Ink, severity: int, streams: Streams) -> Ink:
    angle = next(streams).uniform(0, 2 * np.pi, len(ink))
    turn = _matrices(len(ink))
    turn[:, 0, 2] = severity * np.sin(angle)  # pixels: 5 push a stroke over the edge
    turn[:, 1, 2] = severity * np.cos(angle)
    return _resample(ink, turn)


def _rotation(ink: Ink, severity: int, streams: Streams) -> Ink:
    angle = np.deg2rad(10 * severity) * _signs(len(ink), streams)
    turn = _matrices(len(ink))
    turn[:, 0, 0] = turn[:, 1, 1] = np.cos(angle)
    turn[:, 0, 1], turn[:, 1, 0] = np.sin(angle), -np.sin(angle)
    return _resample(ink, turn)


def _scale(ink: Ink, severity: int, _: Streams) -> Ink:
    turn = _matrices(len(ink))
    turn[:, 0, 0] = turn[:, 1, 1] = 1 / (1 - 0.1 * severity)  # down to half the size
    return _resample(ink, turn)


def _shear(ink: Ink, severity: int, streams: Streams) -> Ink:
    turn = _matrices(len(ink))
    turn[:, 1, 0] = 0.15 * severity * _signs(len(ink), streams)
    return _resample(ink, turn)


def _blur(ink: Ink, severity: int, _: Streams) -> Ink:
    size, deviation = ink.shape[1:], 0.5 * severity  # pixels
    across, down = (_gaussian(length, deviation) for length in size[::-1])
    return np.asarray(down @ ink @ across.T, np.float32)


def _noise(ink: Ink, severity: int, streams: Streams) -> Ink:
    noise = next(streams).standard_normal(ink.shape, dtype=np.float32)
    return ink + 0.1 * severity * noise


def _low_contrast(ink: Ink, severity: int, _: Streams) -> Ink:
    return ink * np.float32((0.8, 0.6, 0.4, 0.25, 0.15)[severity - 1])


def _fog(ink: Ink, severity: int, streams: Streams) -> Ink:
    cloud = np.zeros_like(ink)
    for cells in (2, 4, 8):  # half as strong, twice as fine
        lots = next(streams).random((len(ink), cells + 1, cells + 1), dtype=np.float32)
        down, across = (_enlarge(cells, length) for length in ink.shape[1:])
        cloud += down @ lots @ across.T * (2 / cells)
    strength = 0.15 * severity
    # clouds add up to 1.75 at most
    return np.asarray(ink * (1 - strength / 2) + strength / 1.75 * cloud, np.float32)


def _inverted(ink: Ink, severity: int, streams: Streams) -> Ink:
    # a share of the columns, from either side: at 5 the whole image is a negative
    columns = np.arange(ink.shape[2])
    until = severity / 5 * ink.shape[2]
    left, right = columns < until, columns[::-1] < until
    mine = np.where(_signs(len(ink), streams)[:, None] > 0, left, right)
    return np.where(mine[:, None], 1 - ink, ink)


def _thick(ink: Ink, severity: int, _: Streams) -> Ink:
    return _grow(ink, 0.5 * severity)  # pixels on each side


def _thin(ink: Ink, severity: int, _: Streams) -> Ink:
    return 1 - _grow(1 - ink, 0.3 * severity)


def _stripes(ink: Ink, severity: int, streams: Streams) -> Ink:
    # ruled paper: a line each seventh pixel, four to an image of 28
    rows = np.arange(ink.shape[1]) + next(streams).integers(0, 7, (len(ink), 1))
    ruled = (rows % 7 == 0) * np.float32(0.2 * severity)
    return np.asarray(np.maximum(ink, ruled[:, :, None]), np.float32)


def _lines(ink: Ink, severity: int, streams: Streams) -> Ink:
    lots = next(streams).random((len(ink), 2, len(SEVERITIES)), dtype=np.float32)
    angle, offset = np.pi * lots[:, 0], 16 * (lots[:, 1] - 0.5)  # near the middle
    down, across = _places(ink)
    for line in range(severity):
        normal = angle[:, line, None, None]
        away = down * np.sin(normal) + across * np.cos(normal)
        distance = np.abs(away - offset[:, line, None, None])
        ink = np.maximum(ink, (1.25 - distance).clip(0, 1))  # 1.5 pixels wide
    return ink


def _occlusion(ink: Ink, severity: int, streams: Streams) -> Ink:
    side = 2 + 2 * severity  # pixels: 12 of 20 that a digit takes
    centre = next(streams).uniform(-6, 6, (len(ink), 2, 1, 1))
    down, across = _places(ink)
    covered = (np.abs(down - centre[:, 0]) < side / 2) & (
        np.abs(across - centre[:, 1]) < side / 2
    )
    return np.where(covered, np.float32(0), ink)


KINDS: Mapping[str, Disturbance] = {
    "shift": _shift,
    "rotation": _rotation,
    "scale": _scale,
    "shear": _shear,
    "thick pen": _thick,
    "thin pen": _thin,
    "blur": _blur,
    "noise": _noise,
    "low contrast": _low_contrast,
    "fog": _fog,
    "inverted": _inverted,
    "stripes": _stripes,
    "lines across": _lines,
    "occlusion": _occlusion,
}
"""All disturbances by name, in the order in which reports show them."""


def _signs(count: int, streams: Streams) -> NDArray[np.float64]:
    return next(streams).choice(np.array([-1.0, 1.0]), count)


def _matrices(count: int) -> NDArray[np.float32]:
    """Make (count, 2, 3): from (down, across, 1) to (down, across), nothing changed."""
    return np.tile(np.eye(2, 3, dtype=np.float32), (count, 1, 1))


def _places(ink: Ink) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return each pixel's offset below and right of the middle."""
    rows, columns = ink.shape[1:]
    down = np.arange(rows, dtype=np.float32) - np.float32((rows - 1) / 2)
    across = np.arange(columns, dtype=np.float32) - np.float32((columns - 1) / 2)
    return down[:, None], across[None, :]


def _resample(ink: Ink, matrices: NDArray[np.float32]) -> Ink:
    """Look up each pixel where its matrix says, between pixels in proportion."""
    count, rows, columns = ink.shape
    down, across = _places(ink)
    paper = np.pad(ink, ((0, 0), (1, 1), (1, 1)))  # beyond the edge there is paper
    places = [
        row[:, 0, None, None] * down
        + row[:, 1, None, None] * across
        + row[:, 2, None, None]
        for row in (matrices[:, 0], matrices[:, 1])
    ]
    y = (places[0] + np.float32((rows + 1) / 2)).clip(0, rows + 0.999)
    x = (places[1] + np.float32((columns + 1) / 2)).clip(0, columns + 0.999)
    top, left = y.astype(np.int32), x.astype(np.int32)
    below, beside = (y - top).astype(np.float32), (x - left).astype(np.float32)
    start = (np.arange(count) * paper[0].size)[:, None, None]
    corner = start + top * (columns + 2) + left
    flat = paper.reshape(-1)

    def at(offset: int) -> Ink:
        return np.asarray(flat.take(corner + offset))

    upper = at(0) * (1 - beside) + at(1) * beside
    lower = at(columns + 2) * (1 - beside) + at(columns + 3) * beside
    return np.asarray(upper * (1 - below) + lower * below, np.float32)


def _gaussian(length: int, deviation: float) -> NDArray[np.float32]:
    """Make the (length, length) matrix that blurs a row; ink over the edge is lost."""
    places = np.arange(length)
    weights = np.exp(-(((places[:, None] - places) / deviation) ** 2) / 2)
    whole = np.exp(-((np.arange(-length, length + 1) / deviation) ** 2) / 2).sum()
    return np.asarray(weights / whole, np.float32)


def _enlarge(cells: int, length: int) -> NDArray[np.float32]:
    """Make the (length, cells + 1) matrix that draws straight lines between points."""
    places = np.linspace(0, cells, length)[:, None]
    near = 1 - np.abs(places - np.arange(cells + 1))
    return near.clip(0, 1).astype(np.float32)


def _grow(ink: Ink, radius: float) -> Ink:
    """Let ink spread over a disc; part of a pixel's step spreads part of the ink."""
    reach = int(np.ceil(radius))
    edges = [(0, 0), (reach, reach), (reach, reach)]
    padded = np.pad(ink, edges, mode="edge")  # paper may be a grown paper's negative
    grown = ink.copy()
    rows, columns = ink.shape[1:]
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            share = min(1.0, radius + 1 - float(np.hypot(down, across)))
            if share <= 0:
                continue
            moved: Any = padded[
                :,
                reach + down : reach + down + rows,
                reach + across : reach + across + columns,
            ]
            np.maximum(grown, ink + share * (moved - ink), out=grown)
    return grown
