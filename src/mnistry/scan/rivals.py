"""Of several readings of the same ink the most confident is kept.

Being the best of several makes a reading no more likely: its confidence falls with the
confidence of readings that differ.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.in_boxes import is_next
from mnistry.scan.recognize.confidence import excluding
from mnistry.scan.recognize.signs.separate import AS_TALL
from mnistry.scan.results import ReadLine

# how much more confident a line read without its boxes must be, for strokes may go with
# their sides. In a frame it need not be: of 25 amounts on generated cheques that were
# read differently without it, 3 were right so, none with it. Nor in boxes for one digit
# each: of 3,300 generated numbers, where one of both readings is right, it is kept in
# 169 cases so, in 156 with a bound of 0.2, in 152 with one of -0.2
SURER = 0.2
# in such boxes it may be less confident than parts that were read in its place, for the
# number of digits is known. Poor readings do not count: the demo's envelope was read
# so, with 0.16
THAN_PARTS = -0.2
# confidence below which a line that is found only without boxes does not count; what a
# frame encloses is rather a number than another rule
POOR, POOR_IN_FRAME = 0.5, 0.3
LIKELY = 0.5  # confidence of a longer line as it is, that is not taken for its part
LOWER = 0.7  # of the tallest line: a single digit lower than that may be a tick


class RatedLine(NamedTuple):
    """A line that was read, and how likely it is right whether or not it matches.

    Attributes:
        line: Its own confidence is lower where it hardly matches the pattern.
        free_confidence: How likely its digits are right, whatever the pattern.
    """

    line: ReadLine
    free_confidence: float

    def times(self, share: float) -> "RatedLine":
        """Return the same line with so much of its confidence."""
        line = replace(self.line, confidence=self.line.confidence * share)
        return RatedLine(line, self.free_confidence * share)


def surer_of_both(
    found: list[RatedLine],
    other: list[RatedLine],
    framed: Sequence[Box] = (),
    cells: Sequence[Box] = (),
) -> list[RatedLine]:
    """Keep, line by line, the more confident of two readings of a page.

    The confidence of a line's parts is their product; what lies on a longer line is no
    part of it.

    Args:
        found: Lines of a page.
        other: Those of the same page without its boxes.
        framed: What frames on it enclose.
        cells: The boxes on it that are for one digit each.
    """
    for rated, parts in _alternatives(found, other, cells):
        line, free = rated
        same = [one for one in found if one.line.box.is_at(line.box)]
        surest = float(np.prod([min(of.confidence, sure) for of, sure in _parts(same)]))
        is_framed, is_in_cells = (
            any(line.box.is_at(inside) for inside in boxes) for boxes in (framed, cells)
        )
        is_counted = is_in_cells and line.confidence >= POOR_IN_FRAME
        surer = 0.0 if is_counted or is_framed else SURER
        if is_counted and len(same) > 1:
            surer = THAN_PARTS
        if is_in_cells and _goes_on(line, same, cells):
            continue
        if same and min(line.confidence, free) > surest + surer:
            found = [one for one in found if one not in same]
            rivals = [one.line for one in same]
            if is_counted:  # what says the same of a part of it is no rival
                rivals = [one for one in rivals if one.text not in line.text]
            found += [less_sure(part, rivals) for part in parts]
        elif same:
            found = [less_sure(one, [line]) if one in same else one for one in found]
        elif free >= (POOR_IN_FRAME if is_framed else POOR):
            found = [*found, *parts]
    return found


def _alternatives(
    found: list[RatedLine], other: list[RatedLine], cells: Sequence[Box]
) -> list[tuple[RatedLine, list[RatedLine]]]:
    """Return lines with their parts: what lies on one line of another reading is one.

    Each of several would else be compared with the whole of it, and the surest part of
    a number be taken for the number. Where all of them say the same as the whole, the
    whole is one number, and only its confidence counts.
    """
    rest, together = list(other), []
    for whole in found:
        on_it = [of for of in rest if of.line.box.is_at(whole.line.box)]
        parts = sorted(_parts(on_it), key=lambda of: of.line.box.left)
        if len(parts) < 2:
            continue
        rest = [of for of in rest if of not in on_it]
        boxed = [any(of.line.box.is_at(cell) for cell in cells) for of in parts]
        joint = _joined(parts, "" if any(boxed) else " ")
        if joint.line.text != whole.line.text or not all(boxed):
            together.append((joint, parts))
    return [*together, *((of, [of]) for of in rest)]


def _joined(parts: list[RatedLine], separator: str) -> RatedLine:
    """Return parts side by side as one line, with the probability of all of them."""
    lines = [of.line for of in parts]
    line = replace(
        lines[0],
        text=separator.join(of.text for of in lines),
        confidence=float(np.prod([of.confidence for of in lines])),
        digits=tuple(digit for of in lines for digit in of.digits),
        box=Box.around(of.box for of in lines),
        signs=tuple(sign for of in lines for sign in of.signs),
    )
    return RatedLine(line, float(np.prod([of.free_confidence for of in parts])))


def _goes_on(line: ReadLine, same: list[RatedLine], cells: Sequence[Box]) -> bool:
    """Return whether a line as it is likely has its digits and more of the same row.

    Of a row of boxes not all may be seen; what is in the next one is left out then. It
    is no side that was read as a one: it lies half a digit farther on, at least.
    """
    wide = line.box.width * (1 + 0.5 / max(1, len(line.text)))
    row = [cell for cell in cells if line.box.is_at(cell)]
    return any(
        is_next(digit.box, row) and not line.box.is_at(digit.box)
        for one, sure in same
        if sure >= LIKELY and line.text in one.text and one.box.width > wide
        for digit in one.digits
    )


def _parts(found: list[RatedLine]) -> list[RatedLine]:
    """Leave out what lies on a longer line, as the commas of an amount do."""
    parts: list[RatedLine] = []
    for rated in _longest_first(found):
        box = rated.line.box
        if not any(box.is_at(of.line.box) for of in parts):
            parts.append(rated)
    return parts


def as_parts(found: list[RatedLine]) -> list[RatedLine]:
    """Take lines side by side for parts of one: each has the confidence of all.

    A low picture is more often one number than several; then a part is no number.

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
    """Return whether boxes share more than half of the rows of the lower one."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > min(one.height, other.height) / 2 or one == other


def without_doubles(found: list[RatedLine]) -> list[RatedLine]:
    """Leave out lines that share digits with another line: ink is in one line only.

    The longer, more confident line stays, with less confidence if the other differs.
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
    """Lower the confidence of single digits far lower than lines of another page.

    Pages are copies of a picture in two sizes; beside tall writing on one, a small
    digit on the other may be a mark, or a button of a drawing program.

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
    """Return the height of its digits, also if it runs upwards."""
    return median([max(of.box.height, of.box.width) for of in line.digits] or [0.0])


def _longest_first(found: list[RatedLine]) -> list[RatedLine]:
    """Sort lines by the expected number of their digits that are right."""
    return sorted(found, key=lambda of: -_length(of.line) * of.line.confidence)


def _length(line: ReadLine) -> int:
    """Count its digits, and the signs that another reading may take for digits."""
    return len(line.digits) + sum(sign.value in AS_TALL for sign in line.signs)


def _share_ink(one: ReadLine, other: ReadLine) -> bool:
    """Return whether a digit of one line is a digit, or a part of one, in another."""
    if not one.box.overlap(other.box):
        return False
    return any(digit.box.is_at(of.box) for digit in one.digits for of in other.digits)


def less_sure(rated: RatedLine, rivals: list[ReadLine]) -> RatedLine:
    """Lower the confidence of a line by what else was read in its place.

    Args:
        rated: As it was read.
        rivals: Other readings of its ink.
    """
    line = rated.line
    others = [one.confidence for one in rivals if one.text != line.text]
    confidence = excluding(line.confidence, max(others, default=0.0))
    return rated._replace(line=replace(line, confidence=confidence))
