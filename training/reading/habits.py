"""Habits of a hand that MNIST's writers hardly have: narrow digits and tiny rings.

They are made of centre lines, so that the pen is as wide afterwards as it was.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.synth.documents import handwriting
from mnistry.synth.documents.handwriting import Field
from training.reading.flourishes import field_of
from training.reading.glyphs import Glyphs

TINY_RINGS = {6: 0.6, 9: 0.6}  # how often rings are made smaller
SMALLER = 0.4, 0.8  # of the ring's height is left
SMALLEST = 5  # rows and columns of a ring that is still seen as one, of 56
NARROW = 0.3  # spread of the logarithm of how broad a digit is
NARROWEST, BROADEST = 0.5, 1.35
THIN = 0.75  # of digits by their centre lines

Mask = NDArray[np.bool_]


def habitual_field(glyphs: Glyphs, row: int, rng: np.random.Generator) -> Field:
    """Return the field of a digit, as `field_of` does, by a hand with habits.

    Args:
        glyphs: All digits.
        row: Which.
        rng: Decides habits, flourishes and bends.
    """
    label = int(glyphs.labels[row])
    broad = float(np.clip(np.exp(rng.normal(-0.15, NARROW)), NARROWEST, BROADEST))
    if rng.random() < TINY_RINGS.get(label, 0.0):
        centre = np.unpackbits(glyphs.centres[row], axis=1).astype(bool)
        smaller = shrink_ring(centre, float(rng.uniform(*SMALLER)))
        if smaller is not None:
            return handwriting.line_field(np.pad(smaller, 6), 2.0)
    return field_of(glyphs, row, rng, thin=bool(rng.random() < THIN), broad=broad)


def shrink_ring(centre: Mask, left: float) -> Mask | None:
    """Make the ring of a centre line smaller both ways; none if there is no ring.

    Rows beside the ring stay as they are, so that its stem is longer than before; the
    ring keeps its place at the stem, which is the side that reaches further.

    Args:
        centre: (rows, columns), true where the pen's tip went.
        left: Share of the ring's size that is left.
    """
    ring = hole_of(centre)
    if ring is None:
        return None
    rows, columns = (np.flatnonzero(ring.any(axis=axis)) for axis in (1, 0))
    top, bottom = int(rows[0]) - 1, int(rows[-1]) + 1
    left_side, right_side = int(columns[0]) - 1, int(columns[-1]) + 1
    is_flat = len(columns) > 1.5 * len(rows)
    if is_flat or left * min(len(rows), len(columns)) < SMALLEST:
        return None
    inked = np.flatnonzero(centre.any(axis=1))
    stem_above = top - inked[0] > inked[-1] - bottom
    y, x = np.mgrid[: centre.shape[0], : centre.shape[1]].astype(np.float32)
    # the stem's end of the ring stays; beyond its other end there is only the curl
    fixed, other = (top, bottom) if stem_above else (bottom, top)
    down = fixed + (y - fixed) / left
    toward = np.clip((y - fixed) / (other - fixed), 0, 1)  # 0 where the stem is
    beyond = (y - fixed) * (other - fixed) > 0
    source_y = np.where(beyond, down, y)
    outside = fixed - 4 if stem_above else fixed + 4
    at_stem = stem_column(centre, outside, (left_side, right_side))
    narrow = 1 + (1 / left - 1) * np.clip(3 * toward, 0, 1)
    source_x = np.where(beyond, at_stem + (x - at_stem) * narrow, x)
    large = cv2.dilate(centre.astype(np.uint8), np.ones((3, 3), np.uint8)) * 255
    moved = cv2.remap(
        large, source_x.astype(np.float32), source_y.astype(np.float32),
        cv2.INTER_LINEAR,
    )  # fmt: skip
    out: Mask = moved > 100
    return out if out.sum() > 12 else None


def hole_of(centre: Mask) -> Mask | None:
    """Return the largest hole that a centre line encloses, if there is one."""
    line = cv2.dilate(centre.astype(np.uint8), np.ones((2, 2), np.uint8))
    paper = np.pad(1 - line, 1, constant_values=1)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    holes = [k for k in range(1, count) if k != numbers[0, 0]]
    if not holes:
        return None
    largest = max(holes, key=lambda k: int(stats[k, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_AREA] < 12:
        return None
    hole: Mask = numbers[1:-1, 1:-1] == largest
    return hole


def stem_column(centre: Mask, row: int, between: tuple[int, int]) -> float:
    """Return the column at which the stem meets the ring."""
    near = centre[max(0, row - 1) : row + 2]
    columns = np.flatnonzero(near.any(axis=0))
    return float(columns.mean()) if len(columns) else sum(between) / 2
