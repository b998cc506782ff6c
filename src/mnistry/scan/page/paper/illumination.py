"""Flatten the illumination: how dark each pixel is, compared with its paper.

Rule: ink of any colour counts; paper of any colour, shaded or lit, becomes 0.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.formats.paper import FEW, lightness
from mnistry.scan.page.picture.pixels import rectangle, shrink, to_grey

cv2 = require("cv2", extra="read")

LEAST_WINDOW = 15  # pixels; strokes of small strings are 3 to 5
MOST_WINDOW = 61  # pixels; no stroke of a pen is so thick at the sizes read
NEAR = 31  # coarse pixels around each: ink differs from their mean, shade does not
FOLLOWED = 5  # part of the window: so near to the edge of a shadow its paper is found
GREY = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
GREY_AXIS = GREY / np.linalg.norm(GREY)
GREY_SHARE = 0.2  # of the spread of colours that lightness shows; red on white 0.6
LEAST_SPREAD = 6.0  # of 255; that of noise in colours, as JPEG leaves it, is less
SAMPLE = 4000  # pixels that tell how colours differ
CONTRAST = 200  # of 255; between the colours of ink and paper
COARSE = 600  # pixels; light changes so slowly that it is measured at this size


def is_light_on_dark(picture: NDArray[np.uint8]) -> bool:
    """Return whether the ink is lighter than the paper, as in MNIST itself.

    Paper is what there is more of, and what is along the border
    (`mnistry.formats.paper`). But shade and tables may divide a picture, too: so pixels
    that differ from those around them, darker or lighter, count more.

    Args:
        picture: (rows, columns, 3) uint8, or grey (rows, columns).

    Example:
        >>> picture = np.full((28, 28), 255, np.uint8)
        >>> picture[4:24, 12:16] = 0
        >>> is_light_on_dark(picture), is_light_on_dark(255 - picture)
        (False, True)
    """
    small = shrink(to_grey(picture), COARSE)
    light = lightness(small)
    if max(small.shape) <= FEW or small.min() == small.max():
        return bool(light < 0)  # a digit that fills its picture has nothing around it
    around = cv2.blur(small, (min(max(min(small.shape) // 2, 3), NEAR),) * 2)
    apart = cv2.subtract(small, around, dtype=cv2.CV_32F).ravel()
    squared = apart * apart
    spread = max(1.0, float(squared.mean()) ** 0.5)
    skewness = float(squared @ apart) / len(apart) / spread**3
    return bool(light < skewness)


def spread_colours(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make grey of colours that are alike in lightness, such as red on blue.

    Grey is then how far a colour lies along the line on which colours differ most from
    those around them (the first principal component).

    Args:
        picture: (rows, columns, 3) uint8, or grey (rows, columns).

    Returns:
        The same shape; the picture itself where lightness tells ink from paper.

    Example:
        >>> picture = np.full((40, 60, 3), (60, 90, 225), np.uint8)
        >>> picture[10:30, 28:32] = 210, 40, 50
        >>> int(np.ptp(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)))
        4
        >>> int(np.ptp(spread_colours(picture)))
        200
    """
    if picture.ndim == 2:
        return picture
    small = shrink(picture, COARSE)
    around = cv2.blur(small, (max(3, min(small.shape[:2]) // 2),) * 2)
    step = max(1, small.size // (3 * SAMPLE))
    apart = cv2.subtract(small, around, dtype=cv2.CV_32F).reshape(-1, 3)[::step]
    covariance = apart.T @ apart / len(apart)
    along_grey = float(GREY_AXIS @ covariance @ GREY_AXIS)
    if along_grey > GREY_SHARE * float(covariance.trace()):
        return picture  # as the largest spread is no more than the sum of all
    spreads, axes = np.linalg.eigh(covariance)
    if spreads[-1] < LEAST_SPREAD**2 or along_grey > GREY_SHARE * spreads[-1]:
        return picture
    axis = axes[:, -1].astype(np.float32)
    low, high = np.percentile(small.reshape(-1, 3)[::step] @ axis, [1, 99])
    scale = np.float32(CONTRAST / max(1e-3, high - low))
    grey = (picture @ axis - np.float32(low)) * scale + np.float32(255 - CONTRAST) / 2
    spread: NDArray[np.uint8] = np.clip(grey, 0, 255).astype(np.uint8)
    return np.repeat(spread[:, :, None], 3, axis=2)


def dark_on_light(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn light ink on dark paper to dark ink on light paper; leave the other.

    Args:
        picture: (rows, columns, 3) uint8, or grey (rows, columns).
    """
    picture = spread_colours(picture)
    return 255 - picture if is_light_on_dark(picture) else picture


def flatten_illumination(
    picture: NDArray[np.uint8], paper: NDArray[np.uint8] | None = None
) -> Pixels:
    """Compute how dark each pixel is, compared with the paper around it.

    The paper is found by closing: strokes narrower than the window vanish, slow light
    stays, and so do the edges of shadows. Of the three colours the one that shows the
    ink best counts half, the mean of all the other half, so that coloured specks of
    JPEG do not pass for ink.

    Args:
        picture: (rows, columns, 3) uint8, red, green and blue, or grey (rows, columns);
            dark ink on light paper.
        paper: As `find_paper` gives it, where it is known.

    Returns:
        (rows, columns) uint8; 0 as the paper, 255 black on it.

    Example:
        >>> shade = np.tile(np.linspace(150, 250, 300).astype(np.uint8), (200, 1))
        >>> dark = flatten_illumination(np.dstack([shade] * 3))
        >>> int(dark.max()) < 26  # a tenth of black
        True
    """
    paper = find_paper(picture) if paper is None else paper
    dark: Pixels = cv2.bitwise_not(cv2.divide(picture, paper, scale=255.0))
    if dark.ndim == 2:
        return dark
    red, green, blue = cv2.split(dark)
    best = cv2.max(cv2.max(red, green), blue)
    mean = cv2.cvtColor(dark, cv2.COLOR_RGB2GRAY)
    evened: Pixels = cv2.addWeighted(best, 0.5, mean, 0.5, 0)
    return evened


def find_paper(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Compute what a picture would be without its ink: paper, shaded or lit.

    Args:
        picture: (rows, columns, 3) uint8, or grey; dark ink on light paper.
    """
    rows, columns = picture.shape[:2]
    small = shrink(picture, COARSE)
    factor = small.shape[0] / rows
    window = min(max(min(rows, columns) / 3, LEAST_WINDOW), MOST_WINDOW) * factor
    side = max(3, int(window) // 2 * 2 + 1)
    kernel = rectangle(side, side)
    smooth = cv2.GaussianBlur(small, (0, 0), 0.8)  # single bright pixels are no paper
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, kernel)
    soft = cv2.blur(closed, (side, side))
    if min(rows, columns) >= 3 * MOST_WINDOW:  # closing has left no stroke
        near = max(3, side // FOLLOWED // 2 * 2 + 1)
        soft = cv2.min(soft, cv2.blur(closed, (near, near)))
    paper: NDArray[np.uint8] = cv2.resize(
        soft, (columns, rows), interpolation=cv2.INTER_LINEAR
    )
    flat = paper.reshape(rows, -1)
    cv2.max(flat, 1, dst=flat)  # an eighth of the time of np.maximum
    return paper
