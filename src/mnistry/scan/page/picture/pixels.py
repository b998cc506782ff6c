"""Pixels of any depth and colour become (rows, columns, 3) uint8 of bounded size.

Rule: what is transparent shows white paper; what fits no range is refused, not guessed.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.errors import ShapeError
from mnistry.extras import require
from mnistry.formats.pictures import on_white

cv2 = require("cv2", extra="read")

MOST_PIXELS = 100_000_000  # of a picture; the largest phone cameras of 2026 have 200
LONGEST_SIDE = 2400  # pixels kept; an A4 page at 200 dpi has 2339


def from_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn an array into a picture; a grey one is shrunk if it is needlessly long.

    Args:
        array: (rows, columns), (rows, columns, 1), (rows, columns, 3) or (rows,
            columns, 4); uint8, uint16, bool, or floats from 0 to 1.

    Raises:
        ShapeError: Another shape or dtype, or nothing in it.

    Example:
        >>> from_array(np.zeros((2, 3), bool)).shape
        (2, 3, 3)
    """
    planes = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in {2, 3} or planes not in {1, 3, 4} or 0 in array.shape:
        message = (
            f"the picture has shape {array.shape}; expected (rows, columns), or that"
            " with 3 or 4 colours. Give several pictures one by one."
        )
        raise ShapeError(message)
    if array.shape[0] * array.shape[1] > MOST_PIXELS:
        message = (
            f"the picture has shape {array.shape}; expected at most {MOST_PIXELS:,}"
            " pixels. Make it smaller first."
        )
        raise ShapeError(message)
    grey = _as_bytes(array).reshape(*array.shape[:2], planes)
    if planes == 4:
        return on_white(grey)
    if planes == 1:  # three of a kind are made of the small one
        return three_channels(shrink(grey[:, :, 0]))
    return np.ascontiguousarray(grey)


def shrink(
    picture: NDArray[np.uint8], longest: int = LONGEST_SIDE
) -> NDArray[np.uint8]:
    """Shrink a picture that is needlessly long.

    Example:
        >>> shrink(np.zeros((10, 4800, 3), np.uint8)).shape
        (5, 2400, 3)
    """
    factor = longest / max(picture.shape[:2])
    if factor >= 1:
        return picture
    size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
    small: NDArray[np.uint8] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small


def one_channel(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep one channel of a picture without colours: a third of the work is left.

    Args:
        picture: (rows, columns, 3) uint8, or grey (rows, columns).

    Returns:
        (rows, columns) of a grey picture; any other as it is.

    Example:
        >>> one_channel(np.zeros((10, 20, 3), np.uint8)).shape
        (10, 20)
    """
    if picture.ndim == 2:
        return picture
    some = picture[::16, ::16]
    if (some[:, :, 1:] != some[:, :, :1]).any():
        return picture
    red, green, blue = cv2.split(picture)
    is_grey = np.array_equal(red, green) and np.array_equal(red, blue)
    return red if is_grey else picture


def three_channels(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make red, green and blue of grey; leave a picture that has colours.

    Example:
        >>> three_channels(np.zeros((10, 20), np.uint8)).shape
        (10, 20, 3)
    """
    if picture.ndim == 3:
        return picture
    coloured: NDArray[np.uint8] = cv2.merge([picture] * 3)
    return coloured


def to_grey(picture: NDArray[np.uint8]) -> Pixels:
    """Return how light each pixel is.

    Args:
        picture: (rows, columns, 3) uint8, or grey (rows, columns).

    Example:
        >>> to_grey(np.full((1, 2, 3), (255, 0, 0), np.uint8)).tolist()
        [[76, 76]]
    """
    if picture.ndim == 2:
        return picture
    grey: Pixels = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return grey


def histogram(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Count how often each value occurs.

    Args:
        picture: (rows, columns) or (rows, columns, 3) uint8.

    Returns:
        (256,) counts, of all channels together.

    Example:
        >>> histogram(np.full((4, 5, 3), 7, np.uint8))[6:9].tolist()
        [0.0, 60.0, 0.0]
    """
    if picture.ndim == 3:
        of_all: NDArray[np.float64] = sum(
            map(histogram, cv2.split(picture)), np.zeros(256)
        )
        return of_all
    counts = cv2.calcHist([picture], [0], None, [256], [0, 256])
    as_doubles: NDArray[np.float64] = counts.ravel().astype(np.float64)
    return as_doubles


def percentiles(picture: Pixels, shares: Sequence[float]) -> list[float]:
    """Return percentiles as NumPy does, from a histogram: nothing is sorted.

    Args:
        picture: (rows, columns) uint8.
        shares: Per cent of the pixels that are no lighter.

    Example:
        >>> percentiles(np.arange(5, dtype=np.uint8)[None], [0, 30, 50])
        [0.0, 1.2, 2.0]
    """
    reached = histogram(picture).cumsum()
    places = np.array(shares) / 100 * (picture.size - 1)
    low = np.searchsorted(reached, np.floor(places), side="right")
    high = np.searchsorted(reached, np.floor(places) + 1, side="right")
    between: list[float] = (low + (high - low) * (places % 1)).tolist()
    return between


@lru_cache(maxsize=256)
def rectangle(rows: int, columns: int) -> NDArray[np.uint8]:
    """Return the kernel of a morphological operation, made once.

    Example:
        >>> rectangle(1, 3).tolist()
        [[1, 1, 1]]
    """
    kernel = np.ones((rows, columns), np.uint8)
    kernel.flags.writeable = False
    return kernel


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating) and (
        np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1
    ):
        return (array * 255).round().astype(np.uint8)
    message = (
        f"the picture has dtype {array.dtype}; expected uint8, uint16, bool, or floats"
        " from 0 to 1. Other numbers become so by scaling and .astype('uint8')."
    )
    raise ShapeError(message)
