"""Upright rules of tables: each separates two numbers, however close they are.

Boxes for one digit each have rules between the digits of one number. A table is
recognised by a cell with several digits side by side.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

# All are from five photographed score sheets (108 numbers of MNIST's training digits,
# cells three digits wide: 105 are read, 74 without this) and 33 generated pages on
# squared paper, on which no reading may change.
UPRIGHT = 0.8  # of the height of a line; a rule runs through no less of it
LEAN = 0.15  # heights of a digit by which a rule leans beside it, at most
LEAST_WIDE = 1.5  # heights of a digit; boxes for one digit each are rarely so wide
# times the width of the narrowest cell with several digits: rules beside narrower cells
# do not split, for in the table of a form the cell of a printed label may stand beside
# boxes for one digit each
AS_WIDE = 0.6
FAIR = 0.6  # of the height of a line; lower components are parts of digits
INSIDE = 0.25  # of a digit's width at each side, where a rule only touches it
CROSSED = 0.1  # of the digits of a page: with more on rules it is squared paper
PIECE = 0.3  # heights of a digit; lower pieces are of level rules
DOUBLE = 0.3  # heights of a digit; nearer rules are one, drawn double
# rows of a page, at most: on a page of tiny marks in squares, which is no table, rules
# would be looked for 4,000 times, 3 ms each
MOST_ROWS = 400


class TextRow(NamedTuple):
    """A row of writing: the rows of pixels of its digits, and boxes around its ink."""

    band: tuple[float, float]
    boxes: Sequence[Box]


class _Rule(NamedTuple):
    column: float
    table: int


class Tables:
    """The upright rules of a page, and which of them are a table's."""

    def __init__(
        self, rows: Sequence[TextRow], taken_out: Mask | None, both: Mask
    ) -> None:
        self._taken_out = taken_out
        self._rules = both.astype(np.uint8)
        self._numbers: NDArray[np.int32] | None = None
        self._narrowest: dict[int, float] = {}
        self._of_band: dict[tuple[int, int], list[_Rule]] = {}
        if len(rows) > MOST_ROWS:
            return
        inked = sum(len(row.boxes) for row in rows)
        if sum(self._crossed(row) for row in rows) > CROSSED * inked:
            return
        for row in rows:
            for table, width in self._with_several(row):
                least = min(width, self._narrowest.get(table, width))
                self._narrowest[table] = least

    def through(
        self,
        band: tuple[float, float],
        begins: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        """Return for each gap of a row whether a removed rule runs through it.

        Args:
            band: Rows of pixels from the top of its digits to their foot.
            begins: First column of each gap.
            ends: The column after its last.
        """
        if self._taken_out is None:
            return np.zeros(len(begins), bool)
        rules = self._taken_out[int(band[0]) : int(band[1])]
        return np.array(
            [
                rules[:, left : max(left, right)].any(axis=1).mean() > UPRIGHT
                for left, right in zip(begins, ends, strict=True)
            ],
            bool,
        )

    def separate(
        self, row: TextRow, begins: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return for each gap of a row whether a rule of a table runs through it.

        Args:
            row: The row.
            begins: First column of each gap.
            ends: The column after its last.
        """
        is_split = np.zeros(len(begins), bool)
        if not self._narrowest:
            return is_split
        # a rule through a digit splits the row at the nearer side of it
        first, last = row.boxes[0].left, max(box.right for box in row.boxes)
        lefts, rights = (
            np.array([-np.inf, *begins, last]),
            np.array([first, *ends, np.inf]),
        )
        rules = self._rules_of(row)
        walls = [_Rule(-np.inf, 0), *rules, _Rule(np.inf, 0)]
        for before, rule, after in zip(walls, rules, walls[2:], strict=False):
            narrowest = self._narrowest.get(rule.table)
            if narrowest is None:
                continue
            beside = rule.column - before.column, after.column - rule.column
            if min(beside) >= AS_WIDE * narrowest:
                away = np.maximum(lefts - rule.column, rule.column - rights)
                nearest = int(away.argmin()) - 1
                if 0 <= nearest < len(is_split):
                    is_split[nearest] = True
        return is_split

    def _with_several(self, row: TextRow) -> list[tuple[int, float]]:
        """Return the table and the width of each cell that holds several digits."""
        height = row.band[1] - row.band[0]
        tall = [box for box in row.boxes if box.height >= FAIR * height]
        rules = self._rules_of(row)
        widths = np.diff([rule.column for rule in rules])
        least = LEAST_WIDE * height
        if ((widths > DOUBLE * height) & (widths < least)).any():
            return []
        found = []
        for one, two in pairwise(rules):
            within = [box for box in tall if one.column <= box.centre[0] <= two.column]
            width = two.column - one.column
            apart = [b.left >= a.right for a, b in pairwise(within)]
            if one.table == two.table and width >= least and any(apart):
                found.append((one.table, width))
        return found

    def _crossed(self, row: TextRow) -> int:
        """Count the digits of a row that a rule runs through."""
        columns = [rule.column for rule in self._rules_of(row)]
        left, _, right, _ = np.array(row.boxes).T
        aside = INSIDE * (right - left)
        first = np.searchsorted(columns, left + aside, side="right")
        after = np.searchsorted(columns, right - aside, side="left")
        return int(np.count_nonzero(first < after))

    def _rules_of(self, row: TextRow) -> list[_Rule]:
        """Return the upright rules of a row, from left to right."""
        top, bottom = map(int, row.band)
        if (top, bottom) not in self._of_band:
            self._of_band[top, bottom] = self._find(top, bottom)
        return self._of_band[top, bottom]

    def _find(self, top: int, bottom: int) -> list[_Rule]:
        """Find the upright rules that run through rows of pixels."""
        height = bottom - top
        above = min(top, height)
        around = self._rules[top - above : bottom + height]
        piece = rectangle(max(3, round(PIECE * height)), 1)
        upright = cv2.morphologyEx(
            cv2.dilate(around, rectangle(1, 3)), cv2.MORPH_OPEN, piece
        )
        if not cv2.countNonZero(upright):
            return []
        broad = cv2.dilate(upright, rectangle(1, 1 + 2 * round(LEAN * height)))
        # where a digit lies on a rule, the rule was left to it
        closed = cv2.morphologyEx(broad, cv2.MORPH_CLOSE, rectangle(height, 1))
        band = closed[above : above + height]
        through = np.flatnonzero(band.mean(axis=0) > UPRIGHT)
        if not len(through):
            return []
        runs = np.split(through, np.flatnonzero(np.diff(through) > 1) + 1)
        columns = [float(run.mean()) for run in runs]
        if self._numbers is None:
            _, self._numbers = cv2.connectedComponents(
                cv2.dilate(self._rules, rectangle(3, 3))
            )
        numbers = self._numbers[top - above : bottom + height]
        return [
            _Rule(at, _commonest(numbers[:, run[0] : run[-1] + 1]))
            for at, run in zip(columns, runs, strict=True)
        ]


def _commonest(numbers: NDArray[np.int32]) -> int:
    """Return the most frequent number; a piece of a digit may lie beside a rule."""
    return int(np.bincount(numbers[numbers > 0]).argmax()) if numbers.any() else 0
