"""The renderer against a slow twin, and against what it must do."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistry.synth.drawn.render import EDGE, ink


def slow_ink(
    dots: list[tuple[float, float]], radii: list[float], size: int
) -> list[list[float]]:
    """Go over every pixel and every dot."""
    radius = sum(max(r, 0) for r in radii) / len(radii)
    picture: list[list[float]] = []
    for row in range(size):
        line: list[float] = []
        for column in range(size):
            power = min(
                (x - column - 0.5) ** 2 + (y - row - 0.5) ** 2 - r * abs(r)
                for (x, y), r in zip(dots, radii, strict=True)
            )
            distance = math.sqrt(max(power + radius**2, 0))
            inner = min(distance + EDGE / 2, radius)
            outer = max(distance - EDGE / 2, -radius)
            line.append(min(max(inner - outer, 0) / EDGE, 1))
        picture.append(line)
    return picture


def random_strokes(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    dots = rng.uniform(0, 20, (3, 9, 2)).astype(np.float32)
    return dots, rng.uniform(-0.5, 3, (3, 9)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_ink_equals_its_slow_twin(seed: int) -> None:
    dots, radii = random_strokes(seed)
    fast = ink(dots, radii, size=20)
    for picture, centres, widths in zip(fast, dots, radii, strict=True):
        twin = slow_ink([(x, y) for x, y in centres.tolist()], widths.tolist(), 20)
        np.testing.assert_allclose(picture, twin, atol=1e-3)


def test_a_straight_stroke_holds_as_much_ink_as_its_area() -> None:
    dots = np.stack([np.linspace(-5, 25, 90), np.full(90, 10.3)], 1)[None]
    for radius in (0.7, 1.0, 2.5):
        radii = np.full((1, 90), radius, np.float32)
        picture = ink(dots.astype(np.float32), radii, size=20)
        assert picture.sum() == pytest.approx(20 * 2 * radius, rel=0.05)


def test_a_pen_that_does_not_press_leaves_no_ink() -> None:
    dots = np.full((1, 4, 2), 10, np.float32)
    assert not ink(dots, np.full((1, 4), -1, np.float32), size=20).any()


def test_roughness_inwards_takes_ink_away() -> None:
    dots, radii = random_strokes(0)
    rough = np.full((3, 20, 20), 0.4, np.float32)
    with_roughness = ink(dots, radii, size=20, roughness=rough)
    assert with_roughness.sum() < ink(dots, radii, size=20).sum()
