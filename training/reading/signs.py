"""Signs that people write with numbers: brackets, pounds, slashes between digits.

Each is rare, and none is drawn that anybody would read as a digit: a slash leans more
than the ones of its writer, stands in a gap, and is taller or lower than digits are.
"""

from itertools import pairwise

import numpy as np

from mnistry.box import Box
from training.reading.canvas import Canvas, Rows

BRACKETS = 0.03  # of strings with marks
SLASHES = 0.25  # of those whose digits stand far enough apart
FAR_APART = 0.3  # heights between two digits, for a slash to have room
LEAST_LEAN = 0.45  # columns a row; the ones of its writer lean so much less


def draw_signs(
    canvas: Canvas, boxes: tuple[Box, ...], rows: Rows, slant: float
) -> None:
    """Put brackets around some numbers, slashes between the digits of others."""
    if canvas.rng.random() < BRACKETS:
        brackets(canvas, boxes[0].left, boxes[-1].right, rows)
    room = FAR_APART * canvas.height
    gaps = [
        (one.right, two.left)
        for one, two in pairwise(boxes)
        if two.left - one.right > room
    ]
    if gaps and canvas.rng.random() < SLASHES:
        for number in canvas.rng.permutation(len(gaps))[: canvas.rng.integers(1, 3)]:
            slash_between(canvas, sum(gaps[number]) / 2, rows, slant)


def brackets(canvas: Canvas, left: float, right: float, rows: Rows) -> None:
    """Both, or one alone; as bowed as no stroke of a digit."""
    h, rng, (top, base) = canvas.height, canvas.rng, rows
    sides = [(-1, 1), (-1,), (1,)][int(rng.choice(3, p=[0.7, 0.15, 0.15]))]
    first, last = top - rng.uniform(0.1, 0.35) * h, base + rng.uniform(0.1, 0.35) * h
    bow, apart = rng.uniform(0.2, 0.35) * h, rng.uniform(0.1, 0.4) * h
    t = np.linspace(0, np.pi, 13)
    down = first + (last - first) * (1 - np.cos(t)) / 2
    for side in sides:
        inner = (left if side < 0 else right) + side * apart
        canvas.line(*zip(inner + side * bow * np.sin(t), down, strict=True))


def slash_between(canvas: Canvas, x: float, rows: Rows, slant: float) -> None:
    """A slash that reaches above and below the digits, or stands at their feet."""
    h, rng, (top, base) = canvas.height, canvas.rng, rows
    if rng.random() < 0.6:
        first = top - rng.uniform(0.15, 0.4) * h
        last = base + rng.uniform(0.15, 0.5) * h
    else:
        first, last = (
            base - rng.uniform(0.2, 0.45) * h,
            base + rng.uniform(0.2, 0.4) * h,
        )
    lean = max(0.0, slant) + rng.uniform(LEAST_LEAN, 0.8)
    half = (last - first) * lean / 2
    canvas.line((x + half, first), (x - half, last))


POUND = (0.9, 0.2), (0.72, 0), (0.45, 0.08), (0.42, 0.4), (0.45, 0.75), (0.2, 0.97)
FOOT = (0.05, 0.9), (0.2, 0.85), (0.5, 1), (0.95, 0.9)


def pound(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """A pound's sign, with one bar or two."""
    h, rng, (top, base) = canvas.height, canvas.rng, rows
    wide, tall = rng.uniform(0.45, 0.8) * h, (base - top) * rng.uniform(0.85, 1.2)
    left = x if side > 0 else x - wide

    def at(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
        bent = np.array(points) + rng.normal(0, 0.03, (len(points), 2))
        t = np.linspace(0, len(bent) - 1, 6 * len(bent))
        path = [np.interp(t, range(len(bent)), bent[:, k]) for k in (0, 1)]
        across, down = (
            np.convolve(np.pad(of, 2, "edge"), np.ones(5) / 5, "valid") for of in path
        )
        return [*zip(left + wide * across, base - tall * (1 - down), strict=True)]

    canvas.line(*at(POUND))
    canvas.line(*at(FOOT))
    for down in (0.5, 0.64)[: rng.integers(1, 3)]:
        canvas.line(*at(((0.1, down), (0.75, down - 0.03))))
