"""Of several readings of the same ink the surest counts, less sure by the others.

To be the best of several makes a reading no likelier: it is less sure the more the
others are sure of something else.
"""

from collections.abc import Sequence
from dataclasses import replace

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
SAME_PLACE = 0.5  # of the smaller of two lines lies in the other
# confidence below which a line seen only without boxes does not count; in a frame of
# its own a number is likelier than another rule
POOR, POOR_IN_FRAME = 0.5, 0.3


def surer_of_both(
    found: list[tuple[ReadLine, float]],
    other: list[tuple[ReadLine, float]],
    framed: Sequence[Box] = (),
    cells: Sequence[Box] = (),
) -> list[tuple[ReadLine, float]]:
    """Take of two readings of a page, line by line, what is surer.

    Parts of a line are as sure as all of them together; what lies on a longer line is
    no part.

    Args:
        found: Lines of a page, and how sure each is whether or not it matches.
        other: Those of the same page without its boxes.
        framed: What frames on it enclose.
        cells: The boxes on it that are for one digit each.
    """
    for pair in other:
        same = [one for one in found if one[0].box.overlap(pair[0].box) > SAME_PLACE]
        surest = float(np.prod([min(of[0].confidence, of[1]) for of in _parts(same)]))
        is_framed, is_in_cells = (
            any(pair[0].box.overlap(inside) > SAME_PLACE for inside in boxes)
            for boxes in (framed, cells)
        )
        is_counted = is_in_cells and pair[0].confidence >= POOR_IN_FRAME
        surer = IN_CELLS if is_counted else 0.0 if is_framed else SURER
        if same and min(pair[0].confidence, pair[1]) > surest + surer:
            found = [one for one in found if one not in same]
            found.append((less_sure(pair[0], [line for line, _ in same]), pair[1]))
        elif same:
            found = [
                (less_sure(one[0], [pair[0]]), one[1]) if one in same else one
                for one in found
            ]
        elif pair[1] >= (POOR_IN_FRAME if is_framed else POOR):
            found = [*found, pair]
    return found


def _parts(
    found: list[tuple[ReadLine, float]],
) -> list[tuple[ReadLine, float]]:
    """Leave out what lies on a longer and surer line, as commas below an amount do."""
    parts: list[tuple[ReadLine, float]] = []
    for pair in sorted(found, key=lambda of: -_length(of[0]) * of[0].confidence):
        if all(pair[0].box.overlap(of[0].box) <= SAME_PLACE for of in parts):
            parts.append(pair)
    return parts


def as_parts(
    found: list[tuple[ReadLine, float]],
) -> list[tuple[ReadLine, float]]:
    """Take lines side by side for parts of one: each is as sure as all together.

    A low picture is one number more often than several; then a part is none.

    Args:
        found: Lines of a page, and how sure each is whether or not it matches.
    """
    lines = [line for line, _ in found]
    together = [
        float(np.prod([o.confidence for o in lines if _is_beside(o.box, line.box)]))
        for line in lines
    ]
    return [
        (replace(line, confidence=confidence), sure)
        for (line, sure), confidence in zip(found, together, strict=True)
    ]


def _is_beside(one: Box, other: Box) -> bool:
    """Tell whether boxes share more than half of the rows of the lower one."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > min(one.height, other.height) / 2 or one == other


def without_doubles(
    found: list[tuple[ReadLine, float]],
) -> list[tuple[ReadLine, float]]:
    """Leave out lines with digits of another line: ink is in one line only.

    The longer and surer line stays, less sure where the other one says otherwise.
    """
    kept: list[tuple[ReadLine, float]] = []
    rest: list[ReadLine] = []
    for pair in sorted(found, key=lambda of: -_length(of[0]) * of[0].confidence):
        if any(_share_ink(pair[0], other) for other, _ in kept):
            rest.append(pair[0])
        else:
            kept.append(pair)
    if not rest:
        return found
    compared = []
    for line, sure in kept:
        others = [one for one in rest if one.text not in line.text]
        rivals = [one for one in others if _share_ink(one, line)]
        compared.append((less_sure(line, rivals), sure))
    return compared


def _length(line: ReadLine) -> int:
    """Count its digits, and the signs that another reading may take for digits."""
    return len(line.digits) + sum(sign.value in AS_TALL for sign in line.signs)


def _share_ink(one: ReadLine, other: ReadLine) -> bool:
    """Tell whether a digit of one line is a digit, or a part of one, in another."""
    if not one.box.overlap(other.box):
        return False
    return any(
        digit.box.overlap(of.box) > SAME_PLACE
        for digit in one.digits
        for of in other.digits
    )


def less_sure(line: ReadLine, rivals: list[ReadLine]) -> ReadLine:
    """Make a line less sure by what else was read in its place.

    Args:
        line: As it was read.
        rivals: Other readings of its ink.
    """
    others = [one.confidence for one in rivals if one.text != line.text]
    sure = excluding(line.confidence, max(others, default=0.0))
    return replace(line, confidence=sure)
