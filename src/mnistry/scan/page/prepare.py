"""Prepare a picture for reading: even light, ink, ruling lines, deskewing, lines."""

from dataclasses import replace
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask, Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.boxes import rings
from mnistry.scan.page.boxes.tall_sides import without_tall_sides
from mnistry.scan.page.ink import binarize
from mnistry.scan.page.ink.components import Component, find_components, mask_of
from mnistry.scan.page.ink.grain import is_grain
from mnistry.scan.page.ink.masks import stroke_width
from mnistry.scan.page.layout import blots, edges, lines, pens, touching
from mnistry.scan.page.layout.direction import is_sideways
from mnistry.scan.page.page import Page, StepObserver
from mnistry.scan.page.paper import illumination
from mnistry.scan.page.paper.highlighter import without_highlighter
from mnistry.scan.page.picture.pixels import one_channel, shrink
from mnistry.scan.page.picture.transform import Homography, scaling, to_source
from mnistry.scan.page.rules import deskew, ruling
from mnistry.scan.page.rules.pale_rules import LENGTH, find_pale_rules
from mnistry.scan.page.rules.perspective import rectify
from mnistry.scan.page.rules.rule_lines import LONGER_SIDE, find_rule_lines
from mnistry.scan.page.unboxed import without_boxes

cv2 = require("cv2", extra="read")

WORK_SIDE = 1600  # pixels: an A4 page then has about 140 dots per inch
TALLEST = 90  # pixels of a digit; taller ones are shrunk, to fit the windows in pixels
COMFORTABLE = 48  # pixels that they are shrunk to
# of the height of a line too tall it has in the smaller copy, at least: 0.95 on two
# whiteboards; specks in its place have less than half
AGAIN = 0.8
WRITTEN = 3  # components of another line; fewer may be a torn stroke
NUMBER = 2  # components of a line that is beside what is tall; one may be a speck
THIN, FAIR = 0.045, 0.08  # of a digit's height: a thinner pen is made as thick as FAIR
TALLEST_LINE = 0.85  # of a picture's height: taller is a rule from end to end


def prepare(
    seen: NDArray[np.uint8],
    observer: StepObserver | None = None,
    *,
    on_paper: bool = False,
) -> list[Page]:
    """Prepare a picture: illumination, ink, ruling lines, deskewing, lines.

    Args:
        seen: (rows, columns, 3) uint8, or grey.
        observer: Called with each step's name and its picture.
        on_paper: It is known that the ink is darker than the paper.

    Returns:
        The picture with its lines; if some are too tall, such as a stamp beside an
        address, a smaller copy with those, too. If what is tall seems to be all there
        is, the copy comes first: only if it gives no digits, the other lines count.
    """
    picture = shrink(one_channel(seen), WORK_SIDE)
    if not on_paper:
        picture = illumination.dark_on_light(picture)
    picture = without_highlighter(picture)
    scale = max(picture.shape[:2]) / max(seen.shape[:2])
    picture, turn = _level_rules(picture)
    back = scaling(1 / scale) @ turn
    first = _find_page(picture, observer)
    missing = _missing_thickness(first)
    if missing:  # a stroke so thin would vanish in a strip
        around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1,) * 2)
        picture = cv2.erode(picture, around)
        first = _find_page(picture, observer)
    tall = max((line.height for line in first.lines), default=0.0)
    if tall <= TALLEST:
        return [_deskew(first, picture, back, observer)]
    smaller = max(32 / max(picture.shape[:2]), COMFORTABLE / tall)
    copy = shrink(picture, round(max(picture.shape[:2]) * smaller))
    enlarged = back @ scaling(1 / (max(copy.shape[:2]) / max(picture.shape[:2])))
    far = _deskew(_find_page(copy, observer), copy, enlarged, observer)
    fitting = [line for line in first.lines if line.height <= TALLEST]
    is_only = far.is_low
    if is_only and not any(len(line.tall) >= NUMBER for line in fitting):
        return [far]
    near = _deskew(first, picture, back, observer)
    apart = TALLEST * max(copy.shape) / max(picture.shape)
    fitting = [line for line in near.lines if line.height <= TALLEST]
    if is_only:  # or the outline of a shadow, the torn edge of a sheet
        written = [line for line in fitting if len(line.tall) >= NUMBER]
        whole = tuple(line for line in written if not _goes_on(line, near))
        return [far, replace(near, lines=whole)]
    too_tall = [line.box for line in near.lines if line.height > TALLEST]
    places = [to_source(box, near.back) for box in too_tall]
    return [replace(near, lines=tuple(fitting)), _with_tall(far, apart, places)]


def _with_tall(copy: Page, least: float, places: list[Box]) -> Page:
    """Keep the lines of a smaller copy that are too tall for the page.

    Args:
        copy: With all its lines.
        least: Height of what is too tall, in the copy.
        places: Of such lines, in the source: in the copy one may be a little lower.
    """
    kept = [
        line
        for line in copy.lines
        if line.height > least
        or (
            line.height > AGAIN * least
            and any(of.is_at(to_source(line.box, copy.back)) for of in places)
        )
    ]
    return replace(copy, lines=tuple(kept))


def _goes_on(line: lines.Line, page: Page) -> bool:
    """Return whether a line goes on in what is too tall: a digit at a sheet's edge."""
    left, _, right, _ = line.box
    room, rows = round(line.height), slice(*map(int, line.band))
    near = np.hstack(
        [
            page.component_map[rows, max(0, left - room) : left],
            page.component_map[rows, right : right + room],
        ]
    )
    for number in np.unique(near[near > 0]).tolist():
        inked = np.flatnonzero((page.component_map == number).any(axis=1))
        if np.ptp(inked) > TALLEST:
            return True
    return False


def _missing_thickness(page: Page) -> int:
    """Return by how many pixels, an even number, to thicken a pen thin for its digits.

    0 beside other lines: a stamp is hatched, and its strokes would run together.
    """
    main = lines.main_line(page.lines)
    if main is None or main.height > TALLEST_LINE * len(page.mask):
        return 0
    others = [line for line in page.lines if line is not main]
    if any(len(line.components) >= WRITTEN for line in others):
        return 0
    pen = stroke_width(page.mask[main.box.slices])
    if pen >= THIN * main.height:
        return 0
    return 2 * max(1, round((FAIR * main.height - pen) / 2))


def _level_rules(
    picture: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], Homography]:
    """Turn a picture until its rules are level, for slanted ones are not found.

    Upright rules that lean then are sheared upright; the perspective of squared paper
    that converges is undone.

    Returns:
        The picture, and the way back: from its points to points of the one given.
    """
    small = shrink(picture, LONGER_SIDE)
    flat = find_rule_lines(small)
    if flat is None:
        return picture, np.eye(3)
    upright = find_rule_lines(small, upright=True)
    straight = None if upright is None else rectify(picture, flat, upright)
    if straight is not None:
        return straight
    angle, lean = deskew.skew_of_rules(flat), deskew.skew_of_rules(upright)
    if angle is None:
        return picture, np.eye(3)
    lean = 0.0 if lean is None else lean + angle  # once the others are level
    if max(abs(angle), abs(lean)) < deskew.LEAST_OF_RULES:
        return picture, np.eye(3)
    return deskew.level(picture, angle, lean)


def _deskew(
    page: Page,
    picture: NDArray[np.uint8],
    back: Homography,
    observer: StepObserver | None,
) -> Page:
    """Turn a page until its lines are level; keep the transform to the source.

    A page on its side stays: its rows are digits that happen to stand side by side.
    """
    angle = deskew.skew_of(page.lines)
    ink = [of for line in page.lines for of in line.components]
    if angle is None:
        angle = deskew.skew_of_ink(mask_of(ink, page.component_map)) if ink else 0.0
    elif is_sideways([of.box for of in ink]):
        angle = 0.0
    if not deskew.LEAST < abs(angle) < deskew.MOST:
        return replace(page, back=back)
    level, turn = deskew.level(picture, angle)
    return replace(_find_page(level, observer), back=back @ turn)


def _find_page(picture: NDArray[np.uint8], observer: StepObserver | None) -> Page:
    """Find the ink of a picture, take its rules out, and find its lines."""
    paper = illumination.find_paper(picture)
    ink = _find_ink(picture, paper)
    ruled = ruling.without_rules(ink.mask, ink.rules)
    components, component_map = (
        ink.found if ruled is ink.mask else find_components(ruled)
    )
    components = edges.without_edges(components, ruled.shape)
    rules = ink.mask & ~ruled
    cleaned = without_tall_sides(ruled, rules, components, component_map)
    if cleaned is not ruled:
        components, component_map = find_components(cleaned)
        components = edges.without_edges(components, cleaned.shape)
    if observer:
        observer("1-picture", picture)
        observer("2-light", 255 - ink.dark)
        for step, mask in ("3-ink", ink.mask), ("4-rules", cleaned):
            observer(step, np.where(mask, np.uint8(0), np.uint8(255)))
    components = touching.split_touching(components, component_map)
    pale = ink.faded
    if pale is None and min(ink.mask.shape) >= LENGTH:
        pale = find_pale_rules(ink.dark, ink.mask)
    found = lines.find_lines(components, ink.mask & ~cleaned, pale)
    found = pens.split_inks(found, picture, paper, component_map)
    found = edges.without_pieces(found, cleaned.shape)
    found = blots.without_blots(found)
    page = Page(
        ink.soft,
        cleaned,
        component_map,
        tuple(found),
        np.eye(3),
        inked=ink.mask,
        dark=ink.dark,
    )
    return replace(page, unboxed=cache(partial(without_boxes, page)))


class _Ink(NamedTuple):
    """The ink of a picture without rings, its rules still among it.

    Attributes:
        dark: How dark each pixel is; faded rules are as light as paper.
        soft: Soft ink.
        mask: True where there is ink.
        found: Its connected components, and the number of the one at each pixel.
        rules: True where the mask has rules.
        faded: True where rules were faded; None if none were.
    """

    dark: Pixels
    soft: Pixels
    mask: Mask
    found: tuple[list[Component], ComponentMap]
    rules: Mask
    faded: Mask | None


def _find_ink(picture: NDArray[np.uint8], paper: NDArray[np.uint8]) -> _Ink:
    """Find the ink of a picture; take out rings, and fade rules paler than the rest."""
    dark = illumination.flatten_illumination(picture, paper)
    if is_grain(dark):
        dark = np.zeros_like(dark)
    level = binarize.ink_level(dark)
    mask = binarize.ink_mask(dark, level)
    found = find_components(mask)
    around = rings.find_rings(*found)
    if around.any():
        dark, mask = rings.without_rings(dark, mask, around), mask & ~around
        found = find_components(mask)
    rules = ruling.find_page_rules(mask)
    faded = ruling.fade_rules(dark, mask, rules)
    if faded is None:
        return _Ink(dark, binarize.soft_ink(dark, level), mask, found, rules, None)
    mask = binarize.ink_mask(faded)
    found = find_components(mask)
    left = ruling.find_page_rules(mask)
    return _Ink(faded, binarize.soft_ink(faded), mask, found, left, rules)
