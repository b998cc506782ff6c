"""Find the signs of a line by their shape: points, dashes, an equals sign, slashes.

A sign is one component or a few, of a size, place and shape in the band of the digits
that no digit has: a point at the foot, a dash in the middle, a slash that leans and is
taller than its neighbours. No net is used.
"""

from itertools import permutations
from statistics import median

from mnistry.scan.page.layout.lines import WIDE_GAP
from mnistry.scan.recognize.signs.brackets import find_brackets
from mnistry.scan.recognize.signs.colons import DOT, LOW, find_colons
from mnistry.scan.recognize.signs.currency import CURRENCIES, find_currency
from mnistry.scan.recognize.signs.shapes import (
    ENCLOSED,
    SMALL,
    STRAIGHT,
    Group,
    Piece,
    as_tall_as_digits,
    enclosed_share,
    fit_line,
    is_between,
    without,
)
from mnistry.scan.recognize.signs.tall_signs import Found, Search, find_tall_signs

# All lengths are in heights of a digit, as in `tall_signs`.
WIDEST = 1.7  # a dash is no wider
FLATTEST = 2.5  # heights of a point is its width, at most; more is left of a rule
FLAT = 0.3  # a dash is no taller, leaning or not ...
RISING = 0.55  # ... unless it rises after all digits: then it is no taller than this
MIDDLE = 0.25, 0.85  # rows between which the centre of a dash is
FOOT = 0.6  # no digit begins below this row; commas that do may be taller than SMALL
HIGH = 0.25  # centres of apostrophes are above this row
TAIL = 0.33  # a comma is taller, with a quarter of its height beyond its width added
BEFORE = 0.2  # a piece that begins so far left of a digit is not in it
THIN = 0.5  # of the pen of the digits: thinner ink is of another pen ...
LONG = 0.3  # ... unless it is a long dash
BRACKETS = frozenset("()")
EQUAL = 0.6  # of the shorter dash of an equals sign is above or below the other one
FAR = WIDE_GAP  # from digits and their signs, at most: no gap in a number is so wide


def currency_of(pieces: list[Piece]) -> list[Group]:
    """Find the sign of a currency before a line, which may be digits.

    Args:
        pieces: Of one line, sorted by their left edges.
    """
    rest = _by_pen(pieces)
    return find_currency(rest, as_tall_as_digits(rest))


def _by_pen(pieces: list[Piece]) -> list[Piece]:
    """Leave out what is thinner than the pen of the digits."""
    pen = median([p.pen for p in pieces if p.height > SMALL] or [0.0])
    return [p for p in pieces if p.pen >= THIN * pen or p.width > LONG]


def find_signs(pieces: list[Piece], search: Search) -> Found:
    """Find the signs of a line.

    Args:
        pieces: Of one line, sorted by their left edges.
        search: Which signs as tall as digits are looked for; that of a currency only if
            others than certain ones are.
    """
    rest = _by_pen(pieces)
    found: list[Group] = []
    if not search.is_certain:
        found += find_currency(rest, as_tall_as_digits(rest))
    if search.texts >= BRACKETS:
        found += find_brackets(without(rest, found))
    tall, may_be_more = find_tall_signs(without(rest, found), search)
    found += tall
    rest = without(rest, found)
    small = [p for p in rest if p.height <= SMALL or p.top > FOOT]
    digits = as_tall_as_digits(p for p in rest if p not in small)
    found += [Group(":", points) for points in find_colons(small, digits)]
    names = {piece: _small_sign(piece, digits) for piece in without(small, found)}
    dashes = [piece for piece, name in names.items() if name == "-"]
    equals = [pair for pair in permutations(dashes, 2) if _are_equals(*pair)]
    found += [Group("=", pair) for pair in equals]
    joined = {piece for pair in equals for piece in pair}
    found += [
        Group(name, (piece,))
        for piece, name in names.items()
        if name and piece not in joined
    ]
    return Found(_near(found, digits) if digits else found, may_be_more)


def _near(groups: list[Group], digits: list[Piece]) -> list[Group]:
    """Leave out signs far from digits and their signs, such as ink of a table.

    Args:
        groups: That may be signs.
        digits: What they belong to.
    """
    left, right = min(d.left for d in digits), max(d.right for d in digits)
    spans = [
        (min(p.left for p in of.pieces), max(p.right for p in of.pieces), of)
        for of in groups
    ]
    near = []
    for first, last, group in sorted(
        spans, key=lambda span: max(left - span[1], span[0] - right)
    ):
        is_printed = group.text in CURRENCIES  # in a field's corner, however far
        if is_printed or (last > left - FAR and first < right + FAR):
            near.append(group)
            left, right = min(left, first), max(right, last)
    return near


def _are_equals(upper: Piece, lower: Piece) -> bool:
    """Return whether two dashes lie above each other, as in an equals sign."""
    both = min(upper.right, lower.right) - max(upper.left, lower.left)
    is_above = upper.bottom < lower.bottom
    return is_above and both > EQUAL * min(upper.width, lower.width)


def _small_sign(piece: Piece, digits: list[Piece]) -> str:
    """Name a point, comma, apostrophe or dash by its size and place; or nothing."""
    around = (d for d in digits if d.left < piece.left + BEFORE)
    if max((enclosed_share(piece, digit) for digit in around), default=0.0) > ENCLOSED:
        return ""
    if (
        piece.width > 1.3 * piece.height
        and 0.15 < piece.width < WIDEST
        and piece.height < FLAT
        and MIDDLE[0] < piece.middle < MIDDLE[1]
        and not _is_within(piece, digits)
    ):
        return "-"
    if is_rising(piece) and all(d.right < piece.centre for d in digits):
        return "-"
    if piece.width > min(DOT + 0.1, FLATTEST * piece.height):
        return ""
    if not any(d.centre < piece.centre for d in digits):
        return ""
    if piece.middle > LOW and piece.top > 0.5:
        tail = piece.height + 0.25 * (piece.height - piece.width)
        return "," if tail > TAIL else "."
    high = piece.middle < HIGH and piece.top < 0.05
    upright = piece.height > 0.8 * piece.width
    return "'" if high and upright and is_between(piece, digits) else ""


def _is_within(dash: Piece, digits: list[Piece]) -> bool:
    """Return whether a digit spans a dash to its end: a torn 6 or 4 has such a piece.

    A minus may begin below the head of the digit behind it. Of 1,760 composed strings
    with signs three are right only with this, none only without it.
    """
    return any(d.centre < dash.centre and dash.right <= d.right for d in digits)


def is_rising(dash: Piece) -> bool:
    """Return whether a piece is a dash that rises to the right: nets read it as a 1."""
    if not FLAT <= dash.height < RISING or dash.width < 1.1 * dash.height:
        return False
    if not (MIDDLE[0] < dash.middle < MIDDLE[1] and dash.width < WIDEST):
        return False
    slope, spread = fit_line(dash.ink.T)
    return slope < 0 and spread * dash.height / len(dash.ink) < STRAIGHT
