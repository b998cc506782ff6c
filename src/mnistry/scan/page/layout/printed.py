"""Tell print: lines as tall as many lines of letters on their page."""

from collections.abc import Sequence

MANY, MOSTLY = 6, 3  # lines of letters, at least; times the expected lines of digits
ALIKE = 0.3  # of its height by which other lines of the same print differ, at most


def is_print(
    height: float, numbers: Sequence[tuple[float, float]], letters: Sequence[float]
) -> bool:
    """Return whether most lines as tall as this one are letters.

    A line that may be a number counts by its confidence.

    Args:
        height: Of the line.
        numbers: Heights of lines with digits, and the confidence of each.
        letters: Heights of lines without.

    Example:
        >>> is_print(20, [(20, 0.9), (60, 0.9)], [21] * 8)
        True
        >>> is_print(60, [(20, 0.9), (60, 0.9)], [21] * 8)
        False
    """
    reach = ALIKE * height
    near = [confidence for other, confidence in numbers if abs(other - height) < reach]
    others = sum(abs(other - height) < reach for other in letters)
    return others >= MANY and others > MOSTLY * sum(near)
