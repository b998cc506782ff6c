"""Pictures that are not digits, for learning and testing rejection.

Rule of the package: everything is drawn here from a seed; no picture of anybody else is
needed. Each kind is drawn in MNIST's manner, ink on paper in 28x28 pixels and mostly in
the middle 20x20, so that no net can tell by the frame alone. Letters that look like a
digit are left out (`letters`). Characters are made of strokes as Chinese ones are, but
mean nothing.
"""

from collections.abc import Mapping

import numpy as np

from mnistry.arrays import Images, expect_whole
from mnistry.errors import unknown_name
from mnistry.frame import SIDE
from mnistry.synth.out_of_distribution.ink import (
    Kind,
    character,
    clothing,
    drawn,
    grid,
    lines,
    scribble,
    shapes,
    signs,
)
from mnistry.synth.out_of_distribution.letters import handwritten, printed
from mnistry.synth.out_of_distribution.photographs import (
    blank,
    gaussian_noise,
    photograph,
    specks,
    texture,
    uniform_noise,
)

__all__ = ["KINDS", "out_of_distribution", "printed"]


def out_of_distribution(kind: str, count: int, *, seed: int = 0) -> Images:
    """Draw pictures that are not digits.

    Args:
        kind: One of `KINDS`.
        count: How many.
        seed: Decides everything.

    Returns:
        (count, 28, 28) uint8, 0 paper to 255 ink.

    Raises:
        UnknownNameError: There is no such kind.
        UsageError: `count` is less than 0.

    Example:
        >>> out_of_distribution("letters", 3).shape
        (3, 28, 28)
    """
    if kind not in KINDS:
        raise unknown_name("kind of outsider", kind, KINDS)
    expect_whole("count", count, least=0)
    generator = np.random.default_rng([seed, *kind.encode()])
    pictures = [KINDS[kind](generator) for _ in range(count)]
    return np.stack(pictures) if pictures else np.zeros((0, SIDE, SIDE), np.uint8)


KINDS: Mapping[str, Kind] = {
    "uniform noise": uniform_noise,
    "gaussian noise": gaussian_noise,
    "specks": specks,
    "blank": blank,
    "texture": texture,
    "photograph": photograph,
    "lines": drawn(lines),
    "grid": drawn(grid),
    "scribble": drawn(scribble),
    "signs": drawn(signs),
    "letters": printed(),
    "handwritten letters": handwritten,
    "characters": drawn(character),
    "clothing": drawn(clothing),
    "shapes": drawn(shapes),
}
"""All kinds by name; each draws one picture from a generator."""
