"""Find rules paler than ink: those of a table separate its cells all the same."""

import numpy as np

from mnistry.arrays import Mask, Pixels
from mnistry.extras import require
from mnistry.scan.page.ink.binarize import LEAST_DARK
from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

# All are from 24 generated tables with rules of 2 to 50 of 255 (425 numbers of MNIST's
# training digits: 400 are read, 342 without this) and from 24 pages without such rules:
# with a length of 95 and without SEEN numbers on three of them were split.
LENGTH = 160  # pixels; as high as three rows of a table, higher than digits and creases
FAINT = 4  # of 255, by which a rule is darker than what is beside it
ALONG = 15  # pixels of a rule whose darkness is averaged, for grain is as dark
BROAD = 9  # pixels; no rule is so broad, shade is
EDGE = 9  # pixels across of ink with its soft edge, which looks like a rule
GAP = 7  # pixels of a rule may be missing
SEEN = 0.6  # of a rule is seen; on the rest there may be ink


def find_pale_rules(dark: Pixels, mask: Mask) -> Mask:
    """Find long thin lines along columns; if there are any, those along rows too.

    Args:
        dark: (rows, columns) uint8; 0 as the paper, 255 black on it.
        mask: True where there is ink, which is no pale rule.

    Example:
        >>> dark = np.zeros((200, 300), np.uint8)
        >>> dark[:, 100:102] = 10
        >>> dark[40:170, 200:203] = 250
        >>> rules = find_pale_rules(dark, dark > 99)
        >>> bool(rules[:, 100:102].all()), bool(rules[:, 150:].any())
        (True, False)
    """
    ink = dilated(mask, EDGE).view(np.uint8)
    pale = np.where(ink, np.uint8(0), np.minimum(dark, LEAST_DARK))
    upright = _upright(pale, ink)
    if not upright.any():
        return upright
    level = _upright(cv2.transpose(pale), cv2.transpose(ink))
    rules: Mask = upright | level.T
    return rules


def _upright(pale: Pixels, ink: Pixels) -> Mask:
    """Find upright rules: most of their length is seen, the rest may be ink."""
    along = cv2.blur(pale, (1, ALONG))
    thin = cv2.morphologyEx(along, cv2.MORPH_TOPHAT, rectangle(1, BROAD))
    seen = (thin >= FAINT).view(np.uint8)
    seen = cv2.dilate(seen, rectangle(1, 3))  # it may lean
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, rectangle(GAP, 1))
    whole = cv2.morphologyEx(seen | ink, cv2.MORPH_OPEN, rectangle(LENGTH, 1))
    if not cv2.countNonZero(whole):
        return np.zeros(whole.shape, bool)
    share = cv2.blur(seen * np.uint8(255), (1, LENGTH))
    mostly = (share >= SEEN * 255).view(np.uint8) & whole
    near = cv2.dilate(mostly, rectangle(LENGTH, 1))
    found: Mask = (near & whole).astype(bool)
    return found
