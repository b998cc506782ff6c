"""Cells cut out of a page of an old register, with whatever else the cut took along.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.extras import require
from mnistry.synth.documents.pages import WORDS
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
    photographed,
    put_ink,
    write_text,
)

cv2 = require("cv2", extra="read")

FACES = cv2.FONT_HERSHEY_SCRIPT_COMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
PALEST = 0.45  # of the ink is left where it faded most
FAR_APART = 0.2  # of the numbers have digits far apart, up to two widths of one
SEEN_THROUGH = 0.06, 0.22  # of the ink of the page's other side


class Cut(NamedTuple):
    """Where a cell lies on its page, and how large it is, in pixels."""

    left: int
    top: int
    width: int
    height: int


def make_register_cell(alphabet: Alphabet, text: str, *, seed: int = 0) -> Scene:
    """Cut a cell out of an old register: rules, old ink, parts of its neighbours.

    Numbers above and below and words at both sides are cut through; the ink is brown
    and uneven, and that of the other side may be seen.

    Args:
        alphabet: Digits to write with.
        text: What to write: digits, and signs such as those of "1,234.50".
        seed: Decides hand, paper, rules, neighbours and light.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.

    Example:
        >>> from mnistry.synth.drawn import draw
        >>> cell = make_register_cell(Alphabet(*draw(200)), "17", seed=3)
        >>> cell.lines[0].text, len(cell.lines[0].boxes)
        ('17', 2)
    """
    generator = np.random.default_rng(seed)
    height = float(generator.uniform(26, 46))
    wide = generator.random() < FAR_APART
    gap = float(generator.uniform(*((0.3, 1.8) if wide else (0.0, 0.3))))
    hand = draw_hand(generator, height=height, gap=gap)
    written = write_text(alphabet, text, hand, generator=generator)
    room = generator.uniform((0.1, 0.05, 0.1, 0.05), (1.2, 0.6, 1.5, 0.6)) * hand.height
    left, top, right, bottom = room.astype(int).tolist()
    own = written.boxes + written.signs
    first = min(box.left for box in own), min(box.top for box in own)
    last = max(box.right for box in own), max(box.bottom for box in own)
    cut = Cut(
        300 - left, 300 - top, last[0] - first[0] + left + right,
        last[1] - first[1] + top + bottom,
    )  # fmt: skip
    size = cut.top + cut.height + 300, cut.left + cut.width + 300
    look = Paper(old_tint(generator), 0.02, stains=int(generator.integers(0, 3)))
    sheet = make_sheet(size, look, generator=generator)
    colour = generator.uniform((0.1, 0.05, 0.02), (0.4, 0.28, 0.22))
    faded = fade(written.ink, PALEST, generator)
    at = 300 - first[0], 300 - first[1]
    boxes = put_ink(sheet, written._replace(ink=faded), at, colour)
    _put_rules(sheet, cut, generator)
    _put_neighbours(sheet, cut, alphabet, hand.height, colour, generator)
    seen = sheet[cut.top : cut.top + cut.height, cut.left : cut.left + cut.width]
    back = np.array([[1, 0, -cut.left], [0, 1, -cut.top], [0, 0, 1]], np.float64)
    return photographed(
        np.ascontiguousarray(seen), [TrueLine(text, boxes)], back, generator
    )


def old_tint(generator: np.random.Generator) -> tuple[float, float, float]:
    """Draw the colour of old paper: red, green and blue, 0 to 1."""
    red, green, blue = (0.93, 0.87, 0.74) - generator.uniform(0, 0.2) * np.array(
        [0.6, 0.9, 1.2]
    )
    return float(red), float(green), float(blue)


def fade(ink: Ink, palest: float, generator: np.random.Generator) -> Ink:
    """Let ink fade unevenly, as a quill that ran dry and a century left it.

    Args:
        ink: (rows, columns), 0 none to 1 full.
        palest: So much of it is left where it is palest.
        generator: Decides where.
    """
    rows, columns = ink.shape
    small = generator.uniform(palest, 1, (max(2, rows // 14), max(2, columns // 14)))
    uneven = cv2.resize(
        small.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(ink * np.clip(uneven, 0, 1), np.float32)


def _put_rules(sheet: Sheet, cut: Cut, generator: np.random.Generator) -> None:
    """Rule the page: uprights beside the cell, lines above and below, some doubled."""
    rows, columns = sheet.shape[:2]
    right, bottom = cut.left + cut.width, cut.top + cut.height
    beside = generator.integers(-4, 8, 4)
    x = np.array([cut.left + beside[0], right - beside[1]])
    y = np.array([cut.top + beside[2], bottom - beside[3]])
    x, y = x[generator.random(2) < 0.6], y[generator.random(2) < 0.5]
    if generator.random() < 0.3:
        x = np.concatenate([x, x + 5])
    lean = float(generator.normal(0, 0.01))
    rules = [(a - lean * 300, 0, a + lean * 300, rows) for a in x]
    rules += [(0, b + lean * 300, columns, b - lean * 300) for b in y]
    if not rules:
        return
    thickness = float(generator.uniform(1, 3))
    ink = draw_lines((rows, columns), np.array(rules), thickness=thickness)
    colour = generator.uniform((0.2, 0.2, 0.2), (0.55, 0.4, 0.4))
    stain_ink(sheet, ink * np.float32(generator.uniform(0.4, 0.9)), colour)


def _put_neighbours(
    sheet: Sheet,
    cut: Cut,
    alphabet: Alphabet,
    height: float,
    colour: NDArray[np.float64],
    generator: np.random.Generator,
) -> None:
    """Write numbers above and below, words beside, and what shows from behind."""
    hand = draw_hand(generator, height=height)
    for above in (True, False):
        if generator.random() < 0.4:
            continue
        digits = "".join(map(str, generator.integers(0, 10, generator.integers(1, 4))))
        written = write_text(alphabet, digits, hand, generator=generator)
        top = min(box.top for box in written.boxes)
        bottom = max(box.bottom for box in written.boxes)
        inside = round(float(generator.uniform(-0.2, 0.3)) * height)
        edge = cut.top + inside if above else cut.top + cut.height - inside
        row = edge - (bottom if above else top)
        column = cut.left + round(float(generator.uniform(-0.3, 0.6)) * height)
        column -= min(box.left for box in written.boxes)
        put_ink(sheet, written, (column, row), colour)
    foot = cut.top + round(cut.height * float(generator.uniform(0.6, 0.85)))
    for word, right in zip(generator.choice(WORDS, 2), (True, False), strict=True):
        if generator.random() < 0.5:
            continue
        inside = round(float(generator.uniform(-0.2, 0.5)) * height)
        _put_word(sheet, str(word), (cut, foot, inside), height, colour, right=right)
    if generator.random() < 0.3:
        behind = _word(sheet, str(generator.choice(WORDS)), cut.left, foot, height)
        faint = np.float32(generator.uniform(*SEEN_THROUGH))
        stain_ink(sheet, cv2.GaussianBlur(behind[:, ::-1], (0, 0), 1.2) * faint, colour)


def _put_word(
    sheet: Sheet,
    word: str,
    where: tuple[Cut, int, int],
    height: float,
    colour: NDArray[np.float64],
    *,
    right: bool,
) -> None:
    """Write a word that reaches into the cell from one side, some pixels far."""
    cut, foot, inside = where
    ink = _word(sheet, word, 0, foot, height)
    columns = np.flatnonzero(ink.any(axis=0))
    first, last = int(columns[0]), int(columns[-1]) + 1
    to = cut.left + cut.width - inside if right else cut.left + inside - (last - first)
    moved = np.zeros_like(ink)
    wide = min(last, ink.shape[1]) - first
    start = max(0, to)
    wide = min(wide, ink.shape[1] - start)
    moved[:, start : start + wide] = ink[:, first : first + wide]
    stain_ink(sheet, moved * np.float32(0.85), colour)


def _word(sheet: Sheet, word: str, column: int, foot: int, height: float) -> Ink:
    canvas = np.zeros(sheet.shape[:2], np.uint8)
    size = height / 26
    thick = max(1, round(height / 14))
    cv2.putText(
        canvas, word, (column, foot), FACES[len(word) % 2], size, 255, thick,
        cv2.LINE_AA,
    )  # fmt: skip
    return canvas.astype(np.float32) / np.float32(255)
