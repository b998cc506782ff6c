"""Pictures drawn with a pen or a brush: lines, strokes, signs, clothes, blots."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.frame import BOX, SIDE

ZOOM = 4  # drawn larger and made small again, so that edges are grey

Draw = Callable[[Any, np.random.Generator], None]
"""Draws on a Pillow pen of 20x20 units times ZOOM, with ink 255."""

Kind = Callable[[np.random.Generator], Pixels]
"""Draws one picture of 28x28 pixels."""


def lines(pen: Any, generator: np.random.Generator) -> None:
    """Straight lines this way and that."""
    # one line alone may be a 1
    for _ in range(generator.integers(2, 6)):
        ends = generator.uniform(-4, BOX + 4, (2, 2)) * ZOOM
        pen.line([*ends.ravel()], fill=255, width=_width(generator))


def grid(pen: Any, generator: np.random.Generator) -> None:
    """Ruled or squared paper."""
    gap, width = generator.uniform(3, 9), _width(generator, 0.7, 2)
    both = generator.random() < 0.5
    for place in np.arange(-4 + generator.uniform(0, gap), BOX + 4, gap) * ZOOM:
        pen.line([-16, place, 99, place], fill=255, width=width)
        if both:
            pen.line([place, -16, place, 99], fill=255, width=width)


def scribble(pen: Any, generator: np.random.Generator) -> None:
    """One long curve with no aim."""
    points = generator.uniform(0, BOX, (generator.integers(6, 12), 2))
    _curve(pen, points, _width(generator))


def signs(pen: Any, generator: np.random.Generator) -> None:
    """A few short curves, as other scripts and marks have them."""
    width = _width(generator)
    # one curve alone may be a digit
    for _ in range(generator.integers(2, 5)):
        points = generator.uniform(0, BOX, (generator.integers(2, 5), 2))
        _curve(pen, points, width)


def character(pen: Any, generator: np.random.Generator) -> None:
    """Strokes side by side and one above the other, as Chinese characters have them."""
    width = _width(generator, 1, 2.2)
    columns, rows = ((1, 1), (2, 1), (1, 2), (2, 2))[generator.integers(4)]
    for column in range(columns):
        for row in range(rows):
            left, top = column * BOX / columns, row * BOX / rows
            size = np.array([BOX / columns, BOX / rows]) * generator.uniform(0.8, 0.95)
            for _ in range(generator.integers(3, 6)):
                stroke = STROKES[generator.integers(len(STROKES))]
                nudge = generator.normal(0, 0.06, (len(stroke), 2))
                points = np.array([left, top]) + (np.array(stroke) + nudge) * size
                flat = [*(points * ZOOM).ravel()]
                pen.line(flat, fill=255, width=width, joint="curve")


STROKES = (
    ((0, 0.1), (1, 0.1)),
    ((0, 0.5), (1, 0.5)),
    ((0.1, 0.95), (0.9, 0.95)),
    ((0.5, 0), (0.5, 1)),
    ((0.1, 0.1), (0.1, 1)),
    ((0.9, 0.1), (0.9, 0.9), (0.75, 0.8)),
    ((0.5, 0.2), (0.3, 0.7), (0, 1)),
    ((0.5, 0.3), (0.7, 0.7), (1, 1)),
    ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)),
    ((0.2, 0), (0.35, 0.15)),
    ((0.7, 0), (0.6, 0.15)),
)
"""Points (across, down), 0 to 1: levels, uprights, falls, a hook, a corner, dots."""


def clothing(pen: Any, generator: np.random.Generator) -> None:
    """A shirt, trousers, a dress, a shoe, a boot or a bag."""
    outline = np.array(OUTLINES[generator.integers(len(OUTLINES))])
    outline = outline + generator.normal(0, 0.03, outline.shape)
    points = (outline * BOX * ZOOM).ravel()
    pen.polygon([*points], fill=int(generator.integers(90, 256)))
    for _ in range(generator.integers(0, 4)):  # seams and prints
        ends = generator.uniform(0.25, 0.75, 4) * BOX * ZOOM
        ink = int(generator.integers(0, 256))
        pen.line([*ends], fill=ink, width=_width(generator, 0.5, 3))


OUTLINES = (
    (
        *((0.3, 0.05), (0.7, 0.05), (1, 0.25), (0.88, 0.45), (0.75, 0.35)),
        *((0.75, 1), (0.25, 1), (0.25, 0.35), (0.12, 0.45), (0, 0.25)),
    ),  # shirt
    (
        *((0.25, 0), (0.75, 0), (0.85, 1), (0.6, 1), (0.5, 0.35), (0.4, 1)),
        (0.15, 1),
    ),  # trousers
    ((0.35, 0), (0.65, 0), (0.6, 0.35), (0.9, 1), (0.1, 1), (0.4, 0.35)),  # dress
    ((0, 0.45), (0.3, 0.45), (0.55, 0.65), (1, 0.75), (1, 0.9), (0, 0.9)),  # shoe
    (
        *((0.3, 0.05), (0.6, 0.05), (0.62, 0.6), (1, 0.75), (1, 0.95)),
        (0.3, 0.95),
    ),  # boot
    (
        *((0, 0.4), (0.25, 0.4), (0.3, 0.15), (0.7, 0.15), (0.75, 0.4)),
        *((1, 0.4), (1, 0.95), (0, 0.95)),
    ),  # bag
)
"""Corners (across, down), 0 to 1, of things to wear."""


def shapes(pen: Any, generator: np.random.Generator) -> None:
    """Filled discs and boxes: stamps, ticked boxes, blots."""
    for _ in range(generator.integers(1, 4)):
        ends = np.sort(generator.uniform(0, BOX, (2, 2)), axis=0)
        ends[1] = np.maximum(ends[1], ends[0] + 5) * ZOOM
        ends[0] *= ZOOM
        draw = pen.rectangle if generator.random() < 0.5 else pen.ellipse
        draw([*ends.ravel()], fill=int(generator.integers(100, 256)))


def _width(generator: np.random.Generator, low: float = 1.2, high: float = 3.5) -> int:
    return max(1, round(generator.uniform(low, high) * ZOOM))


def _curve(pen: Any, points: NDArray[np.float64], width: int) -> None:
    """Draw a smooth line through points (Catmull-Rom)."""
    ends = np.concatenate([points[:1], points, points[-1:]])
    share = np.linspace(0, 1, 12, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        curve = 2 * b + (c - a) * share + (2 * a - 5 * b + 4 * c - d) * share**2
        pieces.append((curve + (3 * b - a - 3 * c + d) * share**3) / 2)
    flat = np.concatenate(pieces).ravel() * ZOOM
    pen.line([*flat], fill=255, width=width, joint="curve")


def drawn(draw: Draw) -> Callable[[np.random.Generator], Pixels]:
    """Make a picture of what `draw` draws, a little turned and moved as hands do."""

    def make(generator: np.random.Generator) -> Pixels:
        from PIL import Image, ImageDraw

        size = (BOX * ZOOM, BOX * ZOOM)
        canvas = Image.new("L", size)
        draw(ImageDraw.Draw(canvas), generator)
        angle, slant = generator.normal(0, math.radians(8)), generator.normal(0, 0.12)
        scale = generator.uniform(1, 1.25)
        turn = scale * np.array(
            [
                [math.cos(angle), math.sin(angle) + slant],
                [-math.sin(angle), math.cos(angle)],
            ]
        )
        whole = np.array([SIDE * ZOOM / 2, SIDE * ZOOM / 2]) + generator.normal(0, 3, 2)
        shift = np.array(size) / 2 - turn @ whole
        matrix = (*turn[0], shift[0], *turn[1], shift[1])
        large = canvas.transform(
            (SIDE * ZOOM, SIDE * ZOOM),
            Image.Transform.AFFINE,
            tuple(float(number) for number in matrix),
            Image.Resampling.BILINEAR,
        )
        return np.asarray(large.reduce(ZOOM))

    return make
