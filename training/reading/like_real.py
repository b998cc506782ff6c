"""Single digits on pictures like those people have: to choose by, not to learn from.

Each kind was made after a description in words of some material: boxes of scanned
exams, digits of postal codes, digits cut out of cheques, photographs, tablets, MNIST on
paper. Of real boxes one thing more was looked at: how dark their pixels are in sum.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.synth.documents import camera, handwriting, paper
from training.reading.compose import compose
from training.reading.flourishes import field_of
from training.reading.glyphs import Glyphs
from training.reading.writing import write_alone

Random = np.random.Generator
Labelled = tuple[NDArray[np.uint8], int]
"""A picture, grey or in colours, and its digit."""

TINY = 28  # rows and columns of a digit from a scanned exam


def stroke(
    glyphs: Glyphs, rng: Random, height: float, thickness: float, thin: float
) -> tuple[Ink, int]:
    """Write one digit: (ink of its box, label)."""
    row = glyphs.one(rng)
    hand = handwriting.Hand(
        height=height,
        thickness=thickness,
        slant=rng.normal(0, 0.12),
        wobble=0.05,
        size_spread=0.02,
    )
    field = field_of(glyphs, row, rng, thin=bool(rng.random() < thin))
    return write_alone(field, hand, rng), int(glyphs.labels[row])


def put(canvas: Ink, ink: Ink, rng: Random, spread: float) -> None:
    """Put ink into a square canvas, off centre by a share of its side."""
    side = len(canvas)
    ink = ink[:side, :side]
    room = np.array(canvas.shape) - ink.shape
    moved = room / 2 + rng.normal(0, spread, 2) * side
    y, x = np.clip(moved, 0, room).astype(int)
    canvas[y : y + ink.shape[0], x : x + ink.shape[1]] = ink


def borders(side: int, rng: Random) -> Ink:
    """Pieces of the lines of a box, along some of its edges."""
    ink = np.zeros((side, side), np.float32)
    for edge in np.flatnonzero(rng.random(4) < 0.18):
        off, lean = rng.uniform(-1, 0.09 * side), rng.normal(0, 0.015) * side
        start, end = (
            (0, side) if rng.random() < 0.6 else np.sort(rng.uniform(0, side, 2))
        )
        at = off if edge % 2 else side - off
        flat = start, at, end, at + lean
        segment = flat if edge < 2 else (at, start, at + lean, end)
        line = paper.draw_lines(
            ink.shape, np.array([segment]), thickness=rng.uniform(1, 4)
        )
        ink = np.maximum(ink, line * np.float32(rng.uniform(0.4, 1)))
    return ink


def dust(side: int, rng: Random) -> Ink:
    """Dots, or none."""
    ink = np.zeros((side, side), np.float32)
    rows, columns = np.mgrid[:side, :side]
    for _ in range(int(rng.integers(1, 6)) * int(rng.random() < 0.35)):
        radius, (y, x) = rng.uniform(0.5, 0.03 * side), rng.uniform(0, side, 2)
        dot = np.clip(radius - np.hypot(rows - y, columns - x) + 0.5, 0, 1)
        ink = np.maximum(ink, dot.astype(np.float32) * np.float32(rng.uniform(0.3, 1)))
    return ink


def exam(glyphs: Glyphs, rng: Random) -> Labelled:
    """28×28, dark on white, thin, faint in places, off centre, box lines and dots."""
    side = int(1.5 * rng.integers(60, 120))
    thickness = float(np.exp(rng.uniform(np.log(0.018), np.log(0.1))))
    ink, label = stroke(glyphs, rng, side * rng.uniform(0.38, 0.8), thickness, 0.8)
    if rng.random() < 0.6:  # the pen presses more and less
        press = rng.uniform(0, 1, (4, 4)).astype(np.float32)
        press = cv2.resize(press, ink.shape[::-1], interpolation=cv2.INTER_CUBIC)
        ink = ink * np.clip(1 - rng.uniform(0, 0.7) * press, 0.1, 1)
    canvas = np.zeros((side, side), np.float32)
    put(canvas, ink, rng, 0.13)
    canvas = np.maximum(np.maximum(canvas, borders(side, rng)), dust(side, rng))
    canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.3:
        canvas = (canvas > rng.uniform(0.3, 0.6)).astype(np.float32)
    ways = [cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST]
    small = cv2.resize(canvas, (TINY, TINY), interpolation=int(rng.choice(ways)))
    white = rng.uniform(0.85, 1)
    noise = rng.normal(0, rng.choice([0, 0.01, 0.03]), small.shape)
    grey = white - small * rng.uniform(0.4, 0.95) * white + noise
    if rng.random() < 0.3:
        grey = np.where(grey > white - 0.1, white, grey)
    return (np.clip(grey, 0, 1) * 255).astype(np.uint8), label


def postal(glyphs: Glyphs, rng: Random) -> Labelled:
    """16×16, white on black, grey, filled by the digit."""
    height, thickness = rng.uniform(30, 60), rng.uniform(0.08, 0.2)
    ink, label = stroke(glyphs, rng, height, thickness, 0.4)
    if rng.random() < 0.5:
        ink = (ink > 0.5).astype(np.float32)
    natural = 16 * ink.shape[1] / ink.shape[0] * rng.uniform(1, 1.4)
    wide = 16 if rng.random() < 0.5 else int(np.clip(round(natural), 3, 16))
    small = cv2.resize(ink, (wide, 16), interpolation=cv2.INTER_AREA)
    left = (16 - wide) // 2
    small = np.pad(small, ((0, 0), (left, 16 - wide - left)))
    if rng.random() < 0.7:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.3, 0.7))
    small = small / max(small.max(), 1e-3) * rng.uniform(0.85, 1)
    return (np.clip(small, 0, 1) * 255).astype(np.uint8), label


def cut(
    picture: NDArray[np.uint8], box: NDArray[np.float64], grow: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Cut a box out of a picture, each side moved outwards by so many pixels."""
    left, top = (max(0, int(v)) for v in box[:2] - grow[:2])
    right, bottom = (int(np.ceil(v)) for v in box[2:] + grow[2:])
    part = picture[top : max(top + 5, bottom), left : max(left + 5, right)]
    return np.ascontiguousarray(part)


def cheque(glyphs: Glyphs, rng: Random) -> Labelled:
    """Cut tightly out of a photographed string, with parts of neighbours."""
    picture, labels, boxes = compose(glyphs, rng, int(rng.integers(2, 6)))
    place = int(rng.integers(len(labels)))
    box = boxes[place]
    grow = rng.normal(0.03, 0.06, 4) * (box[3] - box[1])
    return cut(picture, box, grow), int(labels[place])


def photo(glyphs: Glyphs, rng: Random) -> Labelled:
    """Photographed with little or much paper around it."""
    picture, labels, boxes = compose(glyphs, rng, 1)
    most = float(rng.choice([0.4, 1.5])) * (boxes[0][3] - boxes[0][1])
    return cut(picture, boxes[0], rng.uniform(0, most, 4)), int(labels[0])


def tablet(glyphs: Glyphs, rng: Random) -> Labelled:
    """Drawn on glass: one colour on another, any size, anywhere."""
    side = int(rng.choice([64, 100, 200, 280, 400]))
    height, thickness = side * rng.uniform(0.25, 0.85), rng.uniform(0.04, 0.18)
    ink, label = stroke(glyphs, rng, height, thickness, 0.7)
    canvas = np.zeros((side, side), np.float32)
    put(canvas, ink, rng, 0.3)
    if rng.random() < 0.3:
        canvas = (canvas > 0.5).astype(np.float32)
    grey = (255 * (1 - canvas)).astype(np.uint8)
    return (255 - grey if rng.random() < 0.4 else grey), label


def on_paper(glyphs: Glyphs, rng: Random) -> Labelled:
    """An image of MNIST itself, enlarged, on paper that is photographed."""
    row = glyphs.one(rng)
    large = int(rng.integers(1, 6))
    pixels = glyphs.images[row].repeat(large, 0).repeat(large, 1)
    room = rng.integers(0, 15 * large, 4)
    ink = np.pad(pixels, ((room[0], room[1]), (room[2], room[3]))) / 255
    waves = rng.uniform(0, 0.15) * (rng.random() < 0.3)
    look = paper.Paper((0.9, 0.88, 0.84), rng.uniform(0, 0.05), waves)
    sheet = paper.make_sheet(ink.shape, look, generator=rng)
    seen = sheet * (1 - rng.uniform(0.4, 0.9) * ink)[:, :, None]
    seen_by = camera.Camera(
        shade=rng.uniform(0, 0.4),
        blur=rng.uniform(0.2, 1),
        noise=rng.uniform(0, 0.03),
        quality=int(rng.integers(50, 96)),
    )
    clipped = np.clip(seen, 0, 1).astype(np.float32)
    return camera.photograph(clipped, seen_by, generator=rng), int(glyphs.labels[row])


KINDS = (exam, postal, cheque, photo, tablet, on_paper)
