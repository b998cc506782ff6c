"""Of several readings of the same ink the surest counts, less sure by the others.

To be the best of several makes a reading no likelier: it is less sure the more the
others are sure of something else.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.recognize.confidence import excluding
from mnistry.scan.recognize.separate import AS_TALL
from mnistry.scan.results import ReadLine

# by so much a line read without its boxes must be more confident: strokes go along with
# their sides. In a frame it need not: of 25 amounts on generated cheques that were read
# otherwise without it, 3 were right so, none with it
SURER = 0.2
# and in boxes for one digit each it may be less confident, for how many digits there
# are is known: of 200 generated ones 187 are right so, 183 without. If it counted in
# any case two of 60 entries of forms would be lost: read surely, and in no boxes; what
# is poor does not either: the demo's envelope was read so, with 0.16
IN_CELLS = -0.2
# confidence below which a line seen only without boxes does not count; in a frame of
# its own a number is likelier than another rule
POOR, POOR_IN_FRAME = 0.5, 0.3
LOWER = 0.7  # of the tallest line: a lone digit so low may be a tick or a cross


class RatedLine(NamedTuple):
    """A line that was read, and how likely it is right whether or not it matches.

    Attributes:
        line: Its own confidence is lower where it hardly matches the pattern.
        free_confidence: How likely its digits are right, whatever the pattern.
    """

    line: ReadLine
    free_confidence: float

    def times(self, share: float) -> "RatedLine":
        """Give the same line with so much of its confidence."""
        line = replace(self.line, confidence=self.line.confidence * share)
        return RatedLine(line, self.free_confidence * share)


def surer_of_both(
    found: list[RatedLine],
    other: list[RatedLine],
    framed: Sequence[Box] = (),
    cells: Sequence[Box] = (),
) -> list[RatedLine]:
    """Take of two readings of a page, line by line, what is surer.

    Parts of a line are as sure as all of them together; what lies on a longer line is
    no part.

    Args:
        found: Lines of a page.
        other: Those of the same page without its boxes.
        framed: What frames on it enclose.
        cells: The boxes on it that are for one digit each.
    """
    for rated in other:
        line, free = rated
        same = [one for one in found if one.line.box.is_at(line.box)]
        surest = float(np.prod([min(of.confidence, sure) for of, sure in _parts(same)]))
        is_framed, is_in_cells = (
            any(line.box.is_at(inside) for inside in boxes) for boxes in (framed, cells)
        )
        is_counted = is_in_cells and line.confidence >= POOR_IN_FRAME
        surer = IN_CELLS if is_counted else 0.0 if is_framed else SURER
        if same and min(line.confidence, free) > surest + surer:
            found = [one for one in found if one not in same]
            found.append(less_sure(rated, [one.line for one in same]))
        elif same:
            found = [less_sure(one, [line]) if one in same else one for one in found]
        elif free >= (POOR_IN_FRAME if is_framed else POOR):
            found = [*found, rated]
    return found


def _parts(found: list[RatedLine]) -> list[RatedLine]:
    """Leave out what lies on a longer and surer line, as commas below an amount do."""
    parts: list[RatedLine] = []
    for rated in _longest_first(found):
        box = rated.line.box
        if not any(box.is_at(of.line.box) for of in parts):
            parts.append(rated)
    return parts


def as_parts(found: list[RatedLine]) -> list[RatedLine]:
    """Take lines side by side for parts of one: each is as sure as all together.

    A low picture is one number more often than several; then a part is none.

    Args:
        found: Lines of a page.
    """
    lines = [line for line, _ in found]
    together = [
        float(np.prod([o.confidence for o in lines if _is_beside(o.box, line.box)]))
        for line in lines
    ]
    return [
        RatedLine(replace(line, confidence=confidence), free)
        for (line, free), confidence in zip(found, together, strict=True)
    ]


def _is_beside(one: Box, other: Box) -> bool:
    """Tell whether boxes share more than half of the rows of the lower one."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > min(one.height, other.height) / 2 or one == other


def without_doubles(found: list[RatedLine]) -> list[RatedLine]:
    """Leave out lines with digits of another line: ink is in one line only.

    The longer and surer line stays, less sure where the other one says otherwise.
    """
    kept: list[RatedLine] = []
    rest: list[ReadLine] = []
    for rated in _longest_first(found):
        if any(_share_ink(rated.line, other) for other, _ in kept):
            rest.append(rated.line)
        else:
            kept.append(rated)
    if not rest:
        return found
    compared = []
    for rated in kept:
        others = [one for one in rest if one.text not in rated.line.text]
        rivals = [one for one in others if _share_ink(one, rated.line)]
        compared.append(less_sure(rated, rivals))
    return compared


def beside_taller(of_pages: Sequence[list[RatedLine]]) -> list[RatedLine]:
    """Make lone digits less sure that are far lower than the lines of another page.

    Pages are copies of a picture in two sizes; beside what is tall on one, a digit of
    the other may be a mark, or a button of the program that was drawn in.

    Args:
        of_pages: Lines of each, in points of the picture.
    """
    kept: list[RatedLine] = []
    for page in of_pages:
        others = [of.line for other in of_pages if other is not page for of in other]
        tallest = max(map(_digit_height, others), default=0.0)
        for rated in page:
            line, share = rated.line, _digit_height(rated.line) / max(tallest, 1.0)
            if len(line.digits) == 1 and share < LOWER:
                line = replace(line, confidence=share * line.confidence)
            kept.append(rated._replace(line=line))
    return kept


def _digit_height(line: ReadLine) -> float:
    """Give the height of its digits, also if it runs upwards."""
    return median([max(of.box.height, of.box.width) for of in line.digits] or [0.0])


def _longest_first(found: list[RatedLine]) -> list[RatedLine]:
    """Sort lines by how many digits of each are right, as is to be expected."""
    return sorted(found, key=lambda of: -_length(of.line) * of.line.confidence)


def _length(line: ReadLine) -> int:
    """Count its digits, and the signs that another reading may take for digits."""
    return len(line.digits) + sum(sign.value in AS_TALL for sign in line.signs)


def _share_ink(one: ReadLine, other: ReadLine) -> bool:
    """Tell whether a digit of one line is a digit, or a part of one, in another."""
    if not one.box.overlap(other.box):
        return False
    return any(digit.box.is_at(of.box) for digit in one.digits for of in other.digits)


def less_sure(rated: RatedLine, rivals: list[ReadLine]) -> RatedLine:
    """Make a line less sure by what else was read in its place.

    Args:
        rated: As it was read.
        rivals: Other readings of its ink.
    """
    line = rated.line
    others = [one.confidence for one in rivals if one.text != line.text]
    confidence = excluding(line.confidence, max(others, default=0.0))
    return rated._replace(line=replace(line, confidence=confidence))
