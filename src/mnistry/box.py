"""A rectangle in a picture."""

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels, half-open, in the order in which Pillow crops.

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
        """Columns it covers."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows it covers."""
        return self.bottom - self.top
