"""Read all lines of a picture: each of its pages, line by line, by a line reader."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.cut_off import without_cut_off
from mnistry.scan.page.lines import Line
from mnistry.scan.page.load import Loaded
from mnistry.scan.page.order import is_sideways, reading_order
from mnistry.scan.page.page import Page, prepare, to_source
from mnistry.scan.page.sheet import Projective
from mnistry.scan.page.views import View, find_views, turned_view
from mnistry.scan.read_page import read_page, without_doubles
from mnistry.scan.read_single import read_single
from mnistry.scan.reasons import why_no_digits
from mnistry.scan.recognize.isolate import SMALL_SIDE
from mnistry.scan.recognize.line import LineReader
from mnistry.scan.results import UNSURE_BELOW, ReadLine
from mnistry.scan.unmatched import without_match

POOR = 0.5  # mean confidence below which a picture is looked at in other ways
LONGEST_NUMBER = 24  # components; what is longer is seldom one, and takes long to read
SAMPLED_LINES = 8  # of a page, that tell whether it is turned
SIDEWAYS_CONFIDENCE = 0.6  # mean of what is read of a page that counts as turned
LITTLE = 0.1  # of the support of what is read poorly: a line read surely is not better
BETTER = 1.5  # times the support of what is read upright
STROKE = 0.2  # of the picture's height: a lower stroke alone may be a scratch
ALONE = 0.3  # digits that a line of one counts as: lying ones look like it
SURE = 0.85  # confidence from which a picture is not looked at upside down
PAGE_UNSURE = 0.75  # the same of a page, whatever its digits: three of 20 were missed
SURELY = 0.95  # confidence from which nobody looks again: such numbers are looked at
# upside down where no digit tells; between these two a person looks
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
NOTHING_READ = 0.73  # the confidence it counts as: letters upside down look like digits


class Way(NamedTuple):
    """What was read of a picture, looked at in one way.

    Attributes:
        view: How it was looked at.
        lines: What was read.
        confidences: How likely each is right, whether or not it matches the pattern.
        pages: The picture, ready for reading, as it was seen.
        is_sampled: Only some of the lines were read.
    """

    view: View
    lines: tuple[ReadLine, ...]
    confidences: tuple[float, ...]
    pages: tuple[Page, ...]
    is_sampled: bool

    @property
    def boxes(self) -> list[Box]:
        """Of the ink in lines, as it was seen."""
        lines = [line for page in self.pages for line in page.found]
        return [part.box for line in lines for part in line.components]

    @property
    def support(self) -> float:
        """Digits read surely: lines of several count most, of the longest few."""
        each = [
            (len(line.digits) if len(line.digits) > 1 else ALONE) * confidence**2
            for line, confidence in zip(self.lines, self.confidences, strict=True)
        ]
        return sum(sorted(each)[-SAMPLED_LINES:])

    @property
    def confidence(self) -> float:
        """The mean of the lines' confidence, each digit counts the same."""
        if not self.lines:
            return 0.0
        counts = [len(line.digits) for line in self.lines]
        pairs = zip(self.confidences, counts, strict=True)
        return sum(confidence * count for confidence, count in pairs) / sum(counts)

    @property
    def evidence(self) -> float:
        """What its digits tell of its being upright, as log odds."""
        values = [digit.value for line in self.lines for digit in line.digits]
        if not values:
            return 0.0
        return float(EVIDENCE[values].mean()) * min(len(values), MOST_EVIDENCE)

    @property
    def is_page(self) -> bool:
        """Whether there are lines enough to tell what is upright."""
        return len(self.lines) > 2

    @property
    def may_be_upside_down(self) -> bool:
        """Whether hardly a digit tells that it is upright, and it is not sure.

        Where none tells, it may be sure of what is another number upside down.
        """
        values = [digit.value for line in self.lines for digit in line.digits]
        telling = sum(value in NONE_UPSIDE_DOWN for value in values)
        if self.confidence >= SURELY and not telling:
            return any(map(_is_another, self.lines))
        is_poor_page = self.is_page and self.confidence < PAGE_UNSURE
        is_unsure = self.confidence < SURE and telling <= FEW * len(values)
        return is_poor_page or is_unsure


def read_lines(loaded: Loaded, reader: LineReader) -> tuple[list[ReadLine], str]:
    """Read all lines of a picture, in reading order.

    Returns:
        The lines, and why there are none.
    """
    best = _read_best(loaded, reader)
    lone = _lone_digit(best, loaded, reader)
    if lone:
        return lone, ""
    if best.lines:
        return [replace(line, turned=best.view.turned) for line in best.lines], ""
    stroke = _lone_stroke(best, loaded, reader)
    if stroke:
        return stroke, ""
    if not reader.pattern.is_free:
        free = _read_way(best.view, reader.freely()).lines
        if free:
            return without_match(free, reader.pattern)
    return [], why_no_digits(loaded.pixels, list(best.pages))


def _lone_digit(way: Way, loaded: Loaded, reader: LineReader) -> list[ReadLine]:
    """Read as one digit a picture so small that it hardly holds two, if that is surer.

    Of so few pixels, what is evened out as light is ink.
    """
    rows, columns = loaded.pixels.shape[:2]
    if not columns <= rows <= SMALL_SIDE:
        return []
    surest = max((line.confidence for line in way.lines), default=UNSURE_BELOW)
    lines, _ = read_single(loaded, reader)
    return [line for line in lines if line.text and line.confidence > surest]


def _lone_stroke(way: Way, loaded: Loaded, reader: LineReader) -> list[ReadLine]:
    """Read a stroke that is all there is in a picture: a one, if it is large enough.

    The net for lines takes a straight stroke for no digit: in forms it is a rule.
    """
    heights = [box.height / len(page.mask) for page in way.pages for box in way.boxes]
    if len(heights) != 1 or heights[0] < STROKE:
        return []
    lines, _ = read_single(loaded, reader)
    return [line for line in lines if line.text == "1"]


def _read_best(loaded: Loaded, reader: LineReader) -> Way:
    """Read a picture in the first way that is good, else in the best one, or turned."""
    ways: list[Way] = []
    for view in find_views(loaded):
        way = _read_way(view, reader)
        sideways = is_sideways(way.boxes)
        if sideways:  # of another view, a table may be read as well
            way = _read_turned(way, reader)
            sideways = is_sideways(way.boxes)
        most = max((other.support for other in ways), default=0.0)
        is_poor = way.confidence < POOR or sideways
        if not is_poor and way.support >= LITTLE * most:
            is_settled = way.view.turned or not way.may_be_upside_down
            return way if is_settled else _read_turned(way, reader)
        ways.append(way)
    best = max(ways, key=lambda way: way.support)
    is_settled = best.view.turned or not best.boxes or is_sideways(best.boxes)
    return best if is_settled else _read_turned(best, reader)


def _read_turned(upright: Way, reader: LineReader) -> Way:
    """Read a picture as if it were turned; only what is much better is believed.

    What stands side by side may be upside down, what stands above each other may be
    turned to either side.
    """
    sideways = is_sideways(upright.boxes)
    best = upright
    for degrees in (90, 270) if sideways else (180,):
        view = turned_view(upright.view, degrees)
        way = _read_way(view, reader, most=SAMPLED_LINES)
        if not sideways:
            is_better = is_upside_down(upright, way)
            best = upright if is_better else doubted_by(upright, way)
        else:
            is_better = way.confidence >= SIDEWAYS_CONFIDENCE
            is_better = is_better and not is_sideways(way.boxes)
            is_better = is_better and way.support > BETTER * best.support
        if is_better:
            best = way
    return _read_way(best.view, reader) if best.is_sampled else best


def is_upside_down(seen: Way, turned: Way) -> bool:
    """Tell whether a picture is upside down, by what is read in it either way.

    Of a page the lines tell that are read surely. Of a line or two the digits must, for
    106 is 901 upside down; a lone one does not, for a leaning 17 is a 4.

    Args:
        seen: As the picture is.
        turned: Turned by 180 degrees.
    """
    if max((len(line.digits) for line in turned.lines), default=0) < 2:
        return False
    if seen.lines and turned.is_page and turned.confidence >= SIDEWAYS_CONFIDENCE:
        return turned.support > BETTER * seen.support
    return turned.evidence > seen.evidence and _log_odds(seen, turned) > UPRIGHT


def _is_another(line: ReadLine) -> bool:
    """Tell whether a number is another one upside down: 86 is 98, 808 is itself."""
    values = [digit.value for digit in line.digits]
    return [UPSIDE_DOWN[value] for value in reversed(values)] != values


def _log_odds(seen: Way, turned: Way) -> float:
    """Give the log odds of the second way against the first, as they are read."""
    upright = seen.confidence if seen.lines else NOTHING_READ
    digits = turned.evidence - seen.evidence
    return digits + _logit(turned.confidence) - _logit(upright)


def doubted_by(seen: Way, turned: Way) -> Way:
    """Make what was read less sure by how likely it is another number upside down.

    Of a 6 alone nobody can tell that it is no 9; an 8 is one either way up.

    Args:
        seen: As the picture is.
        turned: Turned by 180 degrees.
    """
    texts = [[line.text for line in way.lines] for way in (seen, turned)]
    if not turned.lines or texts[0] == texts[1][::-1]:
        return seen
    upright = 1 / (1 + np.exp(_log_odds(seen, turned) - UPRIGHT))
    lines = [
        replace(line, confidence=line.confidence * float(upright))
        for line in seen.lines
    ]
    return seen._replace(lines=tuple(lines))


def _logit(confidence: float) -> float:
    inside = float(np.clip(confidence, 0.001, 0.999))
    return float(np.log(inside / (1 - inside)))


def _sample(page: Page, most: int) -> tuple[Line, ...]:
    """Give the longest lines of a page that may be numbers, or its shortest line."""
    ordered = sorted(page.found, key=lambda line: len(line.components))
    numbers = [of for of in ordered if len(of.components) <= LONGEST_NUMBER]
    return tuple(numbers[-most:] or ordered[:1])


def _read_way(view: View, reader: LineReader, most: int | None = None) -> Way:
    """Read a picture looked at in one way; of a sample `most` lines of each page."""
    pages = prepare(view.loaded, reader.observer, on_paper=view.on_paper)
    found: list[tuple[ReadLine, float]] = []
    for page in pages:
        some = page if most is None else replace(page, found=_sample(page, most))
        some = replace(some, back=view.back @ page.back)
        found += [pair for pair in read_page(some, reader) if pair[0].text]
    rows = len(view.loaded.pixels) / view.loaded.scale
    there = np.linalg.inv(view.back).astype(np.float64)
    found = without_cut_off(without_doubles(found), there, rows)
    ordered = found if len(found) < 2 else _in_order(found, view.back @ pages[0].back)
    return Way(
        view,
        tuple(line for line, _ in ordered),
        tuple(confidence for _, confidence in ordered),
        tuple(pages),
        most is not None and any(len(page.found) > most for page in pages),
    )


def _in_order(
    found: list[tuple[ReadLine, float]], back: Projective
) -> list[tuple[ReadLine, float]]:
    """Put lines in reading order, as they stand on the page."""
    there = np.linalg.inv(back).astype(np.float64)
    places = [to_source(line.box, there) for line, _ in found]
    return [found[number] for number in reading_order(places)]
