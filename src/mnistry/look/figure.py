"""Digits as a matplotlib figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnistry.digits import Digits
from mnistry.formats.figure import new_figure
from mnistry.look.grid import check, titles_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INCHES = 1.0  # of one digit: a 3x3 grid is a hand wide
TITLE_POINTS = 10
INCHES_PER_LETTER = 0.6 * TITLE_POINTS / 72  # about, of the font matplotlib brings


def plot(
    digits: Digits,
    *,
    columns: int | None = None,
    titles: Sequence[str] | None = None,
) -> "Figure":
    """Draw digits in a grid, dark ink on white paper, with the labels as titles.

    The figure is not registered with pyplot: no window opens, and nothing needs to be
    closed. A notebook displays it; elsewhere use `figure.savefig("digits.png")`.

    Args:
        digits: From 1 to 1,000 digits.
        columns: Number of columns; by default the grid is nearly square: 9 digits are
            3x3, 12 are 3x4. For one row of 30 use `columns=30`.
        titles: The title of each digit; by default its label.

    Returns:
        A figure with one Axes for each digit, in order.

    Raises:
        UsageError: There are no digits or more than 1,000, there is not one title for
            each, or `columns` is below 1.
        MissingExtraError: matplotlib is not installed.

    Example:
        >>> import numpy as np
        >>> toy = Digits(np.zeros((12, 28, 28), np.uint8), range(12))
        >>> len(plot(toy[:9]).axes)
        9
    """
    columns = check(digits, columns)
    rows = -(-len(digits) // columns)
    above = titles_of(digits, titles)
    inches = max(INCHES, INCHES_PER_LETTER * (1 + max(map(len, above))))
    figure = new_figure((max(1.5, inches * columns), 1.25 * INCHES * rows))
    for place, (image, title) in enumerate(
        zip(digits.images, above, strict=True), start=1
    ):
        axes = figure.add_subplot(rows, columns, place)
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(title, fontsize=TITLE_POINTS)
        axes.set_axis_off()
    return figure
