"""Find the signs of a line, and remove those from its ink that look like digits.

The net for lines reads slashes and rising dashes as ones and per cent as 96; other
small signs it leaves out. Removing these too cost 7 of 267 cheque strings, for some are
parts of digits. Signs and wide gaps are the evidence for the separators of a pattern.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.ink.masks import with_edge
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.pattern import Gap, Pattern
from mnistry.scan.recognize.confidence import PENALTY, excluding
from mnistry.scan.recognize.signs.brackets import may_have_bracket
from mnistry.scan.recognize.signs.currency import CURRENCIES
from mnistry.scan.recognize.signs.endings import NONE, find_endings
from mnistry.scan.recognize.signs.find_signs import currency_of, find_signs, is_rising
from mnistry.scan.recognize.signs.near import Near, ink_near
from mnistry.scan.recognize.signs.shapes import Group, without
from mnistry.scan.recognize.signs.tall_signs import EXPECTED_TALLER, TALLER, Search
from mnistry.softmax import sigmoid

TALL = frozenset("/+%()#")
AS_TALL = TALL | CURRENCIES  # all signs as tall as digits
FURTHER = 3  # slashes besides the certain ones that are tried, the tallest first
LIKE_DIGITS = frozenset("%+")  # signs much like an 8, a 9 or a small 4; slashes are not
LIKELY_ENDING = -3.0  # log odds of a last slash, from which one is tried for a pattern
WIDE = 0.3  # heights of a digit by which a wide gap is wider than the line's median


class Sign(NamedTuple):
    """A sign beside or between digits.

    Attributes:
        text: One of `.` `,` `'` `-` `:` `/` `+` `%` `(` `)` `#` `$` `€` `₹`.
        box: Around it, on the page.
    """

    text: str
    box: Box


class Separated(NamedTuple):
    """A line separated into signs and the rest.

    Attributes:
        page: Without the ink of signs that would be read as digits.
        line: Without their components.
        signs: All signs, from left to right.
        share: Probability that a stroke before a last dash is what it is taken for
            here, a slash or a 1; lower if another stroke may be a bracket. 1 without
            such strokes.
    """

    page: Page
    line: Line
    signs: tuple[Sign, ...] = ()
    share: float = 1.0


def _separate(near: Near, search: Search) -> Separated:
    return _without(near, find_signs(near.pieces, search).groups)


def _without(near: Near, groups: Sequence[Group]) -> Separated:
    """Separate a line into some signs and the rest."""
    page, line, (top, left) = near.page, near.line, near.at
    found = [Sign(group.text, _around(group, left, top)) for group in groups]
    signs = tuple(sorted(found, key=lambda sign: sign.box.left))
    read = [group for group in groups if _is_read(group)]
    if not read:
        return Separated(page, line, signs)
    numbers = [piece.component.number for group in read for piece in group.pieces]
    ink = np.isin(near.piece_map, numbers)
    taken = set(np.unique(near.ink[ink]).tolist())
    taken -= set(np.unique(near.ink[~ink]).tolist())  # a digit it touches stays
    rest = tuple(part for part in line.components if part.number not in taken)
    soft, component_map = page.soft.copy(), page.component_map.copy()
    here = slice(top, top + ink.shape[0]), slice(left, left + ink.shape[1])
    soft[here][with_edge(ink, (near.ink > 0) & ~ink)] = 0
    component_map[here][ink] = 0
    cleaned = replace(page, soft=soft, component_map=component_map)
    return Separated(cleaned, line._replace(components=rest), signs)


def _is_read(group: Group) -> bool:
    """Return whether the net for lines would read a sign as a digit."""
    return group.text in AS_TALL or (group.text == "-" and is_rising(*group.pieces))


def separations(
    page: Page, line: Line, ends: tuple[float, float], pattern: Pattern
) -> Iterator[Separated]:
    """Yield the ways to separate a line: doubtful strokes as digits, and as signs.

    What looks like no digit is always a sign. For other strokes the more confident
    reading is kept: of 31 real strings with a stroke like a plus or a per cent sign 7
    were read correctly so, 3 with all such signs removed, 8 if none is looked for. If a
    pattern writes slashes, the tallest strokes are tried first: a 1 beside them was
    taken for one more slash.

    Args:
        page: Ready for reading.
        line: With its band.
        ends: First column of the line, and the one after its last.
        pattern: What the line must match; only signs that it writes are looked for.
    """
    near = ink_near(page, line, ends)
    if pattern.is_free:
        yield from _with_endings(near)
        return
    written = pattern.separators & TALL
    certain = _separate(near, Search(written))
    yield certain
    if written:
        slashes = sum(sign.text == "/" for sign in certain.signs)
        before = certain
        for most in range(slashes, slashes + FURTHER + 1):
            search = Search(written, EXPECTED_TALLER, most, LIKELY_ENDING)
            likely = _separate(near, search)
            if likely.signs != before.signs:
                yield likely
            before = likely


def _with_endings(near: Near) -> Iterator[Separated]:
    """Separate a line, a stroke before a last dash first as what is more likely."""
    odds = max(find_endings(near.pieces).values(), default=NONE)
    slash = sigmoid(odds)
    share, other = max(slash, 1 - slash), min(slash, 1 - slash)
    if may_have_bracket(near.pieces):
        share, other = PENALTY * share, PENALTY * other
    found = find_signs(near.pieces, Search(TALL))
    certain = _without(near, found.groups)
    yield certain._replace(share=share)
    if other > 0:
        ending = NONE if odds <= 0 else -NONE
        yield _separate(near, Search(TALL, ending=ending))._replace(share=other)
    if found.may_be_more or currency_of(near.pieces):  # else it would be the same
        likely = _separate(near, Search(TALL, TALLER))
        if likely.signs != certain.signs:
            yield likely._replace(share=share)


def with_slashes(
    page: Page, line: Line, ends: tuple[float, float], slashes: Sequence[Box]
) -> Separated | None:
    """Separate a line whose strokes in some places are slashes, however tall they are.

    Args:
        page: Ready for reading.
        line: With its band.
        ends: First column of the line, and the one after its last.
        slashes: Around each, on the page.

    Returns:
        None if one of them touches other ink.
    """
    near = ink_near(page, line, ends)
    top, left = near.at
    known = [
        Group("/", (piece,))
        for piece in near.pieces
        if piece.component.box.moved(left, top) in slashes
    ]
    if len(known) < len(slashes):
        return None
    rest = without(near.pieces, known)
    return _without(near, [*find_signs(rest, Search(TALL)).groups, *known])


def stand_apart(signs: tuple[Sign, ...], boxes: tuple[Box, ...]) -> bool:
    """Return whether no sign as tall as digits was read as a digit, or a part of one.

    Args:
        signs: That were found.
        boxes: Of the digits that were read with all ink.

    Example:
        >>> four = Box(0, 0, 20, 40)
        >>> stand_apart((Sign("+", four),), (four,))
        False
        >>> stand_apart((Sign("+", Box(30, 10, 50, 30)), Sign("-", four)), (four,))
        True
    """
    tall = [sign.box for sign in signs if sign.text in AS_TALL]
    return not any(one.is_at(box) for one in tall for box in boxes)


def may_be_percent(signs: tuple[Sign, ...], boxes: tuple[Box, ...]) -> bool:
    """Return whether what may be a per cent sign was read as two digits, as 96.

    Args:
        signs: That may be there.
        boxes: Of the digits that were read.

    Example:
        >>> boxes = Box(0, 0, 20, 40), Box(30, 0, 50, 40), Box(52, 0, 72, 40)
        >>> may_be_percent((Sign("%", Box(30, 0, 72, 40)),), boxes)
        True
    """
    percent = [sign.box for sign in signs if sign.text == "%"]
    return any(sum(one.is_at(box) for box in boxes) > 1 for one in percent)


def joint_confidence(
    separated: Separated, confidence: float, best: tuple[Separated, float] | None
) -> float:
    """Return the probability that digits are right and the removed signs are no digits.

    What is left after removing a digit may be read with confidence, and be wrong.

    Args:
        separated: The line without signs.
        confidence: Of its digits.
        best: The best way to separate it so far, and its confidence.
    """
    confidence *= separated.share
    if best is None or best[0].share != separated.share:
        return confidence  # the shares are these probabilities
    more = [sign for sign in separated.signs if sign not in best[0].signs]
    if any(sign.text in LIKE_DIGITS for sign in more):
        return confidence * (1 - best[1])
    return excluding(confidence, best[1])


def find_gaps(boxes: tuple[Box, ...], signs: tuple[Sign, ...]) -> list[Gap]:
    """Return the signs and the room before, between and after digits.

    Args:
        boxes: Of the digits, from left to right.
        signs: From left to right.

    Example:
        >>> digits = Box(0, 0, 20, 40), Box(40, 0, 60, 40)
        >>> [gap.signs for gap in find_gaps(digits, (Sign("-", Box(25, 18, 35, 22)),))]
        ['', '-', '']
    """
    texts = [""] * (len(boxes) + 1)
    centres = [box.left + box.right for box in boxes]
    for sign in signs:
        place = int(np.searchsorted(centres, sign.box.left + sign.box.right))
        texts[place] += sign.text
    room = np.array([after.left - before.right for before, after in pairwise(boxes)])
    height = np.median([box.height for box in boxes])
    wide = room > np.median(room) + WIDE * height if len(room) else []
    return [
        Gap(text, bool(is_wide))
        for text, is_wide in zip(texts, [False, *wide, False], strict=True)
    ]


def _around(group: Group, left: int, top: int) -> Box:
    """Return the box around a sign on the page."""
    return Box.around(piece.component.box for piece in group.pieces).moved(left, top)
