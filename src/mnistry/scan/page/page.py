"""Prepare a picture for reading: its ink, its lines, the transform to the source."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page import (
    binarize,
    deskew,
    edges,
    illumination,
    lines,
    ruling,
)
from mnistry.scan.page.grain import is_grain
from mnistry.scan.page.load import Loaded
from mnistry.scan.page.masks import pen_width
from mnistry.scan.page.order import is_sideways
from mnistry.scan.page.pixels import one_channel, shrink
from mnistry.scan.page.sheet import Projective

cv2 = require("cv2", extra="read")

StepObserver = Callable[[str, NDArray[np.uint8]], None]
"""Called with the name of each step and its picture."""

WORK_SIDE = 1600  # pixels: an A4 page then has about 140 dots per inch
TALLEST = 90  # pixels of a digit; taller ones are shrunk, for windows to fit
ONE_LINE = 3.2  # a picture less than so many digits tall holds one line
COMFORTABLE = 48  # pixels that they are shrunk to
WRITTEN = 3  # components of another line; fewer may be a torn stroke
THIN, FAIR = 0.045, 0.08  # of a digit's height: a thin pen, made as thick as a fair one
TALLEST_LINE = 0.85  # of a picture: what is taller is a rule from end to end
LOW = 160  # pixels; a picture so low may well hold one line, whatever is found in it
OUTSIDE = 0.05  # of its ink is above that line's digits, and as much below
MIN_RULING_LENGTHS = (40, 64)  # pixels; no straight part of a digit is so long


@dataclass(frozen=True, slots=True)
class Page:
    """A page ready for reading: flattened, binarized, cleaned, with its lines.

    Attributes:
        soft: Soft ink.
        mask: Ink without ruling lines.
        component_map: Number of the connected component at each pixel, 0 for none.
        found: The lines.
        back: (3, 3) transform from its points to points of the source, in perspective
            where a sheet was looked at from above.
        inked: All ink, ruling lines too.
        cells: Of each row of boxes whose sides were taken out.
        frames: What printed frames enclose that were taken out.
        dark: How dark each pixel is; None where soft ink is all that is known.
        unboxed: The page without boxes, once it was asked for (`without_boxes`); copies
            with fewer lines share it.
    """

    soft: Pixels
    mask: binarize.Mask
    component_map: NDArray[np.int32]
    found: tuple[lines.Line, ...]
    back: Projective
    inked: binarize.Mask
    cells: tuple[tuple[Box, ...], ...] = ()
    frames: tuple[Box, ...] = ()
    dark: Pixels | None = None
    unboxed: list["Page | None"] = field(default_factory=list)

    @property
    def only_line(self) -> lines.Line | None:
        """The main line, if the picture is too low for another."""
        main = lines.main_line(list(self.found))
        if main is None or len(self.mask) >= ONE_LINE * main.height:
            return None
        return main._replace(other=self._ink_band())

    @property
    def whole_line(self) -> lines.Line | None:
        """All of a low picture as a line, for dots and torn strokes may hide it."""
        if not self.found or len(self.mask) > LOW:
            return None
        parts = [part for line in self.found for part in line.components]
        parts.sort(key=lambda part: part.box.left)
        return lines.Line(tuple(parts), self._ink_band())

    def _ink_band(self) -> tuple[float, float]:
        """Estimate where digits begin and end by where most of the ink is."""
        inked = self.mask.sum(axis=1, dtype=np.int64).cumsum()
        limits = inked[-1] * np.array([OUTSIDE, 1 - OUTSIDE])
        top, bottom = np.searchsorted(inked, limits).tolist()
        return float(top), float(bottom + 1)


def prepare(
    loaded: Loaded, observer: StepObserver | None = None, *, on_paper: bool = False
) -> list[Page]:
    """Prepare a picture: illumination, ink, ruling lines, deskewing, lines.

    Args:
        loaded: The picture.
        observer: Called with each step's name and its picture.
        on_paper: It is known that the ink is darker than the paper.

    Returns:
        The picture with its lines; if some are too tall for it, such as a stamp beside
        an address, a smaller copy with those.
    """
    picture = shrink(one_channel(loaded.pixels), WORK_SIDE)
    if not on_paper:
        picture = dark_on_light(picture)
    source = max(loaded.pixels.shape[:2]) / loaded.scale  # its longer side
    first, picture, back = _level_rules(picture, source, observer)
    missing = _missing_thickness(first)
    if missing:  # so thin a line would fade away in a strip
        around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1,) * 2)
        picture = cv2.erode(picture, around)
        first = _prepare(picture, observer)
    tall = max((line.height for line in first.found), default=0.0)
    if tall <= TALLEST:
        return [_deskew(first, picture, back, observer)]
    smaller = max(32 / max(picture.shape[:2]), COMFORTABLE / tall)
    copy = shrink(picture, round(max(picture.shape[:2]) * smaller))
    enlarged = back @ _scaled(max(copy.shape[:2]) / max(picture.shape[:2]))
    far = _deskew(_prepare(copy, observer), copy, enlarged, observer)
    if far.only_line is not None:
        return [far]
    near = _deskew(first, picture, back, observer)
    apart = TALLEST * max(copy.shape) / max(picture.shape)
    fitting = tuple(line for line in near.found if line.height <= TALLEST)
    others = tuple(line for line in far.found if line.height > apart)
    return [replace(near, found=fitting), replace(far, found=others)]


def _missing_thickness(page: Page) -> int:
    """Give how many pixels a pen lacks that is very thin for what it wrote; even.

    Beside other lines none: a stamp is hatched, and they would run together.
    """
    main = lines.main_line(list(page.found))
    if main is None or main.height > TALLEST_LINE * len(page.mask):
        return 0
    others = [line for line in page.found if line is not main]
    if any(len(line.components) >= WRITTEN for line in others):
        return 0
    box = main.box
    pen = pen_width(page.mask[box.top : box.bottom, box.left : box.right])
    if pen >= THIN * main.height:
        return 0
    return 2 * max(1, round((FAIR * main.height - pen) / 2))


def shortest_rule(mask: binarize.Mask) -> int:
    """Give the length from which ink of a picture is a rule.

    Args:
        mask: True where there is ink.
    """
    return int(np.clip(1.2 * len(mask), *MIN_RULING_LENGTHS))


def _level_rules(
    picture: NDArray[np.uint8], source: float, observer: StepObserver | None
) -> tuple[Page, NDArray[np.uint8], Projective]:
    """Turn a picture until its rules are level, for aslant they are not taken out.

    What rules are upright is sheared until it is.

    Returns:
        The page prepared, the picture it is of, and the transform to the source.
    """
    back = _scaled(max(picture.shape[:2]) / source)
    angle = deskew.skew_of_rules(picture)
    lean = 0.0 if angle is None else deskew.lean_of_rules(picture, angle)
    if angle is None or max(abs(angle), abs(lean)) < deskew.LEAST_OF_RULES:
        return _prepare(picture, observer), picture, back
    picture, turn = deskew.level(picture, angle, lean)
    return _prepare(picture, observer), picture, back @ np.vstack([turn, [0, 0, 1]])


def _deskew(
    page: Page,
    picture: NDArray[np.uint8],
    back: Projective,
    observer: StepObserver | None,
) -> Page:
    """Turn a page until its lines are level; keep the transform to the source.

    What is sideways stays: its rows are of digits that happen to stand side by side.
    """
    angle = deskew.skew_of(page.found)
    is_askew = deskew.LEAST < abs(angle) < deskew.MOST
    ink = [of.box for line in page.found for of in line.components]
    if not is_askew or is_sideways(ink):
        return replace(page, back=back)
    level, turn = deskew.level(picture, angle)
    return replace(_prepare(level, observer), back=back @ np.vstack([turn, [0, 0, 1]]))


def _scaled(scale: float) -> Projective:
    """Give the transform from a picture to its source, `scale` times smaller."""
    return np.diag([1 / scale, 1 / scale, 1.0])


def dark_on_light(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn light ink on dark paper to dark ink on light paper; leave the other."""
    picture = illumination.spread_colours(picture)
    return 255 - picture if illumination.is_light_on_dark(picture) else picture


def to_source(box: Box, back: Projective) -> Box:
    """Give the box in the source around the corners of a box of a page.

    Example:
        >>> to_source(Box(1, 2, 3, 4), np.diag([2.0, 2.0, 1.0]))
        Box(left=2, top=4, right=6, bottom=8)
    """
    across, down, far = back.tolist()  # so few numbers are sooner done without NumPy
    columns, rows = [], []
    corners = [box[:2], box[2:]]
    if across[1] or down[0] or far[0] or far[1]:  # it is turned: two do not tell
        corners += [(box.left, box.bottom), (box.right, box.top)]
    for x, y in corners:
        depth = far[0] * x + far[1] * y + far[2]
        columns.append((across[0] * x + across[1] * y + across[2]) / depth)
        rows.append((down[0] * x + down[1] * y + down[2]) / depth)
    # a millionth of a pixel is rounding, not ink
    left, top = floor(min(columns) + 1e-6), floor(min(rows) + 1e-6)
    return Box(left, top, ceil(max(columns) - 1e-6), ceil(max(rows) - 1e-6))


def _prepare(picture: NDArray[np.uint8], observer: StepObserver | None) -> Page:
    dark = illumination.flatten_illumination(picture)
    if is_grain(dark):
        dark = np.zeros_like(dark)
    level = binarize.ink_level(dark)
    soft, mask = binarize.soft_ink(dark, level), binarize.ink_mask(dark, level)
    shortest = shortest_rule(mask)
    rules = ruling.find_ruling_lines(mask, shortest, tallest=lines.TALL)
    faded = ruling.fade_rules(dark, mask, rules)
    if faded is not None:
        soft, mask = binarize.soft_ink(faded), binarize.ink_mask(faded)
        rules = ruling.find_ruling_lines(mask, shortest, tallest=lines.TALL)
    ruled = ruling.without_rules(mask, rules)
    components, component_map = components_of(ruled)
    cleaned = ruling.without_sides(ruled, mask & ~ruled, components, component_map)
    if cleaned is not ruled:
        components, component_map = components_of(cleaned)
    if observer:
        observer("1-picture", picture)
        observer("2-light", 255 - dark)
        observer("3-ink", np.where(mask, np.uint8(0), np.uint8(255)))
        observer("4-rules", np.where(cleaned, np.uint8(0), np.uint8(255)))
    found = edges.without_pieces(lines.find_lines(components, mask & ~cleaned))
    dark = dark if faded is None else faded
    return Page(soft, cleaned, component_map, tuple(found), np.eye(3), mask, dark=dark)


def components_of(
    mask: binarize.Mask,
) -> tuple[list[lines.Component], NDArray[np.int32]]:
    """Find ink that hangs together, and is not the edge of a sheet.

    Args:
        mask: True where there is ink.

    Returns:
        As `lines.find_components` does.
    """
    components, component_map = lines.find_components(mask)
    return edges.without_edges(components, mask.shape), component_map
