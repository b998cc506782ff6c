"""Round brackets around a number: bookkeepers write a negative amount so.

The nets for lines read them as ones. A bracket is one stroke, bent evenly: the first of
a line to the left, the last to the right. No net is asked.
"""

from collections.abc import Sequence

from mnistry.scan.recognize.shapes import Group, Piece, as_tall_as_digits

# lengths are in heights of a digit
TALL = 0.8  # a bracket is taller
WIDE = 0.65  # of its height: it is no wider
EVEN = 0.085  # spread of its ink around a parabola: a pen is so thick
# by how much its middle is farther out than its ends; each, and both together. Of 151
# composed numbers in brackets that stand apart 150 bend so; of 370 numbers, fractions,
# and numbers that begin and end with a one, none
BENT, BOTH_BENT = 0.05, 0.16
BENT_ALONE = 0.16  # one stroke: of 160 that stand alone 156, of 800 composed numbers 7
# after the number of a list, of one digit or two, as in 1) and 12): how it bends, its
# spread, the columns that it leans for each row. 300 of 300 that were drawn or printed
# are so; of 2,910 of MNIST's training digits, written with two pens, three sevens
LISTED = 2  # digits before it
LISTED_BENT, LISTED_EVEN, LISTED_LEANING = 0.13, 0.06, 0.3


def find_brackets(pieces: Sequence[Piece]) -> list[Group]:
    """Find the pair around all that may be digits, or the one after a list's number.

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
    """Tell whether a number begins or ends like a bracket, whose pair is not found.

    Args:
        pieces: Of one line, from left to right.
    """
    tall = as_tall_as_digits(pieces)
    if not tall or find_brackets(pieces):
        return False
    return _bend(tall[0]) > BENT_ALONE or -_bend(tall[-1]) > BENT_ALONE


def _is_after_number(piece: Piece) -> bool:
    """Tell a stroke that bends to the right so evenly that it is no one."""
    if -_bend(piece) <= LISTED_BENT:
        return False
    return piece.bend[1] < LISTED_EVEN and abs(piece.slope[0]) < LISTED_LEANING


def _bend(piece: Piece) -> float:
    """Give by how much a stroke bends to the left in its middle; 0 for no stroke."""
    is_tall = piece.height > TALL and piece.width < WIDE * piece.height
    if not is_tall or piece.holes:
        return 0.0
    bend, spread = piece.bend
    return bend if spread < EVEN else 0.0
