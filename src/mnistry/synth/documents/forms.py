"""Forms: a printed word before each line, digits by hand on a rule or in boxes.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mnistry.synth.documents.paper import Paper, Sheet, make_sheet
from mnistry.synth.documents.scenes import (
    Alphabet,
    Lines,
    Scene,
    TrueLine,
    draw_hand,
    photographed_aslant,
    put_ink,
    write_text,
)
from mnistry.synth.documents.stationery import (
    draw_colour,
    draw_tint,
    print_words,
    put_frames,
    put_rule,
)

ENTRIES = ("Telephone", "Account", "Amount", "Date", "Postal code")


class Form(NamedTuple):
    """Where a form has its entries, in pixels.

    Attributes:
        left: Column of the printed words.
        written: Column where the digits begin.
        rule: Columns where a rule begins and ends.
        first: Row on which the first entry stands.
        pitch: Rows from one entry to the next.
        framed: Share of entries in boxes.
        heights: Of digits, the least and the most.
    """

    left: int
    written: int
    rule: tuple[float, float]
    first: int
    pitch: int
    framed: float
    heights: tuple[float, float]


SMALL_FORM = Form(40, 280, (270.0, 860.0), 100, 96, 0.4, (32, 44))


def make_form(alphabet: Alphabet, entries: Sequence[str], *, seed: int = 0) -> Scene:
    """Fill in a form: a printed word before each line, digits by hand.

    Args:
        alphabet: Digits to write with.
        entries: What to write, a line each, digits only.
        seed: Decides hands, rules or boxes, paper, light.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    sheet = make_sheet(
        (120 + SMALL_FORM.pitch * len(entries), 900),
        Paper(draw_tint(generator), 0.008),
        generator=generator,
    )
    lines = fill_form(sheet, alphabet, entries, SMALL_FORM, generator=generator)
    return photographed_aslant(sheet, lines, 0.006, generator)


def fill_form(
    sheet: Sheet,
    alphabet: Alphabet,
    entries: Sequence[str],
    form: Form,
    *,
    generator: np.random.Generator,
) -> Lines:
    """Print a word for each entry, and write it behind, on a rule or in boxes.

    Args:
        sheet: Changed in place.
        alphabet: Digits to write with.
        entries: What to write, a line each.
        form: Where.
        generator: Decides hands, rules or boxes.
    """
    lines = []
    for number, entry in enumerate(entries):
        foot = form.first + form.pitch * number
        word = ENTRIES[number % len(ENTRIES)] + ":"
        print_words(sheet, word, (form.left, foot), size=26)
        framed = bool(generator.random() < form.framed)
        gap = 0.5 if framed else float(generator.uniform(0.08, 0.3))
        height = float(generator.uniform(*form.heights))
        hand = draw_hand(generator, height=height, gap=gap)
        written = write_text(alphabet, entry, hand, generator=generator)
        at = form.written, foot - round(1.7 * hand.height)
        boxes = put_ink(sheet, written, at, draw_colour(generator))
        if framed:
            put_frames(sheet, boxes, hand.height)
        else:
            put_rule(sheet, foot + 6, form.rule)
        lines.append(TrueLine(entry, boxes))
    return lines
