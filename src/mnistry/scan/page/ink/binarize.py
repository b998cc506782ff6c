"""From darkness to ink: a mask, and soft ink, which is grey at its edges.

Rule: the mask decides where ink is, soft ink what it looks like.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.ink.components import label_components
from mnistry.scan.page.picture.pixels import histogram, rectangle

cv2 = require("cv2", extra="read")

Shades = NDArray[np.integer[Any]]
"""(rows, columns); soft ink, or full ink, which goes on beyond 255."""

LEAST_DARK = 24  # of 255; fainter than a tenth of black is paper
FAINT = 7  # of 255; soft ink no darker than this is paper where one digit is framed
# of 255; paler ink is made as dark before it is binarized, for Sauvola's threshold
# needs contrast. So 49 of 50 generated numbers in pale pencil are read, 27 without this
FAIR = 130
RIM = 0.01  # of the shorter side: a strip of the table, where a sheet was cut out
PALER = 2.5  # times as pale as the darkest is ink where a pen or its paper fades
NEAR = 61  # pixels; a stroke and those beside it
LOWEST, LARGEST = 12, 160  # pixels of a digit, and of some that touch
DARKEST = 0.99  # quantile of the darkness of ink
GREYS = np.arange(256, dtype=np.float32)
SAUVOLA_K = 0.2  # Sauvola and Pietikäinen 2000 recommend 0.2 to 0.5


def ink_level(dark: Pixels) -> tuple[float, float]:
    """Return the threshold between paper and ink, and how dark typical ink is.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.

    Returns:
        Otsu's threshold, at least a tenth of black, and the mean darkness above it.

    Example:
        >>> dark = np.zeros((20, 20), np.uint8)
        >>> dark[5:15, 9:12] = 200
        >>> ink_level(dark)[1]
        200.0
    """
    dark = _within(dark)
    otsu, _ = cv2.threshold(dark, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    threshold = max(float(otsu), LEAST_DARK)
    darker = threshold < GREYS
    counts, greys = histogram(dark)[darker], GREYS[darker]
    total = float(counts.sum())
    return threshold, float(counts @ greys) / total if total else 255.0


def ink_mask(dark: Pixels, level: tuple[float, float] | None = None) -> Mask:
    """Find the ink: darker than Sauvola's local threshold, and than any paper.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.
        level: As `ink_level` gives it, where it is known.

    Source:
        Sauvola and Pietikäinen, Adaptive document image binarization, 2000,
        doi:10.1016/S0031-3203(99)00055-2.

    Example:
        >>> dark = np.zeros((40, 40), np.uint8)
        >>> dark[5:35, 19:22] = 200
        >>> int(ink_mask(dark).sum())
        90
    """
    threshold, typical = level or ink_level(dark)
    faint = max(LEAST_DARK, 0.7 * threshold)
    share = FAIR / _darkest(dark, threshold) if typical < FAIR else 1.0
    if share <= 1:
        return _darker(dark, threshold, faint)
    smooth = cv2.blur(dark, (3, 3))  # for grain is hardly lighter than such ink
    threshold, faint = share * threshold, share * faint
    pale = _darker(cv2.convertScaleAbs(smooth, alpha=share), threshold, faint)
    fading = _darker(_evened(smooth, share), threshold, faint)
    return pale | _as_digits(fading)


def _darker(dark: Pixels, threshold: float, faint: float) -> Mask:
    """Return where it is darker than Sauvola's threshold, or far above Otsu's."""
    mask: Mask = dark > 1.6 * threshold
    unsure = np.flatnonzero((dark > faint) & ~mask)  # paper is most of a page
    side = max(3, int(min(max(min(dark.shape) / 2, 15), 61)) // 2 * 2 + 1)
    mean = cv2.boxFilter(dark, cv2.CV_32F, (side, side)).ravel()[unsure]
    square = cv2.sqrBoxFilter(dark, cv2.CV_32F, (side, side)).ravel()[unsure]
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    # Sauvola's are of lightness; 128 is the most that its spread can be
    local = (255 - mean) * (1 + SAUVOLA_K * (spread / 128 - 1))
    mask.ravel()[unsure] = 255 - dark.ravel()[unsure].astype(np.float32) < local
    return mask


def _as_digits(mask: Mask) -> Mask:
    """Keep what may be digits: pale rules and their crossings are as dark as ink."""
    component_map, facts = label_components(mask)
    wide, high = facts[:, cv2.CC_STAT_WIDTH], facts[:, cv2.CC_STAT_HEIGHT]
    may_be = (high >= LOWEST) & (np.maximum(wide, high) <= LARGEST)
    kept: Mask = may_be[component_map]
    return kept


def _within(dark: Pixels) -> Pixels:
    """Leave out the border, where a strip of the table may be darker than any ink."""
    rim = round(RIM * min(dark.shape))
    rows, columns = dark.shape
    return dark[rim : rows - rim, rim : columns - rim]


def _evened(dark: Pixels, share: float) -> Pixels:
    """Make pale ink as dark as FAIR, where it is paler still by up to PALER times."""
    near = cv2.blur(cv2.dilate(dark, rectangle(NEAR, NEAR)), (NEAR, NEAR))
    paler = np.clip(FAIR / share / np.maximum(near, np.float32(1)), 1, PALER)
    scaled = dark * (np.float32(share) * paler)
    evened: Pixels = np.minimum(scaled, 255).astype(np.uint8)
    return evened


def _darkest(dark: Pixels, threshold: float) -> float:
    """Return how dark the darkest ink is: pale rules may be most of the ink."""
    first = int(threshold) + 1
    counts = histogram(_within(dark))[first:].cumsum()
    return first + float(np.searchsorted(counts, DARKEST * counts[-1]))


def soft_ink(dark: Pixels, level: tuple[float, float] | None = None) -> Pixels:
    """Stretch darkness so that paper is 0 and typical ink is 255, edges staying soft.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.
        level: As `ink_level` gives it, if it is known.

    Example:
        >>> dark = np.zeros((20, 20), np.uint8)
        >>> dark[5:15, 9:12] = 200
        >>> int(soft_ink(dark).max())
        255
    """
    table = np.clip(_scaled(dark, level), 0, 255).astype(np.uint8)
    soft: Pixels = cv2.LUT(dark, table)
    return soft


def full_ink(dark: Pixels) -> NDArray[np.int16]:
    """Return soft ink that is not cut off at 255, where ink is darker than typical.

    If printed boxes are most of the ink, the writing may be darker.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.

    Example:
        >>> dark = np.full((20, 20), 100, np.uint8)
        >>> dark[9:12], dark[:4], dark[5] = 200, 0, 40
        >>> bool(full_ink(dark)[10, 0] > 255), int(soft_ink(dark)[10, 0])
        (True, 255)
    """
    full: NDArray[np.int16] = cv2.LUT(dark, _scaled(dark))
    return full


def _scaled(
    dark: Pixels, level: tuple[float, float] | None = None
) -> NDArray[np.int16]:
    """Return soft ink for each of 256 degrees of darkness; 255 is typical ink."""
    threshold, typical = level or ink_level(dark)
    noise = float(np.searchsorted(histogram(dark).cumsum(), dark.size / 2))  # median
    floor = min(noise * 1.2, 0.5 * threshold)
    scale = 255 / max(1.0, typical - floor)
    table = np.maximum(GREYS - np.float32(floor), 0) * np.float32(scale)
    scaled: NDArray[np.int16] = np.rint(table).astype(np.int16)
    return scaled
