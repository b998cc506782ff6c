"""The slash of "250/-", which ends an amount: a one before a dash is much like it.

No net is asked: to the nets for lines such a slash is a one.
"""

from collections.abc import Sequence

import numpy as np

from mnistry.scan.recognize.shapes import LEANING, SMALL, STRAIGHT, Piece

# lengths are in heights of a digit
DASH, NEAR = 0.3, 0.6  # its dash is wider, and not as high; the most room before it
# log odds for each row of its top, of its foot, for each column that it leans to the
# right in a row, and without: by logistic regression of 685 slashes and 647 ones before
# dashes, on composed strings of MNIST's training digits. Of others, held out, 92 % of
# the slashes are above 0, and 7 % of the ones. A slash counts three times: of numbers
# one in ten ends with a one, but many people write no slash
WEIGHTS = np.array([-23.4, 55.5, 3.8, -59.3])
NONE = -np.inf  # log odds of what is no such stroke


def ending_log_odds(piece: Piece, pieces: Sequence[Piece]) -> float:
    """Give the log odds of a stroke to be the slash before a last dash, and no one.

    Args:
        piece: The stroke.
        pieces: Of the line.

    Returns:
        They are NONE where it is no such stroke, or no dash follows it.
    """
    if piece.height <= SMALL:
        return NONE
    after = [p for p in pieces if p.centre > piece.centre and 0 < p.middle < 1]
    if not after or not any(
        p.right < piece.centre and p.height > SMALL for p in pieces
    ):
        return NONE
    dash = min(after, key=lambda p: p.left)
    if not _is_dash(dash) or dash.left > piece.right + NEAR:
        return NONE
    slope, spread = piece.slope
    if -slope <= LEANING or spread >= STRAIGHT:
        return NONE
    return float(np.array([piece.top, piece.bottom, -slope, 1.0]) @ WEIGHTS)


def _is_dash(piece: Piece) -> bool:
    return piece.width > max(DASH, 1.3 * piece.height) and piece.height < DASH
