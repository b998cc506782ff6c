"""Numbers that somebody wrote down and photographed with a phone held by hand.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.extras import require
from mnistry.synth.documents.camera import Camera, photograph, tilt_matrix
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
    Lines,
    Scene,
    TrueLine,
    draw_hand,
    moved,
    put_ink,
    tilted,
    write_text,
)
from mnistry.synth.documents.stationery import draw_colour, draw_tint
from mnistry.synth.documents.surroundings import (
    cast_shadow,
    lay_on_table,
    make_table,
)
from mnistry.synth.documents.texts import check_written

cv2 = require("cv2", extra="read")

PAPERS = {"plain": 0.35, "ruled": 0.25, "squared": 0.2, "note": 0.2}
NOTES = (1, 0.92, 0.45), (1, 0.68, 0.74), (0.7, 0.93, 0.6), (0.62, 0.84, 0.98)
PENS = {"ball": 0.5, "pencil": 0.2, "felt": 0.3}
BOLD = {"ball": (0.035, 0.09), "pencil": (0.04, 0.1), "felt": (0.09, 0.2)}
THICKNESS = 1.0, 12.0  # pixels of a stroke
HEIGHTS = 20, 400  # pixels of a digit
PITCH = 1.5, 2.8  # heights of a digit from line to line
DIGIT = 1.05  # heights of a digit that it takes of a line
ASPECTS = 3 / 4, 4 / 3, 9 / 16, 16 / 9  # rows for each column of a phone's pictures
DRAWN = 1600  # pixels; of larger pictures light and noise are drawn at their size
BEYOND = 0.2  # of the picture: so far the sheet goes on beyond it
SLANT, MOST_SLANT = 4.0, 10.0  # degrees; standard deviation of lines aslant, the most
PERSPECTIVE = 0.06  # of the sheet's sides, by which its corners move
SKIN = (0.55, 0.35, 0.28), (0.3, 0.18, 0.13)


class Size(NamedTuple):
    """Of a picture and of what is written in it, in pixels.

    Attributes:
        rows: Of the picture.
        columns: Likewise.
        height: Of a digit.
        apart: From line to line.
        zoom: By which what is drawn so is enlarged.
    """

    rows: int
    columns: int
    height: float
    apart: float
    zoom: float


class Pen(NamedTuple):
    """What is written with: a hand with its pen, its colour, and how it rubs off."""

    hand: Hand
    colour: NDArray[np.float64]
    rubs: float


def make_photographed_lines(
    alphabet: Alphabet,
    entries: Sequence[str],
    *,
    seed: int = 0,
    sides: tuple[int, int] = (400, 3000),
) -> Scene:
    """Write numbers below each other on any paper, and photograph them by hand.

    Args:
        alphabet: Digits to write with.
        entries: What to write, a line each.
        seed: Decides pen, paper, what else is seen, perspective and light.
        sides: The least and the most of the picture's longer side.

    Raises:
        UsageError: No entries, one that is not of digits and signs, or a digit that the
            alphabet does not have.

    Example:
        >>> from mnistry.synth.drawn import draw
        >>> scene = make_photographed_lines(Alphabet(*draw(200)), ["314", "15926"])
        >>> [line.text for line in scene.lines]
        ['314', '15926']
    """
    check_written(entries)
    generator = np.random.default_rng([seed, 91])
    size = _draw_size(entries, sides, generator)
    sheet, lines = _write_on_sheet(alphabet, entries, size, generator)
    seen, matrix = _lay_down(sheet, lines, size, generator)
    if generator.random() < 0.6:
        cast_shadow(seen, generator=generator)
    if generator.random() < 0.15:
        _put_finger(seen, generator)
    seen = cv2.resize(
        seen, None, fx=size.zoom, fy=size.zoom, interpolation=cv2.INTER_CUBIC
    )
    picture = photograph(seen, _draw_phone(size, generator), generator=generator)
    return Scene(picture, moved(lines, np.diag([size.zoom, size.zoom, 1.0]) @ matrix))


def _draw_size(
    entries: Sequence[str], sides: tuple[int, int], generator: np.random.Generator
) -> Size:
    """Draw how large a picture is, and how much of it is written on.

    It is whole, as a phone takes it, or cut out around what is written.
    """
    side = float(np.exp(generator.uniform(*np.log(sides))))
    zoom = max(1.0, side / DRAWN)
    pitch = float(generator.uniform(*PITCH))
    across = DIGIT * max(map(len, entries)) + 1  # heights of a digit
    down = pitch * len(entries) + 1
    if generator.random() < 0.4:
        down += float(generator.uniform(0.3, 2.5))
        across /= float(generator.uniform(0.55, 0.85))
        height = float(np.clip(side / max(across, down), *HEIGHTS)) / zoom
        return Size(
            ceil(down * height), ceil(across * height), height, pitch * height, zoom
        )
    aspect = float(generator.choice(ASPECTS))
    rows, columns = side * min(1, aspect), side * min(1, 1 / aspect)
    fitting = min(columns / across, rows / down)
    height = float(generator.uniform(0.35, 0.95)) * fitting
    height = float(np.clip(height, min(HEIGHTS[0], fitting), HEIGHTS[1])) / zoom
    return Size(ceil(rows / zoom), ceil(columns / zoom), height, pitch * height, zoom)


def _write_on_sheet(
    alphabet: Alphabet,
    entries: Sequence[str],
    size: Size,
    generator: np.random.Generator,
) -> tuple[Sheet, Lines]:
    """Write in the middle of a sheet that is larger than the picture."""
    shape = tuple(round((1 + 2 * BEYOND) * side) for side in size[:2])
    kind = str(generator.choice(list(PAPERS), p=list(PAPERS.values())))
    note = NOTES[int(generator.integers(len(NOTES)))]
    tint = note if kind == "note" else draw_tint(generator)
    look = Paper(tint, float(generator.uniform(0.003, 0.015)))
    sheet = make_sheet((shape[0], shape[1]), look, generator=generator)
    foot = shape[0] / 2 - size.apart * (len(entries) / 2 - 0.7)
    if kind in {"ruled", "squared"}:
        squares = int(generator.integers(2, 4)) if kind == "squared" else 0
        _put_rules(sheet, foot, size.apart, squares, generator)
    pen = _draw_pen(size, generator)
    wide = DIGIT * max(map(len, entries)) * size.height
    left = shape[1] / 2 - wide / 2 - size.height / 2
    lines = []
    for number, entry in enumerate(entries):
        written = write_text(alphabet, entry, pen.hand, generator=generator)
        rough = generator.normal(1, pen.rubs, written.ink.shape).astype(np.float32)
        ink = written.ink * np.clip(cv2.blur(rough, (2, 2)), 0.2, 1)
        rise = float(generator.normal(0.06, 0.04)) * size.height
        top = foot + number * size.apart - rise - 1.7 * size.height
        indent = float(generator.uniform(0, 0.8)) * size.height
        at = max(0, round(left + indent)), max(0, round(top))
        boxes = put_ink(sheet, written._replace(ink=ink), at, pen.colour)
        lines.append(TrueLine(entry, boxes))
    return sheet, lines


def _draw_pen(size: Size, generator: np.random.Generator) -> Pen:
    """Draw a ball pen, a pencil or a felt pen, and who writes with it."""
    name = str(generator.choice(list(PENS), p=list(PENS.values())))
    gap = float(generator.uniform(0.06, 0.3))
    hand = draw_hand(generator, height=size.height, gap=gap)
    height = size.height * size.zoom
    bold = float(np.clip(height * generator.uniform(*BOLD[name]), *THICKNESS))
    hand = replace(hand, thickness=bold / height)
    if name == "pencil":  # it rubs off on the grain of the paper
        return Pen(hand, np.full(3, generator.uniform(0.25, 0.5)), 0.4)
    colour = draw_colour(generator)
    if name == "felt" and generator.random() < 0.3:
        colour = generator.permutation([0.75, 0.1, 0.15])
    return Pen(hand, colour, 0.0)


def _put_rules(
    sheet: Sheet,
    foot: float,
    apart: float,
    squares: int,
    generator: np.random.Generator,
) -> None:
    """Print a rule at the foot of each line; or squares, so many to a line."""
    rows, columns = sheet.shape[:2]
    pitch = apart / max(1, squares)
    heights = np.arange(foot % pitch, rows, pitch).tolist()
    rules = [(0.0, y, float(columns), y) for y in heights]
    if squares:
        places = np.arange(pitch / 2, columns, pitch).tolist()
        rules += [(x, 0.0, x, float(rows)) for x in places]
    thickness = max(0.6, apart * float(generator.uniform(0.008, 0.025)))
    ink = draw_lines((rows, columns), np.array(rules), thickness=thickness)
    colour = generator.uniform((0.3, 0.4, 0.5), (0.7, 0.75, 0.9))
    stain_ink(sheet, ink * np.float32(generator.uniform(0.3, 0.8)), colour)


def _lay_down(
    sheet: Sheet, lines: Lines, size: Size, generator: np.random.Generator
) -> tuple[Sheet, NDArray[np.float64]]:
    """Lay a sheet down, aslant and in perspective; at an edge the table may be seen.

    Returns:
        What is seen, and the transform from points of the sheet to points of it.
    """
    high, wide = sheet.shape[:2]
    boxes = np.array([box for line in lines for box in line.boxes])
    written = *boxes.min(axis=0)[:2].tolist(), *boxes.max(axis=0)[2:].tolist()
    left, top, right, bottom = _ends((high, wide), Box(*written), generator)
    slant = float(np.clip(generator.normal(0, SLANT), -MOST_SLANT, MOST_SLANT))
    tilt = tilt_matrix((high, wide), PERSPECTIVE, generator=generator)
    seen = tilted(Box(*written), tilt)
    middle = seen.centre
    turn = cv2.getRotationMatrix2D(middle, -slant, 1.0)
    turn[:, 2] += size.columns / 2 - middle[0], size.rows / 2 - middle[1]
    whole = np.vstack([turn, [0, 0, 1]]) @ tilt
    ends = [[left, top], [right, top], [right, bottom], [left, bottom]]
    corners = cv2.perspectiveTransform(np.array([ends], np.float64), whole)[0]
    table = make_table((size.rows, size.columns), generator=generator)
    lay_on_table(sheet[top:bottom, left:right], table, corners)
    return table, whole


def _ends(shape: tuple[int, int], written: Box, generator: np.random.Generator) -> Box:
    """Draw where a sheet ends: beyond the picture, or now and then within it."""
    high, wide = shape
    often = 0.7 if generator.random() < 0.2 else 0.08  # a whole note, or an edge
    is_seen, share = generator.random(4) < often, generator.uniform(0.3, 1, 4)
    room = np.array(
        [written.left, written.top, wide - written.right, high - written.bottom]
    )
    beyond = BEYOND / (1 + 2 * BEYOND) * np.array([wide, high, wide, high])
    within = beyond + share * 0.8 * np.maximum(0, room - beyond)
    left, top, right, bottom = np.where(is_seen, within, 0).astype(int).tolist()
    return Box(left, top, wide - right, high - bottom)


def _put_finger(sheet: Sheet, generator: np.random.Generator) -> None:
    """Put a finger before the lens, in place: dark and blurred, at a corner."""
    rows, columns = sheet.shape[:2]
    side = min(rows, columns)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    corner = generator.integers(0, 2, 2) * (columns, rows)
    far = np.hypot(x - corner[0], y - corner[1]) / np.float32(side)
    reach, soft = generator.uniform((0.05, 0.02), (0.15, 0.08))
    cover = np.clip((reach - far) / soft + 0.5, 0, 1).astype(np.float32)
    stain_ink(sheet, cover, np.array(SKIN[int(generator.integers(2))]))


def _draw_phone(size: Size, generator: np.random.Generator) -> Camera:
    """Draw how well a phone takes a picture: large ones are not as sharp."""
    sharpest = 0.4 + 0.0004 * size.zoom * max(size.rows, size.columns)
    soft = sharpest * float(generator.uniform(1, 2))
    return Camera(
        shade=float(generator.uniform(0, 0.35)),
        blur=min(soft, 0.04 * size.zoom * size.height + 0.2),
        noise=float(generator.uniform(0, 0.02)),
        quality=int(generator.integers(55, 96)),
    )
