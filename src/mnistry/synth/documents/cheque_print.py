"""What is printed on a cheque before anybody writes on it: ground, rules, small print.

Rule: places are in millimetres; a layout is a row of data.
"""

from typing import NamedTuple

import numpy as np

from mnistry.synth.documents.paper import (
    Paper,
    Sheet,
    draw_lines,
    make_sheet,
    stain_at,
    stain_ink,
)
from mnistry.synth.documents.signs import SIGNS, write_sign
from mnistry.synth.documents.typeset import set_text

BANKS = (
    "Northfield Savings Bank", "BANK OF LAKEWOOD", "Oldbridge & Sons", "UNION TRUST",
    "Federal Mercantile Bank", "WESTHAVEN CREDIT UNION",
)  # fmt: skip
SMALL = (
    "Payable at par at all branches", "Valid for three months", "Please sign above",
    "Member of the union", "Main Branch, Station Square", "Authorised signatory",
)  # fmt: skip
FRAMES = {"box": 0.55, "double": 0.1, "filled": 0.15, "rule": 0.2}
CAPITAL = 0.7  # of the size of the typeface is the height of its capitals
MARGIN = 3.0  # millimetres of paper around the printed frame

Area = tuple[float, float, float, float]
"""Left, top, width, height."""

Rule = tuple[float, float, float]
"""Left, row of the foot, right."""


class Layout(NamedTuple):
    """Where a bank prints what, in millimetres from the upper left.

    Attributes:
        size: Width and height.
        amount: The field for the figures.
        currencies: Printed before or in it.
        date: The field for the date.
        name: The rule for who is paid.
        words: The rules for the amount in words.
        memo: The rule for what it is for.
        sign: The rule to sign on.
        labels: Printed words, their left and foot.
        foot: Row of the machine-readable digits.
        is_inside: The currency is printed within the field.
        has_cells: The date has eight boxes.
    """

    size: tuple[float, float]
    amount: Area
    currencies: str
    date: Area
    name: Rule
    words: tuple[Rule, ...]
    memo: Rule
    sign: Rule
    labels: tuple[tuple[str, float, float], ...]
    foot: float
    is_inside: bool = False
    has_cells: bool = False


LAYOUTS = (
    Layout(
        (152, 70), (121, 20, 26, 8.5), "$", (102, 8, 33, 7),
        (24, 27.5, 114), ((5, 37, 124),), (14, 56, 66), (84, 56, 147),
        (("PAY TO THE", 5, 25), ("ORDER OF", 5, 28), ("DOLLARS", 127, 37),
         ("DATE", 95, 15), ("MEMO", 5, 56)), 65,
    ),
    Layout(
        (202, 92), (152, 38, 42, 10), "₹", (150, 6, 46, 6.5),
        (20, 27, 178), ((24, 36.5, 194), (8, 46, 146)), (12, 66, 60), (146, 72, 196),
        (("Pay", 8, 27), ("OR BEARER", 178, 27), ("Rupees", 8, 36.5),
         ("A/c No.", 8, 55), ("MSBL/CTS", 96, 20)), 87, is_inside=True, has_cells=True,
    ),
    Layout(
        (170, 76), (122, 29, 42, 11), "£€", (122, 7, 40, 7),
        (20, 27, 116), ((6, 36, 116), (6, 45, 116)), (12, 60, 60), (100, 62, 163),
        (("Pay", 6, 27), ("Date", 112, 14), ("or order", 104, 27.5)), 71,
        is_inside=True,
    ),
    Layout(
        (175, 80), (124, 14, 46, 10), "€", (122, 43, 44, 7),
        (24, 41, 116), ((18, 23.5, 112), (6, 32, 112)), (12, 62, 60), (104, 66, 168),
        (("Payez", 6, 23.5), ("A l'ordre de", 6, 40.5), ("A", 116, 49)), 75,
    ),
)  # fmt: skip


class Plate:
    """Prints on a sheet, so many pixels for each millimetre."""

    def __init__(self, sheet: Sheet, scale: float) -> None:
        """Take a sheet to print on, in place.

        Args:
            sheet: What is printed on.
            scale: Pixels for each millimetre.
        """
        self.sheet, self.scale = sheet, scale

    def words(
        self, words: str, at: tuple[float, float], size: float, shade: float = 0.15
    ) -> float:
        """Print words; left and foot are given, and the height of a capital.

        Returns:
            Where they end.
        """
        typeset = set_text(words, max(4, size * self.scale / CAPITAL))
        x = round(at[0] * self.scale)
        y = round(at[1] * self.scale) - typeset.foot
        ink = typeset.ink[:, typeset.start :]  # a letter is cut off there
        stain_at(self.sheet, ink, (x, y), np.full(3, shade))
        return at[0] + typeset.width / self.scale

    def lines(
        self, lines: list[tuple[float, float, float, float]], shade: float, thick: float
    ) -> None:
        """Print lines from point to point."""
        ends = np.array(lines, float) * self.scale
        ink = draw_lines(self.sheet.shape[:2], ends, thickness=thick * self.scale)
        stain_ink(self.sheet, ink, np.array([shade, shade, min(1.0, shade * 1.2)]))


def make_ground(layout: Layout, scale: float, generator: np.random.Generator) -> Sheet:
    """Make a cheque's paper: tinted, one colour running into another, fine waves."""
    shape = round(layout.size[1] * scale), round(layout.size[0] * scale)
    tint = 1 - generator.uniform(0, 0.22, 3)
    waves = float(generator.uniform(0.03, 0.22))
    red, green, blue = tint.tolist()
    sheet = make_sheet(
        shape, Paper((red, green, blue), 0.008, waves), generator=generator
    )
    other = 1 - generator.uniform(0, 0.3, 3)
    along = np.linspace(0, 1, shape[1], dtype=np.float32)
    share = np.abs(along - np.float32(generator.uniform(0, 1)))[None, :, None]
    sheet *= 1 - share * np.float32(generator.uniform(0, 1)) * (1 - other).astype(
        np.float32
    )
    return sheet


def print_cheque(
    plate: Plate, layout: Layout, generator: np.random.Generator
) -> tuple[str, ...]:
    """Print a cheque that is not filled in yet.

    Returns:
        The numbers that are printed on it.
    """
    wide, high = layout.size
    shade = float(generator.uniform(0.1, 0.5))
    thick = float(generator.uniform(0.12, 0.35))
    if generator.random() < 0.4:
        a, b = MARGIN, MARGIN * 0.6
        plate.lines(_sides((a, b, wide - 2 * a, high - 2 * b)), shade, thick)
    rules = [layout.name, *layout.words, layout.memo, layout.sign]
    lines = [
        _dotted(rule) if generator.random() < 0.25 else [_flat(rule)] for rule in rules
    ]
    plate.lines([line for some in lines for line in some], shade, thick)
    for words, left, foot in layout.labels:
        plate.words(words, (left, foot), float(generator.uniform(1.3, 2.2)))
    plate.words(
        str(generator.choice(BANKS)), (8, 7.5), float(generator.uniform(2, 3.2))
    )
    for row in range(int(generator.integers(1, 4))):
        plate.words(str(generator.choice(SMALL)), (8, 11 + 2.6 * row), 1.2)
    _print_date(plate, layout, shade)
    _print_field(plate, layout, generator, shade)
    return _print_numbers(plate, layout, generator)


def _sides(area: Area) -> list[tuple[float, float, float, float]]:
    left, top, wide, high = area
    right, bottom = left + wide, top + high
    return [
        (left, top, right, top), (left, bottom, right, bottom),
        (left, top, left, bottom), (right, top, right, bottom),
    ]  # fmt: skip


def _flat(rule: Rule) -> tuple[float, float, float, float]:
    left, foot, right = rule
    return left, foot + 0.7, right, foot + 0.7


def _dotted(rule: Rule) -> list[tuple[float, float, float, float]]:
    left, foot, right = rule
    starts = np.arange(left, right, 1.0).tolist()
    return [(x, foot + 0.7, x + 0.4, foot + 0.7) for x in starts]


def _print_date(plate: Plate, layout: Layout, shade: float) -> None:
    left, top, wide, high = layout.date
    if not layout.has_cells:
        plate.lines([_flat((left, top + high, left + wide))], shade, 0.2)
        return
    sides = _sides(layout.date)
    steps = np.linspace(left, left + wide, 9).tolist()
    plate.lines([*sides, *((x, top, x, top + high) for x in steps)], shade, 0.2)
    for letter, x in zip("DDMMYYYY", steps, strict=False):
        plate.words(letter, (x + 2, top + high + 2.4), 1.2)


def _print_field(
    plate: Plate, layout: Layout, generator: np.random.Generator, shade: float
) -> None:
    """Print the amount's field, and the currency."""
    left, top, wide, high = layout.amount
    frame = str(generator.choice(list(FRAMES), p=list(FRAMES.values())))
    room = 0.9 * high if layout.is_inside else 0.0
    area = left - room, top, wide + room, high
    x, y, right, bottom = (
        round(plate.scale * side) for side in (area[0], top, left + wide, top + high)
    )
    if frame == "filled" or generator.random() < 0.3:
        plate.sheet[y:bottom, x:right] = np.float32(generator.uniform(0.9, 1))
    thick = float(generator.uniform(0.15, 0.6))
    if frame in ("box", "double"):
        plate.lines(_sides(area), shade, thick)
    if frame == "double":
        gap = thick + 0.5
        outer = area[0] - gap, top - gap, area[2] + 2 * gap, high + 2 * gap
        plate.lines(_sides(outer), shade, thick)
    if frame == "rule":
        plate.lines([_flat((area[0], top + high, left + wide))], shade, thick)
    if layout.is_inside and frame == "box" and generator.random() < 0.3:
        plate.lines([(left - 0.3, top, left - 0.3, top + high)], shade, thick)
    sign = SIGNS[layout.currencies[int(generator.integers(len(layout.currencies)))]]
    size = plate.scale * high * float(generator.uniform(0.35, 0.55))
    ink, _ = write_sign(sign, height=size, slant=0, thickness=0.1, generator=generator)
    at = (
        round(plate.scale * (left - 0.75 * high)),
        round((y + bottom - ink.shape[0]) / 2),
    )
    stain_at(plate.sheet, ink, at, np.full(3, shade / 2))


def _print_numbers(
    plate: Plate, layout: Layout, generator: np.random.Generator
) -> tuple[str, ...]:
    """Print the cheque's number, the account's, and what machines read at the foot."""
    wide = layout.size[0]
    sizes = 6, 9, 10, 2
    cheque, bank, account, kind = (
        "".join(map(str, generator.integers(0, 10, size))) for size in sizes
    )
    numbers = [cheque, bank, account]
    plate.words(cheque, (wide - 22, 5.5), 2.0)
    end = 14 + float(generator.uniform(0, 25))
    for number in (cheque, bank, account, kind):
        end = plate.words(f"|: {number} |:", (end, layout.foot), 2.9, 0.05) + 3
    if layout.has_cells:
        plate.lines(_sides((20, 50, 42, 7)), 0.3, 0.2)
        plate.words(account, (23, 55.5), 2.6)
    return *numbers, kind
