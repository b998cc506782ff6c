"""What people write beside digits: points, dashes, hashes, ligatures, underlines.

All of it is drawn with the pen that wrote the digits, on a canvas of its own.
"""

import itertools
from collections.abc import Callable

import cv2
import numpy as np

from mnistry.box import Box
from mnistry.synth.documents import handwriting
from training.reading.canvas import Canvas, Rows
from training.reading.signs import draw_signs, pound
from training.reading.writing import Number

CURRENCY = ["$", "$", "$", "USD", "EUR", "Fr.", "CLP", "Rs", "U$S", "Bs", "R$"]
WORDS = ["#", "No.", "PAY", "Nr", "de", "pesos", "Suma", "and", "x", "by", "*"]

Filler = Callable[[Canvas, float, int, Rows], None]
"""Draw from a column on, to the left (-1) or right (1), between two rows."""


def dashes(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """One dash or several, or signs of equality."""
    h, rng = canvas.height, canvas.rng
    double = rng.random() < 0.5
    y = sum(rows) / 2 + rng.uniform(-0.25, 0.3) * h
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        end = x + side * rng.uniform(0.25, 1.0) * h
        lift = rng.uniform(-0.1, 0.1) * h
        if rng.random() < 0.25:  # it rises, as a hasty pen does
            lift = -rng.uniform(0.1, 0.5) * abs(end - x)
        canvas.line((x, y), (end, y + lift))
        if double:
            canvas.line((x, y + 0.22 * h), (end, y + 0.22 * h + lift))
        x = end + side * rng.uniform(0.1, 0.3) * h


def long_stroke(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """A stroke to the end of the field, straight or waved, so that none adds to it."""
    h, rng = canvas.height, canvas.rng
    y, length = rng.uniform(*rows), rng.uniform(1, 5) * h
    t = np.linspace(0, 1, 24)
    waves = rng.choice([0, 0, 1, 3]) * np.pi
    path = y + rng.normal(0, 0.2) * h * t + 0.2 * h * np.sin(waves * t)
    canvas.line(*zip(x + side * length * t, path, strict=True))


def hashes(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """One hash or two."""
    h, rng, (top, base) = canvas.height, canvas.rng, rows
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        wide, lean = rng.uniform(0.35, 0.7) * h, rng.uniform(0, 0.25) * h
        left = x if side > 0 else x - wide
        for share in (0.3, 0.7):
            across, down = left + share * wide, top + share * (base - top)
            canvas.line((across + lean / 2, top), (across - lean / 2, base))
            tilt = rng.uniform(-0.08, 0.08) * h
            canvas.line((left, down + tilt), (left + wide, down - tilt))
        x += side * (wide + rng.uniform(0.05, 0.3) * h)


def crosses(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """Strokes crossed to an x, one or several."""
    h, rng, (top, base) = canvas.height, canvas.rng, rows
    grow = rng.uniform(-0.2, 0.3) * h
    for _ in range(int(rng.integers(1, 4))):
        wide = rng.uniform(0.15, 0.5) * h
        left, right = sorted((x, x + side * wide))
        canvas.line((right, top - grow), (left, base + grow))
        canvas.line((left, top - grow), (right, base + grow))
        x += side * (rng.uniform(0.15, 0.45) * h + wide)


def slash(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """A slash and a dash, as some end an amount: nowhere else, for it is a 1 to all."""
    h, rng, (top, base) = canvas.height, canvas.rng, rows
    wide, grow = rng.uniform(0.2, 0.5) * h, rng.uniform(0.0, 0.3) * h
    canvas.line((x + wide, top - grow), (x, base + grow))
    dashes(canvas, x + side * (wide + 0.1 * h), side, rows)


def stars(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """Stars of three strokes."""
    h, rng = canvas.height, canvas.rng
    y, radius = rng.uniform(rows[0], sum(rows) / 2), rng.uniform(0.12, 0.3) * h
    for _ in range(int(rng.integers(1, 4))):
        x += side * radius
        turn = rng.uniform(0, np.pi)
        for angle in turn + np.arange(3) * np.pi / 3:
            dx, dy = radius * np.cos(angle), radius * np.sin(angle)
            canvas.line((x - dx, y - dy), (x + dx, y + dy))
        x += side * radius * rng.uniform(1.2, 2)


def sign(canvas: Canvas, x: float, side: int, rows: Rows) -> None:
    """A currency's sign, or a short word."""
    rng = canvas.rng
    text = str(rng.choice(CURRENCY if rng.random() < 0.6 else WORDS))
    size = rng.uniform(0.6, 1.15)
    left = x if side > 0 else x - 0.8 * canvas.height * size * len(text)
    canvas.text(text, left, rows[1], size)


FILLERS: tuple[Filler, ...] = (
    dashes,
    dashes,
    long_stroke,
    hashes,
    crosses,
    stars,
    sign,
    sign,
    pound,
)


def draw_marks(
    number: Number, hand: handwriting.Hand, rng: np.random.Generator, *, whole: bool
) -> np.ndarray:
    """Write what is no digit beside a number: as large as its ink, 0 none to 1 full.

    With `whole`, an amount that ends in zeros, a slash may follow.
    """
    boxes, cents = number.boxes, number.cents
    ink = np.zeros(number.ink.shape, np.uint8)
    canvas = Canvas(ink, hand.height, hand.thickness * hand.height, rng)
    top = float(np.median([box.top for box in boxes]))
    base = float(np.median([box.bottom for box in boxes]))
    amount = rng.random() < 0.5
    points(canvas, boxes, (top, base), cents, amount=amount)
    for side in (-1, 1):
        if rng.random() < (0.6 if amount else 0.25):
            x: float = boxes[0].left if side < 0 else boxes[-1].right
            x += side * rng.uniform(0.03, 0.5) * hand.height
            filler = FILLERS[int(rng.integers(len(FILLERS)))]
            if whole and side > 0 and rng.random() < 0.1:
                filler = slash
            filler(canvas, x, side, (top, base))
    draw_signs(canvas, boxes, (top, base), hand.slant)
    ligatures(canvas, boxes)
    underlines(canvas, boxes, base, cents)
    if rng.random() < 0.12:
        loops(canvas, top, base)
    return canvas.ink.astype(np.float32) / 255


def points(
    canvas: Canvas,
    boxes: tuple[Box, ...],
    rows: Rows,
    cents: int,
    *,
    amount: bool,
) -> None:
    """Put points and commas: between thousands and before cents, or anywhere."""
    h, rng = canvas.height, canvas.rng
    whole = len(boxes) - cents
    here = {whole - 3, whole - 6, whole} if amount else set()
    if not amount and rng.random() < 0.4:
        here = set(np.flatnonzero(rng.random(len(boxes)) < 0.3).tolist())
    long = rng.uniform(0, 0.25 if rng.random() < 0.8 else 0.6)
    for number in sorted(here & set(range(1, len(boxes) + 1))):
        last = boxes[number - 1]
        following = boxes[number].left if number < len(boxes) else last.right + 0.3 * h
        x = (last.right + following) / 2 + rng.normal(0, 0.05) * h
        y = rows[1] + rng.uniform(-0.14, 0.12) * h
        if rng.random() < 0.12:
            y = rows[0] + rng.uniform(-0.1, 0.1) * h
        dx, dy = rng.uniform(-0.4, 0.1) * long * h, rng.uniform(0.1, 1) * long * h
        canvas.line((x, y), (x + dx, y + dy), bold=rng.uniform(0.9, 1.7))
        if number == len(boxes) and rng.random() < 0.6:  # the end of an amount: .-
            dashes(canvas, x + 0.15 * h, 1, rows)


def ligatures(canvas: Canvas, boxes: tuple[Box, ...]) -> None:
    """Leave the pen on the paper between some digits, or between most."""
    h, rng = canvas.height, canvas.rng
    often = 0.55 if rng.random() < 0.12 else 0.07
    for one, two in itertools.pairwise(boxes):
        if two.left - one.right > 0.5 * h or rng.random() > often:
            continue
        low = rng.random() < 0.15
        x0 = one.right - rng.uniform(0, 0.4) * one.width
        y0 = one.top + (rng.uniform(0.75, 1) if low else rng.uniform(0, 0.4)) * (
            one.height
        )
        x1 = two.left + rng.uniform(0, 0.5) * two.width
        y1 = two.top + rng.uniform(0, 0.4) * two.height
        t = np.linspace(0, 1, 9)
        sag = rng.uniform(-0.15, 0.25) * h * 4 * t * (1 - t)
        canvas.line(*zip(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + sag, strict=True))


def underlines(canvas: Canvas, boxes: tuple[Box, ...], base: float, cents: int) -> None:
    """Underline the cents, or all."""
    h, rng = canvas.height, canvas.rng
    for _ in range(int(rng.choice([1, 1, 2])) if cents and rng.random() < 0.6 else 0):
        y = boxes[-1].bottom + rng.uniform(0.05, 0.3) * h
        left, right = boxes[-cents].left - 0.1 * h, boxes[-1].right + 0.15 * h
        canvas.line((left, y), (right, y + rng.normal(0, 0.06) * h))
    if rng.random() < 0.07:
        y = base + rng.uniform(0.05, 0.35) * h
        left = boxes[int(rng.integers(len(boxes)))].left - 0.2 * h
        right = boxes[-1].right + rng.uniform(0, 0.5) * h
        canvas.line((left, y), (right, y + rng.normal(0, 0.1) * h))


def loops(canvas: Canvas, top: float, base: float) -> None:
    """Write loops above and below, as a signature or the next line has."""
    h, rng = canvas.height, canvas.rng
    rows, columns = canvas.ink.shape
    knots = np.cumsum(rng.normal(0, 0.6 * h, (6, 2)), 0)
    knots += rng.uniform(0, columns), rng.choice([0, rows])
    t = np.linspace(0, 5, 40)
    curve = np.stack([np.interp(t, range(6), knots[:, k]) for k in (0, 1)], 1)
    beside = Canvas(np.zeros_like(canvas.ink), h, canvas.thickness, rng)
    beside.line(*cv2.blur(curve, (1, 7)))
    limit = int(rng.uniform(0.0, 0.35) * h)
    first, last = max(0, int(top) - limit), max(0, int(base) + limit)
    beside.ink[first:last] = 0
    np.maximum(canvas.ink, beside.ink, out=canvas.ink)
