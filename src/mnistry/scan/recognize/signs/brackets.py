"""Find round brackets around a number, as bookkeepers write negative amounts.

The net for lines reads them as ones. A bracket is one evenly bent stroke: the first of
a line bends to the left, the last to the right. No net is used.
"""

from collections.abc import Sequence

from mnistry.scan.recognize.signs.shapes import Group, Piece, as_tall_as_digits

# lengths are in heights of a digit
TALL = 0.8  # a bracket is taller
WIDE = 0.65  # of its height: it is no wider
EVEN = 0.085  # spread of its ink around a parabola, at most: that of a pen
# how far its middle is beyond its ends, at least: of each, and of both together. 150 of
# 151 composed numbers in brackets that touch no digit are so, and none of 370 numbers,
# fractions, and numbers that begin and end with a 1
BENT, BOTH_BENT = 0.05, 0.16
BENT_ALONE = 0.16  # of a single bracket: 156 of 160, and 7 of 800 composed numbers
# a bracket after the number of a list, as in 1) and 12): how it bends, its spread, the
# columns that it leans for each row. All of 300 that were drawn or printed are so, and
# three sevens of 2,910 of MNIST's training digits, written with two pens
LISTED = 2  # digits before it, at most
LISTED_BENT, LISTED_EVEN, LISTED_LEANING = 0.13, 0.06, 0.3


def find_brackets(pieces: Sequence[Piece]) -> list[Group]:
    """Find the pair around all digits, or the bracket after the number of a list.

    Args:
        pieces: Of one line, from left to right.
    """
    tall = as_tall_as_digits(pieces)
    if 1 < len(tall) <= LISTED + 1 and _is_after_number(tall[-1]):
        return [Group(")", (tall[-1],))]
    if len(tall) < 3:
        return []
    bent = _bend(tall[0]), -_bend(tall[-1])
    if min(bent) < BENT or sum(bent) < BOTH_BENT:
        return []
    return [Group("(", (tall[0],)), Group(")", (tall[-1],))]


def may_have_bracket(pieces: Sequence[Piece]) -> bool:
    """Return whether a number begins or ends with a bracket whose pair is not found.

    Args:
        pieces: Of one line, from left to right.
    """
    tall = as_tall_as_digits(pieces)
    if not tall or find_brackets(pieces):
        return False
    return _bend(tall[0]) > BENT_ALONE or -_bend(tall[-1]) > BENT_ALONE


def _is_after_number(piece: Piece) -> bool:
    """Return whether a stroke bends to the right so evenly that it is no 1."""
    if -_bend(piece) <= LISTED_BENT:
        return False
    return piece.bend[1] < LISTED_EVEN and abs(piece.slope[0]) < LISTED_LEANING


def _bend(piece: Piece) -> float:
    """Return how far the middle of a stroke bends to the left; 0 if it is no stroke."""
    is_tall = piece.height > TALL and piece.width < WIDE * piece.height
    if not is_tall or piece.holes:
        return 0.0
    bend, spread = piece.bend
    return bend if spread < EVEN else 0.0
