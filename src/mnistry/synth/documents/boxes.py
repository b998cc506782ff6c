"""Numbers in a row of boxes, as forms print them: frames, combs, double lines.

Rule: sides are as thick as forms print them, and digits may lean on them or cross them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.extras import require
from mnistry.synth.documents.camera import photograph, tilt_matrix
from mnistry.synth.documents.paper import Paper, draw_lines, make_sheet, stain_ink
from mnistry.synth.documents.scenes import (
    Alphabet,
    Scene,
    TrueLine,
    draw_hand,
    put_ink,
    tilted,
    write_text,
)
from mnistry.synth.documents.stationery import draw_camera, draw_colour, draw_tint

cv2 = require("cv2", extra="read")

MARGIN = 80  # pixels of paper around the boxes, of which
CUT = 50  # are cut off when all is written
LAYOUTS = ("shared", "separate", "comb", "double")


class Cells(NamedTuple):
    """Where boxes of one row are: left sides, one width and height, the row's top."""

    lefts: NDArray[np.float64]
    width: float
    height: float
    top: float


def make_boxed(
    alphabet: Alphabet, code: str, *, seed: int = 0, layout: str, thickness: int = 2
) -> Scene:
    """Write a number into a row of boxes, a digit in each.

    Args:
        alphabet: Digits to write with.
        code: What to write, digits only.
        seed: Decides hand, paper, boxes, light.
        layout: One of `LAYOUTS`: sides shared, boxes apart, a comb, or double lines.
        thickness: Of the sides, in pixels.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    height = float(generator.uniform(30, 46))
    hand = draw_hand(generator, height=height)
    wide = height * float(generator.uniform(0.95, 1.25))
    apart = wide * (1.2 if layout == "separate" else 1.0)
    lefts = (MARGIN + apart * np.arange(len(code))).astype(np.float64)
    cells = Cells(lefts, wide, height * float(generator.uniform(1.3, 1.6)), MARGIN)
    size = int(cells.height) + 2 * MARGIN, int(lefts[-1] + wide) + MARGIN
    look = Paper(draw_tint(generator), float(generator.uniform(0, 0.02)))
    sheet = make_sheet(size, look, generator=generator)
    lines = draw_lines(size, _sides(cells, layout, thickness), thickness=thickness)
    stain_ink(
        sheet, lines * np.float32(0.85), generator.uniform(0.05, 0.45) * np.ones(3)
    )
    colour = draw_colour(generator)
    boxes: list[Box] = []
    for digit, left in zip(code, lefts, strict=True):
        written = write_text(alphabet, digit, hand, generator=generator)
        (box,) = written.boxes
        lean = generator.uniform(-0.12, 0.12, 2) * wide
        x = left + (wide - box.width) / 2 + lean[0] - box.left
        y = cells.top + (cells.height - box.height) / 2 + lean[1] - box.top
        boxes += put_ink(sheet, written, (round(x), round(y)), colour)
    sheet = np.ascontiguousarray(sheet[CUT:-CUT, CUT:-CUT])
    boxes = [Box(a - CUT, b - CUT, c - CUT, d - CUT) for a, b, c, d in boxes]
    tilt = tilt_matrix(sheet.shape[:2], 0.01, generator=generator)
    seen = cv2.warpPerspective(
        sheet, tilt, sheet.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
    )
    picture = photograph(seen, draw_camera(generator), generator=generator)
    return Scene(picture, (TrueLine(code, tuple(tilted(box, tilt) for box in boxes)),))


def _sides(cells: Cells, layout: str, thickness: int) -> NDArray[np.float64]:
    """Give the ends (x, y, x, y) of the sides."""
    lefts, width, height, top = cells
    bottom, rights = top + height, lefts + width
    first, last = lefts[0], rights[-1]
    uprights = np.union1d(lefts.round(2), rights.round(2))
    if layout == "comb":
        sides = [(x, bottom - 0.35 * height, x, bottom) for x in uprights]
        return np.array([*sides, (first, bottom, last, bottom)])
    sides = [(x, top, x, bottom) for x in uprights]
    if layout == "double":
        gap = thickness + 3.0
        sides += [(x + gap, top, x + gap, bottom) for x in uprights]
    for row in (top, bottom):
        sides += [(a, row, b, row) for a, b in zip(lefts, rights, strict=True)]
    return np.array(sides)
