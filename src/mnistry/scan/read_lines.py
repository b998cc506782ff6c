"""Read all lines of a picture: each of its pages, line by line, by a line reader."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.scan.page.lines import Line, ends_of
from mnistry.scan.page.load import Loaded
from mnistry.scan.page.order import is_sideways, overlap, reading_order
from mnistry.scan.page.page import Page, prepare, to_source, without_boxes
from mnistry.scan.page.views import View, find_views, turned_view
from mnistry.scan.pattern import Pattern
from mnistry.scan.pattern.evidence import total_cost
from mnistry.scan.reasons import reason_of, why_no_digits
from mnistry.scan.recognize.line import LineDigits, LineReader
from mnistry.scan.recognize.separate import Sign, find_gaps, separations
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine, ReadSign

PRUNING_THRESHOLD = -1.5  # log posterior, for each digit, below which a line is pruned
# of a line on a page: letters and most stamps are less like digits; of 240 codes on
# generated pages none of the 203 read rightly fell below 0.38, but a line of which only
# a part is right falls lower, and is still wanted
MIN_CONFIDENCE = 0.1
AMONG_LETTERS = 0.6  # the same, of a line as tall as many that are letters
ALONE_AMONG_LETTERS = 0.9  # the same, of a line of one digit: many an o is a 0
MANY, MOSTLY = 6, 3  # lines of letters; so many for each line of digits
ALIKE = 0.3  # of the height, by which lines of one print differ
SURER = 0.2  # by so much a line read without its boxes must be more confident
SAME_PLACE = 0.5  # of the smaller of two lines lies in the other
SURE = 0.9  # confidence of all lines from which boxes are not looked for
POOR = 0.5  # mean confidence below which a picture is looked at in other ways
SAMPLED_LINES = 8  # of a page, that tell whether it is turned
TURNED_CONFIDENCE = 0.6  # mean of what is read of a picture that counts as turned
MORE_CONFIDENT = 0.2  # by so much more than upright
UPRIGHT_ONLY = frozenset({2, 3, 4, 5, 7})  # 6, 9, 1, 0 and 8 are digits upside down too
TELLING = 0.25  # of the digits that must be of these for a picture to be upside down
BETTER = 1.5  # times the support of what is read upright
ALONE = 0.3  # digits that a line of one counts as: lying ones look like it


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
        return float(np.average(self.confidences, weights=counts))

    @property
    def tells_upright(self) -> bool:
        """Whether enough of the digits would be none if they were upside down."""
        values = [digit.value for line in self.lines for digit in line.digits]
        return sum(of in UPRIGHT_ONLY for of in values) >= TELLING * len(values)

    @property
    def is_poor(self) -> bool:
        """Whether another way to look at the picture may be better."""
        return self.confidence < POOR or is_sideways(self.boxes)


def read_lines(loaded: Loaded, reader: LineReader) -> tuple[list[ReadLine], str]:
    """Read all lines of a picture, in reading order.

    Returns:
        The lines, and why there are none.
    """
    best = _read_upright(loaded, reader)
    if best.boxes and best.is_poor:
        best = _read_turned(best, reader)
    if best.lines:
        return [replace(line, turned=best.view.turned) for line in best.lines], ""
    if not reader.pattern.is_free:
        free = _read_way(best.view, reader.freely()).lines
        if free:
            return [], reason_of("no-match", "\n".join(line.text for line in free))
    return [], why_no_digits(loaded.pixels, list(best.pages))


def _read_upright(loaded: Loaded, reader: LineReader) -> Way:
    """Read a picture in the first way that is good, else in the best one."""
    ways = []
    for view in find_views(loaded):
        way = _read_way(view, reader)
        if not way.is_poor:
            return way
        ways.append(way)
    return max(ways, key=lambda way: way.support)


def _read_turned(upright: Way, reader: LineReader) -> Way:
    """Read a picture as if it were turned; only what is much better is believed.

    What stands side by side may be upside down, what stands above each other may be
    turned to either side.
    """
    sideways = is_sideways(upright.boxes)
    best, least = upright, TURNED_CONFIDENCE
    if not sideways:
        least = max(least, upright.confidence + MORE_CONFIDENT)
    for degrees in (90, 270) if sideways else (180,):
        view = turned_view(upright.view, degrees)
        way = _read_way(view, reader, most=SAMPLED_LINES)
        is_better = way.confidence >= least and way.support > BETTER * best.support
        if is_better and (sideways or way.tells_upright):
            best = way
    return _read_way(best.view, reader) if best.is_sampled else best


def _read_way(view: View, reader: LineReader, most: int | None = None) -> Way:
    """Read a picture looked at in one way; of a sample `most` lines of each page."""
    pages = prepare(view.loaded, reader.observer, on_paper=view.on_paper)
    found: list[tuple[ReadLine, float]] = []
    places = []
    for page in pages:
        longest = sorted(page.found, key=lambda line: len(line.components))
        some = page if most is None else replace(page, found=tuple(longest[-most:]))
        some = replace(some, back=view.back @ page.back)
        read = [pair for pair in _read_page(some, reader) if pair[0].text]
        there = np.linalg.inv(view.back @ pages[0].back).astype(np.float64)
        places += [to_source(line.box, there) for line, _ in read]
        found += read
    ordered = [found[number] for number in reading_order(places)]
    return Way(
        view,
        tuple(line for line, _ in ordered),
        tuple(confidence for _, confidence in ordered),
        tuple(pages),
        most is not None and any(len(page.found) > most for page in pages),
    )


def _read_page(page: Page, reader: LineReader) -> list[tuple[ReadLine, float]]:
    """Read a page; where it is not sure and has boxes, without these too."""
    found = _read_with_boxes(page, reader)
    if found and min(line.confidence for line, _ in found) >= SURE:
        return found
    cleaned = without_boxes(page)
    if cleaned is None:
        return found
    return surer_of_both(found, _read_with_boxes(cleaned, reader))


def surer_of_both(
    found: list[tuple[ReadLine, float]], other: list[tuple[ReadLine, float]]
) -> list[tuple[ReadLine, float]]:
    """Take of two readings of a page, line by line, what is surer."""
    for pair in other:
        same = [one for one in found if overlap(one[0].box, pair[0].box) > SAME_PLACE]
        if same and pair[1] > max(one[1] for one in same) + SURER:
            found = [one for one in found if one not in same] + [pair]
        elif not same and pair[1] >= POOR:
            found = [*found, pair]
    return found


def _read_with_boxes(page: Page, reader: LineReader) -> list[tuple[ReadLine, float]]:
    if page.only_line is not None:
        return _read_only_line(page, page.only_line, reader)
    several, whole = _read_several(page, reader), page.whole_line
    if whole is None:
        return several
    alone = _read_only_line(page, whole, reader)
    best = max((line.confidence for line, _ in several), default=MIN_CONFIDENCE)
    return alone if alone and alone[0][0].confidence > best else several


def _read_several(page: Page, reader: LineReader) -> list[tuple[ReadLine, float]]:
    """Read the lines of a page; letters and drawings are left out."""
    lines, heights, letters = [], [], []
    for line in page.found:
        ends = ends_of(line, page.mask.shape[1])
        found = _read_line(page, line, ends, reader, PRUNING_THRESHOLD)
        if found and found[0].free_confidence >= MIN_CONFIDENCE:
            read = _to_read_line(*found, reader.pattern, page)
            lines.append((read, found[0].free_confidence))
            heights.append(line.height)
        else:
            letters.append(line.height)
    return [
        pair
        for pair, height in zip(lines, heights, strict=True)
        if pair[1] >= _least_confidence(height, heights, letters, len(pair[0].digits))
    ]


def _least_confidence(
    height: float, digits: list[float], letters: list[float], count: int
) -> float:
    """Give the least confidence of a line: more where lines like it are letters."""
    alike = [
        sum(abs(other - height) < ALIKE * height for other in some)
        for some in (digits, letters)
    ]
    is_print = alike[1] >= MANY and alike[1] > MOSTLY * alike[0]
    if not is_print:
        return MIN_CONFIDENCE
    return AMONG_LETTERS if count > 1 else ALONE_AMONG_LETTERS


def _read_only_line(
    page: Page, line: Line, reader: LineReader
) -> list[tuple[ReadLine, float]]:
    """Read the only line of a picture: nothing beside it is left out."""
    ends = 0.0, float(page.mask.shape[1])
    found = _read_line(page, line, ends, reader)
    if not found:
        return []
    return [(_to_read_line(*found, reader.pattern, page), found[0].free_confidence)]


def _read_line(
    page: Page,
    line: Line,
    ends: tuple[float, float],
    reader: LineReader,
    pruning_threshold: float = -np.inf,
) -> tuple[LineDigits, tuple[Sign, ...]] | None:
    """Read the digits of a line, its signs taken out in the way that fits best."""
    best: tuple[LineDigits, tuple[Sign, ...]] | None = None
    highest = -np.inf
    for separated in separations(page, line, ends, reader.pattern):
        digits = reader.read_line(
            separated.page, separated.line, ends, pruning_threshold=pruning_threshold
        )
        if digits:
            score = _score(digits, separated.signs, reader.pattern)
            if score > highest:
                best, highest = (digits, separated.signs), score
    return best


def _score(found: LineDigits, signs: tuple[Sign, ...], pattern: Pattern) -> float:
    """Weigh what was read, and whether signs stand where the pattern writes them."""
    gaps = find_gaps(found.boxes, signs)
    text = pattern.put_in_form("".join(map(str, found.digits)), gaps)
    unexplained = 0.0 if pattern.is_free else total_cost(text, gaps)
    return float(np.log(max(found.confidence, 1e-9))) - unexplained


def _to_read_line(
    found: LineDigits, signs: tuple[Sign, ...], pattern: Pattern, page: Page
) -> ReadLine:
    """Turn what a line reader gives into a result; non-digits are rejected."""
    free = pattern.is_free
    boxes = [to_source(box, page.back) for box in found.boxes]
    digits = []
    for value, box, probabilities, non_digit in zip(
        found.digits, boxes, found.probabilities, found.non_digit, strict=True
    ):
        order = np.argsort(-probabilities).tolist()
        others = [digit for digit in order if digit != value][:3]
        alternatives = tuple((digit, float(probabilities[digit])) for digit in others)
        confidence = float(probabilities[value])
        rejected = bool(free and non_digit > REJECTED and confidence < 0.5)
        digits.append(ReadDigit(value, confidence, box, alternatives, rejected))
    text = "".join(str(digit.value) for digit in digits if not digit.rejected)
    if not free:
        text = pattern.put_in_form(text, find_gaps(found.boxes, signs))
    sides = np.array([digit.box for digit in digits])
    low, high = sides.min(axis=0).tolist(), sides.max(axis=0).tolist()
    box = Box(low[0], low[1], high[2], high[3])
    seen = tuple(ReadSign(sign.text, to_source(sign.box, page.back)) for sign in signs)
    return ReadLine(text, found.confidence, tuple(digits), box, signs=seen)
