"""A page without its printed boxes and frames, and the lines that are in them."""

from dataclasses import replace
from itertools import chain
from math import inf

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.boxes import cells, frames
from mnistry.scan.page.boxes.boxes_apart import cells_of, find_boxes_apart, is_same_row
from mnistry.scan.page.boxes.rows import erase_sides, find_boxes
from mnistry.scan.page.ink import binarize
from mnistry.scan.page.ink.components import find_components
from mnistry.scan.page.layout import edges, lines
from mnistry.scan.page.page import Page
from mnistry.scan.page.rules import ruling

HALF = 0.5  # of the height of the longest line in a row of boxes: lower is no digit


def without_boxes(page: Page) -> Page | None:
    """Remove printed boxes from a page, and keep the lines in them.

    Call `Page.without_boxes`, which does so once for all copies of a page.

    Args:
        page: Ready for reading.

    Returns:
        The page; none if it has neither a row of boxes nor a frame.
    """
    full = binarize.full_ink(page.dark)
    sides, rows = find_boxes(page.inked, full)
    holes = frames.find_holes(page.inked)
    around = frames.find_frames(holes, rows)
    level = [cells.find_cells(row) for row in rows]
    apart = find_boxes_apart(page.inked, holes, level)
    for frame in chain(around, *apart):
        sides |= frames.frame_ink(frame, page.inked, full)
    if not sides.any():
        return None
    mask = page.inked & ~sides
    soft = erase_sides(page.soft, sides, mask)
    cleaned = ruling.without_rules(mask, ruling.find_page_rules(mask))
    components, component_map = find_components(cleaned)
    components = edges.without_edges(components, cleaned.shape)
    known = [cells_of(of) for of in apart]
    others = [of for of in level if not any(is_same_row(of, by) for by in known)]
    in_rows = [*known, *others]
    framed = [frame.inside for frame in around]
    # a label beside boxes is no part of what is in them
    fields = [(field, inf) for field in framed]
    fields += [(Box.around(row), row[-1].width) for row in in_rows if row]
    found = frames.find_lines_apart(components, fields, page.inked & ~cleaned)
    for of in known:
        found = _in_one(found, Box.around(of))
    return replace(
        page,
        soft=soft,
        mask=cleaned,
        component_map=component_map,
        lines=tuple(line for line in found if _is_in(line, sides)),
        cells=tuple(in_rows),
        frames=tuple(framed),
    )


def _in_one(found: list[lines.Line], field: Box) -> list[lines.Line]:
    """Put lines side by side in one row of boxes together: glare may part them."""
    within = [line for line in found if field.is_at(line.box)]
    if not within:
        return found
    most = max(within, key=lambda line: len(line.components))
    same = [line for line in within if line.height > HALF * most.height]
    parts = (of for line in same for of in line.components)
    rest = [line for line in found if line not in same]
    return [*rest, lines.Line.of(parts, most.band)]


def _is_in(line: lines.Line, sides: Mask) -> bool:
    """Return whether a line is in boxes: their sides are among its digits."""
    box, height = line.box, line.height
    columns = slice(max(0, int(box.left - height)), int(box.right + height))
    rows = slice(max(0, int(box.top - height / 2)), int(box.bottom + height / 2))
    return bool(sides[rows, columns].any())
