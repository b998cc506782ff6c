"""Pictures of single digits: cut from strings, in boxes of forms, tiny, filled, plain.

And of what is no digit: pieces, pairs, letters, noise. Each function gives a picture
(rows, columns, 3) and its label, or none if it came out too small.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.synth.documents import handwriting
from training.reading.boxed_digits import draw_boxed
from training.reading.choices import choose
from training.reading.compose import compose
from training.reading.glyphs import Glyphs
from training.reading.habits import habitual_field
from training.reading.register_entries import write_entry
from training.reading.writing import write_alone

NON_DIGIT = 10
# none that alone may be a digit, such as b and g
LETTERS = list("ABCDEFGHJKLMNPQRTUVWXYadefhkmnprtwxy#$%&@?!=+*/-.,:;~")
LIKE_THEIR_HALVES = 1, 4, 7, 9  # half of one may be a 1
EVEN = 0.6  # of digits in strings are any of the ten: strings are rich in ones

Picture = NDArray[np.uint8]


class Labelled(NamedTuple):
    """A picture (rows, columns, 3), and what is in it.

    Attributes:
        picture: Dark ink on light paper.
        label: The digit, or `NON_DIGIT`.
        where: Its left, top, right and bottom as shares of the picture's sides; none if
            it is all that there is.
    """

    picture: Picture
    label: int
    where: tuple[float, ...] | None = None


def crop(
    picture: Picture,
    box: Sequence[float] | NDArray[np.float64],
    rng: np.random.Generator,
    low: float,
    high: float,
) -> tuple[Picture, tuple[float, ...]]:
    """Cut a box out of a picture, a little too tight or too wide.

    Returns:
        What was cut out, and where the box is in it, as shares of its sides.
    """
    left, top, right, bottom = box
    grow = rng.uniform(low, high, 4) * (bottom - top)
    x0, y0 = max(0, int(left - grow[0])), max(0, int(top - grow[1]))
    x1, y1 = int(np.ceil(right + grow[2])), int(np.ceil(bottom + grow[3]))
    part = picture[y0:y1, x0:x1]
    rows, columns = (max(1, side) for side in part.shape[:2])
    x, y = np.array([left, right]) - x0, np.array([top, bottom]) - y0
    x, y = np.clip(x / columns, 0, 1), np.clip(y / rows, 0, 1)
    return part, (float(x[0]), float(y[0]), float(x[1]), float(y[1]))


def coloured(grey: NDArray[np.floating]) -> Picture:
    """Turn grey, 0 dark to 1 light, into a picture."""
    pixels = (np.clip(grey, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(pixels[:, :, None], 3, 2))


def one_row(glyphs: Glyphs, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose one digit, each of the ten as often: strings begin and end in ones."""
    return np.array([glyphs.one(rng)])


def in_string(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """A digit cut out of a string, pieces of its neighbours with it."""
    rows = choose(glyphs, int(rng.integers(2, 5)), rng)
    k = int(rng.integers(len(rows)))
    if rng.random() < EVEN:
        rows[k] = glyphs.one(rng)
    picture, labels, boxes = compose(glyphs, rng, rows=rows)
    part, where = crop(picture, boxes[k], rng, -0.05, 0.2)
    return Labelled(part, int(labels[k]), where)


def alone(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """A digit with much or little paper around it."""
    picture, labels, boxes = compose(glyphs, rng, rows=one_row(glyphs, rng))
    high = float(rng.choice([0.15, 0.6, 2.5]))
    part, where = crop(picture, boxes[0], rng, 0.0, high)
    return Labelled(part, int(labels[0]), where)


def tiny(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A digit of very few pixels, as forms scanned small have."""
    picture, label, where = alone(glyphs, rng)
    assert where is not None
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
    inside = np.reshape(where, (2, 2)) * (columns, rows) + (x, y)
    where = tuple((inside / (wide, tall)).ravel().tolist())
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
    return Labelled(out, label, where)


def boxed(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A thin or pale digit in a form's box, scanned small, off centre."""
    row = glyphs.one(rng)
    drawn = draw_boxed(glyphs, row, rng)
    if drawn is None:
        return None
    return Labelled(coloured(drawn[0]), int(glyphs.labels[row]), drawn[1])


def register(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A digit cut out of an old register, with pieces of what stands beside it."""
    count = int(rng.integers(1, 4))
    rows, place = choose(glyphs, count, rng), int(rng.integers(count))
    rows[place] = glyphs.one(rng)
    entry = write_entry(glyphs, rows, rng)
    part, where = crop(entry.picture, entry.boxes[place], rng, -0.02, 0.3)
    if min(part.shape[:2]) < 12:
        return None
    if rng.random() < 0.5:  # scanned small
        factor = int(rng.integers(24, 64)) / max(part.shape[:2])
        size = [max(8, round(side * factor)) for side in part.shape[1::-1]]
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        part = cv2.resize(part, size, interpolation=way)
    return Labelled(part, int(glyphs.labels[rows[place]]), where)


def filled(glyphs: Glyphs, rng: np.random.Generator) -> Labelled | None:
    """A digit that fills its picture, stretched, as post offices normalise them."""
    picture, labels, boxes = compose(glyphs, rng, rows=one_row(glyphs, rng))
    part, _ = crop(picture, boxes[0], rng, -0.02, 0.05)
    if min(part.shape[:2]) < 5:
        return None
    w = int(rng.integers(14, 24))
    h = int(np.clip(w * np.exp(rng.normal(0, 0.2)), 12, 32))
    small = cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA)
    return Labelled(small, int(labels[0]))


def two_tones(glyphs: Glyphs, rng: np.random.Generator) -> Labelled:
    """A digit that fills a picture of few pixels, each of them ink or paper."""
    row, wide = glyphs.one(rng), int(rng.integers(14, 22))
    hand = handwriting.Hand(
        height=64.0,
        thickness=rng.uniform(0.06, 0.13),
        slant=rng.normal(0, 0.15),
        wobble=0.05,
    )
    ink = write_alone(habitual_field(glyphs, row, rng), hand, rng)
    most = ink.shape[1] / ink.shape[0] * rng.uniform(1.0, 1.6)  # as broad
    broad = int(np.clip(round(wide * most), 3, wide))
    small = cv2.resize(ink, (broad, wide), interpolation=cv2.INTER_AREA)
    left = int(rng.integers(0, wide - broad + 1))
    small = np.pad(small, ((0, 0), (left, wide - broad - left)))
    small = np.pad(small, int(rng.choice([0, 0, 1, 2])))
    is_ink = small > rng.uniform(0.25, 0.5) * max(small.max(), 0.5)
    return Labelled(coloured(1.0 - is_ink), int(glyphs.labels[row]))


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
        return Labelled(pieces(glyphs, rng), NON_DIGIT, (0.0, 0.0, 1.0, 1.0))
    if kind < 0.92:
        return Labelled(coloured(letters(rng)), NON_DIGIT)
    shape = int(rng.integers(20, 90)), int(rng.integers(20, 90))
    clouds = cv2.GaussianBlur(rng.normal(0, 1, shape), (0, 0), rng.uniform(0.5, 6))
    return Labelled(coloured(0.8 + clouds * rng.uniform(0.02, 0.8)), NON_DIGIT)


def pieces(glyphs: Glyphs, rng: np.random.Generator) -> Picture:
    """A pair of digits, halves of two, or half of one that is no digit by itself."""
    picture, labels, boxes = compose(glyphs, rng, int(rng.integers(2, 5)))
    k, kind = int(rng.integers(len(boxes) - 1)), rng.random()
    (l0, t0, r0, b0), (l1, t1, r1, b1) = boxes[k], boxes[k + 1]
    top, bottom = min(t0, t1), max(b0, b1)
    if kind < 0.5 or labels[k] in LIKE_THEIR_HALVES:
        box = (l0, top, r1, bottom)
    elif kind < 0.83:
        box = (l0 + 0.5 * (r0 - l0), top, l1 + 0.5 * (r1 - l1), bottom)
    else:
        middle = t0 + (b0 - t0) * rng.uniform(0.35, 0.6)
        box = (l0, t0, r0, middle) if rng.random() < 0.5 else (l0, middle, r0, b0)
    return crop(picture, box, rng, -0.02, 0.02)[0]


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
