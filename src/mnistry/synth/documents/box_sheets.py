"""Rows of boxes on a sheet, photographed aslant, one row cut out as people crop it.

Rule: sides are printed, so they are even on the sheet; grey, blurred and uneven they
are in the picture.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.synth.documents.boxes import Cells, Writing, draw_sides, fill_cells
from mnistry.synth.documents.camera import Camera, photograph, tilt_matrix
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
    tilted,
)
from mnistry.synth.documents.stationery import draw_colour, draw_tint, print_words
from mnistry.synth.documents.texts import check_digits

cv2 = require("cv2", extra="read")

TALL = 96.0  # pixels of a box on the sheet, before it is photographed
MARGIN = 110  # pixels of the sheet around its boxes
SEEN = 30.0, 90.0  # pixels of a box in the photograph
THICKNESS = 1.0, 4.0  # pixels of a side there
PITCHES = 1.1, 2.2  # heights of a box from one row to the next
TABLE = 0.15  # of the sheets have rows that share sides, as a table
BENT = 0.5  # of the sheets are not flat
MOST_BEND = 0.12  # heights of a box by which a row is bent
LAYOUTS = ("shared", "shared", "separate", "double", "comb")  # most share sides
LABELLED = 0.5  # of the sheets have a printed label above each row
LABELS = ("Number", "Code", "Student ID", "Date of birth", "Room", "No.")
MOST_TURN = 4.0  # degrees
ROOM = -0.04, 0.6  # heights of a box that a crop leaves around its row
BALL_PEN = 0.075, 0.11  # of a digit's height; thinner, strokes would be torn


def make_boxes_on_sheet(
    alphabet: Alphabet, codes: Sequence[str], *, seed: int = 0
) -> Scene:
    """Write numbers into rows of boxes, photograph the sheet, and cut one row out.

    Args:
        alphabet: Digits to write with.
        codes: What to write, a row each, two rows at least; digits only, all as long.
        seed: Decides hand, pen, boxes, camera, light, and which row is cut out.

    Returns:
        One row, parts of others beside it; boxes of digits as if the sheet were flat.

    Raises:
        UsageError: Not digits, a digit that the alphabet does not have, fewer than two
            rows, or rows of different length.
    """
    check_digits(codes)
    if len(codes) < 2 or len({*map(len, codes)}) > 1:
        message = f"cannot print {list(codes)}; expected two rows or more, all as long."
        raise UsageError(message)
    generator = np.random.default_rng(seed)
    seen = float(generator.uniform(*SEEN))
    zoom = seen / TALL
    most = min(THICKNESS[1], max(1.5, seen / 14))  # none prints thicker ones
    thickness = max(1, round(float(generator.uniform(THICKNESS[0], most)) / zoom))
    rows = _place_rows(codes, generator)
    sheet = _printed(rows, thickness, generator)
    boxes = _filled(sheet, rows, codes, alphabet, generator)
    matrix = _aim(sheet.shape[:2], zoom, generator)
    if generator.random() < BENT:
        sheet = _bent(sheet, generator)
    picture = _take(sheet, matrix, zoom, generator)
    number = int(generator.integers(len(codes)))
    crop = _crop(rows[number], matrix, picture.shape[:2], generator)
    there = [tilted(box, matrix) for box in boxes[number]]
    truth = tuple(box.moved(-crop.left, -crop.top) for box in there)
    cut = np.ascontiguousarray(picture[crop.top : crop.bottom, crop.left : crop.right])
    return Scene(cut, (TrueLine(codes[number], truth),))


def _place_rows(codes: Sequence[str], generator: np.random.Generator) -> list[Cells]:
    wide = TALL * float(generator.uniform(0.62, 1.05))
    apart = wide * float(generator.choice([1.0, 1.0, 1.0, 1.12, 1.25]))
    pitch = TALL * float(generator.uniform(*PITCHES))
    if generator.random() < TABLE:
        pitch = TALL
    lefts = (MARGIN + apart * np.arange(len(codes[0]))).astype(np.float64)
    return [Cells(lefts, wide, TALL, MARGIN + n * pitch) for n in range(len(codes))]


def _printed(
    rows: list[Cells], thickness: int, generator: np.random.Generator
) -> Sheet:
    """Print the boxes on a sheet, and labels above them or before them."""
    last = rows[-1]
    size = (
        int(last.top + last.height) + MARGIN,
        int(last.lefts[-1] + last.width) + MARGIN,
    )
    grain = float(generator.uniform(0, 0.015))
    sheet = make_sheet(size, Paper(draw_tint(generator), grain), generator=generator)
    apart = last.lefts[1] - last.lefts[0] > 1.01 * last.width
    layout = "separate" if apart else str(generator.choice(LAYOUTS))
    sides = np.concatenate([draw_sides(cells, layout, thickness) for cells in rows])
    ink = draw_lines(size, sides, thickness=thickness)
    stain_ink(sheet, ink * np.float32(0.9), _draw_shade(generator))
    free = rows[1].top - rows[0].top - rows[0].height
    if generator.random() < LABELLED and free > 0.15 * TALL:
        for cells in rows:
            label = str(generator.choice(LABELS))
            high = float(np.clip(0.5 * free, 14, 26))
            at = int(cells.lefts[0]), int(cells.top - 0.25 * free)
            print_words(sheet, label, at, size=high)
    return sheet


def _draw_shade(generator: np.random.Generator) -> NDArray[np.float64]:
    """Draw the colour of sides: black, grey, or a pale colour as forms have."""
    if generator.random() < 0.75:
        return generator.uniform(0.02, 0.55) * np.ones(3)
    shade: NDArray[np.float64] = generator.permutation([0.85, 0.55, 0.3])
    return shade * generator.uniform(0.7, 1.05)


def _filled(
    sheet: Sheet,
    rows: list[Cells],
    codes: Sequence[str],
    alphabet: Alphabet,
    generator: np.random.Generator,
) -> list[list[Box]]:
    """Fill in all rows with one pen: a ball pen, or a pencil, which is grey."""
    high = min(0.8 * TALL, 1.1 * rows[0].width) * float(generator.uniform(0.72, 1.05))
    hand = draw_hand(generator, height=high)
    if generator.random() < 0.6:
        hand = replace(hand, thickness=float(generator.uniform(*BALL_PEN)))
    if generator.random() < 0.3:
        colour = generator.uniform(0.2, 0.42) * np.ones(3)
    else:
        colour = draw_colour(generator)
    off = float(generator.uniform(0.04, 0.16))
    writing = Writing(alphabet, hand, colour, off)
    return [
        fill_cells(sheet, code, cells, writing, generator=generator)
        for code, cells in zip(codes, rows, strict=True)
    ]


def _aim(
    shape: tuple[int, int], zoom: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return the way from the sheet to the photograph: turned, aslant, smaller."""
    middle = shape[1] / 2, shape[0] / 2
    angle = float(np.clip(generator.normal(0, MOST_TURN / 2), -MOST_TURN, MOST_TURN))
    turn = np.vstack([cv2.getRotationMatrix2D(middle, angle, 1), [0, 0, 1]])
    tilt = tilt_matrix(shape, 0.02, generator=generator)
    matrix: NDArray[np.float64] = np.diag([zoom, zoom, 1.0]) @ tilt @ turn
    return matrix


def _bent(sheet: Sheet, generator: np.random.Generator) -> Sheet:
    """Bend a sheet a little, so that its lines are no longer straight."""
    rows, columns = np.mgrid[: sheet.shape[0], : sheet.shape[1]].astype(np.float32)
    amount = generator.uniform(-MOST_BEND, MOST_BEND, 2) * TALL
    across = (2 * columns / sheet.shape[1] - 1) ** 2 - np.float32(0.5)
    down = (2 * rows / sheet.shape[0] - 1) ** 2 - np.float32(0.5)
    rows += np.float32(amount[0]) * across
    columns += np.float32(amount[1]) * down
    bent: Sheet = cv2.remap(
        sheet, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return bent


def _take(
    sheet: Sheet,
    matrix: NDArray[np.float64],
    zoom: float,
    generator: np.random.Generator,
) -> NDArray[np.uint8]:
    if zoom < 1:  # what a pixel sees is an average
        sheet = cv2.GaussianBlur(sheet, (0, 0), 0.4 / zoom)
    size = round(sheet.shape[1] * zoom), round(sheet.shape[0] * zoom)
    seen = cv2.warpPerspective(sheet, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    camera = Camera(
        shade=float(generator.uniform(0.05, 0.6)),
        blur=float(generator.uniform(0.3, 1.3)),
        noise=float(generator.uniform(0, 0.02)),
        quality=int(generator.integers(45, 95)),
    )
    return photograph(seen, camera, generator=generator)


def _crop(
    cells: Cells,
    matrix: NDArray[np.float64],
    shape: tuple[int, int],
    generator: np.random.Generator,
) -> Box:
    """Return what a person cuts out: the row upright, with some room at each side."""
    left, right = int(cells.lefts[0]), int(cells.lefts[-1] + cells.width)
    top, bottom = int(cells.top), int(cells.top + cells.height)
    around = tilted(Box(left, top, right, bottom), matrix)
    high = tilted(Box(left, top, left, bottom), matrix).height
    room = (generator.uniform(*ROOM, 4) * high).round().astype(int).tolist()
    return Box(
        max(0, around.left - room[0]),
        max(0, around.top - room[1]),
        min(shape[1], around.right + room[2]),
        min(shape[0], around.bottom + room[3]),
    )
