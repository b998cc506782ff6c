"""Numbers in a row of boxes, as forms print them: frames, combs, double lines.

Rule: sides are as thick as forms print them, and digits may lean on them or cross them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.synth.documents.handwriting import Hand
from mnistry.synth.documents.paper import (
    Paper,
    Sheet,
    draw_lines,
    make_sheet,
    stain_ink,
)
from mnistry.synth.documents.scenes import (
    Alphabet,
    Scene,
    TrueLine,
    draw_hand,
    photographed_aslant,
    put_ink,
    write_text,
)
from mnistry.synth.documents.stationery import draw_colour, draw_tint

MARGIN = 80  # pixels of paper around the boxes, of which
CUT = 50  # are cut off when all is written
LAYOUTS = ("shared", "separate", "comb", "double")


class Cells(NamedTuple):
    """Where boxes of one row are: left sides, one width and height, the row's top."""

    lefts: NDArray[np.float64]
    width: float
    height: float
    top: float


class Writing(NamedTuple):
    """How digits are written into cells.

    Attributes:
        alphabet: Digits to write with.
        hand: How.
        colour: Red, green and blue of the ink, 0 to 1.
        off: Of a cell's width, by which a digit is off its middle.
    """

    alphabet: Alphabet
    hand: Hand
    colour: NDArray[np.float64]
    off: float


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
    lines = draw_lines(size, draw_sides(cells, layout, thickness), thickness=thickness)
    stain_ink(
        sheet, lines * np.float32(0.85), generator.uniform(0.05, 0.45) * np.ones(3)
    )
    writing = Writing(alphabet, hand, draw_colour(generator), 0.12)
    boxes = fill_cells(sheet, code, cells, writing, generator=generator)
    sheet = np.ascontiguousarray(sheet[CUT:-CUT, CUT:-CUT])
    line = TrueLine(code, tuple(box.moved(-CUT, -CUT) for box in boxes))
    return photographed_aslant(sheet, [line], 0.01, generator)


def fill_cells(
    sheet: Sheet,
    code: str,
    cells: Cells,
    writing: Writing,
    *,
    generator: np.random.Generator,
) -> list[Box]:
    """Write a digit into each cell, in place, and give the boxes of the digits."""
    boxes: list[Box] = []
    for digit, left in zip(code, cells.lefts, strict=True):
        written = write_text(writing.alphabet, digit, writing.hand, generator=generator)
        (box,) = written.boxes
        off = generator.uniform(-writing.off, writing.off, 2) * cells.width
        x = left + (cells.width - box.width) / 2 + off[0] - box.left
        y = cells.top + (cells.height - box.height) / 2 + off[1] - box.top
        boxes += put_ink(sheet, written, (round(x), round(y)), writing.colour)
    return boxes


def draw_sides(cells: Cells, layout: str, thickness: int) -> NDArray[np.float64]:
    """Return the ends (x, y, x, y) of the sides, for lines of that thickness."""
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
