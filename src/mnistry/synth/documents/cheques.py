"""Bank cheques, filled in by hand and photographed: the amount is what is asked for.

Around it are words, a date and a signature by hand, printed numbers, rules, a fine
ground. As in `scenes`, what is written is known and the same seed gives the same
picture.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.synth.documents.camera import Camera, photograph
from mnistry.synth.documents.cheque_print import (
    LAYOUTS,
    Area,
    Layout,
    Plate,
    make_ground,
    print_cheque,
)
from mnistry.synth.documents.handwriting import Hand, Written
from mnistry.synth.documents.paper import COVER, Sheet, stain_at
from mnistry.synth.documents.scenes import (
    Alphabet,
    Scene,
    TrueLine,
    draw_hand,
    moved,
    put_ink,
    write_text,
)
from mnistry.synth.documents.stationery import draw_colour
from mnistry.synth.documents.surroundings import (
    Room,
    cast_shadow,
    lay_on_table,
    make_table,
)
from mnistry.synth.documents.texts import check_written
from mnistry.synth.documents.words import foot_of, write_signature, write_words

cv2 = require("cv2", extra="read")

NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "eighty",
    "hundred", "thousand", "hundred", "thousand", "lakh", "and",
)  # fmt: skip
NAMES = (
    "Robert", "Anita", "Marlow", "Peter", "Sunil", "Kumar", "Elena", "Fischer", "Laura",
    "Water and Power", "Green Grocers", "David", "Noor", "Hardware", "Dental Care",
)  # fmt: skip
PICTURE = 600, 2500  # pixels: the width of a cheque in its picture
TALL = 0.4, 0.75  # heights of the amount's field: a digit of it
DATE_TALL = 0.5, 0.8  # the same of the date's
AS_WIDE = 0.8  # heights of a digit that each digit and sign takes
MOST_WIDE = 1.05  # times its field's width: what would be wider is written smaller
MOST_TURN = 6.0  # degrees: standard deviation 2.5


class _Pen(NamedTuple):
    """What one writer writes on a sheet, `scale` pixels for each millimetre."""

    sheet: Sheet
    scale: float
    hand: Hand
    colour: NDArray[np.float64]
    generator: np.random.Generator


def make_cheque(
    alphabet: Alphabet, amount: str, *, seed: int = 0, on_table: bool = False
) -> Scene:
    """Fill in a cheque and photograph it.

    Args:
        alphabet: Digits to write with.
        amount: In figures: digits, and signs such as those of "1,234.50".
        seed: Decides bank, hand, paper, perspective and light.
        on_table: Much of what is around it is seen; else it fills the picture.

    Returns:
        The picture with the amount's digits; its date and what is printed are `others`.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.

    Example:
        >>> from mnistry.synth.drawn import draw
        >>> make_cheque(Alphabet(*draw(200)), "1,250.00", seed=3).lines[0].text
        '125000'
    """
    check_written([amount])
    generator = np.random.default_rng([seed, 86])
    layout = LAYOUTS[int(generator.integers(len(LAYOUTS)))]
    wide = float(np.exp(generator.uniform(*np.log(PICTURE))))
    scale = max(5.0, wide / layout.size[0])
    sheet = make_ground(layout, scale, generator)
    numbers = print_cheque(Plate(sheet, scale), layout, generator)
    height = scale * float(generator.uniform(3.5, 5.5))
    hand = draw_hand(generator, height=height, gap=float(generator.uniform(0, 0.2)))
    pen = _Pen(sheet, scale, hand, draw_colour(generator), generator)
    date = _write_date(pen, layout, alphabet)
    _write_words(pen, layout)
    line = _write_amount(pen, layout.amount, alphabet, amount)
    picture, matrix = _taken(sheet, wide, generator, on_table=on_table)
    return Scene(picture, moved([line], matrix), (date, *numbers))


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _write_amount(pen: _Pen, field: Area, alphabet: Alphabet, amount: str) -> TrueLine:
    """Write the amount into its field, sometimes onto its sides."""
    left, top, wide, high = (pen.scale * side for side in field)
    hand = _hand_for(pen, field, TALL, len(amount))
    written = write_text(alphabet, amount, hand, generator=pen.generator)
    if _span(written) > MOST_WIDE * wide:
        hand = _smaller(hand, wide / _span(written))
        written = write_text(alphabet, amount, hand, generator=pen.generator)
    first = min(box.left for box in written.boxes + written.signs)
    room = wide - _span(written)
    x = left + max(0.02 * wide, float(pen.generator.beta(1, 2)) * room) - first
    rise = 0.5 + float(pen.generator.normal(0, 0.12))
    foot = top + high * 0.5 + hand.height * rise
    at = _inside(np.array([x, foot - 1.7 * hand.height]))
    boxes = put_ink(pen.sheet, written, at, pen.colour)
    signs = tuple(box.moved(*at) for box in written.signs)
    return TrueLine(_digits(amount), boxes, signs)


def _hand_for(pen: _Pen, field: Area, tall: tuple[float, float], count: int) -> Hand:
    """Draw how the writer writes so many digits and signs into a field."""
    wide, high = (pen.scale * side for side in field[2:])
    height = high * float(pen.generator.uniform(*tall))
    height = min(height, wide / (AS_WIDE * count))
    gap = float(pen.generator.uniform(0, 0.2))
    hand = draw_hand(pen.generator, height=height, gap=gap)
    return _as_thick(hand, pen.hand.thickness * pen.hand.height / height)


def _span(written: Written) -> int:
    """Return the columns from the first digit or sign to the last."""
    boxes = written.boxes + written.signs
    return max(box.right for box in boxes) - min(box.left for box in boxes)


def _smaller(hand: Hand, share: float) -> Hand:
    """Return the same hand and pen, writing smaller."""
    smaller = replace(hand, height=share * hand.height)
    return _as_thick(smaller, hand.thickness / share)


def _as_thick(hand: Hand, thickness: float) -> Hand:
    """Return a hand another pen, within what pens are."""
    return replace(hand, thickness=float(np.clip(thickness, 0.07, 0.2)))


def _write_date(pen: _Pen, layout: Layout, alphabet: Alphabet) -> str:
    """Write the date: a digit in each box, or on a rule; give its digits."""
    day, month, year = pen.generator.integers((1, 1, 2005), (29, 13, 2027)).tolist()
    left, top, wide, high = (pen.scale * side for side in layout.date)
    if not layout.has_cells:
        sign = str(pen.generator.choice(["/", "-", "."]))
        shown = year % 100 if pen.generator.random() < 0.5 else year
        text = f"{day}{sign}{month}{sign}{shown:02}"
        hand = _hand_for(pen, layout.date, DATE_TALL, len(text))
        written = write_text(alphabet, text, hand, generator=pen.generator)
        at = np.array([left, top + high - 1.75 * hand.height])
        put_ink(pen.sheet, written, _inside(at), pen.colour)
        return _digits(text)
    text = f"{day:02}{month:02}{year}"
    hand = _hand_for(pen, layout.date, DATE_TALL, len(text))
    for number, digit in enumerate(text):
        written = write_text(alphabet, digit, hand, generator=pen.generator)
        (box,) = written.boxes
        x = left + wide * (number + 0.5) / len(text) - box.centre[0]
        y = top + high / 2 - box.centre[1]
        at = np.array([x, y]) + pen.generator.normal(0, 0.06, 2) * high
        put_ink(pen.sheet, written, _inside(at), pen.colour)
    return text


def _inside(at: NDArray[np.float64]) -> tuple[int, int]:
    x, y = np.maximum(at.round(), 0).astype(int).tolist()
    return x, y


def _write_words(pen: _Pen, layout: Layout) -> None:
    """Write the name, the amount in words, what it is for; and sign."""
    generator = pen.generator
    names = " ".join(generator.choice(NAMES, int(generator.integers(2, 4))))
    _put(pen, names, layout.name)
    for rule in layout.words:
        count = int(generator.integers(2, 6))
        text = " ".join(generator.choice(NUMBERS, count)) + " only"
        if generator.random() < 0.85 or rule == layout.words[0]:
            _put(pen, text[0].upper() + text[1:], rule)
    if generator.random() < 0.5:
        _put(
            pen,
            str(generator.choice(["rent", "gift", "for repairs", "books"])),
            layout.memo,
        )
    height = pen.scale * float(generator.uniform(5, 10))
    hand = _as_thick(
        draw_hand(generator, height=height),
        pen.hand.thickness * pen.hand.height / height,
    )
    ink = write_signature(hand, generator=generator)
    x, y, _ = (pen.scale * place for place in layout.sign)
    x += pen.scale * float(generator.uniform(-4, 15))
    y += pen.scale * float(generator.normal(0, 1.5)) - foot_of(hand)
    stain_at(pen.sheet, ink * COVER, (round(x), round(y)), pen.colour)


def _put(pen: _Pen, text: str, rule: tuple[float, float, float]) -> None:
    """Write words on a rule, as far as it goes."""
    x, y, end = (pen.scale * place for place in rule)
    ink = write_words(text, pen.hand, generator=pen.generator)
    start = x + pen.scale * float(pen.generator.uniform(0, 6))
    ink = ink[:, : max(1, round(end + 0.05 * (end - x) - start))]
    y += pen.scale * float(pen.generator.normal(-0.4, 0.5)) - foot_of(pen.hand)
    stain_at(pen.sheet, ink * COVER, (round(start), round(y)), pen.colour)


def _taken(
    sheet: Sheet, wide: float, generator: np.random.Generator, *, on_table: bool
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Photograph a cheque, `wide` pixels of it; and how its points were moved."""
    scale = wide / sheet.shape[1]
    high = scale * sheet.shape[0]
    most = 0.25 if on_table else 0.02
    sides = generator.uniform(0.03 if on_table else 0, most, 4) * wide
    turn = float(
        np.clip(generator.normal(0, 2.5 if on_table else 0.8), -MOST_TURN, MOST_TURN)
    )
    if not on_table and generator.random() < 0.5:
        sides, turn = sides * 0, turn * 0.5
    lean = abs(np.sin(np.radians(turn)))
    over = np.array([high, wide, high, wide]) * lean / 2
    room = Room(*(sides + (over if on_table else 0)).astype(int).tolist())
    shape = (
        round(high) + room.top + room.bottom,
        round(wide) + room.left + room.right,
    )
    table = make_table(shape, generator=generator)
    corners = _corners(np.array([wide, high]), turn, generator)
    corners += np.array([room.left, room.top])
    if scale < 0.7:  # fine print would become noise
        sheet = cv2.GaussianBlur(sheet, (0, 0), 0.4 / scale)
    matrix = lay_on_table(sheet, table, corners)
    if generator.random() < 0.4:
        cast_shadow(table, generator=generator)
    camera = Camera(
        shade=float(generator.uniform(0, 0.35)),
        blur=float(generator.uniform(0.3, 0.9)) * max(1.0, wide / 1300),
        noise=float(generator.uniform(0, 0.02)),
        quality=int(generator.integers(55, 96)),
    )
    return photograph(table, camera, generator=generator), matrix


def _corners(
    size: NDArray[np.float64], turn: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return the corners of a sheet: turned, and seen aslant by up to 2 %."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    middle, angle = size / 2, np.radians(turn)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = (corners - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
    aslant = generator.uniform(-0.02, 0.02, (4, 2)) * size
    corners = turned + aslant
    return np.asarray(corners, np.float64)
