"""Lines as numbers for an SVG: scaled points, ticks and their words. No markup here."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 480, 240  # of a chart, in its own units
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 32  # room for the words around it

Points = Sequence[tuple[float, float]]


def chart(lines: Mapping[str, Points]) -> dict[str, Any]:
    """Scale lines to a chart.

    Args:
        lines: By name, their points (x, y).

    Returns:
        Its size, its ticks (place, words) on both axes, and of each line its name and
        its points as SVG wants them.

    Example:
        >>> made = chart({"loss": [(1, 0.5), (2, 0.25)]})
        >>> made["lines"][0]["points"]
        '48.0,25.5 468.0,194.5'
    """
    x_ticks = ticks([x for points in lines.values() for x, _ in points], 6)
    y_ticks = ticks([y for points in lines.values() for _, y in points], 5)
    x_low, x_high = _ends(lines, 0)
    y_low, y_high = _ends(lines, 1)
    pad = (y_high - y_low or 1) * 0.08  # so that a line does not lie on the frame
    y_low, y_high = y_low - pad, y_high + pad

    def across(x: float) -> float:
        share = (x - x_low) / (x_high - x_low or 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def down(y: float) -> float:
        share = (y - y_low) / (y_high - y_low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "frame": [LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM],
        "x_ticks": [(across(x), f"{x:g}") for x in x_ticks if x_low <= x <= x_high],
        "y_ticks": [(down(y), f"{y:g}") for y in y_ticks if y_low <= y <= y_high],
        "lines": [
            {
                "name": name,
                "points": " ".join(f"{across(x)},{down(y)}" for x, y in points),
            }
            for name, points in lines.items()
        ],
    }


def ticks(values: Sequence[float], most: int) -> list[float]:
    """Choose round numbers over a range, about `most` of them.

    Example:
        >>> ticks([0.97, 0.99], 5)
        [0.97, 0.975, 0.98, 0.985, 0.99]
    """
    low, high = min(values), max(values)
    if low == high:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def _ends(lines: Mapping[str, Points], axis: int) -> tuple[float, float]:
    values = [point[axis] for points in lines.values() for point in points]
    return min(values), max(values)
