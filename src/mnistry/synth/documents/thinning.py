"""Strokes thinned to centre lines, so that a pen of any width can redraw them.

Zhang and Suen's thinning (1984, doi:10.1145/357994.358023) on all images at once.
"""

import itertools

import numpy as np
from numpy.typing import NDArray


def thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin masks (n, rows, columns) until nothing changes.

    Example:
        >>> bar = np.zeros((1, 9, 9), bool)
        >>> bar[0, 1:8, 3:6] = True
        >>> int(thin(bar).sum(axis=2).max())
        1
    """
    ink = np.pad(mask, ((0, 0), (1, 1), (1, 1))).astype(np.uint8)
    while True:
        before = int(ink.sum())
        for step in (0, 1):
            p2, p4 = ink[:, :-2, 1:-1], ink[:, 1:-1, 2:]
            p6, p8 = ink[:, 2:, 1:-1], ink[:, 1:-1, :-2]
            p3, p5 = ink[:, :-2, 2:], ink[:, 2:, 2:]
            p7, p9 = ink[:, 2:, :-2], ink[:, :-2, :-2]
            ring = (p2, p3, p4, p5, p6, p7, p8, p9, p2)
            count = np.sum(ring[:8], axis=0)
            turns = np.sum([(1 - a) * b for a, b in itertools.pairwise(ring)], axis=0)
            if step == 0:
                free = (p2 * p4 * p6 == 0) & (p4 * p6 * p8 == 0)
            else:
                free = (p2 * p4 * p8 == 0) & (p2 * p6 * p8 == 0)
            gone = (count >= 2) & (count <= 6) & (turns == 1) & free
            ink[:, 1:-1, 1:-1] &= ~gone
        if int(ink.sum()) == before:
            return ink[:, 1:-1, 1:-1].astype(bool)
