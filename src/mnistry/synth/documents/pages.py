"""Cells of a register, ruled and squared paper, tables of numbers, pages of print.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from collections.abc import Sequence

import numpy as np

from mnistry.extras import require
from mnistry.synth.documents.camera import photograph
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
    moved,
    photographed,
    put_ink,
    write_text,
)
from mnistry.synth.documents.stationery import (
    draw_camera,
    draw_colour,
    draw_tint,
    print_words,
)

cv2 = require("cv2", extra="read")

BEYOND = 260  # pixels of ruled paper at each side that may be turned into the picture
A4 = 1754, 1240  # rows, columns: 210 x 297 mm at 150 dots per inch
WORDS = (
    "the", "of", "and", "to", "in", "is", "was", "he", "for", "it", "with", "as", "his",
    "on", "be", "at", "by", "had", "not", "but", "from", "or", "have", "which", "you",
    "all", "her", "would", "there", "been", "when", "will", "more", "if", "so", "about",
    "only", "good", "too", "look", "book", "still", "little", "life", "man",
)  # fmt: skip


def make_cell(alphabet: Alphabet, text: str, *, seed: int = 0) -> Scene:
    """Cut the cell of a register: a number, the rules around it, parts of neighbours.

    Args:
        alphabet: Digits to write with.
        text: What to write: digits, and signs such as those of "1,234.50".
        seed: Decides hand, paper, rules and light.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    hand = draw_hand(generator, height=float(generator.uniform(26, 50)))
    written = write_text(alphabet, text, hand, generator=generator)
    high, wide = written.ink.shape
    room = generator.uniform(0.15, 0.7, 4) * hand.height
    left, top, right, bottom = room.astype(int).tolist()
    shape = top + high + bottom, left + wide + right
    sheet = make_sheet(shape, Paper(draw_tint(generator), 0.02), generator=generator)
    colour = draw_colour(generator)
    boxes = put_ink(sheet, written, (left, top), colour)
    sides = generator.uniform(0.02, 0.1, 4) * hand.height
    edges = [sides[0], sides[1], shape[1] - sides[2], shape[0] - sides[3]]
    x0, y0, x1, y1 = edges
    rules = np.array(
        [[x0, 0, x0, 999], [x1, 0, x1, 999], [0, y0, 9999, y0], [0, y1, 9999, y1]]
    )[generator.random(4) < 0.6]
    ink = draw_lines(shape, rules, thickness=float(generator.uniform(1, 3)))
    stain_ink(sheet, ink * np.float32(generator.uniform(0.4, 0.9)), colour)
    return photographed(sheet, [TrueLine(text, boxes)], np.eye(3), generator)


def make_ruled_page(
    alphabet: Alphabet,
    entries: Sequence[str],
    *,
    seed: int = 0,
    squared: bool = False,
    angle: float | None = None,
) -> Scene:
    """Write numbers on ruled or squared paper, and lay it down aslant.

    Args:
        alphabet: Digits to write with.
        entries: What to write, a line each.
        seed: Decides hand, ruling, light, and the angle.
        squared: Squares in place of lines.
        angle: Degrees by which lines fall to the right; none lets the seed decide,
            up to 12 either way.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    height = float(generator.uniform(30, 46))
    pitch = round(height * generator.uniform(0.55, 1.1) * (1 if squared else 2))
    apart = pitch * int(np.ceil(1.8 * height / pitch))
    middle = 240 + apart * len(entries), 800
    shape = middle[0] + 2 * BEYOND, middle[1] + 2 * BEYOND
    sheet = make_sheet(shape, Paper(draw_tint(generator), 0.01), generator=generator)
    _put_ruling(sheet, pitch, generator, squared=squared)
    hand = draw_hand(generator, height=height)
    colour = draw_colour(generator)
    lines = []
    for number, entry in enumerate(entries):
        written = write_text(alphabet, entry, hand, generator=generator)
        row = BEYOND + 120 + apart * (number + 1)
        foot = row // pitch * pitch - round(0.06 * height)
        at = BEYOND + int(generator.integers(60, 260)), foot - written.boxes[0].bottom
        lines.append(TrueLine(entry, put_ink(sheet, written, at, colour)))
    drawn = float(generator.uniform(-12, 12))
    by = drawn if angle is None else angle
    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), -by, 1)
    turn[:, 2] -= BEYOND
    matrix = np.vstack([turn, [0, 0, 1]])
    seen = cv2.warpAffine(sheet, turn, middle[::-1], borderMode=cv2.BORDER_REPLICATE)
    picture = photograph(seen, draw_camera(generator), generator=generator)
    return Scene(picture, moved(lines, matrix))


def make_number_table(
    alphabet: Alphabet, rows: Sequence[Sequence[str]], *, seed: int = 0
) -> Scene:
    """Write numbers into the columns of a table, with or without rules between.

    Args:
        alphabet: Digits to write with.
        rows: What to write, row by row; an empty text leaves the cell empty.
        seed: Decides hand, rules, light.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    height = float(generator.uniform(26, 40))
    columns = max(len(row) for row in rows)
    longest = max(len(text) for row in rows for text in row)
    wide = round(height * (longest * 0.95 + generator.uniform(1.2, 2.5)))
    high = round(height * generator.uniform(1.6, 2.4))
    shape = 160 + high * len(rows), 120 + wide * columns
    sheet = make_sheet(shape, Paper(draw_tint(generator), 0.008), generator=generator)
    hand = draw_hand(generator, height=height)
    colour, to_right = draw_colour(generator), bool(generator.random() < 0.5)
    lines = []
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if not text:
                continue
            written = write_text(alphabet, text, hand, generator=generator)
            room = wide - written.boxes[-1].right - round(0.5 * height)
            left = room if to_right else round(0.3 * height)
            down = (high - written.ink.shape[0]) // 2 + round(generator.normal(0, 2))
            at = 60 + wide * column + left, 80 + high * number + down
            lines.append(TrueLine(text, put_ink(sheet, written, at, colour)))
    if generator.random() < 0.6:
        x = [60 + wide * column for column in range(columns + 1)]
        y = [80 + high * number for number in range(len(rows) + 1)]
        rules = [(one, y[0], one, y[-1]) for one in x]
        rules += [(x[0], one, x[-1], one) for one in y]
        ink = draw_lines(shape, np.array(rules, float), thickness=2)
        stain_ink(sheet, ink * np.float32(0.7), np.full(3, 0.3))
    return photographed(sheet, lines, np.eye(3), generator)


def make_print(*, seed: int = 0, words: Sequence[str] = WORDS) -> Scene:
    """Print a page of words.

    Args:
        seed: Decides which words, their size, paper, light.
        words: To choose from; those there are have no digit.
    """
    generator = np.random.default_rng(seed)
    sheet = make_sheet(A4, Paper(draw_tint(generator), 0.008), generator=generator)
    _print_prose(sheet, 120, A4[0] - 120, words, generator)
    return photographed(sheet, [], np.eye(3), generator)


def _put_ruling(
    sheet: Sheet, pitch: int, generator: np.random.Generator, *, squared: bool
) -> None:
    rows, columns = sheet.shape[:2]
    rules = [(0, y, columns, y) for y in range(pitch, rows, pitch)]
    if squared:
        rules += [(x, 0, x, rows) for x in range(pitch, columns, pitch)]
    thickness = float(generator.uniform(0.8, 2.2))
    ink = draw_lines((rows, columns), np.array(rules, float), thickness=thickness)
    colour = generator.uniform((0.3, 0.4, 0.5), (0.6, 0.65, 0.9))
    stain_ink(sheet, ink * np.float32(generator.uniform(0.5, 0.9)), colour)


def _print_prose(
    sheet: Sheet,
    top: int,
    bottom: int,
    words: Sequence[str],
    generator: np.random.Generator,
) -> None:
    """Print lines of words: in Pillow's own typeface, or in one of a plotter's."""
    from PIL import Image, ImageDraw, ImageFont

    size = float(generator.uniform(14, 24))  # of a capital letter
    is_plotted = bool(generator.random() < 0.3)
    page = Image.new("L", sheet.shape[1::-1])
    draw, face = ImageDraw.Draw(page), ImageFont.load_default(round(size / 0.7))
    for foot in range(top, bottom, round(2.1 * size)):
        count = max(2, int((sheet.shape[1] - 240) / (4.6 * size)))
        text = " ".join(generator.choice(words, count).tolist()).capitalize()
        if is_plotted:
            print_words(sheet, text, (120, foot), size=size)
        else:
            draw.text((120, foot), text, 255, face, anchor="ls")
    ink = np.asarray(page, np.float32) / np.float32(255)
    stain_ink(sheet, ink, np.full(3, generator.uniform(0.05, 0.25)))
