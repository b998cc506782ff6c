"""Read a picture: in which way it is looked at, upright or turned, and its lines."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnistry.scan.cut_off import without_cut_off
from mnistry.scan.orientation import (
    POOR,
    SAMPLED_LINES,
    UPRIGHT,
    Way,
    choose_lying,
    is_upside_down,
    less_sure_by,
    times_likely,
)
from mnistry.scan.page.layout.direction import SIDEWAYS, is_sideways, share_above
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.layout.order import reading_order
from mnistry.scan.page.layout.parts import LONGEST_NUMBER
from mnistry.scan.page.page import Page
from mnistry.scan.page.paper.sheet import SMALLEST
from mnistry.scan.page.paper.views import View, find_views, turned_view
from mnistry.scan.page.picture.load import Loaded
from mnistry.scan.page.picture.transform import Homography, to_source
from mnistry.scan.page.prepare import prepare
from mnistry.scan.read_page import read_page
from mnistry.scan.read_single import (
    CERTAIN,
    FILLS,
    MANY,
    RETRIED_BELOW,
    not_single,
    read_single,
)
from mnistry.scan.reasons import why_no_digits, without_match
from mnistry.scan.recognize.isolate import SMALL_SIDE
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.scan.results import UNSURE_BELOW, ReadLine
from mnistry.scan.rivals import RatedLine, beside_taller, without_doubles

# share of components with their nearest neighbour above or below, and how many of them
# there must be: a page with less is upright. All of 20 pages of print or letters, on
# paper or in black and white, had less; 20 photographed pages on their side 0.53 to 1
STANDS, MUCH = 0.3, 100
# codes of reasons that may come of what a digit is written on; AS_TALL of it is a mark
# that may be another digit
OF_PAPER, AS_TALL = ("not-single", "only-lines", "no-line"), 0.5
LITTLE = 0.1  # of the support of another way: less, however confident, is no better
STROKE = 0.2  # of the picture's height: a lower stroke alone may be a scratch


def read_picture(loaded: Loaded, reader: LineReader) -> tuple[list[ReadLine], str]:
    """Read the lines of a picture.

    Returns:
        The lines in reading order, and why there are none.
    """
    reader = reader.of_a_picture()
    best, is_settled = _read_best(loaded, reader)
    free = _read_freely(best, reader)
    if not is_settled and not (free and free.is_page and not free.may_be_upside_down):
        best = _read_turned(best, reader)
    lone = _lone_digit(best, loaded, reader)
    if lone:
        return lone, ""
    if best.lines:
        return [replace(line, turned=best.view.turned) for line in best.lines], ""
    stroke = _lone_stroke(best, loaded, reader)
    if stroke:
        return stroke, ""
    if free and free.view is not best.view:
        free = _read_freely(best, reader)
    if free and free.lines:
        return without_match(free.lines, reader.pattern)
    return [], why_no_digits(loaded.pixels, list(best.pages))


def read_only_digit(loaded: Loaded, reader: LineReader) -> tuple[list[ReadLine], str]:
    """Read the only digit of a picture; if in doubt, as a page with one line.

    Rules, dots of the paper and the table around a sheet are no marks beside it then.

    Returns:
        As `read_single` does.
    """
    lines, reason = read_single(loaded, reader)
    if min(loaded.pixels.shape[:2]) < SMALLEST:
        return lines, reason
    if not _is_in_doubt(lines, reason, len(loaded.pixels) / loaded.scale):
        return lines, reason
    way, _ = _read_best(loaded, replace(reader.of_a_picture(), observer=None))
    if _is_only_digit(way):  # agreeing with the first look makes it no surer
        is_same = not reason and way.lines[0].text == lines[0].text
        return (lines if is_same else list(way.lines)), ""
    several = [line.digits for line in way.lines if line.confidence >= CERTAIN]
    digits = max(map(len, several), default=0)
    if reason or digits < 2:
        return lines, reason
    return [replace(lines[0], text="")], not_single(digits)


def _is_in_doubt(lines: list[ReadLine], reason: str, rows: float) -> bool:
    """Return whether the only digit may be a rule, or may have others beside it."""
    if reason:
        return reason.startswith(OF_PAPER)
    is_rule = lines[0].text == "1" and lines[0].box.height >= FILLS * rows
    return is_rule or lines[0].confidence < RETRIED_BELOW


def _is_only_digit(way: Way) -> bool:
    """Return whether a picture has one certain digit, and little else as tall."""
    if [len(line.digits) for line in way.lines] != [1]:
        return False
    if way.lines[0].confidence < CERTAIN:
        return False
    there = np.linalg.inv(way.view.back).astype(np.float64)
    height = to_source(way.lines[0].box, there).height
    tall = [box for box in way.boxes if box.height > AS_TALL * height]
    return len(tall) < MANY


def _read_freely(way: Way, reader: LineReader) -> Way | None:
    """Read a picture without its pattern, if no line matches it."""
    if way.lines or reader.pattern.is_free:
        return None
    return _read(way.view, way.pages, reader.freely())


def _lone_digit(way: Way, loaded: Loaded, reader: LineReader) -> list[ReadLine]:
    """Read a picture too small for two digits as one, if that is more confident.

    Evening out the light of so few pixels would take ink for paper.
    """
    rows, columns = loaded.pixels.shape[:2]
    if not columns <= rows <= SMALL_SIDE:
        return []
    surest = max((line.confidence for line in way.lines), default=UNSURE_BELOW)
    lines, _ = read_single(loaded, reader)
    return [line for line in lines if line.text and line.confidence > surest]


def _lone_stroke(way: Way, loaded: Loaded, reader: LineReader) -> list[ReadLine]:
    """Read a stroke that is all there is in a picture: a one, if it is tall enough.

    The net for lines takes a straight stroke for a rule, as in forms.
    """
    heights = [box.height / len(page.mask) for page in way.pages for box in way.boxes]
    if len(heights) != 1 or heights[0] < STROKE:
        return []
    lines, _ = read_single(loaded, reader)
    return [line for line in lines if line.text == "1"]


def _read_best(loaded: Loaded, reader: LineReader) -> tuple[Way, bool]:
    """Read a picture in the first way that is good, else in the best one.

    Returns:
        The way, and whether it is known to be upright.
    """
    ways: list[Way] = []
    for view in find_views(loaded):
        way = _read(view, _prepare(view, reader), reader)
        sideways = is_sideways(way.boxes)
        if sideways:  # of another view, a table may be read as well
            way = _read_turned(way, reader)
            sideways = is_sideways(way.boxes)
        most = max((other.support for other in ways), default=0.0)
        is_poor = way.confidence < POOR or sideways
        if not is_poor and way.support >= LITTLE * most:
            is_turned = way.view.turned != 0
            return way, is_turned or not (way.may_be_upside_down or way.is_poor)
        ways.append(way)
    best = max(ways, key=lambda way: way.support)
    is_turned = best.view.turned != 0
    is_settled = is_turned or not best.boxes or is_sideways(best.boxes)
    return best, is_settled


def _read_turned(upright: Way, reader: LineReader) -> Way:
    """Read a picture turned, too; that counts only if it is much better.

    Components side by side may be upside down, those above each other turned to either
    side. So may what is read poorly, for where rules cross the writing its components
    do not show how it lies; but those of a page of print do. Where no line matches a
    pattern, it is not known how well the picture was read.
    """
    boxes, best = upright.boxes, upright
    above = share_above(boxes)
    lies, stands = above > SIDEWAYS, above < STANDS and len(boxes) >= MUCH
    is_known = bool(upright.lines) or reader.pattern.is_free
    if lies or (is_known and upright.is_poor and not stands):
        left = _look(upright, 90, reader)
        opposite = None if lies else left  # what lies is on either side as often
        right = _look(upright, 270, reader, opposite)
        best = choose_lying(upright, left, right)
        if opposite and best.view is right.view:
            best = choose_lying(upright, left, _look(upright, 270, reader))
    if not lies and not best.view.turned:
        turned = _look(upright, 180, reader, upright)
        if is_upside_down(best, turned):
            seen, best = best, _look(upright, 180, reader)
            if not best.is_page:
                best = less_sure_by(best, seen, -UPRIGHT)
        else:
            best = less_sure_by(best, turned)
    if not best.is_sampled:
        return best
    # the observer sees the steps of the way that counts
    pages = _prepare(best.view, reader) if reader.observer else best.pages
    return times_likely(_read(best.view, pages, reader), best.likely)


def _look(
    upright: Way, degrees: int, reader: LineReader, opposite: Way | None = None
) -> Way:
    """Read some lines of a picture, turned by so many degrees.

    None is read if its lines run upwards then, and do not as the picture is. The pages
    of the `opposite` way, if it is given, are turned to decide whether this way counts:
    of 520 generated pictures the decision was the same, in 27 % less time of a cheque.
    If it does the picture is prepared after all, for commas hang below a line, not
    above.
    """
    view = turned_view(upright.view, degrees)
    if opposite:
        reader = replace(reader, observer=None)
        back = np.linalg.inv(view.back) @ opposite.view.back
        seen = [page.upside_down() for page in opposite.pages]
        pages = [replace(page, back=back @ page.back) for page in seen]
    else:
        pages = _prepare(view, reader)
    way = Way(view, (), tuple(pages), is_sampled=False)
    if is_sideways(way.boxes) and not is_sideways(upright.boxes):
        return way
    return _read(view, pages, reader, SAMPLED_LINES)


def _sample(page: Page, most: int) -> tuple[Line, ...]:
    """Return the longest lines of a page that may be numbers, or its shortest line."""
    ordered = sorted(page.lines, key=lambda line: len(line.tall))
    numbers = [of for of in ordered if len(of.tall) <= LONGEST_NUMBER]
    return tuple(numbers[-most:] or ordered[:1])


def _prepare(view: View, reader: LineReader) -> list[Page]:
    return prepare(view.pixels, reader.observer, on_paper=view.on_paper)


def _read(
    view: View, pages: Sequence[Page], reader: LineReader, most: int | None = None
) -> Way:
    """Read the pages of a picture; if `most` is given, so many lines of each."""
    of_pages: list[list[RatedLine]] = []
    is_sampled = False
    least = 1  # digits of a line
    for page in pages:
        some = page.lines if most is None else _sample(page, most)
        is_sampled |= len(some) < len(page.lines)
        part = replace(page, lines=some, back=view.back @ page.back)
        rated = [of for of in read_page(part, reader) if len(of.line.text) >= least]
        of_pages.append(rated)
        if page.is_low:
            if rated:
                break
            least = 2  # what was tall is no line, and one of what is low may be a speck
    pages = pages[: len(of_pages)]
    found = beside_taller(of_pages)
    rows = len(view.pixels)
    found = without_cut_off(without_doubles(found), view.back, rows)
    ordered = found if len(found) < 2 else _in_order(found, view.back @ pages[0].back)
    return Way(view, tuple(ordered), tuple(pages), is_sampled)


def _in_order(found: list[RatedLine], back: Homography) -> list[RatedLine]:
    """Put lines in reading order, as they stand on the page."""
    there = np.linalg.inv(back).astype(np.float64)
    places = [to_source(line.box, there) for line, _ in found]
    return [found[number] for number in reading_order(places)]
