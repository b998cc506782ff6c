"""Bring a digit to 28×28 exactly as MNIST's were brought there.

The steps are those by which QMNIST rebuilt MNIST from NIST's forms: a square around the
tight box of the ink, area resampling to 20×20, the strongest pixel to 255, and a shift
by whole pixels that puts the mass's centre at (15, 15) counted from the edge.

Law: an image of MNIST, enlarged and framed, lands where it was.

Source:
    Yadav and Bottou, Cold Case: the Lost MNIST Digits, 2019,
    https://github.com/facebookresearch/qmnist, xnist.lsh.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require

cv2 = require("cv2", extra="read")

SIDE = 28  # rows and columns of an image of MNIST
INNER = 20  # of the square that the digit itself fills
SMALLEST = 10  # pixels; QMNIST widens smaller boxes to this
CENTRE = 15  # where the centre of mass goes, pixel centres at .5
FAINTEST = 8  # of 255; fainter than this is no ink even on clean paper


def to_frame(soft: Pixels, *, faintest: int = FAINTEST) -> Pixels:
    """Bring the ink of one digit to 28×28.

    Args:
        soft: (rows, columns) uint8 of any size, 0 paper to 255 ink, the digit alone.
        faintest: Pixels fainter than this do not count for the box.

    Returns:
        (28, 28) uint8, 0 paper to 255 ink; all 0 if there is no ink.

    Example:
        >>> bar = np.zeros((60, 50), np.uint8)
        >>> bar[5:55, 10:20] = 255
        >>> framed = to_frame(bar)
        >>> rows, columns = np.nonzero(framed)
        >>> int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
        (20, 4)
    """
    rows = np.flatnonzero((soft >= faintest).any(axis=1))
    columns = np.flatnonzero((soft >= faintest).any(axis=0))
    if not rows.size:
        return np.zeros((SIDE, SIDE), np.uint8)
    tight = soft[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _centred(_small(_square(tight)))


def stack_frames(crops: list[Pixels]) -> NDArray[np.uint8]:
    """Frame several digits: (n, 28, 28)."""
    if not crops:
        return np.zeros((0, SIDE, SIDE), np.uint8)
    return np.stack([to_frame(crop) for crop in crops])


def _square(tight: Pixels) -> Pixels:
    height, width = tight.shape
    side = max(height, width, SMALLEST)
    # whole pixels of the inner square: enlarged images fall on their own grid
    grain = side / INNER
    top = round((side - height) / 2 // grain * grain)
    left = round((side - width) / 2 // grain * grain)
    square = np.zeros((side, side), np.uint8)
    square[top : top + height, left : left + width] = tight
    while len(square) < INNER:
        square = square.repeat(2, axis=0).repeat(2, axis=1)
    return square


def _small(square: Pixels) -> NDArray[np.float32]:
    small: NDArray[np.float32] = cv2.resize(
        square.astype(np.float32), (INNER, INNER), interpolation=cv2.INTER_AREA
    )
    return small * np.float32(255 / max(1.0, float(small.max())))


def _centred(small: NDArray[np.float32]) -> Pixels:
    mass = small.sum()
    places = np.arange(INNER) + 0.5
    down = int(CENTRE - (small.sum(axis=1) @ places) / mass)
    right = int(CENTRE - (small.sum(axis=0) @ places) / mass)
    # the mass lies within the square, so a shift is -5 … 14: pad, then cut
    padded = np.zeros((SIDE + 2 * INNER, SIDE + 2 * INNER), np.float32)
    top, left = INNER + down, INNER + right
    padded[top : top + INNER, left : left + INNER] = small
    framed = padded[INNER : INNER + SIDE, INNER : INNER + SIDE]
    return framed.round().astype(np.uint8)
