"""Make greys of a halftone: of pixels of two values, whose density is the grey.

Programs that save in few colours scatter dots (dithering), and so does noise that was
binarized. Such a dot differs from all four pixels beside it; ink hardly has any.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require

cv2 = require("cv2", extra="read")

# of all pixels are single dots, at least. Dithered paper had 0.16, noise binarized by
# its surroundings 0.005 to 0.04, faxes, scans in black and white, and copies of copies
# full of specks no more than 0.002
LEAST_DOTS = 0.005
SOFTENED = 1.5  # pixels; the standard deviation of the average, half a stroke's width


def without_halftone(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Average the dots of a halftone to greys; leave any other picture as it is.

    Args:
        picture: (rows, columns, 3) uint8, or grey (rows, columns).

    Example:
        >>> dots = np.full((40, 60), 255, np.uint8)
        >>> dots[::4, ::4] = 0
        >>> int(without_halftone(dots).min()) > 200
        True
    """
    if not all(map(_has_two_values, cv2.split(picture[::16, ::16]))):
        return picture  # as most pictures, and soon known
    channels = cv2.split(picture)
    if not all(map(_has_two_values, channels)):
        return picture
    if max(map(_share_of_dots, channels)) < LEAST_DOTS:
        return picture
    averaged: NDArray[np.uint8] = cv2.GaussianBlur(picture, (0, 0), SOFTENED)
    return averaged


def _has_two_values(channel: NDArray[np.uint8]) -> bool:
    return bool(((channel == channel.min()) | (channel == channel.max())).all())


def _share_of_dots(channel: NDArray[np.uint8]) -> float:
    """Return the share of pixels that differ from all four beside them."""
    same_below = channel[1:] == channel[:-1]
    same_right = channel[:, 1:] == channel[:, :-1]
    is_dot = np.ones(channel.shape, bool)
    is_dot[1:] &= ~same_below
    is_dot[:-1] &= ~same_below
    is_dot[:, 1:] &= ~same_right
    is_dot[:, :-1] &= ~same_right
    return float(is_dot.mean())
