"""MNIST's training digits by who wrote them, as fields that any pen can draw."""

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ways import EACH, many_writers

import mnistry
from mnistry.synth.documents import handwriting

OUTSIDE = -50.0  # of a field: far from any stroke
WAYS_WRITERS = 320  # beside MNIST's 485; those held back are others
BENFORD = np.log10(1 + 1 / np.arange(1, 10))  # first digits of amounts
EACH_WRITER = 10 * EACH
AMOUNT = [0.4, 0.08, 0.08, 0.05, 0.05, 0.14, 0.05, 0.05, 0.05, 0.05]  # the others
AT_THE_LEFT = 0.3  # of strings begin with what is easily taken for a mark
AT_THE_RIGHT = 0.12  # of strings end in it
Field = np.ndarray


@dataclass
class Glyphs:
    """MNIST's training digits of some writers, and their centre lines.

    From row `described` on they are digits of `ways`, drawn as they are described.
    """

    images: np.ndarray
    labels: np.ndarray
    centres: np.ndarray
    by_writer: list[np.ndarray]
    described: int


def load_writers() -> np.ndarray:
    """Load who wrote each training digit, from the first folder of MNISTRY_DATA."""
    folder = Path(os.environ["MNISTRY_DATA"].split(os.pathsep)[0])
    return np.load(folder / "writers.npz")["train_writer"]


def load_glyphs(centres: Path, *, held_back: bool) -> Glyphs:
    """Load digits of writers used for training, or of those held back (a tenth)."""
    train = mnistry.load("mnist", split="train")
    writers = load_writers()
    rows = np.flatnonzero((writers % 10 == 7) == held_back)
    by_writer = [rows[writers[rows] == w] for w in np.unique(writers[rows])]
    packed = np.load(centres, mmap_mode="r")
    first = len(train)
    images, labels, lines = many_writers(
        WAYS_WRITERS // 10 if held_back else WAYS_WRITERS, seed=int(held_back)
    )
    by_writer += np.split(first + np.arange(len(labels)), len(labels) // EACH_WRITER)
    return Glyphs(
        np.concatenate([train.images, images]),
        np.concatenate([train.labels, labels]),
        np.concatenate([packed, lines]),
        by_writer,
        first,
    )


def load_drawn() -> Glyphs:
    """Load the built-in drawn digits, in groups as if of one writer."""
    train = mnistry.load("drawn", split="train")[:20000]
    groups = np.array_split(np.arange(len(train)), len(train) // 250)
    nothing = np.zeros((len(train), 56, 7), np.uint8)  # no centre lines
    arrays = np.asarray(train.images), np.asarray(train.labels), nothing
    return Glyphs(*arrays, groups, len(train))


def choose(glyphs: Glyphs, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose glyphs for one string, mostly of one writer; some are amounts."""
    if rng.random() < 0.8:
        rows = glyphs.by_writer[rng.integers(len(glyphs.by_writer))]
    else:
        chosen = rng.integers(len(glyphs.by_writer), size=10)
        several = [glyphs.by_writer[k] for k in chosen]
        rows = np.concatenate([rng.choice(of, 4) for of in several])
    labels = glyphs.labels[rows]
    digits = rng.integers(0, 10, count)
    if rng.random() < 0.4:
        digits = rng.choice(10, count, p=AMOUNT)
        digits[0] = rng.choice(9, p=BENFORD) + 1
    if rng.random() < 0.4:  # amounts end in noughts
        digits[count - int(rng.integers(1, max(2, count))) :] = 0
    if rng.random() < 0.1:
        digits[:] = rng.integers(0, 10)
    if rng.random() < AT_THE_LEFT:
        digits[0] = rng.choice([1, 4], p=[0.8, 0.2])
    if rng.random() < AT_THE_RIGHT:
        digits[-1] = 1
    if rng.random() < 0.15:
        digits[rng.integers(count)] = 9
    alike = rng.random() < 0.25  # the same shape again for the same digit
    kept: dict[int, int] = {}
    out = []
    for digit in digits.tolist():
        of = rows[labels == digit]
        row = int(rng.choice(of if len(of) else rows))
        out.append(kept.setdefault(digit, row) if alike else row)
    return np.array(out)


def field_of(
    glyphs: Glyphs, row: int, rng: np.random.Generator, *, thin: bool
) -> Field:
    """Give the field of a digit, from its centre line or else from its image."""
    centre = np.unpackbits(glyphs.centres[row], axis=1).astype(bool)
    if (thin or row >= glyphs.described) and centre.sum() > 6:
        field = handwriting.line_field(np.pad(centre, 6), 2.0)
    else:
        field = handwriting.to_field(glyphs.images[row])
    if row < glyphs.described:
        field = flourish(field, int(glyphs.labels[row]), rng)
    bent = bend(field, rng)
    return bent if (bent > 0).sum() > 20 else field


def segment(
    field: Field, start: tuple[float, float], end: tuple[float, float], radius: float
) -> Field:
    """Add a straight stroke to a field."""
    y, x = np.ogrid[: field.shape[0], : field.shape[1]]
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = (x - start[0]) * dx + (y - start[1]) * dy
    t = np.clip(along / max(1e-3, dx * dx + dy * dy), 0, 1)
    far = np.hypot(x - start[0] - t * dx, y - start[1] - t * dy)
    return np.maximum(field, (radius - far).astype(np.float32))


def flourish(field: Field, label: int, rng: np.random.Generator) -> Field:
    """Write as people outside MNIST do: crossed sevens, ones with an upstroke."""
    chance = {7: 0.45, 1: 0.5, 0: 0.2, 4: 0.06, 9: 0.1, 2: 0.08}.get(label, 0.0)
    inside = field > 0
    if rng.random() > chance or inside.any(axis=1).sum() < 3:
        return field
    rows, columns = inside.any(axis=1).nonzero()[0], inside.any(axis=0).nonzero()[0]
    height = rows[-1] - rows[0] + 1
    radius = max(0.5, float(np.percentile(field[inside], 85)))
    pad = int(0.55 * height)
    field = cv2.copyMakeBorder(
        field, 0, 0, pad, pad, cv2.BORDER_CONSTANT, value=OUTSIDE
    )
    sides = columns[0] + pad, rows[0], columns[-1] + pad, rows[-1]
    add = {7: cross, 1: upstroke, 0: nought}.get(label, tail)
    return add(field, sides, radius, rng)


def middle_of(field: Field, first: int, last: int, otherwise: float) -> float:
    """Tell the mean column of the ink in some rows."""
    at = np.flatnonzero((field[max(0, first) : last + 1] > 0).any(axis=0))
    return float(at.mean()) if len(at) else otherwise


def cross(field: Field, sides, radius: float, rng: np.random.Generator) -> Field:
    """Cross a seven."""
    left, top, right, bottom = sides
    h = bottom - top + 1
    y = top + h * rng.uniform(0.38, 0.64)
    x = middle_of(field, int(y), int(y), (left + right) / 2) + rng.normal(0, 0.04) * h
    reach, lift = h * rng.uniform(0.14, 0.36), h * rng.uniform(-0.08, 0.12)
    return segment(field, (x - reach, y + lift), (x + reach, y - lift), radius)


def upstroke(field: Field, sides, radius: float, rng: np.random.Generator) -> Field:
    """Begin a one from below, and put it on a foot now and then."""
    left, top, right, bottom = sides
    h = bottom - top + 1
    x = middle_of(field, top, top + max(2, h // 10), (left + right) / 2)
    drop = h * rng.uniform(0.15, 0.75)  # a flat one would make a seven of it
    reach = min(h * rng.uniform(0.12, 0.5), 1.4 * drop)
    field = segment(field, (x, top + radius), (x - reach, top + drop), radius)
    if rng.random() < 0.25:
        x, reach = middle_of(field, bottom - 1, bottom, x), h * rng.uniform(0.15, 0.35)
        y = bottom - radius
        field = segment(field, (x - reach, y), (x + reach, y), radius)
    return field


def nought(field: Field, sides, radius: float, rng: np.random.Generator) -> Field:
    """Strike a nought through, or let it end in a tail or a loop."""
    left, top, right, bottom = sides
    h, w = bottom - top + 1, right - left + 1
    if rng.random() < 0.15:
        return segment(field, (left, bottom), (right, top), radius)
    x, y = right - w * rng.uniform(0.1, 0.6), top + h * rng.uniform(-0.02, 0.15)
    end = x + h * rng.uniform(0.1, 0.55), y - h * rng.uniform(-0.2, 0.25)
    field = segment(field, (x, y), end, radius)
    if rng.random() < 0.3:  # the pen began within
        start = left + w * rng.uniform(0.3, 0.7), top + h * rng.uniform(0.15, 0.5)
        field = segment(field, start, (x, y), radius)
    return field


def tail(field: Field, sides, radius: float, rng: np.random.Generator) -> Field:
    """Let the last stroke run on, to the right or back to the left."""
    left, top, right, bottom = sides
    h = bottom - top + 1
    x = middle_of(field, bottom - 2, bottom, (left + right) / 2)
    reach = h * rng.uniform(0.1, 0.45) * (1 if rng.random() < 0.5 else -1)
    end = x + reach, bottom - h * rng.uniform(-0.08, 0.15)
    return segment(field, (x, bottom - radius), end, radius)


def bend(field: Field, rng: np.random.Generator) -> Field:
    """Bend a field a little and smoothly."""
    rows, columns = field.shape
    amount = rng.uniform(0, 0.07) * rows
    shift = cv2.resize(
        rng.normal(0, amount, (4, 4, 2)).astype(np.float32),
        (columns, rows),
        interpolation=cv2.INTER_CUBIC,
    )
    shift += np.stack(
        np.meshgrid(
            np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
        ),
        axis=2,
    )
    return cv2.remap(
        field,
        shift,
        None,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
