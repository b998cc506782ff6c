"""The frame of MNIST: ink in a box of 20 by 20, placed in 28 by 28 by its mass.

Rule: nothing random, nothing learned; drawn digits and photographs share it.

Source: the making of QMNIST, which found the exact steps
(https://github.com/facebookresearch/qmnist, Yadav and Bottou, 2019); the box and
the centre of mass are on MNIST's own page (http://yann.lecun.com/exdb/mnist).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SIDE = 28  # height and width of a digit of MNIST, in pixels
BOX = 20  # longer side of its ink, in pixels
MEND = (  # where a net is given images of another size
    "Pictures of one digit each, 0 paper, become so by\n"
    "    from mnistry.frame import stack_frames; images = stack_frames(images)"
)
SMALLEST = 10  # ink smaller than this is not enlarged to the full box (QMNIST)


def to_frame(picture: NDArray[np.number], *, paper: float = 0) -> NDArray[np.uint8]:
    """Bring one digit of any size into the frame of MNIST.

    The ink is cut out, widened to a square, brought to 20 by 20 by averaging areas and
    placed by its centre of mass (``centre_in_frame``). An image of MNIST, enlarged and
    framed, lands where it was.

    Args:
        picture: (height, width) numbers from 0 (paper) up to the darkest ink.
        paper: Ink no darker than this does not widen the box.

    Returns:
        (28, 28) uint8 from 0 (paper) to 255 (ink); all 0 where there is no ink.

    Example:
        >>> picture = np.zeros((200, 100))
        >>> picture[20:180, 40:60] = 1
        >>> frame = to_frame(picture)
        >>> np.flatnonzero(frame.any(axis=1))[[0, -1]].tolist()
        [5, 24]
    """
    frame: NDArray[np.uint8] = stack_frames([picture], paper=paper)[0]
    return frame


def _box_of(picture: NDArray[np.number], paper: float) -> NDArray[np.float32]:
    """Cut out the ink, and bring it to 20 by 20; from 0 (paper) to 1 or more."""
    dark: NDArray[np.bool_] = np.asarray(picture > paper)
    (rows,) = np.nonzero(dark.any(axis=1))
    if not len(rows):
        return np.zeros((BOX, BOX), np.float32)
    (columns,) = np.nonzero(dark.any(axis=0))
    tight = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(*tight.shape, SMALLEST)
    square = np.zeros((side, side), np.float32)
    down, across = (_margin(side, length) for length in tight.shape)
    square[down : down + tight.shape[0], across : across + tight.shape[1]] = tight
    shares = _shares_of_box(side)
    square /= square.max()
    box: NDArray[np.float32] = shares @ square @ shares.T
    return box


def stack_frames(
    pictures: Sequence[NDArray[np.number]] | NDArray[np.number], *, paper: float = 0
) -> NDArray[np.uint8]:
    """Frame several digits, each as ``to_frame`` does.

    Args:
        pictures: Of any sizes, each (height, width); or (n, height, width).
        paper: What is no darker than this does not widen the box.

    Returns:
        (n, 28, 28) uint8 from 0 (paper) to 255 (ink).

    Example:
        >>> stack_frames([np.ones((9, 5)), np.ones((90, 70))]).shape
        (2, 28, 28)
    """
    boxes = np.zeros((len(pictures), BOX, BOX), np.float32)
    for box, picture in zip(boxes, pictures, strict=True):
        box[:] = _box_of(picture, paper)
    return centre_in_frame(boxes)


def _margin(side: int, length: int) -> int:
    """Centre a length on a side, on a whole pixel of the box."""
    grain = side / BOX  # so an enlarged image falls on its own grid
    return round((side - length) / 2 // grain * grain)


@lru_cache(maxsize=256)
def _shares_of_box(side: int) -> NDArray[np.float32]:
    return area_shares(side, BOX)


def area_shares(size: int, target: int) -> NDArray[np.float32]:
    """Return the matrix that averages ``size`` pixels in a row over ``target``.

    Args:
        size: Number of pixels that there are.
        target: Number of pixels to aim at, more or fewer.

    Returns:
        (target, size) float32; each row adds up to 1.

    Example:
        >>> area_shares(4, 2).tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    ends = np.arange(target + 1)[:, None] * (size / target)
    filled = np.clip(ends - np.arange(size), 0, 1)
    shares: NDArray[np.float32] = np.diff(filled, axis=0) * (target / size)
    return shares.astype(np.float32)


def centre_in_frame(boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Place pictures of 20 by 20 in 28 by 28 by their centres of mass.

    The darkest pixel becomes 255. The picture is moved by full pixels, so that the
    centre of mass lies between the pixel indices 13.5 and 14.5 both ways, as in
    MNIST. Ink that would leave the frame is cut off.

    Args:
        boxes: (n, 20, 20) float32 ink from 0 (paper) to 1; more counts as 1.

    Returns:
        (n, 28, 28) uint8 from 0 (paper) to 255 (ink); all 0 where there is no ink.
    """
    darkest = np.minimum(boxes.max((1, 2), keepdims=True), 1)
    grey = np.minimum(boxes / np.where(darkest > 0, darkest, 1), 1) * 255
    grey = np.rint(grey).astype(np.uint8)
    rows, columns = (
        _shift(grey.sum(2, dtype=np.int64)),
        _shift(grey.sum(1, dtype=np.int64)),
    )
    # A shift lies between -5 and 14; the margin takes what the frame cuts off.
    margin = BOX
    wide = np.zeros((len(boxes), SIDE + 2 * margin, SIDE + 2 * margin), np.uint8)
    places = margin + np.arange(BOX)
    wide[
        np.arange(len(boxes))[:, None, None],
        (rows[:, None] + places)[:, :, None],
        (columns[:, None] + places)[:, None, :],
    ] = grey
    return np.ascontiguousarray(wide[:, margin:-margin, margin:-margin])


def _shift(profiles: NDArray[np.int64]) -> NDArray[np.intp]:
    """Full pixels from a (n, 20) profile of ink to the middle of the frame."""
    mass = np.maximum(profiles.sum(1), 1)
    middle = profiles @ (np.arange(BOX) + 0.5) / mass
    shift: NDArray[np.intp] = (SIDE / 2 + 1 - middle).astype(np.intp)
    return shift
