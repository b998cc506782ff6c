"""Rows of numbers by free hand, on plain paper: nothing parts or aligns them.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from collections.abc import Sequence
from math import radians, tan

import numpy as np

from mnistry.synth.documents.paper import Paper, make_sheet
from mnistry.synth.documents.scenes import (
    Alphabet,
    Scene,
    TrueLine,
    draw_hand,
    photographed,
    put_ink,
    write_text,
)
from mnistry.synth.documents.stationery import draw_colour, draw_tint

PITCH = 1.7, 2.4  # heights of a digit from row to row
GAP = 1.7, 4.0  # heights of a digit between numbers of one row
SLOPE, ROW_SLOPE = 1.5, 0.5  # degrees; standard deviations of a page's, and of a row's
RISE = 0.12  # heights of a digit; standard deviation of a number's foot


def make_rows(
    alphabet: Alphabet,
    rows: Sequence[Sequence[str]],
    *,
    seed: int = 0,
    pitch: tuple[float, float] = PITCH,
) -> Scene:
    """Write rows of numbers that rise or fall, with gaps between the numbers of a row.

    Args:
        alphabet: Digits to write with.
        rows: What to write, row by row.
        seed: Decides hand, gaps, slopes, paper and light.
        pitch: The least and the most from row to row, in heights of a digit; where it
            is near 1, strokes of neighbouring rows touch.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.

    Example:
        >>> from mnistry.synth.drawn import draw
        >>> scene = make_rows(Alphabet(*draw(200)), [["12", "345"], ["67"]], seed=1)
        >>> [line.text for line in scene.lines]
        ['12', '345', '67']
    """
    generator = np.random.default_rng([seed, 84])
    height = float(generator.uniform(26, 40))
    hand, colour = draw_hand(generator, height=height), draw_colour(generator)
    apart = height * float(generator.uniform(*pitch))
    gap = height * float(generator.uniform(*GAP))
    slope = float(generator.normal(0, SLOPE))
    written = [
        [write_text(alphabet, text, hand, generator=generator) for text in row]
        for row in rows
    ]
    wide = max(
        sum(number.ink.shape[1] + gap - height for number in row) for row in written
    )
    drift = abs(tan(radians(slope))) * wide
    shape = round(apart * len(rows) + drift + 4 * height), round(wide + 4 * height)
    sheet = make_sheet(shape, Paper(draw_tint(generator), 0.008), generator=generator)
    lines = []
    for place, (row, texts) in enumerate(zip(written, rows, strict=True)):
        fall = tan(radians(slope + generator.normal(0, ROW_SLOPE)))
        left = height * float(generator.uniform(1, 2))
        start = height + apart * place + max(0.0, -fall * wide)
        for number, text in zip(row, texts, strict=True):
            down = start + fall * left + generator.normal(0, RISE) * height
            at = round(left), max(0, round(down))
            lines.append(TrueLine(text, put_ink(sheet, number, at, colour)))
            left += number.ink.shape[1] + gap - height
    return photographed(sheet, lines, np.eye(3), generator)
