"""Fields of digits that any pen can draw, with strokes as people add them."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.synth.documents import handwriting
from mnistry.synth.documents.handwriting import Field
from training.reading.glyphs import DESCRIBED, DRAWN, MNIST, SWISS, Glyphs

OUTSIDE = -50.0  # of a field: far from any stroke
CHANCES = {7: 0.45, 1: 0.5, 0: 0.2, 2: 0.35, 4: 0.06, 9: 0.08}  # of a flourish
SWISS_THIN = 0.75  # of Swiss digits by their centre lines: scans show thin pens

Sides = tuple[int, int, int, int]
"""First column and row of the ink, last column and row."""


def field_of(
    glyphs: Glyphs,
    row: int,
    rng: np.random.Generator,
    *,
    thin: bool,
    broad: float = 1.0,
) -> Field:
    """Return the field of a digit, from its centre line or else from its image.

    Args:
        glyphs: All digits.
        row: Which.
        rng: Decides flourishes and bends.
        thin: From its centre line, if it has one.
        broad: By how much it is widened.
    """
    source = int(glyphs.source[row])
    centre = np.unpackbits(glyphs.centres[row], axis=1).astype(bool)
    if source == SWISS:
        thin = bool(rng.random() < SWISS_THIN)
    if (thin or source == DESCRIBED) and centre.sum() > 6:
        field = handwriting.line_field(np.pad(centre, 6), 2.0)
    else:
        field = handwriting.to_field(glyphs.images[row])
    if source in (MNIST, DRAWN):
        field = flourish(field, int(glyphs.labels[row]), rng)
    if broad != 1.0:
        size = max(8, round(field.shape[1] * broad)), field.shape[0]
        field = cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
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
    added: Field = np.maximum(field, (radius - far).astype(np.float32))
    return added


def flourish(field: Field, label: int, rng: np.random.Generator) -> Field:
    """Write as people outside MNIST do: crossed sevens, ones with an upstroke."""
    inside: NDArray[np.bool_] = field > 0
    if rng.random() > CHANCES.get(label, 0.0) or inside.any(axis=1).sum() < 3:
        return field
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    height = int(rows[-1] - rows[0]) + 1
    radius = max(0.5, float(np.percentile(field[inside], 85)))
    pad = int(0.55 * height)
    field = cv2.copyMakeBorder(
        field, 0, 0, pad, pad, cv2.BORDER_CONSTANT, value=OUTSIDE
    )
    left, right = int(columns[0]) + pad, int(columns[-1]) + pad
    sides = left, int(rows[0]), right, int(rows[-1])
    add = {7: cross, 1: upstroke, 0: zero, 2: hook, 9: foot}.get(label, tail)
    return add(field, sides, radius, rng)


def middle_of(field: Field, first: int, last: int, otherwise: float) -> float:
    """Return the mean column of the ink in some rows."""
    at = np.flatnonzero((field[max(0, first) : last + 1] > 0).any(axis=0))
    return float(at.mean()) if len(at) else otherwise


def cross(field: Field, sides: Sides, radius: float, rng: np.random.Generator) -> Field:
    """Cross a seven."""
    left, top, right, bottom = sides
    h = bottom - top + 1
    y = top + h * rng.uniform(0.38, 0.64)
    x = middle_of(field, int(y), int(y), (left + right) / 2) + rng.normal(0, 0.04) * h
    reach, lift = h * rng.uniform(0.14, 0.36), h * rng.uniform(-0.08, 0.12)
    return segment(field, (x - reach, y + lift), (x + reach, y - lift), radius)


def upstroke(
    field: Field, sides: Sides, radius: float, rng: np.random.Generator
) -> Field:
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


def zero(field: Field, sides: Sides, radius: float, rng: np.random.Generator) -> Field:
    """Strike a zero through, or let it end in a tail or a loop."""
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


def hook(field: Field, sides: Sides, radius: float, rng: np.random.Generator) -> Field:
    """Begin a two within its head, so that this is nearly a ring, or let it run on."""
    if rng.random() < 0.2:
        return tail(field, sides, radius, rng)
    _, top, _, bottom = sides
    h = bottom - top + 1
    head = field[top : top + max(2, int(0.45 * h))] > radius / 2
    rows, columns = np.nonzero(head)
    if not len(rows):
        return field
    first = int(columns.argmin())
    x, y = float(columns[first]), float(rows[first] + top)
    low = x + h * rng.uniform(0.0, 0.12), y + h * rng.uniform(0.08, 0.22)
    end = x + h * rng.uniform(0.14, 0.42), y + h * rng.uniform(-0.02, 0.2)
    t = np.linspace(0, 1, 6)[:, None]
    path = (1 - t) ** 2 * [x, y] + 2 * t * (1 - t) * low + t**2 * end
    for one, two in pairwise(path.tolist()):
        field = segment(field, one, two, radius)
    return field


def foot(field: Field, sides: Sides, radius: float, rng: np.random.Generator) -> Field:
    """Let a nine end to the left: with a foot to the right it would be a two."""
    return tail(field, sides, radius, rng, ways=(-1,))


def tail(
    field: Field,
    sides: Sides,
    radius: float,
    rng: np.random.Generator,
    ways: tuple[int, ...] = (-1, 1),
) -> Field:
    """Let the last stroke run on, to the right (1) or back to the left (-1)."""
    left, top, right, bottom = sides
    h = bottom - top + 1
    x = middle_of(field, bottom - 2, bottom, (left + right) / 2)
    reach = h * rng.uniform(0.1, 0.45) * int(rng.choice(ways))
    end = x + reach, bottom - h * rng.uniform(-0.08, 0.15)
    return segment(field, (x, bottom - radius), end, radius)


def bend(field: Field, rng: np.random.Generator) -> Field:
    """Bend a field a little and smoothly."""
    rows, columns = field.shape
    amount = rng.uniform(0, 0.07) * rows
    coarse = rng.normal(0, amount, (4, 4, 2)).astype(np.float32)
    shift = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    across, down = np.arange(columns, dtype="f4"), np.arange(rows, dtype="f4")
    shift = shift + np.stack(np.meshgrid(across, down), axis=2)
    bent: Field = cv2.remap(
        field,
        shift.astype(np.float32),
        None,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=OUTSIDE,
    )
    return bent
