"""Find signs as tall as digits by their shape: slashes, plus, per cent, number sign.

The nets read them as digits. Signs like no digit are found first; those that may be
digits are looked for if a pattern writes them, or digits were read without confidence.
`find_signs` finds the small ones.
"""

from typing import NamedTuple

import numpy as np

from mnistry.arrays import Mask
from mnistry.scan.recognize.signs.endings import NONE, find_endings
from mnistry.scan.recognize.signs.percent import find_percent, is_certain
from mnistry.scan.recognize.signs.shapes import (
    LEANING,
    Group,
    Hole,
    Piece,
    as_tall_as_digits,
    is_between,
    without,
)

# All lengths are in heights of a digit, rows from its top (0) to its foot (1). They are
# from 600 composed strings of MNIST's training digits with drawn signs.
TALLER = 1.12  # a slash is no lower
EXPECTED_TALLER = 0.93  # the same if the pattern has a slash
CERTAIN_TALLER = 1.2  # none of 410 leaning ones in composed strings is so tall
ANOTHER_TALLER = 1.06  # the same beside a slash that is certain
UPRIGHT = 0.04  # columns for each row upwards, of the other slash if it is so tall
MANY = 99  # slashes in a line
DATE = (0.5, 2.7), (0.7, 2.9), (2.6, 5.2)  # room before, between and after its slashes
YEAR = 4  # digits; more after a slash are a number, such as the second of 0519/85882
PLUS = 0.25, 0.9  # width and height of a plus
FREE = 0.04, 1.02  # rows between which a plus after a digit is
# top and height of a plus after all digits that is like no digit: lower than the one,
# less than the other. None of 1,073 digits of composed strings, most of them fours and
# sevens, is so
LOW_PLUS = 0.15, 0.72
ARMS = 1.8  # pens of a plus's width and height, at least: a point has one
CLOSED = 0.005  # of its box; if ink encloses more paper it is a number sign
CORNERS = 0.12  # share of a plus's ink in the corners of its box, at most
# of a number sign: its height; where the paper is that it encloses; the share of its
# width that a bar takes; the share of its height above, between and below the bars.
# None of MNIST's 60,000 training digits is so; 130 of 200 composed signs of 36 pixels
# are
NUMBER_SIGN, CENTRAL, BAR, ARM = (0.5, 1.6), (0.3, 0.7), 0.6, 0.05


class Search(NamedTuple):
    """Which signs as tall as digits are looked for, and how much like digits.

    Attributes:
        texts: Of `%/+()#`.
        taller: Least height of a slash; from `CERTAIN_TALLER` on only signs that are
            like no digit are found.
        slashes: The most that are found, the tallest first.
        ending: Log odds above which a stroke before a last dash is a slash.
    """

    texts: frozenset[str]
    taller: float = CERTAIN_TALLER
    slashes: int = MANY
    ending: float = 0.0

    @property
    def is_certain(self) -> bool:
        """Whether only signs that are like no digit are looked for."""
        return self.taller >= CERTAIN_TALLER


class Found(NamedTuple):
    """The signs of a line.

    Attributes:
        groups: Each with the pieces that it is made of.
        may_be_more: A search that is less certain may find others.
    """

    groups: list[Group]
    may_be_more: bool


def find_tall_signs(pieces: list[Piece], search: Search) -> Found:
    """Find signs that could be digits: per cent, slashes, a plus, a number sign.

    Args:
        pieces: Of one line, sorted by their left edges.
        search: What is looked for.
    """
    found: list[Group] = []
    percent = find_percent(pieces) if "%" in search.texts else ()
    is_doubtful = bool(percent) and not is_certain(percent)
    if percent and not (search.is_certain and is_doubtful):
        found.append(Group("%", percent))
    if "#" in search.texts:
        least, most = NUMBER_SIGN
        rest = [of for of in without(pieces, found) if least < of.height < most]
        crossed = [of for of in rest if is_number_sign(of.ink, of.holes)]
        found += [Group("#", (piece,)) for piece in crossed]
    rest = without(pieces, found)
    digits = as_tall_as_digits(rest)
    if "+" in search.texts:  # a crossed seven is often like one
        plus = [piece for piece in rest if _is_plus(piece, digits)]
        certain = [piece for piece in plus if _is_low_and_last(piece, digits)]
        is_doubtful |= len(certain) < len(plus)
        kept = certain if search.is_certain else plus
        found += [Group("+", (piece,)) for piece in kept]
    if "/" in search.texts:
        slashes = _find_slashes(rest, digits, search)
        found += [Group("/", (piece,)) for piece in slashes]
        is_doubtful |= any(one.height > TALLER and one.leans for one in rest)
    return Found(found, search.is_certain and is_doubtful)


def _find_slashes(
    pieces: list[Piece], digits: list[Piece], search: Search
) -> list[Piece]:
    """Find slashes between digits, and before a last dash; the tallest first."""
    taller = search.taller
    if any(_is_slash(piece, digits, CERTAIN_TALLER) for piece in pieces):
        taller = min(taller, ANOTHER_TALLER)
    endings = find_endings(pieces)
    strokes = [
        piece
        for piece in pieces
        if _is_slash(piece, digits, taller) or endings.get(piece, NONE) > search.ending
    ]
    strokes = _between_digits(strokes, digits)
    strokes.sort(key=lambda piece: -piece.height)
    if len(strokes) == 1 and search.slashes > 1:
        strokes += _other_slash(strokes[0], pieces, digits)
    return strokes[: search.slashes]


def _between_digits(strokes: list[Piece], digits: list[Piece]) -> list[Piece]:
    """Leave out strokes without a digit between them and a slash: ones, as in 9/1/24.

    Of three beside each other that is the middle one, of two the lower one.
    """
    others = [piece for piece in digits if piece not in strokes]
    ordered = sorted([*others, *strokes], key=lambda piece: piece.centre)
    places = [place for place, piece in enumerate(ordered) if piece in strokes]
    kept = dict.fromkeys(places)
    for place in places:
        if place - 1 in kept and place + 1 in kept:
            del kept[place]
    for place in [*kept]:
        if place - 1 in kept:
            del kept[min(place - 1, place, key=lambda of: ordered[of].height)]
    return [ordered[place] for place in kept]


def _other_slash(slash: Piece, pieces: list[Piece], digits: list[Piece]) -> list[Piece]:
    """Find the tallest stroke, if any, that makes a date with a slash.

    One or two digits before, one or two between, four after: most numbers with a slash
    are dates.
    """
    start, end = min(p.left for p in digits), max(p.right for p in digits)
    fitting = []
    for piece in pieces:
        is_upright = _is_slash(piece, digits, CERTAIN_TALLER, UPRIGHT)
        is_other = is_upright or _is_slash(piece, digits, EXPECTED_TALLER)
        if piece is slash or not is_other:
            continue
        first, second = sorted((piece.centre, slash.centre))
        before, between, after = first - start, second - first, end - second
        if sum(digit.centre > second for digit in digits) > YEAR:
            continue
        if all(
            least < room < most
            for room, (least, most) in zip((before, between, after), DATE, strict=True)
        ):
            fitting.append(piece)
    return sorted(fitting, key=lambda piece: -piece.height)[:1]


def _is_slash(
    piece: Piece, digits: list[Piece], least: float, leaning: float = LEANING
) -> bool:
    """Return whether a piece is a slash: it leans between digits, taller than they."""
    over = (least - 1) / (3 if least > 1 else 1)  # above and below the band
    is_tall = piece.height > least and piece.top < -over and piece.bottom > 1 + over
    return is_tall and is_between(piece, digits) and piece.leans_by(leaning)


def _is_low_and_last(plus: Piece, digits: list[Piece]) -> bool:
    """Return whether a plus is after all digits, and too low for a crossed 7 or a 4."""
    top, height = LOW_PLUS
    is_low = plus.top > top and plus.height < height
    return is_low and all(d is plus or d.right < plus.centre for d in digits)


def _is_plus(piece: Piece, digits: list[Piece]) -> bool:
    """Return whether two strokes cross amid the band, with paper above and below.

    The four of a number sign are no plus: they enclose paper.
    """
    least, most = PLUS
    sides = sorted((piece.width, piece.height))
    if not (least < sides[0] and sides[1] < most and sides[1] < 1.9 * sides[0]):
        return False
    if not 0.3 < piece.middle < 0.85 or sides[0] < ARMS * piece.pen:
        return False
    if any(hole.area > CLOSED for hole in piece.holes):
        return False
    is_free = FREE[0] < piece.top and piece.bottom < FREE[1]
    if not is_free and any(digit.left < piece.left for digit in digits):
        return False
    rows, columns = piece.ink.shape
    y, x = (slice(round(side / 4), round(side * 3 / 4)) for side in (rows, columns))
    cross = np.zeros(piece.ink.shape, bool)
    cross[y], cross[:, x] = True, True
    corners = piece.ink & ~cross
    arms = [piece.ink[:, 0:1], piece.ink[:, -1:], piece.ink[:1].T, piece.ink[-1:].T]
    reach = all(0.2 < np.flatnonzero(arm).mean() / len(arm) < 0.8 for arm in arms)
    return bool(reach and corners.sum() < CORNERS * piece.ink.sum())


def is_number_sign(ink: Mask, holes: list[Hole]) -> bool:
    """Return whether two bars cross two strokes, which are seen on all sides of them.

    Args:
        ink: Cropped to its ink.
        holes: What it encloses.

    Example:
        >>> from mnistry.scan.recognize.signs.shapes import find_holes
        >>> sign = np.zeros((40, 40), bool)
        >>> sign[:, 10:14] = sign[:, 26:30] = sign[10:14] = sign[26:30] = True
        >>> box = sign[10:30, 10:30]
        >>> is_number_sign(sign, find_holes(sign)), is_number_sign(box, find_holes(box))
        (True, False)
    """
    first, last = CENTRAL
    for hole in holes:
        if first < hole.column < last and first < hole.row < last:
            row, middle = int(hole.row * len(ink)), int(hole.column * ink.shape[1])
            sides = ink[:, :middle], ink[:, : middle - 1 : -1]
            return all(_stand_out(side, row) for side in sides) and _has_bars(ink)
    return False


def _stand_out(side: Mask, row: int) -> bool:
    """Return whether strokes stand out above a row and below it, farther than in it.

    Args:
        side: Columns from outside to the middle.
        row: Through the middle.
    """
    paper = int(side[row].argmax())
    beside = side[:, paper // 2]
    return paper > 0 and bool(beside[:row].any() and beside[row:].any())


def _has_bars(ink: Mask) -> bool:
    """Return whether two strokes are seen above, between and below two bars."""
    rows, columns = ink.shape
    starts = np.diff(ink.astype(np.int8), axis=1, prepend=0) == 1
    is_bar = ink.sum(axis=1) >= BAR * columns
    kinds = np.where(is_bar, 2, starts.sum(axis=1) == 2)
    changes = np.flatnonzero(np.diff(kinds, prepend=-1))
    is_long = np.diff(changes, append=rows) >= ARM * rows
    seen: list[int] = kinds[changes][is_long & (kinds[changes] > 0)].tolist()
    return seen == [1, 2, 1, 2, 1]
