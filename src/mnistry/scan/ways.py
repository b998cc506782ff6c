"""Ways in which a picture was read, as it is and turned; which of them is upright."""

from dataclasses import replace
from math import log
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.direction import is_sideways
from mnistry.scan.page.page import Page
from mnistry.scan.page.views import View
from mnistry.scan.results import ReadLine
from mnistry.scan.rivals import RatedLine
from mnistry.softmax import sigmoid

POOR = 0.5  # mean confidence below which a picture is looked at in other ways
# components: where no line of two digits is read of so many, they may lie. At 3, of 40
# generated cells of registers one more was surely wrong; from 6 on nothing changed of
# these, of 40 columns, of 90 numbers on their side and of four forms
MUCH = 6
SAMPLED_LINES = 8  # of a page, that tell whether it is turned
SIDEWAYS_CONFIDENCE = 0.6  # mean of what is read of a page that counts as turned
BETTER = 1.5  # times the support of what is read upright
ALONE = 0.3  # digits that a line of one counts as: lying ones look like it
# likewise the log odds of a lone digit in a picture that is looked at on its side: of
# composed strings all such digits were parts of a number that does not lie
LONE = 0.0
# digits of a line that does not lie; an 8 that does is read as 00. Of 40 generated
# numbers of 8 and 0 on their side 34 are read with 3, 4 or 6, one surely wrong; with 2
# they are 30, and seven
SEVERAL = 3
SURE = 0.85  # confidence from which a picture is not looked at upside down
PAGE_UNSURE = 0.75  # the same of a page, whatever its digits: three of 20 were missed
SURELY = 0.95  # confidence from which no person checks a number: it is looked at upside
# down where none of its digits shows which way is up; between the two a person checks
UPSIDE_DOWN = 0, 1, 2, 3, 4, 5, 9, 7, 8, 6  # each digit: 6 is a 9
NONE_UPSIDE_DOWN = frozenset({3, 4, 7})  # 2 and 5 are like themselves, the rest digits
FEW = 0.1  # of the digits: fewer of these are read upside down too
# what a digit adds to the log odds of the way it was read in, against the same picture
# the other way round, where a confidence has weight 1: by logistic regression of 1,800
# generated strings of one to eight digits, half of them in sloppy hands, both ways up,
# and of 150 words. Of the strings none was turned wrongly; upside down 1,083 are read,
# upright 1,651
EVIDENCE = np.array([-0.25, -0.25, 0.7, 1.5, 0.85, 0.7, -0.25, 0.85, -0.25, -0.25])
MOST_EVIDENCE = 8  # digits that count, each as their mean: those of one hand are alike
UPRIGHT = 2.5  # log odds of a picture to be upright, before it is read
# the same from which what is read poorly is upside down though its digits do not show
# it, where they are not just the others turned: of 250 composed strings upside down 11
# more are read so, of 1,700 upright ones none is turned
SURELY_TURNED = 4.0
NOTHING_READ = 0.73  # the confidence it counts as: letters upside down look like digits


class Way(NamedTuple):
    """What was read of a picture, looked at in one way.

    Attributes:
        view: How it was looked at.
        rated: The lines that were read, in reading order.
        pages: The picture, ready for reading, as it was seen.
        is_sampled: Only some of the lines were read.
    """

    view: View
    rated: tuple[RatedLine, ...]
    pages: tuple[Page, ...]
    is_sampled: bool

    @property
    def lines(self) -> tuple[ReadLine, ...]:
        """What was read."""
        return tuple(line for line, _ in self.rated)

    @property
    def boxes(self) -> list[Box]:
        """Of the ink in lines, as it was seen."""
        lines = [line for page in self.pages for line in page.lines]
        return [part.box for line in lines for part in line.components]

    @property
    def support(self) -> float:
        """Digits read surely: lines of several count most, of the longest few."""
        return self._support_of(several=2)

    @property
    def support_if_lying(self) -> float:
        """The same where digits seem to lie, each of them read as one or two."""
        return self._support_of(SEVERAL)

    def _support_of(self, several: int) -> float:
        """Sum digits read surely; a line of fewer than `several` is as one alone."""
        each = [
            (len(line.digits) if len(line.digits) >= several else ALONE) * confidence**2
            for line, confidence in self.rated
        ]
        return sum(sorted(each)[-SAMPLED_LINES:])

    @property
    def confidence(self) -> float:
        """The mean of the lines' confidence, each digit counts the same."""
        if not self.rated:
            return 0.0
        counts = [len(line.digits) for line in self.lines]
        pairs = zip(self.rated, counts, strict=True)
        return sum(of.free_confidence * count for of, count in pairs) / sum(counts)

    @property
    def evidence(self) -> float:
        """How likely its digits make it that it is upright, as log odds."""
        values = [digit.value for line in self.lines for digit in line.digits]
        if not values:
            return 0.0
        return float(EVIDENCE[values].mean()) * min(len(values), MOST_EVIDENCE)

    @property
    def longest(self) -> int:
        """How many digits the longest line has."""
        return max((len(line.digits) for line in self.lines), default=0)

    @property
    def telling(self) -> float:
        """The share of digits that are none upside down: they tell what is upright."""
        values = [digit.value for line in self.lines for digit in line.digits]
        return sum(value in NONE_UPSIDE_DOWN for value in values) / max(1, len(values))

    @property
    def is_page(self) -> bool:
        """Whether there are lines enough to tell what is upright."""
        return len(self.lines) > 2

    @property
    def is_poor(self) -> bool:
        """Whether what was read is hardly sure, or is little beside all the ink."""
        least = PAGE_UNSURE if self.is_page else POOR
        is_little = self.longest < 2 and len(self.boxes) >= MUCH
        return is_little or (bool(self.lines) and self.confidence < least)

    @property
    def may_be_upside_down(self) -> bool:
        """Whether hardly a digit shows that it is upright, and it is not sure.

        Where none does, it may be sure of what is another number upside down.
        """
        if self.confidence >= SURELY and not self.telling:
            return any(map(_is_another, self.lines))
        is_unsure = self.confidence < SURE and self.telling <= FEW
        return (self.is_page and self.is_poor) or is_unsure


def is_upside_down(seen: Way, turned: Way) -> bool:
    """Tell whether a picture is upside down, by what is read in it either way.

    Of a page the lines that are read surely decide. Of a line or two the digits must,
    for 106 is 901 upside down, unless what is read poorly is another number, surely; a
    lone digit does not, for a leaning 17 is a 4.

    Args:
        seen: As the picture is.
        turned: Turned by 180 degrees.
    """
    if turned.longest < 2:
        return False
    if seen.lines and turned.is_page and turned.confidence >= SIDEWAYS_CONFIDENCE:
        return turned.support > BETTER * seen.support
    odds = _log_odds(seen, turned)
    if seen.lines and odds > SURELY_TURNED and not _is_same_turned(seen, turned):
        return True
    return turned.evidence > seen.evidence and odds > UPRIGHT


def _is_same_turned(one: Way, other: Way) -> bool:
    """Tell whether one has the digits of the other upside down, as 106 is 901."""
    values = [[digit.value for digit in line.digits] for line in one.lines]
    return values == [_upside_down(line) for line in reversed(other.lines)]


def _is_another(line: ReadLine) -> bool:
    """Tell whether a number is another one upside down: 86 is 98, 808 is itself."""
    return _upside_down(line) != [digit.value for digit in line.digits]


def _upside_down(line: ReadLine) -> list[int]:
    """Give the digits of a line as they are upside down."""
    return [UPSIDE_DOWN[digit.value] for digit in reversed(line.digits)]


def choose_lying(upright: Way, left: Way, right: Way) -> Way:
    """Choose the way that a picture is to be looked at whose digits seem to lie.

    Neither side is likelier before it is read, so that a number is not sure that is
    another one upside down. Where the picture stays as it is, it is less sure by how
    likely it is that it lies.

    Args:
        upright: As the picture is.
        left: Turned by 90 degrees.
        right: Turned by 270 degrees.
    """
    best, other = (left, right) if _is_likelier(left, right) else (right, left)
    is_better = best.confidence >= SIDEWAYS_CONFIDENCE and not is_sideways(best.boxes)
    if is_better and best.support > BETTER * upright.support_if_lying:
        if best.longest < 2 and not best.is_page:
            return _less_sure(best, LONE)
        is_certain = best.telling > 0 or best.is_page or best.is_sampled
        return best if is_certain else less_sure_by(best, other, prior=0.0)
    if upright.longest >= SEVERAL or best.longest < SEVERAL:
        return upright
    odds = _logit(upright.confidence) - _logit(best.confidence)
    return _less_sure(upright, odds)


def _is_likelier(one: Way, other: Way) -> bool:
    """Tell which of two ways, of which neither is upright, is the likelier."""
    if is_sideways(one.boxes) != is_sideways(other.boxes):
        return is_sideways(other.boxes)
    if one.is_page or other.is_page or not (one.lines and other.lines):
        return one.support >= other.support
    return _log_odds(other, one) >= 0


def _less_sure(way: Way, log_odds: float) -> Way:
    """Make all lines less sure by how likely the way is, as log odds."""
    likely = sigmoid(log_odds)
    rated = [
        of._replace(line=replace(of.line, confidence=of.line.confidence * likely))
        for of in way.rated
    ]
    return way._replace(rated=tuple(rated))


def _log_odds(seen: Way, turned: Way) -> float:
    """Give the log odds of the second way against the first, as they are read."""
    upright = seen.confidence if seen.lines else NOTHING_READ
    digits = turned.evidence - seen.evidence
    return digits + _logit(turned.confidence) - _logit(upright)


def less_sure_by(seen: Way, turned: Way, prior: float = UPRIGHT) -> Way:
    """Make what was read less sure by how likely it is another number upside down.

    Of a 6 alone nobody can tell that it is no 9; an 8 is one either way up.

    Args:
        seen: As the picture is.
        turned: Turned by 180 degrees.
        prior: Log odds of the first, before it is read.
    """
    texts = [[line.text for line in way.lines] for way in (seen, turned)]
    if not turned.lines or texts[0] == texts[1][::-1]:
        return seen
    return _less_sure(seen, prior - _log_odds(seen, turned))


def _logit(confidence: float) -> float:
    inside = min(max(confidence, 0.001), 0.999)
    return log(inside / (1 - inside))
