"""Leave out lines that the border cuts off beside whole ones, or make them less sure.

Who cuts one row out of a page seldom misses a bit of the next: halves of its digits
look like other digits.
"""

from dataclasses import replace
from statistics import median

from mnistry.scan.page.transform import Projective, to_source
from mnistry.scan.results import ReadLine

NEAR = 0.08  # of a line's height: ink so near to the border goes on beyond it
NEAREST = 1  # pixel; what is soft at the border is no ink
MOSTLY = 0.5  # of the digits of a line that is cut off are
SURE = 0.6  # confidence from which a line is whole enough, wherever it stands
LOWER = 0.8  # of the height of whole lines: a lower one at the border is a part of one
# of its confidence is left then, so that it is unsure: half a digit is often another
# one. Set by hand, after halves of 560034 were read as 50 and 0034, each by 0.96
PENALTY = 0.5


def without_cut_off(
    found: list[tuple[ReadLine, float]], there: Projective, rows: float
) -> list[tuple[ReadLine, float]]:
    """Leave out lines cut off by the upper or the lower border, if they are unsure.

    Args:
        found: Lines, and how sure each is.
        there: From points of the source to those of what was looked at.
        rows: Of what was looked at.

    Returns:
        All, if none that is whole is surer; what is only a part of a line is unsure.
    """
    if len(found) < 2:
        return found
    cut = [_is_cut_off(line, there, rows) for line, _ in found]
    whole = [sure for (_, sure), is_cut in zip(found, cut, strict=True) if not is_cut]
    best = max(whole, default=0.0)
    tall = [
        line.box.height
        for (line, _), is_cut in zip(found, cut, strict=True)
        if not is_cut
    ]
    least = LOWER * median(tall or [0])
    return [
        _less_sure(pair) if is_cut and pair[0].box.height < least else pair
        for pair, is_cut in zip(found, cut, strict=True)
        if not is_cut or pair[1] >= min(SURE, best)
    ]


def _less_sure(pair: tuple[ReadLine, float]) -> tuple[ReadLine, float]:
    line, sure = pair
    return replace(line, confidence=PENALTY * line.confidence), PENALTY * sure


def _is_cut_off(line: ReadLine, there: Projective, rows: float) -> bool:
    boxes = [to_source(digit.box, there) for digit in line.digits]
    near = max(NEAREST, NEAR * max(box.height for box in boxes))
    above = sum(box.top <= near for box in boxes)
    below = sum(box.bottom >= rows - near for box in boxes)
    least = MOSTLY * len(line.digits)
    return (above >= least) != (below >= least)
