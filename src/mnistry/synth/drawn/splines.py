"""From the rows of ``glyphs`` to curves: matrices that turn points into dots.

A stroke is sampled as dots close enough to overlap. The place of every dot is a
fixed mixture of the way's control points, so a whole batch of moved control points
becomes a batch of curves by one matrix product. Rule: nothing random here.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mnistry.synth.drawn.glyphs import ALLOGRAPHS

# The longest way is about 75 pixels long in the 20-pixel box: the dots then lie
# about half a pixel apart, closer than the radius of the thinnest pen.
DOTS = 128
REACH = 7  # dots on either side that a lazy hand averages over: about 4 pixels
HALF_HEIGHT = 10  # of the grid that the rows of ALLOGRAPHS use

Parts = tuple[
    NDArray[np.float32],
    NDArray[np.intp],
    NDArray[np.intp],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.intp],
]


class Allographs(NamedTuple):
    """All ways of writing, padded to one shape (w allographs, k points, d dots).

    Attributes:
        points: (w, k, 2) float32, x to the right, y downward, about -1 .. 1.
        neighbours: (w, k) index of the point before an end of a stroke; a point
            that is no end is its own neighbour.
        stroke_of_point: (w, k) number of the stroke of each point.
        straight: (w, d, k) float32, dots on straight lines between the points.
        smooth: (w, d, k) float32, dots on a smooth curve through the points.
        lazy: (w, d, k) float32, dots of a hand that cuts the corners.
        stroke_of_dot: (w, d) number of the stroke of each dot.
        first: (11,) the ways of digit v are ``first[v]`` up to ``first[v + 1]``.
        chance: (w,) float64, chance of each way among those of its digit.
    """

    points: NDArray[np.float32]
    neighbours: NDArray[np.intp]
    stroke_of_point: NDArray[np.intp]
    straight: NDArray[np.float32]
    smooth: NDArray[np.float32]
    lazy: NDArray[np.float32]
    stroke_of_dot: NDArray[np.intp]
    first: NDArray[np.intp]
    chance: NDArray[np.float64]


def parse_strokes(text: str) -> list[list[tuple[float, float, bool]]]:
    """Read the strokes of one row of ``ALLOGRAPHS``: lists of (x, y, is a corner).

    Example:
        >>> parse_strokes("0,1 2,0! / 3,4 5,6")
        [[(0.0, 1.0, False), (2.0, 0.0, True)], [(3.0, 4.0, False), (5.0, 6.0, False)]]
    """
    strokes = []
    for stroke in text.split("/"):
        points = []
        for word in stroke.split():
            x, y = word.rstrip("!").split(",")
            points.append((float(x), float(y), word.endswith("!")))
        strokes.append(points)
    return strokes


def build_allographs(rows: Sequence[tuple[int, int, str]] = ALLOGRAPHS) -> Allographs:
    """Turn the rows of ``glyphs`` into arrays of one shape."""
    parsed = [parse_strokes(text) for _, _, text in rows]
    size = max(sum(map(len, strokes)) for strokes in parsed)
    built = [_build_allograph(strokes, size) for strokes in parsed]
    digits = np.array([digit for digit, _, _ in rows])
    weights = np.array([weight for _, weight, _ in rows], dtype=np.float64)
    totals = np.bincount(digits, weights, minlength=10)
    joined = (np.stack(part) for part in zip(*built, strict=True))
    points, neighbours, stroke_of_point, straight, smooth, lazy, of_dot = joined
    return Allographs(
        points=points,
        neighbours=neighbours,
        stroke_of_point=stroke_of_point,
        straight=straight,
        smooth=smooth,
        lazy=lazy,
        stroke_of_dot=of_dot,
        first=np.searchsorted(digits, np.arange(11)),
        chance=weights / totals[digits],
    )


def _build_allograph(
    strokes: list[list[tuple[float, float, bool]]], size: int
) -> Parts:
    """Build one way: its padded points and numbers, then its matrices."""
    flat = np.array([(x, y) for stroke in strokes for x, y, _ in stroke])
    points = np.zeros((size, 2), np.float32)
    points[: len(flat)] = (flat - (flat.min(0) + flat.max(0)) / 2) / HALF_HEIGHT
    neighbours, stroke_of_point = np.arange(size), np.zeros(size, np.intp)
    counts = _share_dots(strokes)
    matrices = []
    start = 0
    for number, stroke in enumerate(strokes):
        last = start + len(stroke) - 1
        neighbours[[start, last]] = start + 1, last - 1
        stroke_of_point[start : last + 1] = number
        corners = [start + i for i, point in enumerate(stroke) if point[2]]
        cuts = sorted({start, *corners, last})
        matrices.append(_stroke_rows(cuts, counts[number], np.eye(size)))
        start = last + 1
    straight, smooth, lazy = (
        np.vstack(kind).astype(np.float32) for kind in zip(*matrices, strict=True)
    )
    stroke_of_dot = np.repeat(np.arange(len(strokes)), [sum(c) for c in counts])
    return points, neighbours, stroke_of_point, straight, smooth, lazy, stroke_of_dot


def _share_dots(strokes: list[list[tuple[float, float, bool]]]) -> list[list[int]]:
    """Share ``DOTS`` over the segments of all strokes in proportion to length."""
    lengths = [
        [float(np.hypot(b[0] - a[0], b[1] - a[1])) for a, b in pairwise(stroke)]
        for stroke in strokes
    ]
    total = sum(map(sum, lengths))
    ends = np.rint(np.cumsum(np.concatenate(lengths)) / total * DOTS).astype(int)
    counts = iter(np.diff(ends, prepend=0).tolist())
    return [[next(counts) for _ in stroke] for stroke in lengths]


def _stroke_rows(
    cuts: list[int], counts: list[int], eye: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mixtures of the points that give a stroke's dots: straight, smooth, lazy."""
    left = iter(counts)
    pieces = [
        _piece_rows(eye[a : b + 1], [next(left) for _ in range(b - a)])
        for a, b in pairwise(cuts)
    ]
    straight, smooth = (np.vstack(kind) for kind in zip(*pieces, strict=True))
    return straight, smooth, _lazy_rows(smooth, min(REACH, len(smooth) - 2))


def _piece_rows(
    knots: NDArray[np.float64], counts: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mixtures for a piece without corners: polyline and Catmull-Rom curve."""
    first, last = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
    knots = np.vstack([first, knots, last])
    straight, smooth = [], []
    for i, count in enumerate(counts):
        p0, p1, p2, p3 = knots[i : i + 4]
        t = ((np.arange(count) + 0.5) / count)[:, None]
        straight.append((1 - t) * p1 + t * p2)
        bend = (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        twist = (3 * p1 - p0 - 3 * p2 + p3) * t**3
        smooth.append(p1 + 0.5 * ((p2 - p0) * t + bend + twist))
    return np.vstack(straight), np.vstack(smooth)


def _lazy_rows(rows: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Average each dot of a stroke with those up to ``reach`` before and after."""
    before = 2 * rows[0] - rows[reach:0:-1]
    after = 2 * rows[-1] - rows[-2 : -reach - 2 : -1]
    padded = np.vstack([before, rows, after])
    windows = sliding_window_view(padded, 2 * reach + 1, axis=0)
    averages: NDArray[np.float64] = windows.mean(-1)
    return averages
