"""Tell several digits side by side from the one that was to be there.

All that is written is read as a line. What lies at the left or the right border is what
is left of a neighbour, and does not count.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require
from mnistry.scan.page.lines import find_components
from mnistry.scan.pattern import any_digits
from mnistry.scan.recognize import strips
from mnistry.scan.recognize.ctc import log_posteriors
from mnistry.scan.recognize.decode import best_path
from mnistry.scan.recognize.isolate import LEAST_SHARE, box_of, faint_ink, ink_of
from mnistry.scan.recognize.pieces import is_box_line, without_box

cv2 = require("cv2", extra="read")

NARROW = 0.7  # of its height: ink that hangs together and is no wider is one digit
MARGIN = 0.2  # heights of the digit beside it: the nets know strokes of neighbours


class Beside(NamedTuple):
    """Digits side by side.

    Attributes:
        digits: How many; 1 where there are no others.
        likely: Probability that they are several.
    """

    digits: int = 1
    likely: float = 0.0


def count_beside(dark: Pixels, soft: Pixels) -> Beside:
    """Count the digits side by side in a picture that was to hold one.

    Two views must read two or more. Of 2,640 generated pictures of one digit, alone, in
    boxes, among neighbours or in registers, two were several with more than 0.95, and
    of 720 of two to four digits 692.

    Args:
        dark: How dark each pixel of a picture of work size is (`isolate.darkness`).
        soft: Its soft ink (`binarize.soft_ink`).

    Example:
        >>> dark = np.zeros((112, 112), np.uint8)
        >>> dark[20:90, 50:58] = 200
        >>> count_beside(dark, dark)
        Beside(digits=1, likely=0.0)
    """
    cleaned = without_box(faint_ink(dark))
    found, component_map = find_components(cleaned)
    found = [one for one in found if not is_box_line(one, cleaned.shape)]
    if not found:
        return Beside()
    least = LEAST_SHARE * max(one.area for one in found)
    found = [one for one in found if one.area >= least]
    ink = ink_of(found, component_map)
    box = box_of(ink)
    if len(found) == 1 and box.width <= NARROW * box.height:
        return Beside()
    near = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8))
    margin, band = MARGIN * box.height, (float(box.top), float(box.bottom))
    ends = box.left - margin, box.right + margin
    views: list[strips.View] = []
    counts = []
    for look in strips.VIEWS[:2]:
        views += strips.compute_views(soft * near, ends, [strips.Aspect(band, *look)])
        path = best_path(views[-1].log_probs, any_digits())
        places = strips.places(path, views[-1].matrix, ends) if path else []
        within = np.where(ink, component_map, 0).astype(np.int32)
        counts.append(_count_whole(within, places, band))
        if counts[-1] < 2:
            return Beside()
    logs = log_posteriors([view.log_probs for view in views], strips.EACH_DIGIT)
    return Beside(counts[0], 1 - float(np.exp(logs.max())))


def _count_whole(
    ink: NDArray[np.int32], places: list[strips.Place], band: tuple[float, float]
) -> int:
    """Count the digits that the picture's left and right border do not cut."""
    boxes = [strips.ink_of(ink, place, band).box for place in places]
    return sum(
        box is not None and box.left > 0 and box.right < ink.shape[1] for box in boxes
    )
