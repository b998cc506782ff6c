"""Pictures of single digits: cut from strings, in boxes of forms, tiny, filled, plain.

And of what is no digit: pieces, pairs, letters, noise. Each function gives a picture
(rows, columns, 3) and its label, or none if it came out too small.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.synth.documents import handwriting, paper
from training.reading.compose import compose
from training.reading.flourishes import field_of
from training.reading.glyphs import Glyphs

NON_DIGIT = 10
LETTERS = list("ABCDEFGHJKLMNPQRTUVWXYabdefghkmnpqrtwxy#$%&@?!=+*/-.,:;~")
BOX = 112  # pixels of a form's box before it is scanned

Picture = NDArray[np.uint8]


class Labelled(NamedTuple):
    """A picture (rows, columns, 3), and the digit in it or `NON_DIGIT`."""

    picture: Picture
    label: int


def crop(
    picture: Picture,
    box: Sequence[float] | NDArray[np.float64],
    rng: np.random.Generator,
    low: float,
    high: float,
) -> Picture:
    """Cut a box out of a picture, a little too tight or too wide."""
    left, top, right, bottom = box
    grow = rng.uniform(low, high, 4) * (bottom - top)
    x0, y0 = max(0, int(left - grow[0])), max(0, int(top - grow[1]))
    x1, y1 = int(np.ceil(right + grow[2])), int(np.ceil(bottom + grow[3]))
    return picture[y0:y1, x0:x1]


def coloured(grey: NDArray[np.floating]) -> Picture:
    """Turn grey, 0 dark to 1 light, into a picture."""
    pixels = (np.clip(grey, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(pixels[:, :, None], 3, 2))


def in_string(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """A digit cut out of a string, pieces of its neighbours with it."""
    picture, labels, boxes = compose(glyphs, rng, int(rng.integers(2, 5)))
    k = int(rng.integers(len(labels)))
    return Labelled(crop(picture, boxes[k], rng, -0.05, 0.2), int(labels[k]))


def alone(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """A digit with much or little paper around it."""
    picture, labels, boxes = compose(glyphs, rng, 1)
    high = float(rng.choice([0.15, 0.6, 2.5]))
    return Labelled(crop(picture, boxes[0], rng, 0.0, high), int(labels[0]))


def tiny(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A digit of very few pixels, as forms scanned small have."""
    picture, label = alone(glyphs, rng)
    if min(picture.shape[:2]) < 5:
        return None
    side = int(rng.integers(16, 36))
    factor = side / max(picture.shape[:2])
    size = [max(5, round(length * factor)) for length in picture.shape[1::-1]]
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    rows, columns = small.shape[:2]
    tall, wide = (
        max(length, int(rng.integers(side, side + 6))) for length in (rows, columns)
    )
    out = np.full((tall, wide, 3), np.median(small, axis=(0, 1)), np.uint8)
    y, x = int(rng.integers(tall - rows + 1)), int(rng.integers(wide - columns + 1))
    out[y : y + rows, x : x + columns] = small
    for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.4 else 0):
        edge, kind = int(rng.choice([0, 1, -1, -2])), rng.random()
        dark = int(rng.integers(0, 160))
        if kind < 0.35:  # a box's line, or a dot
            out[:, edge] = dark
        elif kind < 0.7:
            out[edge] = dark
        else:
            y, x = int(rng.integers(tall - 2)), int(rng.integers(wide - 2))
            out[y : y + 2, x : x + 2] = dark
    return Labelled(out, label)


def boxed(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A thin digit in a form's box, scanned small, off centre, with lines and dots."""
    k = glyphs.one(rng)
    hand = handwriting.Hand(
        height=float(rng.uniform(34, 84)),
        thickness=rng.uniform(0.05, 0.13),
        slant=rng.normal(0, 0.2),
        wobble=0.08,
    )
    field = field_of(glyphs, k, rng, thin=bool(rng.random() < 0.7))
    written = handwriting.write_line([field], hand, generator=rng)
    box = written.boxes[0]
    digit = written.ink[box.top : box.bottom, box.left : box.right]
    room = BOX - digit.shape[0], BOX - digit.shape[1]
    if min(room) < 2:
        return None
    y, x = (int(np.clip(rng.normal(r / 2, r / 4), 0, r)) for r in room)
    canvas = np.zeros((BOX, BOX), np.float32)
    canvas[y : y + digit.shape[0], x : x + digit.shape[1]] = digit
    canvas = np.maximum(np.maximum(canvas, box_lines(rng)), dots(rng))
    return Labelled(coloured(scanned(canvas, rng)), int(glyphs.labels[k]))


def box_lines(rng: np.random.Generator) -> Ink:
    """Lines along the edges of a box, as ink."""
    segments = []
    for _ in range(int(rng.choice([0, 1, 2, 3, 4], p=[0.3, 0.3, 0.2, 0.1, 0.1]))):
        at = rng.uniform(0, 14)
        at = at if rng.random() < 0.5 else BOX - at
        lean, whole = rng.normal(0, 2), rng.random() < 0.7
        start, end = (0, BOX) if whole else sorted(rng.uniform(0, BOX, 2))
        upright = (at, start, at + lean, end)
        segments.append(upright if rng.random() < 0.5 else (start, at, end, at + lean))
    lines = paper.draw_lines(
        (BOX, BOX),
        np.array(segments, float).reshape(-1, 4),
        thickness=float(rng.uniform(1.5, 7)),
    )
    return lines * np.float32(rng.uniform(0.4, 1))


def dots(rng: np.random.Generator) -> Ink:
    """Dots and specks, as ink."""
    ink = np.zeros((BOX, BOX), np.float32)
    y, x = np.mgrid[:BOX, :BOX]
    for _ in range(int(rng.choice([0, 1, 3, 6], p=[0.4, 0.25, 0.2, 0.15]))):
        (row, column), radius = rng.uniform(0, BOX, 2), rng.uniform(1, 5)
        dot = np.clip(radius - np.hypot(y - row, x - column), 0, 1)
        ink = np.maximum(ink, (dot * rng.uniform(0.3, 1)).astype(np.float32))
    return ink


def scanned(canvas: Ink, rng: np.random.Generator) -> NDArray[np.floating]:
    """Scan a box small: grey, 0 dark to 1 light; some in two tones, or as JPEG."""
    side = int(rng.choice([20, 24, 28, 28, 28, 32, 40]))
    if rng.random() < 0.3:
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 2.5))
    way = int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR]))
    canvas = cv2.resize(canvas, (side, side), interpolation=way)
    grey: NDArray[np.floating] = rng.uniform(0.8, 1.0) - canvas * rng.uniform(
        0.35, 0.95
    )
    grey = grey + rng.normal(0, rng.uniform(0, 0.04), canvas.shape)
    if rng.random() < 0.1:
        grey = (grey > rng.uniform(0.5, 0.7)) * 1.0
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        pixels = (np.clip(grey, 0, 1) * 255).astype(np.uint8)
        decoded = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], 0)
        grey = np.asarray(decoded, np.float64) / 255
    return grey


def filled(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A digit that fills its picture, stretched, as post offices normalise them."""
    picture, labels, boxes = compose(glyphs, rng, 1)
    part = crop(picture, boxes[0], rng, -0.02, 0.05)
    if min(part.shape[:2]) < 5:
        return None
    w = int(rng.integers(14, 24))
    h = int(np.clip(w * np.exp(rng.normal(0, 0.2)), 12, 32))
    small = cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA)
    return Labelled(small, int(labels[0]))


def enlarged(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """An image of MNIST itself, enlarged, on some paper."""
    k = glyphs.one(rng)
    image, times = 255 - glyphs.images[k], int(rng.integers(1, 6))
    way = int(rng.choice([0, 1, 2, 3]))  # of cv2's interpolations
    image = cv2.resize(image, None, fx=times, fy=times, interpolation=way)
    above, below, left, right = rng.integers(0, 30, 4).tolist()
    room = (above, below), (left, right)
    image = np.pad(image, room, constant_values=255)
    low = rng.uniform(0, 0.4)
    grey = image / 255 * (1 - low) * rng.uniform(0.6, 1) + low * 0.3
    grey = grey + rng.normal(0, rng.uniform(0, 0.05), image.shape)
    if rng.random() < 0.5:
        shade, size = rng.uniform(-0.12, 0.12, (3, 3)), image.shape[::-1]
        grey = grey + cv2.resize(shade, size, interpolation=cv2.INTER_CUBIC)
    return Labelled(coloured(grey), int(glyphs.labels[k]))


def non_digit(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """Something that is no digit."""
    kind = rng.random()
    if kind < 0.6:
        return Labelled(pieces(glyphs, rng), NON_DIGIT)
    if kind < 0.92:
        return Labelled(coloured(letters(rng)), NON_DIGIT)
    shape = int(rng.integers(20, 90)), int(rng.integers(20, 90))
    clouds = cv2.GaussianBlur(rng.normal(0, 1, shape), (0, 0), rng.uniform(0.5, 6))
    return Labelled(coloured(0.8 + clouds * rng.uniform(0.02, 0.8)), NON_DIGIT)


def pieces(glyphs: Glyphs, rng: np.random.Generator) -> Picture:
    """A pair of digits, halves of two, or half of one."""
    picture, _, boxes = compose(glyphs, rng, int(rng.integers(2, 5)))
    k, kind = int(rng.integers(len(boxes) - 1)), rng.random()
    (l0, t0, r0, b0), (l1, t1, r1, b1) = boxes[k], boxes[k + 1]
    top, bottom = min(t0, t1), max(b0, b1)
    if kind < 0.5:
        box = (l0, top, r1, bottom)
    elif kind < 0.83:
        box = (l0 + 0.5 * (r0 - l0), top, l1 + 0.5 * (r1 - l1), bottom)
    else:
        middle = t0 + (b0 - t0) * rng.uniform(0.35, 0.6)
        box = (l0, t0, r0, middle) if rng.random() < 0.5 else (l0, middle, r0, b0)
    return crop(picture, box, rng, -0.02, 0.02)


def letters(rng: np.random.Generator) -> NDArray[np.floating]:
    """One letter or two, as grey."""
    text, shape = "".join(rng.choice(LETTERS, int(rng.integers(1, 3)))), (64, 90)
    at = int(rng.uniform(4, 30)), int(rng.uniform(40, 60))
    face, scale = int(rng.integers(0, 8)), rng.uniform(0.8, 1.9)
    mask, thick = np.zeros(shape, np.uint8), int(rng.integers(1, 5))
    cv2.putText(mask, text, at, face, scale, 255, thick, cv2.LINE_AA)
    matrix = np.array([[1, rng.normal(0, 0.2), 0], [rng.normal(0, 0.1), 1, 0]])
    ink = np.asarray(cv2.warpAffine(mask, matrix, shape[::-1]), np.float64) / 255
    grey: NDArray[np.floating] = 0.9 - ink * rng.uniform(0.4, 0.8)
    return grey + rng.normal(0, 0.03, shape)
