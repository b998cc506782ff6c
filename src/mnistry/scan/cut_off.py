"""Leave out lines that the border cuts off beside whole ones, or trust them less.

A row that is cut out of a page often has a bit of the next one with it, and halves of
digits look like other digits.
"""

from statistics import median

import numpy as np

from mnistry.scan.page.picture.transform import Homography, to_source
from mnistry.scan.results import ReadLine
from mnistry.scan.rivals import RatedLine

NEAR = 0.08  # of a line's height: ink so near to the border goes on beyond it
NEAREST = 1  # pixel; soft edges reach farther than the ink itself
MOSTLY = 0.5  # of the digits of a line that is cut off are cut
SURE = 0.6  # confidence from which a line counts as whole
LOWER = 0.8  # of the height of whole lines: a lower one at the border is a part
# times the confidence of such a part, so that it is unsure: half a digit often looks
# like another. Set by hand, after halves of 560034 were read as 50 and 0034 with 0.96
PENALTY = 0.5


def without_cut_off(
    found: list[RatedLine], back: Homography, rows: float
) -> list[RatedLine]:
    """Leave out lines that the upper or lower border cuts, if they are unsure.

    Args:
        found: Lines of a picture.
        back: From points of what was looked at to those of the source.
        rows: Of what was looked at.

    Returns:
        All, if no whole line is more confident; parts of lines with less confidence.
    """
    if len(found) < 2:
        return found
    there = np.linalg.inv(back).astype(np.float64)
    cut = [_is_cut_off(line, there, rows) for line, _ in found]
    whole = [rated for rated, is_cut in zip(found, cut, strict=True) if not is_cut]
    best = max((rated.free_confidence for rated in whole), default=0.0)
    least = LOWER * median([rated.line.box.height for rated in whole] or [0])
    return [
        rated.times(PENALTY) if is_cut and rated.line.box.height < least else rated
        for rated, is_cut in zip(found, cut, strict=True)
        if not is_cut or rated.free_confidence >= min(SURE, best)
    ]


def _is_cut_off(line: ReadLine, there: Homography, rows: float) -> bool:
    boxes = [to_source(digit.box, there) for digit in line.digits]
    near = max(NEAREST, NEAR * max(box.height for box in boxes))
    above = sum(box.top <= near for box in boxes)
    below = sum(box.bottom >= rows - near for box in boxes)
    least = MOSTLY * len(line.digits)
    return (above >= least) != (below >= least)
