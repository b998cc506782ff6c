"""The polarity of a picture: light ink on dark paper, or dark ink on light.

Paper is what there is more of, and what lies along the border. Rule: every picture is
measured by itself, so that a folder may hold both kinds.

Source: Otsu, A threshold selection method from gray-level histograms, 1979,
doi:10.1109/TSMC.1979.4310076.
"""

import numpy as np

from mnistry.arrays import Pixels

FEW = 36  # pixels of the longer side: nothing is around a digit that small
GREYS = np.arange(256)


def lightness(grey: Pixels) -> float:
    """Return whether light or dark is paper, from both shares of light pixels.

    Otsu's threshold parts light from dark. Across very few pixels light that grows
    evenly, as a shadow's edge does, is taken out before: nothing else is around ink.

    Args:
        grey: (rows, columns) uint8, 1 pixel or more.

    Returns:
        -1 to 1: below 0 the paper is dark, as in MNIST; the nearer to 0, the less sure.

    Example:
        >>> picture = np.full((28, 28), 255, np.uint8)
        >>> picture[4:24, 12:16] = 0
        >>> lightness(picture) > 0, lightness(255 - picture) < 0
        (True, True)
    """
    if max(grey.shape) <= FEW:
        grey = _evened(grey)
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * GREYS).cumsum()
    parted = (below > 0) & (above > 0)
    if not parted.any():  # of one grey
        return 1.0 if grey.flat[0] >= 128 else -1.0
    between = np.zeros(256)
    apart = sums[-1] * below[parted] - sums[parted] * below[-1]
    between[parted] = apart**2 / (below[parted] * above[parted])
    most = int(between.argmax())
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    along = np.count_nonzero(border > most) / border.size
    return float(along + above[most] / grey.size - 1)


def _evened(grey: Pixels) -> Pixels:
    """Subtract from each pixel what its row, its column and their product explain."""
    down, across = (np.arange(side) - (side - 1) / 2 for side in grey.shape)
    evened = grey.astype(np.float64)
    for shape in (down[:, None], across[None, :], np.outer(down, across)):
        of_all = np.broadcast_to(shape, grey.shape)  # orthogonal to the others
        square = float((of_all * of_all).sum())
        evened -= of_all * (float((grey * of_all).sum()) / max(square, 1.0))
    return np.clip(evened.round(), 0, 255).astype(np.uint8)
