"""Thin strokes to centre lines, so that a pen of any width can redraw them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.synth.documents.thinning import thin

SIDE = 56  # rows and columns of a centre line: twice those of an image of MNIST
BINARIZE_ABOVE = 110  # of 255; a little below half, so that thin strokes hold together
AT_ONCE = 2000  # images thinned together: 6 MB for each of a dozen masks


def centre_lines(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the centre lines of images at `SIDE`, eight pixels to a byte.

    Args:
        images: (n, rows, columns), 0 paper to 255 ink, of any size.

    Returns:
        (n, 56, 7) packed along the columns, as `np.packbits` does.
    """
    packed = []
    for start in range(0, len(images), AT_ONCE):
        large = np.stack(
            [
                cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
                for image in images[start : start + AT_ONCE]
            ]
        )
        packed.append(np.packbits(thin(large > BINARIZE_ABOVE), axis=2))
    return np.concatenate(packed)
