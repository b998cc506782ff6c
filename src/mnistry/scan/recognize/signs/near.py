"""The ink near a line, in pieces that may be digits or signs."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.ink.components import Component, find_components, ink_of
from mnistry.scan.page.ink.masks import box_of
from mnistry.scan.page.layout.lines import ROOM, Line
from mnistry.scan.page.page import Page
from mnistry.scan.recognize.signs.endings import touching_slash
from mnistry.scan.recognize.signs.minus import touching_minus
from mnistry.scan.recognize.signs.shapes import Piece

cv2 = require("cv2", extra="read")

SLASH_ROOM = 0.8  # heights of a digit above and below its line to which slashes reach


class Near(NamedTuple):
    """The ink near a line, in pieces that may be digits or signs.

    Attributes:
        page: Where the line is.
        line: With its band.
        at: First row and column.
        ink: The number of the page's component at each pixel.
        piece_map: The number of the piece at each pixel.
        pieces: From left to right.
    """

    page: Page
    line: Line
    at: tuple[int, int]
    ink: NDArray[np.int32]
    piece_map: ComponentMap
    pieces: list[Piece]


def ink_near(page: Page, line: Line, ends: tuple[float, float]) -> Near:
    """Return the ink near a line in pieces.

    Args:
        page: Ready for reading.
        line: With its band.
        ends: First column of the line, and the one after its last.
    """
    top = max(0, int(line.band[0] - SLASH_ROOM * line.height))
    bottom = int(np.ceil(line.band[1] + SLASH_ROOM * line.height))
    left, right = max(0, int(ends[0])), int(np.ceil(ends[1]))
    near = page.component_map[top:bottom, left:right]
    components, piece_map = find_components(near > 0)
    padded = cv2.copyMakeBorder(
        (near > 0).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0
    )
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    pieces = [
        _piece(component, piece_map, depth, line.height, line.band[0] - top)
        for component in components
        if not _is_cut(component.box, near.shape, page.mask.shape, (top, left))
    ]
    pieces = [piece for piece in pieces if _is_within(piece)]
    pieces.sort(key=lambda piece: piece.left)
    for touching in (touching_slash, touching_minus):
        found = touching(pieces)
        if not found:
            continue
        rest = [piece for piece in pieces if piece is not found[0]]
        pieces = [*rest, *_split(*found, piece_map, depth, line)]
        pieces.sort(key=lambda piece: piece.left)
    return Near(page, line, (top, left), near, piece_map, pieces)


def _split(
    piece: Piece,
    stroke: Mask,
    piece_map: ComponentMap,
    depth: NDArray[np.float32],
    line: Line,
) -> Iterator[Piece]:
    """Split a piece into a digit and the stroke that touches it, in the map too."""
    box, number = piece.component.box, int(piece_map.max()) + 1
    here = piece_map[box.slices]
    here[stroke] = number
    for ink, named in ((piece.ink & ~stroke, piece.component.number), (stroke, number)):
        around = box_of(ink).moved(box.left, box.top)
        component = Component(around, int(ink.sum()), named)
        top = box.top - piece.top * line.height
        yield _piece(component, piece_map, depth, line.height, top)


def _is_within(piece: Piece) -> bool:
    """Return whether a piece is no higher or lower than signs, or is a tall slash."""
    return (piece.top >= -ROOM and piece.bottom <= 1 + ROOM) or piece.leans


def _is_cut(
    box: Box, near: tuple[int, ...], whole: tuple[int, ...], at: tuple[int, int]
) -> bool:
    """Return whether a component may go on above or below the ink near a line."""
    above = box.top == 0 and at[0] > 0
    return above or (box.bottom == near[0] and at[0] + near[0] < whole[0])


def _piece(
    component: Component,
    near_map: ComponentMap,
    depth: NDArray[np.float32],
    height: float,
    top: float,
) -> Piece:
    """Make a piece of a component; `depth` is how far each pixel is from paper."""
    box = component.box
    ink = ink_of(component, near_map)
    pen = 2 * float(cv2.minMaxLoc(depth[box.slices], ink.view(np.uint8))[1])
    low = box.left / height, (box.top - top) / height
    high = box.right / height, (box.bottom - top) / height
    return Piece(component, ink, pen / height, *low, *high)
