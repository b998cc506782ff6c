"""The components near a line as pieces: how large each is, its holes, its slope.

What is measured here tells signs from digits: see `find_signs`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mnistry.arrays import Mask
from mnistry.extras import require
from mnistry.scan.page.ink.components import Component

cv2 = require("cv2", extra="read")

SMALL = 0.5  # of a digit's height: taller pieces may be digits ...
WITHIN = -0.3, 1.3  # ... if their middle is between these rows
STRAIGHT = 0.085  # spread of a slash's ink around a straight line, at most
LEANING = 0.12  # columns to the right for each row upwards, at least
ENCLOSED = 0.3  # share of a sign's columns that a digit may enclose, at most
FEWEST = 3  # pixels of a hole; fewer are noise
DASH = 0.3  # of a digit's height: the dash that ends an amount is wider, and lower


class Hole(NamedTuple):
    """Paper that ink encloses.

    Attributes:
        column: Of its centre, as a share of the width of the ink.
        row: Of its centre, as a share of the height.
        height: As a share of the height.
        area: As a share of the box around the ink.
    """

    column: float
    row: float
    height: float
    area: float


@dataclass(frozen=True, eq=False)
class Piece:
    """A component near a line, measured in heights of a digit.

    Attributes:
        component: In pixels of what is near the line.
        ink: Of it, as large as its box.
        pen: Width of its thickest stroke.
        left: First column.
        top: First row; 0 is the top of the line's digits, 1 their foot.
        right: The column after its last.
        bottom: The row after its last.
    """

    component: Component
    ink: Mask
    pen: float
    left: float
    top: float
    right: float
    bottom: float

    @cached_property
    def width(self) -> float:
        """Columns that it takes."""
        return self.right - self.left

    @cached_property
    def height(self) -> float:
        """Rows that it takes."""
        return self.bottom - self.top

    @cached_property
    def middle(self) -> float:
        """Row of its centre."""
        return (self.top + self.bottom) / 2

    @cached_property
    def centre(self) -> float:
        """Column of its centre."""
        return (self.left + self.right) / 2

    @cached_property
    def is_dash(self) -> bool:
        """Whether it is a dash as after an amount."""
        return self.width > max(DASH, 1.3 * self.height) and self.height < DASH

    @cached_property
    def holes(self) -> list[Hole]:
        """Paper that its ink encloses, in shares of it."""
        return find_holes(self.ink)

    @cached_property
    def slope(self) -> tuple[float, float]:
        """The line through its ink: columns for each row, and the spread around it."""
        slope, spread = fit_line(self.ink)
        return slope, spread * self.height / len(self.ink)

    @property
    def leans(self) -> bool:
        """Whether it is a straight stroke that leans to the right, as a slash does."""
        return self.leans_by(LEANING)

    def leans_by(self, least: float) -> bool:
        """Return whether it does so by so many columns for each row upwards."""
        slope, spread = self.slope
        return -slope > least and spread < STRAIGHT

    @cached_property
    def bend(self) -> tuple[float, float]:
        """How far its middle is left of its ends, and the spread of its ink.

        That is around a parabola from its top to its foot.
        """
        rows, columns = np.nonzero(self.ink)
        scale = self.height / len(self.ink)
        down = 2 * rows / max(1, len(self.ink) - 1) - 1  # from -1 to 1
        parabola = np.polyfit(down, columns * scale, 2)
        spread = np.std(columns * scale - np.polyval(parabola, down))
        return float(parabola[0]), float(spread)


class Group(NamedTuple):
    """A sign and what it is made of."""

    text: str
    pieces: tuple[Piece, ...]


def find_holes(ink: Mask) -> list[Hole]:
    """Find the paper that ink encloses.

    Args:
        ink: Cropped to its ink.

    Example:
        >>> zero = np.ones((10, 8), bool)
        >>> zero[2:8, 2:6] = False
        >>> find_holes(zero)
        [Hole(column=0.4375, row=0.45, height=0.6, area=0.3)]
    """
    paper = cv2.copyMakeBorder(
        (~ink).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1
    )
    count, _ = cv2.connectedComponents(paper, connectivity=4)
    if count <= 2:  # no hole, as in most digits: the statistics would cost most
        return []
    _, _, facts, centres = cv2.connectedComponentsWithStats(paper, connectivity=4)
    rows, columns = ink.shape
    holes = zip(centres[2:count].tolist(), facts[2:count].tolist(), strict=True)
    return [
        Hole((x - 1) / columns, (y - 1) / rows, high / rows, area / ink.size)
        for (x, y), (*_, high, area) in holes
        if area >= FEWEST
    ]


def leans(ink: Mask, height: float) -> bool:
    """Return whether it is a straight stroke that leans to the right: a slash, or a 1.

    Args:
        ink: Of the stroke.
        height: Of a digit, in rows.
    """
    slope, spread = fit_line(ink)
    return -slope > LEANING and spread < STRAIGHT * height


def fit_line(ink: Mask) -> tuple[float, float]:
    """Fit a line to ink: columns for each row, and the spread around it.

    Args:
        ink: Of a stroke.

    Example:
        >>> [round(of, 3) for of in fit_line(np.eye(9, dtype=bool)[::-1])]
        [-1.0, 0.0]
    """
    rows, columns = (of - of.mean() for of in np.nonzero(ink))
    slope = float(rows @ columns) / max(float(rows @ rows), 1e-9)
    return slope, float(np.std(columns - slope * rows))


def without(pieces: Iterable[Piece], groups: Iterable[Group]) -> list[Piece]:
    """Leave out the pieces that signs are made of."""
    taken = {piece for group in groups for piece in group.pieces}
    return [piece for piece in pieces if piece not in taken]


def as_tall_as_digits(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces whose height and place are those of digits."""
    first, last = WITHIN
    return [p for p in pieces if p.height > SMALL and first < p.middle < last]


def is_between(piece: Piece, digits: list[Piece]) -> bool:
    """Return whether digits stand before a piece and after it."""
    before = any(digit.centre < piece.centre - 0.1 for digit in digits)
    return before and any(digit.centre > piece.centre + 0.1 for digit in digits)


def enclosed_share(piece: Piece, digit: Piece) -> float:
    """Return the share of a piece's columns where a digit has ink above and below."""
    one, two = piece.component.box, digit.component.box
    if one.right <= two.left or two.right <= one.left:
        return 0.0
    columns = slice(max(0, one.left - two.left), max(0, one.right - two.left))
    middle = max(0, (one.top + one.bottom) // 2 - two.top)
    above = digit.ink[:middle, columns].any(axis=0)
    below = digit.ink[middle:, columns].any(axis=0)
    return float((above & below).sum()) / one.width
