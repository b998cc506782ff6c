"""Numbers alone in a narrow column of a register, with the marks of who counted them.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from dataclasses import replace

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
from mnistry.synth.documents.registers import old_tint
from mnistry.synth.documents.scenes import (
    Alphabet,
    Scene,
    TrueLine,
    draw_hand,
    photographed,
    put_ink,
    write_text,
)
from mnistry.synth.documents.stationery import print_words

MARKS = {"": 0.55, ".": 0.3, "+": 0.15}  # after a number, and their shares
UNDERLINED, TICKED, CROSSED, PRINTED = 0.4, 0.15, 0.1, 0.2  # shares of the columns
SECOND = 0.12  # of the columns have a number of the next row too


def make_register_column(alphabet: Alphabet, text: str, *, seed: int = 0) -> Scene:
    """Cut a number out of a narrow column of a register, with much room around.

    It is small, underlined or followed by a point or a cross; a check mark, a cross
    below and print at the foot are no part of it. A number below, of the next row, is.

    Args:
        alphabet: Digits to write with.
        text: What to write: digits.
        seed: Decides hand, paper, marks, rules and light.

    Raises:
        UsageError: No digits, or a digit that the alphabet does not have.

    Example:
        >>> from mnistry.synth.drawn import draw
        >>> column = make_register_column(Alphabet(*draw(200)), "17", seed=3)
        >>> column.lines[0].text, len(column.lines[0].boxes)
        ('17', 2)
    """
    generator = np.random.default_rng([seed, 83])
    height = float(generator.uniform(15, 32))
    hand = replace(
        draw_hand(generator, height=height),
        slant=float(generator.normal(0.2, 0.2)),
        size_spread=float(generator.uniform(0.03, 0.2)),
        thickness=float(generator.uniform(0.06, 0.13)),
    )
    after = str(generator.choice(list(MARKS), p=list(MARKS.values())))
    written = write_text(alphabet, text + after, hand, generator=generator)
    rows, columns = generator.integers((105, 75), (190, 125)).tolist()
    rows, columns = rows + round(2 * height), max(columns, written.ink.shape[1] + 8)
    look = Paper(old_tint(generator), 0.02, stains=int(generator.integers(0, 2)))
    sheet = make_sheet((rows, columns), look, generator=generator)
    colour = np.full(3, generator.uniform(0.05, 0.4))
    at = (
        int(generator.integers(0, columns - written.ink.shape[1])),
        int(generator.integers(0, rows // 2)),
    )
    boxes = put_ink(sheet, written, at, colour)
    lines = [TrueLine(text, boxes)]
    _put_column_rules(sheet, generator)
    _put_marks(sheet, boxes, hand, colour, generator)
    if generator.random() < SECOND:
        lines.append(_put_second(sheet, alphabet, hand, colour, generator))
    return photographed(sheet, lines, np.eye(3), generator)


def _put_column_rules(sheet: Sheet, generator: np.random.Generator) -> None:
    """Rule the column at its right, a row above and below, and faintly between."""
    rows, columns = sheet.shape[:2]
    x = columns - generator.uniform(1, 8)
    bounds = [(x, 0, x + generator.normal(0, 1), rows)]
    bounds += [(0, y, columns, y) for y in (3, rows - 3) if generator.random() < 0.4]
    ink = draw_lines((rows, columns), np.array(bounds), thickness=1)
    stain_ink(sheet, ink * np.float32(generator.uniform(0.5, 1)), np.full(3, 0.2))
    if generator.random() < 0.5:
        pitch = generator.uniform(14, 30)
        faint = np.array([(0, y, columns, y) for y in np.arange(pitch, rows, pitch)])
        ink = draw_lines((rows, columns), faint, thickness=1)
        stain_ink(sheet, ink * np.float32(generator.uniform(0.05, 0.2)), np.zeros(3))


def _put_marks(
    sheet: Sheet,
    boxes: tuple[Box, ...],
    hand: Hand,
    colour: NDArray[np.float64],
    generator: np.random.Generator,
) -> None:
    """Underline a number, tick it off, put a cross below, print at the foot."""
    rows, columns = sheet.shape[:2]
    left, right = boxes[0].left, boxes[-1].right
    foot = max(box.bottom for box in boxes) + hand.height * generator.uniform(0.05, 0.4)
    strokes: list[tuple[float, float, float, float]] = []
    share = generator.random(4)
    if share[0] < UNDERLINED:
        lean = generator.normal(0, 0.1) * (right - left)
        strokes.append((left - 4, foot, right + generator.uniform(-4, 9), foot + lean))
    if share[1] < TICKED:
        x, y = generator.uniform((0.1, 0.02), (0.9, 0.12)) * (columns, rows)
        size = hand.height * generator.uniform(0.2, 0.5)
        strokes.append((x, y, x + size * generator.uniform(-0.5, 0.7), y + size))
    if share[2] < CROSSED:
        x, y = (left + right) / 2, foot + 0.5 * hand.height
        size = hand.height * generator.uniform(0.2, 0.35)
        strokes += [(x - size, y, x + size, y), (x, y - size, x - 2, y + size)]
        strokes.append((x - 2 * size, y + size + 3, x + 2 * size, y + size + 3))
    if strokes:
        pen = max(1.0, hand.thickness * hand.height)
        ink = draw_lines((rows, columns), np.array(strokes), thickness=pen)
        stain_ink(sheet, ink * np.float32(0.9), colour)
    if share[3] < PRINTED:
        print_words(sheet, "Printed for the", (columns // 2, rows - 4), size=8)


def _put_second(
    sheet: Sheet,
    alphabet: Alphabet,
    hand: Hand,
    colour: NDArray[np.float64],
    generator: np.random.Generator,
) -> TrueLine:
    """Write the number of the next row, small and at the lower edge."""
    small = replace(hand, height=hand.height * generator.uniform(0.55, 0.9))
    digit = str(generator.integers(10))
    written = write_text(alphabet, digit + ".", small, generator=generator)
    bottom = max(box.bottom for box in written.boxes)
    at = (
        int(generator.integers(0, max(1, sheet.shape[1] - written.ink.shape[1]))),
        sheet.shape[0] - bottom - int(generator.integers(1, 6)),
    )
    return TrueLine(digit, put_ink(sheet, written, at, colour))
