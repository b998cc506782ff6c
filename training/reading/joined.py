"""Zeros of an amount written in one go, the pen staying on the paper."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.synth.documents import handwriting

FINE = 4  # bits behind the point of a coordinate
GRID = 96  # rows of the canvas for a zero as tall as its digits
Points = NDArray[np.float64]


def loop(
    middle: tuple[float, float], radii: tuple[float, float], turn: float, end: float
) -> Points:
    """Return points around a ring, from an angle on, against the clock."""
    angles = -(turn + np.linspace(0, end, 40))
    ring = np.stack([np.cos(angles), np.sin(angles)], 1)
    points: Points = np.array(middle) + np.array(radii) * ring
    return points


def way_of(count: int, rng: np.random.Generator) -> tuple[Points, NDArray[np.float64]]:
    """Return the pen's way through zeros of height 1: (points, left and right ends)."""
    wide, flat = rng.uniform(0.45, 1.35), rng.uniform(0.75, 1.0)
    step = wide * rng.uniform(0.75, 1.5)
    lead = rng.uniform(0.15, 0.5) * np.pi  # where each ring begins, near its top
    around = rng.uniform(1.8, 2.35) * np.pi
    mirrored = rng.random() < 0.2
    rise, shrink = rng.normal(0, 0.06), np.exp(rng.normal(0, 0.08))
    parts, ends, x = [], [], 0.0
    for number in range(count):
        size = shrink**number * np.exp(rng.normal(0, 0.07))
        radii = wide / 2 * size * np.exp(rng.normal(0, 0.08)), flat / 2 * size
        middle = x, -rise * number + rng.normal(0, 0.04) + (1 - flat * size) / 2
        ring = loop(middle, radii, lead + rng.normal(0, 0.12), around)
        if mirrored:
            ring[:, 0] = 2 * x - ring[:, 0]
        parts.append(ring)
        ends.append((x - radii[0], x + radii[0]))
        x += step * size * np.exp(rng.normal(0, 0.08))
    if rng.random() < 0.35:
        tail = parts[-1][-1] + rng.uniform((0.1, -0.3), (0.9, 0.25))
        parts.append(tail[None])
    return np.concatenate(parts), np.array(ends)


def joined_zeros(
    count: int, hand: handwriting.Hand, rng: np.random.Generator
) -> tuple[Ink, list[tuple[int, int]]]:
    """Write zeros in one go: (ink, cropped; first and last column of each)."""
    points, ends = way_of(count, rng)
    points[:, 0] -= hand.slant * points[:, 1]
    low = points.min(0) - 0.2
    spread = points.max(0) + 0.2 - low
    canvas = np.zeros((int(spread[1] * GRID) + 1, int(spread[0] * GRID) + 1), np.uint8)
    smooth = cv2.blur((points - low).astype(np.float32), (1, 5)) * GRID
    steps = [(smooth * 2**FINE).round().astype(np.int32)]
    cv2.polylines(canvas, steps, isClosed=False, color=1, shift=FINE)
    h = hand.height * rng.uniform(0.45, 1.0)
    scale = h / GRID
    far = cv2.distanceTransform(1 - canvas, cv2.DIST_L2, 3) * scale
    size = [max(2, round(side * scale)) for side in canvas.shape[::-1]]
    far = cv2.resize(far, size, interpolation=cv2.INTER_AREA)
    ink = np.clip(hand.thickness * hand.height / 2 - far + 0.5, 0, 1)
    rows, columns = (np.flatnonzero((ink > 0.4).any(axis)) for axis in (1, 0))
    if not len(rows):
        return np.ones((2, 2), np.float32), [(0, 2)] * count
    inside = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    edges = ((ends - low[0]) * h - columns[0]).round().astype(int)
    edges = np.clip(edges, 0, inside.shape[1])
    return inside.astype(np.float32), [(int(a), int(b)) for a, b in edges]
