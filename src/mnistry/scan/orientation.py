"""A picture read as it is and turned: which of these ways is upright."""

from dataclasses import replace
from math import log
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.layout.direction import is_sideways
from mnistry.scan.page.page import Page
from mnistry.scan.page.paper.views import View
from mnistry.scan.results import ReadLine
from mnistry.scan.rivals import RatedLine
from mnistry.softmax import sigmoid

POOR = 0.5  # mean confidence below which a picture is looked at in other ways
# components of which no line of two digits is read: so many may lie on their side. With
# 3 one more of 40 generated cells of registers was confidently wrong; from 6 on nothing
# changed for these, 40 columns, 90 numbers on their side and four forms
MUCH = 6
SAMPLED_LINES = 8  # of a page, that tell whether it is turned
SIDEWAYS_CONFIDENCE = 0.6  # mean confidence of a page from which it counts as turned
BETTER = 1.5  # times the support of the picture as it is
ALONE = 0.3  # digits that a line of one counts as: many on their side are read as one
# the log odds of a single digit in a picture that is read on its side: in composed
# strings all such digits were parts of a number that is not on its side
LONE = 0.0
# digits of a line that is not on its side, where an 8 is read as 00. Of 40 generated
# numbers of 8 and 0 on their side 34 are read with 3, 4 or 6, one confidently wrong;
# with 2 30 are, seven confidently wrong
SEVERAL = 3
PAGE_UNSURE = 0.75  # mean confidence below which a page is read upside down, too
UPRIGHT = 2.5  # log odds that a picture is upright, before it is read
# log odds of being upside down from which a picture is turned. UPRIGHT would do if as
# many were upside down as that says; of 600 upright numbers it turns 5, this none, and
# of 300 upside down 280 are turned, not 291
TURNED = 3.5
# what adds to these: weights of the shape of digits, by a net, and of the logit of
# confidence, both less what they are upside down; and where a picture was not read
# upside down, of both as it is, and a constant. By logistic regression of 1,024
# generated numbers of two to eight digits, of writers held out and in drawn hands, both
# ways up
BOTH, SEEN = (0.49, 1.0), (0.76, 0.78, -1.63)
MOST_SHAPE = 3.0  # log odds of one digit; more turned two of those numbers wrongly
MOST_DIGITS = 8  # that count, as their mean: those of one hand look alike
# log odds of the shape of all digits: where the sides of boxes hang on to them, the net
# is wrong about all. With 4, 3 of 60 numbers in double boxes were turned, none of which
# was surer upside down; of those numbers 1 % less are found upside down than with 4
MOST_SHAPES = 3.0
MOST_CONFIDENT = 0.99  # more tells no more of which way is up
# log odds, as it is, below which a picture is read upside down, too: those of 99 %. So
# were 8 % of those numbers that were upright, and 99.6 % of those upside down
SETTLED = 4.6
# as a confidence: letters upside down look like digits, and shapes like upright ones.
# With 0.73 a page of print was turned for a 14 in it, with a confidence of 0.82
NOTHING_READ = 0.97


class Way(NamedTuple):
    """What was read of a picture, looked at in one way.

    Attributes:
        view: How it was looked at.
        rated: The lines that were read, in reading order.
        pages: The picture, ready for reading, as it was seen.
        is_sampled: Only some of the lines were read.
        likely: Probability that this way is upright; confidences were multiplied by it.
    """

    view: View
    rated: tuple[RatedLine, ...]
    pages: tuple[Page, ...]
    is_sampled: bool
    likely: float = 1.0

    @property
    def lines(self) -> tuple[ReadLine, ...]:
        """What was read."""
        return tuple(line for line, _ in self.rated)

    @property
    def boxes(self) -> list[Box]:
        """Of the components in its lines, as they were seen."""
        lines = [line for page in self.pages for line in page.lines]
        return [part.box for line in lines for part in line.components]

    @property
    def support(self) -> float:
        """Digits by confidence, in the longest lines; single digits hardly count."""
        return self._support_of(several=2)

    @property
    def support_if_lying(self) -> float:
        """The same if digits seem to lie on their side, each read as one or two."""
        return self._support_of(SEVERAL)

    def _support_of(self, several: int) -> float:
        """Sum digits by confidence; lines of fewer than `several` hardly count."""
        each = [
            (len(line.digits) if len(line.digits) >= several else ALONE) * confidence**2
            for line, confidence in self.rated
        ]
        return sum(sorted(each)[-SAMPLED_LINES:])

    @property
    def confidence(self) -> float:
        """The mean confidence of the lines, weighted by their digits."""
        if not self.rated:
            return 0.0
        counts = [len(line.digits) for line in self.lines]
        pairs = zip(self.rated, counts, strict=True)
        return sum(of.free_confidence * count for of, count in pairs) / sum(counts)

    @property
    def shape(self) -> float:
        """What the shape of its digits says of whether it is upright, as log odds."""
        values = [digit.upright for line in self.lines for digit in line.digits]
        if not values:
            return 0.0
        mean = float(np.clip(values, -MOST_SHAPE, MOST_SHAPE).mean())
        return mean * min(len(values), MOST_DIGITS)

    @property
    def longest(self) -> int:
        """How many digits the longest line has."""
        return max((len(line.digits) for line in self.lines), default=0)

    @property
    def is_page(self) -> bool:
        """Whether there are lines enough to tell what is upright."""
        return len(self.lines) > 2

    @property
    def is_poor(self) -> bool:
        """Whether confidence is low, or little was read of all the ink."""
        least = PAGE_UNSURE if self.is_page else POOR
        is_little = self.longest < 2 and len(self.boxes) >= MUCH
        return is_little or (bool(self.lines) and self.confidence < least)

    @property
    def may_be_upside_down(self) -> bool:
        """Whether its digits, or low confidence, leave in doubt which way is up."""
        of_shape, of_confidence, constant = SEEN
        odds = of_shape * self.shape + of_confidence * _logit(self.confidence)
        is_unsure = bool(self.lines) and UPRIGHT + constant + odds < SETTLED
        return (self.is_page and self.is_poor) or is_unsure


def is_upside_down(seen: Way, turned: Way) -> bool:
    """Return whether a picture is upside down, by what is read in it either way.

    On a page confidence decides. Of a line or two it is the shape of digits as well,
    for 106 is 901 upside down. A single digit decides nothing: a leaning 17 looks like
    a 4.

    Args:
        seen: As the picture is.
        turned: Turned by 180 degrees.
    """
    if turned.longest < 2:
        return False
    if seen.lines and turned.is_page and turned.confidence >= SIDEWAYS_CONFIDENCE:
        return turned.support > BETTER * seen.support
    return _log_odds(seen, turned) > TURNED


def choose_lying(upright: Way, left: Way, right: Way) -> Way:
    """Choose the way to look at a picture whose digits seem to lie on their side.

    Before it is read neither side is likelier: confidence is low in a number that is
    another one upside down. If the picture stays as it is, its confidence falls by the
    probability that it lies on its side.

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
        is_certain = best.is_page or best.is_sampled
        return best if is_certain else less_sure_by(best, other, prior=0.0)
    if upright.longest >= SEVERAL or best.longest < SEVERAL:
        return upright
    odds = _logit(upright.confidence) - _logit(best.confidence)
    return _less_sure(upright, odds)


def _is_likelier(one: Way, other: Way) -> bool:
    """Return which of two ways, of which neither is upright, is the likelier."""
    if is_sideways(one.boxes) != is_sideways(other.boxes):
        return is_sideways(other.boxes)
    if one.is_page or other.is_page or not (one.lines and other.lines):
        return one.support >= other.support
    return _log_odds(other, one) >= 0


def _less_sure(way: Way, log_odds: float) -> Way:
    """Lower the confidence of all lines by the log odds of the way."""
    return times_likely(way, sigmoid(log_odds))


def times_likely(way: Way, likely: float) -> Way:
    """Multiply the confidence of all lines by the probability of the way.

    Args:
        way: Of a picture.
        likely: That it is upright so.
    """
    rated = [
        of._replace(line=replace(of.line, confidence=of.line.confidence * likely))
        for of in way.rated
    ]
    return way._replace(rated=tuple(rated), likely=way.likely * likely)


def _log_odds(seen: Way, turned: Way) -> float:
    """Return the log odds of the second way against the first, as they are read."""
    of_shape, of_confidence = BOTH
    upright = seen.confidence if seen.lines else NOTHING_READ
    surer = _logit(turned.confidence) - _logit(upright)
    shapes = of_shape * (turned.shape - seen.shape)
    inside = min(max(shapes, -MOST_SHAPES), MOST_SHAPES)
    return inside + of_confidence * surer


def less_sure_by(seen: Way, turned: Way, prior: float = UPRIGHT) -> Way:
    """Lower confidence by the probability of being another number upside down.

    Nobody can tell a single 6 from a 9; an 8 is an 8 either way up.

    Args:
        seen: As the picture is.
        turned: Turned by 180 degrees.
        prior: Log odds of the first, before it is read; it may be the turned one.
    """
    texts = [[line.text for line in way.lines] for way in (seen, turned)]
    if not turned.lines or texts[0] == texts[1][::-1]:
        return seen
    return _less_sure(seen, prior - _log_odds(seen, turned))


def _logit(confidence: float) -> float:
    inside = min(max(confidence, 1 - MOST_CONFIDENT), MOST_CONFIDENT)
    return log(inside / (1 - inside))
