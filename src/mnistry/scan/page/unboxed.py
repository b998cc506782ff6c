"""A page without its printed boxes and frames, and the lines that are in them."""

from dataclasses import replace

from mnistry.box import Box
from mnistry.scan.page import binarize, boxes, cells, edges, frames, lines, ruling
from mnistry.scan.page.components import find_components
from mnistry.scan.page.page import Page


def without_boxes(page: Page) -> Page | None:
    """Remove printed boxes from a page, and keep the lines in them.

    Call `Page.without_boxes`, which does so once for all copies of a page.

    Args:
        page: Ready for reading.

    Returns:
        The page; none if it has neither a row of boxes nor a frame.
    """
    full = page.soft if page.dark is None else binarize.full_ink(page.dark)
    sides, rows = boxes.find_boxes(page.inked, full)
    around = frames.find_frames(page.inked, rows)
    for frame in around:
        sides |= frames.take_frame_out(frame, page.inked, full)
    if not sides.any():
        return None
    mask = page.inked & ~sides
    soft = boxes.paint_out(page.soft, sides, mask)
    cleaned = ruling.without_rules(mask, ruling.find_page_rules(mask))
    components, component_map = find_components(cleaned)
    components = edges.without_edges(components, cleaned.shape)
    in_rows = [*map(cells.find_cells, rows)]
    # a label beside boxes is no part of what is in them
    of_cells = [
        frames.Frame(Box.around(of), row)
        for of, row in zip(in_rows, rows, strict=True)
        if of
    ]
    apart = frames.find_lines_apart(
        components, [*around, *of_cells], page.inked & ~cleaned
    )
    found = [line for line in apart if _is_in(line, sides)]
    return replace(
        page,
        soft=soft,
        mask=cleaned,
        component_map=component_map,
        lines=tuple(found),
        cells=tuple(in_rows),
        frames=tuple(frame.inside for frame in around),
    )


def _is_in(line: lines.Line, sides: binarize.Mask) -> bool:
    """Tell whether a line is in boxes: their sides are among its digits."""
    box, height = line.box, line.height
    columns = slice(max(0, int(box.left - height)), int(box.right + height))
    rows = slice(max(0, int(box.top - height / 2)), int(box.bottom + height / 2))
    return bool(sides[rows, columns].any())
