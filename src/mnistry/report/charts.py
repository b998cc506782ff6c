"""Lines and dots as numbers for an SVG: positions, ticks and labels. No markup."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT = 480, 270  # of a chart, in its own units
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 12, 30  # room for the words around it

Points = Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """From where to where, and what is written beside it."""

    low: float
    high: float
    ticks: list[tuple[float, str]]

    def share(self, value: float) -> float:
        """Return a value's position, from 0 at the low end to 1 at the high end."""
        return (value - self.low) / (self.high - self.low or 1)


def axis(
    values: Iterable[float], *, most: int = 5, percent: bool = False, pad: float = 0
) -> Axis:
    """Make an axis for values.

    Args:
        values: All values that must fit on it, at least one.
        most: Approximate number of ticks.
        percent: Whether the values are shares, to be shown as percentages.
        pad: Room beyond both ends, as a share of the whole.

    Example:
        >>> axis([0, 0.1], percent=True, most=2).ticks
        [(0.0, '0 %'), (0.05, '5 %'), (0.1, '10 %')]
    """
    values = list(values)
    low, high = min(values), max(values)
    room = (high - low or abs(high) or 1) * pad
    marks = ticks(low, high, most)
    scale, unit = (100, " %") if percent else (1, "")
    words = [(mark, f"{mark * scale:.10g}{unit}") for mark in marks]
    return Axis(low - room, high + room, words)


def whole_axis(values: Iterable[float], *, most: int = 8) -> Axis:
    """Make an axis for whole numbers, such as epochs: no tick lies between two."""
    made = axis(values, most=most)
    return made._replace(
        ticks=[(value, f"{value:g}") for value, _ in made.ticks if value == int(value)]
    )


def ticks(low: float, high: float, most: int) -> list[float]:
    """Choose round numbers from low to high, about `most` of them.

    Example:
        >>> ticks(0.97, 0.99, 5)
        [0.97, 0.975, 0.98, 0.985, 0.99]
    """
    if low == high:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def chart(lines: Mapping[str, Points], x: Axis, y: Axis) -> dict[str, Any]:
    """Scale lines to a chart.

    Args:
        lines: By name, their points (x, y).
        x: The horizontal axis.
        y: The vertical axis.

    Returns:
        The chart's size and frame, the ticks (position, label) of both axes, and the
        name and points of each line, in SVG's form.

    Example:
        >>> made = chart({"a": [(1, 0), (2, 1)]}, axis([1, 2]), axis([0, 1]))
        >>> made["lines"][0]["points"]
        '56.0,240.0 466.0,12.0'
    """
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "top": TOP,
        "right": WIDTH - RIGHT,
        "bottom": HEIGHT - BOTTOM,
        "x_ticks": [(across(x, value), words) for value, words in x.ticks],
        "y_ticks": [(down(y, value), words) for value, words in y.ticks],
        "lines": [
            {
                "name": name,
                "points": " ".join(f"{across(x, a)},{down(y, b)}" for a, b in points),
                "ends": [(across(x, a), down(y, b)) for a, b in points],
            }
            for name, points in lines.items()
        ],
    }


def across(x: Axis, value: float) -> float:
    """Return a value's horizontal position on a chart, in its units."""
    return round(LEFT + x.share(value) * (WIDTH - LEFT - RIGHT), 1)


def down(y: Axis, value: float) -> float:
    """Return a value's vertical position on a chart, in its units."""
    return round(HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM), 1)
