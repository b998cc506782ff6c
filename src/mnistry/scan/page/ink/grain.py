"""Tell grain from ink: rough paper, and the noise of a camera in poor light.

Pixels that are dark by chance are hardly darker than the rest once each is the mean of
those around it; a stroke, however thin, stays dark.
"""

from math import log, sqrt
from statistics import NormalDist

import numpy as np

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.picture.pixels import histogram

cv2 = require("cv2", extra="read")

SIDE = 5  # pixels of the square that is averaged: a stroke and its edges
LIGHTER = NormalDist().cdf(-1)  # share lighter than the mean by a standard deviation
SKEW = 1.9  # times as far as a normal distribution reaches: dark is divided by light
FAINTEST = 10.0  # of 255: a stroke of two pixels, a tenth of black, has no less
MOST = 16.0  # of 255; a larger standard deviation is no grain
LEAST = 0.5  # of 255; with no more it is clean paper
# how far means of 25 pixels spread, as a share of how far single pixels do: 0.2 to 0.73
# in grain of 28 to 400 pixels, 0.92 to 0.98 in 37 digits cut out so tightly that ink is
# most of the picture, and seems to be its paper
ROUGH = 0.8


def is_grain(dark: Pixels) -> bool:
    """Return whether nothing but grain is in a picture.

    Args:
        dark: How dark each pixel is, compared with the paper.

    Example:
        >>> grain = np.random.default_rng(0).normal(20, 8, (300, 400))
        >>> dark = grain.clip(0, 255).astype(np.uint8)
        >>> is_grain(dark)
        True
        >>> dark[100:150, 200:203] += 60
        >>> is_grain(dark)
        False
    """
    smooth = cv2.blur(dark, (SIDE, SIDE))
    spread, rough = (cv2.meanStdDev(of)[1].item() for of in (smooth, dark))
    if spread > ROUGH * rough:
        return False
    reached = histogram(smooth).cumsum()
    shares = np.array([LIGHTER, 0.5]) * reached[-1]
    light, middle = np.interp(shares, reached, np.arange(256) + 0.5).tolist()
    deviation = middle - light
    darkest = float(smooth.max())
    count = max(2.0, smooth.size / SIDE**2)  # of means without a common pixel
    farthest = SKEW * sqrt(2 * log(count)) * deviation  # the largest of so many
    is_even = darkest - middle < max(FAINTEST, farthest)
    return bool(LEAST < deviation < MOST and is_even)
