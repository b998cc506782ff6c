"""A rectangle in a picture."""

from collections.abc import Iterable
from typing import NamedTuple

SAME_PLACE = 0.5  # of the smaller of two boxes in the other: both are around one thing


class Box(NamedTuple):
    """A rectangle in pixels, half-open, in Pillow's order.

    Example:
        >>> Box(2, 3, 10, 23).height
        20
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Column and row of its middle.

        Example:
            >>> Box(2, 3, 10, 23).centre
            (6.0, 13.0)
        """
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index the pixels of a picture.

        Example:
            >>> import numpy as np
            >>> np.eye(4)[Box(0, 1, 3, 2).slices].tolist()
            [[0.0, 1.0, 0.0]]
        """
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def overlap(self, other: "Box") -> float:
        """Return the share of the smaller box that lies in the other.

        Example:
            >>> Box(0, 0, 10, 10).overlap(Box(5, 0, 25, 10))
            0.5
        """
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        least = min(self.width * self.height, other.width * other.height)
        return max(0, wide) * max(0, high) / max(1, least)

    def is_at(self, other: "Box") -> bool:
        """Return whether most of the smaller box lies in the other.

        Example:
            >>> box = Box(0, 0, 10, 10)
            >>> box.is_at(Box(2, 0, 30, 10)), box.is_at(Box(8, 0, 30, 10))
            (True, False)
        """
        return self.overlap(other) > SAME_PLACE

    @classmethod
    def around(cls, boxes: Iterable["Box"]) -> "Box":
        """Return the smallest box that contains all others, at least one.

        Example:
            >>> Box.around([Box(2, 3, 10, 23), Box(0, 9, 4, 12)])
            Box(left=0, top=3, right=10, bottom=23)
        """
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return cls(min(lefts), min(tops), max(rights), max(bottoms))

    def moved(self, right: int, down: int) -> "Box":
        """Return the box shifted to the right and down.

        Example:
            >>> Box(2, 3, 10, 23).moved(-2, 1)
            Box(left=0, top=4, right=8, bottom=24)
        """
        left, top = self.left + right, self.top + down
        return Box(left, top, self.right + right, self.bottom + down)
