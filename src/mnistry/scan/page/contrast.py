"""The contrast of one line that is darker than most ink of its page.

With a small number on squared paper, or beside a shadow, most ink of the page are rules
and grain. Soft ink as dark as they is black: the number would be black and thick.
"""

from dataclasses import replace
from math import ceil

import numpy as np

from mnistry.scan.page.ink.binarize import ink_level, soft_ink
from mnistry.scan.page.layout.lines import ROOM, Line
from mnistry.scan.page.page import Page

# times as dark as the palest black soft ink of the page. So 120 of 143 generated
# numbers on squared paper are read, 113 without, and 500 strings and cells as without
DARKER = 1.3


def with_own_contrast(page: Page, line: Line, ends: tuple[float, float]) -> Page:
    """Make soft ink around a line black only where it is as dark as the line's ink.

    Args:
        page: Ready for reading.
        line: With its band.
        ends: First column of the line, and the one after its last.

    Returns:
        The page itself, unless the line is much darker than what is black on it.

    Example:
        >>> from mnistry.scan.page.prepare import prepare
        >>> picture = np.full((60, 90), 250, np.uint8)
        >>> picture[20:45, 30:33] = picture[20:45, 50:53] = 160, 30, 160
        >>> [page] = prepare(picture)
        >>> bold = replace(page, soft=np.where(page.soft > 60, 255, 0).astype(np.uint8))
        >>> own = with_own_contrast(bold, page.lines[0], (20.0, 70.0))
        >>> bold.soft[30, 29:34].tolist(), own.soft[30, 29:34].tolist()
        ([0, 255, 255, 255, 0], [0, 172, 255, 172, 0])
    """
    room = ROOM * line.height
    rows = slice(max(0, int(line.band[0] - room)), ceil(line.band[1] + room))
    part = rows, slice(max(0, int(ends[0])), ceil(ends[1]))
    dark, soft = page.dark[part], page.soft[part]
    black = dark[soft == 255]
    if not black.size or dark.max() < DARKER * black.min():
        return page  # as most lines; no mean is above the darkest pixel
    threshold, _ = ink_level(dark)
    own = dark[page.mask[part] & (dark > threshold)]
    if not own.size or own.mean() < DARKER * black.min():
        return page
    fitting = page.soft.copy()
    fitting[part] = np.minimum(soft, soft_ink(dark, (threshold, float(own.mean()))))
    return replace(page, soft=fitting)
