"""Find the level rules that boxes in a row stand on, and those above them.

A rule may lean and be bent a little: it is where its ink is, column by column.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.boxes.bend import Bend, flatten
from mnistry.scan.page.boxes.sides import shares_along
from mnistry.scan.page.ink.components import label_components
from mnistry.scan.page.picture.pixels import rectangle

cv2 = require("cv2", extra="read")

SHORTEST = 24  # pixels of a rule that boxes stand on
THICKEST = 9  # pixels of a side, or of two beside each other
APART = 60  # pixels between the rules of two boxes of one row, at most
LEVEL = 4  # pixels between the heights of these, at most
ENDS = 8  # columns at each end of a rule that show how high it is there
FULL = 0.5  # of the columns of a level rule have ink in each of its rows
CURVED = 96  # pixels; shorter rules are straight
LOW = 8  # pixels, two rows of dilation among them; a rule no higher is level
BENT = 2  # pixels between the ends of a rule; with more it is bent
AROUND_BENT = 8  # pixels above and below in which a bent rule is looked for
BEYOND = 12  # columns beside a bent row that are bent with it


class Rule(NamedTuple):
    """A rule, or several of one row: the box around it, and its row at both ends."""

    left: int
    top: int
    right: int
    bottom: int
    start: float
    end: float


class Rules:
    """The level rules of a page, from left to right.

    Attributes:
        mask: Their ink, dilated by a row above and below.
    """

    def __init__(self, ink: NDArray[np.uint8]) -> None:
        """Find them.

        Args:
            ink: (rows, columns) of ones where there is ink.
        """
        self.mask = _long(ink)
        self._paths: dict[Rule, NDArray[np.float64]] = {}

    @cached_property
    def single(self) -> list[Rule]:
        """Each by itself, without the specks that thick ink leaves of rules."""
        _, facts = label_components(self.mask)
        return sorted(
            self._rule(left, top, width, height)
            for left, top, width, height, _area in facts[1:].tolist()
            if width >= ENDS and height <= max(THICKEST, 0.1 * width) + 4
        )

    @cached_property
    def joined(self) -> list[Rule]:
        """Rules that go on at the same height, as one: boxes stand apart, ink fades."""
        rows: list[list[Rule]] = []
        for rule in self.single:
            for row in rows:
                last = row[-1]
                away = abs(rule.start - last.end)
                if -LEVEL <= rule.left - last.right <= APART and away <= LEVEL:
                    row.append(rule)
                    break
            else:
                rows.append([rule])
        return [_together(row) for row in rows]

    def bend_of(self, rules: list[Rule], left: int, right: int) -> Bend | None:
        """Return how rules above each other are bent; None if they are level.

        Args:
            rules: One or more.
            left: First column.
            right: The one after the last.
        """
        if all(of.bottom - of.top <= LOW for of in rules):
            return None
        columns = np.arange(left - BEYOND, right + BEYOND)
        heights = np.stack([self._heights(of, columns) for of in rules]).mean(axis=0)
        offsets = np.round(heights - heights[len(heights) // 2]).astype(np.int64)
        return Bend(left - BEYOND, offsets) if np.ptp(offsets) > BENT else None

    def rows_of(self, rule: Rule, column: int, bend: Bend | None) -> slice:
        """Return the rows around a rule, at the column where its offset is 0."""
        if bend is None:
            return slice(max(0, rule.top - 3), rule.bottom + 3)
        height = round(float(self._heights(rule, np.array([column]))[0]))
        return slice(height - AROUND_BENT, height + AROUND_BENT + 1)

    def thickness_of(self, rule: Rule, bend: Bend | None) -> slice:
        """Return the rows of a rule itself, as `rows_of` does."""
        if bend is None:
            return slice(rule.top, rule.bottom)
        down = self.rows_of(rule, (rule.left + rule.right) // 2, bend)
        part = flatten(self.mask, down, slice(rule.left, rule.right), bend)
        full = np.flatnonzero(part.mean(axis=1) > FULL)
        if not len(full):
            return down
        return slice(down.start + int(full[0]), down.start + int(full[-1]) + 1)

    def _rule(self, left: int, top: int, width: int, height: int) -> Rule:
        ends = [(top + top + height) / 2] * 2
        if height > LOW:
            part = self.mask[top : top + height, left : left + width]
            ends = [
                top + float(np.nonzero(end)[0].mean())
                for end in (part[:, :ENDS], part[:, -ENDS:])
            ]
        return Rule(left, top, left + width, top + height, *ends)

    def _heights(self, rule: Rule, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the height of a rule at columns: a parabola through its ink."""
        if rule not in self._paths:
            part = self.mask[rule.top : rule.bottom, rule.left : rule.right]
            rows, across = np.nonzero(part)
            power = 2 if rule.right - rule.left >= CURVED else 1
            scaled = across / (rule.right - rule.left)
            path = np.polyfit(scaled, rows + rule.top, power)
            self._paths[rule] = path.astype(np.float64)
        places = (columns - rule.left) / (rule.right - rule.left)
        heights = np.polyval(self._paths[rule], places)
        return heights.astype(np.float64)


def height_along(
    ink: NDArray[np.uint8], down: slice, across: slice, bend: Bend | None
) -> tuple[int, float]:
    """Return the row in which a rule lies, and how much of it has ink.

    Args:
        ink: Of the page.
        down: Rows in which it is looked for.
        across: Its columns.
        bend: As its row is bent.
    """
    part = np.ascontiguousarray(flatten(ink, down, across, bend).T)
    most = min(8, max(1, len(part) // 40))
    near = cv2.dilate(part, rectangle(1, 3))
    shares = shares_along(near, np.arange(-most, most + 1)).max(axis=0)
    fullest = np.flatnonzero(shares >= 0.95 * shares.max())
    return down.start + round(float(fullest.mean())), float(shares.max())


def _long(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Find rules that are about level: thin, and longer than the bar of a digit."""
    steps = cv2.dilate(ink, rectangle(3, 1))
    long: NDArray[np.uint8] = cv2.morphologyEx(
        steps, cv2.MORPH_OPEN, rectangle(1, SHORTEST)
    )
    if not cv2.countNonZero(long):
        return long
    bars = rectangle(THICKEST + 4, SHORTEST // 2)
    thick: NDArray[np.uint8] = cv2.morphologyEx(long, cv2.MORPH_OPEN, bars)
    return long & ~thick


def _together(row: list[Rule]) -> Rule:
    around = Box.around(Box(*rule[:4]) for rule in row)
    return Rule(*around, row[0].start, row[-1].end)
