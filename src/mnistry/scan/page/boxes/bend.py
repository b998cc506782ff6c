"""Flatten a bent row of boxes: each column moves up or down until the row is level.

A photographed sheet is askew, and seldom flat.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Pixel = TypeVar("Pixel", bound=np.generic)


class Bend(NamedTuple):
    """By how many pixels each column is lower than the middle one.

    Attributes:
        first: The first column; those before it have its offset.
        offsets: One for each column; those after the last have that one's.
    """

    first: int
    offsets: NDArray[np.int64]

    def at(self, columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the offsets of columns."""
        inside = np.clip(columns - self.first, 0, len(self.offsets) - 1)
        found: NDArray[np.int64] = self.offsets[inside]
        return found


def flatten(
    picture: NDArray[Pixel], down: slice, across: slice, bend: Bend | None
) -> NDArray[Pixel]:
    """Cut a part out of a picture, columns moved so that it is level.

    Args:
        picture: (rows, columns).
        down: Rows, at the middle of what is bent.
        across: Columns, within the picture.
        bend: None if it is level.

    Returns:
        The part; what is beyond the picture is 0.

    Example:
        >>> picture = np.eye(3, dtype=np.uint8)
        >>> bend = Bend(0, np.array([-1, 0, 1]))
        >>> flatten(picture, slice(0, 3), slice(0, 3), bend)[1].tolist()
        [1, 1, 1]
    """
    if bend is None:
        return picture[down, across]
    rows, columns = _places(down, across, bend)
    inside = np.clip(rows, 0, len(picture) - 1)
    return np.where(inside == rows, picture[inside, columns], picture.dtype.type(0))


def put_back(
    part: NDArray[Pixel],
    picture: NDArray[Pixel],
    place: tuple[slice, slice],
    bend: Bend | None,
) -> None:
    """Put a part that was flattened where it was, in place.

    Args:
        part: As `flatten` gives it, or what was made of it.
        picture: Where it goes.
        place: Rows and columns that were given to `flatten`.
        bend: The same.
    """
    if bend is None:
        picture[place] = part
        return
    rows, columns = _places(*place, bend)
    inside = (rows >= 0) & (rows < len(picture))
    columns = np.broadcast_to(columns, rows.shape)
    picture[rows[inside], columns[inside]] = part[inside]


def _places(
    down: slice, across: slice, bend: Bend
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    columns = np.arange(across.start, across.stop)
    rows = np.arange(down.start, down.stop)[:, None] + bend.at(columns)
    return rows, columns[None]
