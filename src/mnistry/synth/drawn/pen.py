"""The hand: writes a way as different writers would.

Rule: every random number of the package is taken here, from the generator given, for a
whole batch at once and always in the same order.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnistry.synth.drawn.splines import Allographs

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]

# How hands differ. Lengths are parts of half the height of a digit; "sd" is the
# standard deviation of a normal draw. The values were chosen by looking at MNIST's
# training images beside ours, and by reading 10,000 of those with a net trained on
# drawn digits alone.
HAND: Mapping[str, float] = MappingProxyType(
    {
        "point": 0.06,  # sd of each control point
        "stroke": 0.07,  # sd of each stroke as a whole
        "end": 0.24,  # sd of the lengthening of an end, in distances to its neighbour
        "balance": 0.18,  # sd of how much higher or lower the middle sits
        "taper": 0.15,  # sd of how much wider the bottom is than the top
        "bow": 0.10,  # sd of the bow of the vertical and of the horizontal
        "wave": 0.09,  # sd of the elastic waves, three of them
        "wave_turns": 2.2,  # sd of the waves' frequency, in radians
        "upright": 0.12,  # mean slant, as tangent; writers lean to the right
        "slant": 0.28,  # sd of the slant
        "turn": 0.10,  # sd of the rotation, in radians
        "aspect": 0.25,  # sd of the logarithm of width over height
        "straight": 0.5,  # most that a curve gives way to straight lines
        "round": 0.15,  # most that a curve overshoots its straight lines
        "lazy": 0.6,  # most that corners are cut
        "radius": 1.25,  # median radius of the pen, in pixels of the 20-pixel box
        "radius_spread": 0.38,  # sd of the logarithm of the radius
        "pressure": 0.12,  # sd of the swing of the radius along the ink
        "gap": 0.03,  # share of the digits where the pen fails for a moment
        "rough": 0.18,  # most sd of the edge, in pixels
    }
)
# Radius in pixels: thinner, the dots part; thicker, the loops fill.
THINNEST, THICKEST = 0.5, 3.2
FARTHEST = 2.0  # standard deviations; farther off, digits become unreadable
GAP = 0.03  # half the length of a gap, as part of the ink's length


class Traces(NamedTuple):
    """What the pen did (n digits, d dots).

    Attributes:
        dots: (n, d, 2) float32, x to the right, y downward, any scale.
        pressures: (n, d) float32 radius of the pen relative to ``radii``; below 0
            the pen does not write.
        radii: (n,) float32 radius of the pen in pixels of the 20-pixel box.
        rough: (n,) float32 roughness of the ink's edge in those pixels.
        chosen: (n,) the row of ``Allographs`` of each digit.
    """

    dots: Floats
    pressures: Floats
    radii: Floats
    rough: Floats
    chosen: Numbers


def write(
    labels: NDArray[np.integer],
    allographs: Allographs,
    rng: Generator,
    *,
    hand: Mapping[str, float] = HAND,
) -> Traces:
    """Write each label once, every time by another hand.

    Args:
        labels: (n,) digits 0 .. 9.
        allographs: The ways of writing to choose from.
        rng: Where every choice is taken from.
        hand: How much hands differ; keys as in ``HAND``.

    Returns:
        The traces of the pen.
    """
    count = len(labels)
    chosen = _choose_allographs(labels.astype(np.intp), allographs, rng)
    points = _move_points(chosen, allographs, rng, hand)
    dots = _join_points(points, chosen, allographs, rng, hand)
    dots = _lean(_wave(_bend(dots, rng, hand), rng, hand), rng, hand)
    pressures = _press(count, dots.shape[1], rng, hand)
    radii = hand["radius"] * np.exp(hand["radius_spread"] * normal(rng, count))
    radii = np.clip(radii, THINNEST, THICKEST).astype(np.float32)
    return Traces(dots, pressures, radii, _upto(rng, hand["rough"], count), chosen)


def normal(rng: Generator, *shape: int) -> Floats:
    """Draw standard normal numbers, cut at ``FARTHEST``, as float32."""
    drawn = rng.standard_normal(shape, dtype=np.float32)
    return np.clip(drawn, -FARTHEST, FARTHEST, out=drawn)


def _upto(rng: Generator, most: float, *shape: int) -> Floats:
    """Draw numbers between 0 and ``most`` as float32."""
    return rng.random(shape, dtype=np.float32) * np.float32(most)


def _choose_allographs(
    labels: Numbers, allographs: Allographs, rng: Generator
) -> Numbers:
    """Choose a way for each label by the ways' chances."""
    # The chances of one digit's allographs add up to 1, so digit v owns v .. v + 1.
    drawn = labels + rng.random(len(labels))
    chosen = np.searchsorted(np.cumsum(allographs.chance), drawn, side="right")
    return np.clip(chosen, allographs.first[labels], allographs.first[labels + 1] - 1)


def _move_points(
    chosen: Numbers, allographs: Allographs, rng: Generator, hand: Mapping[str, float]
) -> Floats:
    """Move control points: the ends along their strokes, strokes, every point."""
    count, size = len(chosen), allographs.points.shape[1]
    points = allographs.points[chosen]
    inner = np.take_along_axis(points, allographs.neighbours[chosen][:, :, None], 1)
    points += (points - inner) * (hand["end"] * normal(rng, count, size, 1))
    points += hand["point"] * normal(rng, count, size, 2)
    strokes = int(allographs.stroke_of_point.max()) + 1
    shifts = hand["stroke"] * normal(rng, count, strokes, 2)
    points += np.take_along_axis(
        shifts, allographs.stroke_of_point[chosen][:, :, None], 1
    )
    return points.astype(np.float32)


def _join_points(
    points: Floats,
    chosen: Numbers,
    allographs: Allographs,
    rng: Generator,
    hand: Mapping[str, float],
) -> Floats:
    """Draw the curve: between straight lines, a smooth curve and cut corners."""
    shape = (len(points), 1, 1)
    smooth = 1 + hand["round"] - _upto(rng, hand["straight"] + hand["round"], *shape)
    lazy = np.square(_upto(rng, 1, *shape)) * np.float32(hand["lazy"])
    mixture = (1 - smooth) * allographs.straight[chosen]
    mixture += (smooth - lazy) * allographs.smooth[chosen]
    mixture += lazy * allographs.lazy[chosen]
    dots: Floats = (mixture @ points).astype(np.float32)
    return dots


def _bend(dots: Floats, rng: Generator, hand: Mapping[str, float]) -> Floats:
    """Shift the waist, widen top or bottom, bow the vertical and the horizontal."""
    x, y = dots[:, :, 0], dots[:, :, 1]
    amounts = normal(rng, 5, len(dots), 1)
    down = y + (0.5 * hand["balance"] * amounts[0]) * (1 - y * y)
    across = x * (1 + hand["taper"] * amounts[1] * y)
    across += (0.5 * hand["balance"] * amounts[2]) * (1 - x * x)
    across += hand["bow"] * amounts[3] * y * y
    down += hand["bow"] * amounts[4] * x * x
    return np.stack([across, down], 2)


def _wave(dots: Floats, rng: Generator, hand: Mapping[str, float]) -> Floats:
    """Bend the sheet: add three slow waves of random direction and phase."""
    count = len(dots)
    sizes = hand["wave"] * normal(rng, count, 3, 2)
    turns = hand["wave_turns"] * normal(rng, count, 2, 3)
    phases = _upto(rng, 2 * np.pi, count, 1, 3)
    waved: Floats = dots + np.sin(dots @ turns + phases) @ sizes
    return waved


def _lean(dots: Floats, rng: Generator, hand: Mapping[str, float]) -> Floats:
    """Stretch, slant and turn each digit."""
    count = len(dots)
    slant = hand["upright"] + hand["slant"] * normal(rng, count)
    turn = hand["turn"] * normal(rng, count)
    aspect = np.exp(hand["aspect"] * normal(rng, count))
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.empty((count, 2, 2), np.float32)
    matrix[:, 0, 0], matrix[:, 0, 1] = aspect * cosine, aspect * sine
    matrix[:, 1, 0], matrix[:, 1, 1] = -slant * cosine - sine, cosine - slant * sine
    return dots @ matrix


def _press(count: int, size: int, rng: Generator, hand: Mapping[str, float]) -> Floats:
    """Swing the pressure slowly along the ink; let some pens fail for a moment."""
    along = np.linspace(0, 1, size, dtype=np.float32)
    turns = 0.5 + _upto(rng, 3.5, count, 1)
    phases = _upto(rng, 1, count, 1)
    swing = hand["pressure"] * normal(rng, count, 1)
    pressures = 1 + swing * np.sin(2 * np.pi * (turns * along + phases))
    fails = _upto(rng, 1, count, 1) < hand["gap"]
    near = np.abs(along - _upto(rng, 1, count, 1)) < GAP
    return np.where(fails & near, -1, pressures).astype(np.float32)
