"""Tell several digits side by side from the one that a picture is to hold.

All its ink is read as a line. Ink at the left or the right border is left of a
neighbour and does not count.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Pixels
from mnistry.box import Box
from mnistry.scan.page.ink.components import (
    Component,
    find_components,
    mask_of,
    typical_height,
)
from mnistry.scan.page.ink.masks import box_of, dilated
from mnistry.scan.page.picture.pixels import shrink
from mnistry.scan.recognize import strips
from mnistry.scan.recognize.ctc import EACH_DIGIT, log_posteriors
from mnistry.scan.recognize.decode import greedy_path
from mnistry.scan.recognize.isolate import (
    LEAST_SHARE,
    darkness,
    faint_ink,
)
from mnistry.scan.recognize.pieces import is_box_line, without_rules_across

NARROW = 0.7  # of its height: one component that is no wider is one digit
MARKS_SIDE = 448  # pixels of the longer side at which letters of a page are apart
LEAST_ALIKE = 0.2  # of the ink of the largest piece: a narrow 1 beside an 8 has as much
LEAST_LETTER = 6  # pixels tall at that size
LETTERS = 15  # more than a skipping pen and dust leave
MARGIN = 0.2  # heights of the digit on either side, where neighbours may be


def line_around(box: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the band and the columns of a line of one digit.

    Args:
        box: Around the digit.
    """
    margin = MARGIN * box.height
    ends = box.left - margin, box.right + margin
    return (float(box.top), float(box.bottom)), ends


class Beside(NamedTuple):
    """Digits side by side.

    Attributes:
        digits: How many; 1 where there are no others.
        likely: Probability that they are several.
    """

    digits: int = 1
    likely: float = 0.0


def count_beside(
    unboxed: tuple[list[Component], ComponentMap],
    soft: Pixels,
    kept: strips.KeptLogProbs | None = None,
) -> Beside:
    """Count the digits side by side in a picture that was to hold one.

    Three views must read two or more, two of them without other ink nearby. Of 2,640
    generated pictures of one digit, alone, in boxes, among neighbours or in registers,
    two counted as several with more than 0.95; of 720 of two to four digits 692 did.

    Args:
        unboxed: The components of a picture of work size, and their map, without lines
            of a box (`isolate.find_ink`).
        soft: Its soft ink (`binarize.soft_ink`).
        kept: What the net for lines gave for strips of the picture.

    Example:
        >>> dark = np.zeros((112, 112), np.uint8)
        >>> dark[20:90, 50:58] = 200
        >>> count_beside(find_components(dark > 0), dark)
        Beside(digits=1, likely=0.0)
    """
    found, component_map = unboxed
    found = [one for one in found if not is_box_line(one, component_map.shape)]
    if not found:
        return Beside()
    least = LEAST_SHARE * max(one.area for one in found)
    found = [one for one in found if one.area >= least]
    ink = mask_of(found, component_map)
    box = box_of(ink)
    if len(found) == 1 and box.width <= NARROW * box.height:
        return Beside()
    alone = soft * dilated(ink, 3)
    band, ends = line_around(box)
    views: list[strips.LineView] = []
    counts = []
    upright, sheared = (
        strips.Augmentation(band, *by) for by in strips.SCALES_AND_SHEARS[:2]
    )
    # the net has run on the first one already if all this ink is the digit's
    for seen, augmentation in ((soft, upright), (alone, upright), (alone, sheared)):
        views += strips.compute_views(seen, ends, [augmentation], kept)
        path = greedy_path(views[-1].log_probs)
        places = strips.places(path, views[-1].matrix, ends)
        within = np.where(ink, component_map, 0).astype(np.int32)
        counts.append(_count_whole(within, places, band))
        if counts[-1] < 2:
            return Beside()
    logs = log_posteriors([view.log_probs for view in views[1:]], EACH_DIGIT)
    return Beside(counts[1], 1 - float(np.exp(logs.max())))


def count_marks(picture: NDArray[np.uint8]) -> int:
    """Count the components like digits: as tall as most, and with as much ink.

    If most ink is a stamp or a frame, small components count too, if they are many.

    Args:
        picture: (rows, columns, 3) uint8, or grey, dark ink on light paper.
    """
    work = shrink(picture, MARKS_SIDE)
    mask = faint_ink(darkness(work, max(work.shape)))
    found, _ = find_components(without_rules_across(mask))
    marks = [mark for mark in found if not is_box_line(mark, mask.shape)]
    if not marks:
        return 0
    height, area = typical_height(marks), max(mark.area for mark in marks)
    tall = [mark for mark in marks if 0.5 * height <= mark.box.height <= 2 * height]
    alike = sum(mark.area >= LEAST_ALIKE * area for mark in tall)
    letters = sum(mark.box.height >= LEAST_LETTER for mark in marks)
    return letters if letters >= LETTERS else alike


def _count_whole(
    ink: NDArray[np.int32], places: list[strips.Place], band: tuple[float, float]
) -> int:
    """Count the digits that the left and right border of the picture do not cut."""
    boxes = [strips.ink_of(ink, place, band).box for place in places]
    return sum(
        box is not None and box.left > 0 and box.right < ink.shape[1] for box in boxes
    )
