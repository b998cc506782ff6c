"""Kinds of pictures with numbers: how each is made by seed, and how it is read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from shapes import (
    HOOKED_NINES,
    HOOKED_TWOS,
    LETTERS,
    OPEN_FOURS,
    ROOT_FIVES,
    ROUND_SEVENS,
)

from mnistry.synth.documents import (
    box_sheets,
    boxes,
    camera,
    cheques,
    columns,
    exams,
    forms,
    handheld,
    pages,
    paper,
    photographs,
    registers,
    rows,
    scenes,
    stationery,
)
from mnistry.synth.drawn import in_frame, trace
from mnistry.synth.drawn.pen import write
from mnistry.synth.drawn.splines import build_allographs

DARKER = 40  # of 255 than what is around: black in a bitonal scan
OF_EACH = 12  # images of a digit that is written in another hand
ENDINGS = "-", ".-", ",-", ",", ".", "'"  # what people put after an amount
FEW = 20  # pictures of a kind of which each takes a second and more

Make = Callable[[scenes.Alphabet, int], scenes.Scene]


class Kind(NamedTuple):
    """A kind of picture: how it is made, and how it is read.

    Attributes:
        make: From an alphabet and a seed to a scene.
        settings: Of `mnistry.read`.
        field: Of a line: "text", or "signed_text" where signs count.
        pictures: How many are read if no number is asked for: whole pages are slow.
    """

    make: Make
    settings: Mapping[str, Any] = {}
    field: str = "text"
    pictures: int = 200


def codes(seed: int, count: int, least: int = 4, most: int = 7) -> list[str]:
    """Draw texts of digits."""
    generator = np.random.default_rng([seed, 77])
    sizes = generator.integers(least, most + 1, count)
    return ["".join(map(str, generator.integers(0, 10, size))) for size in sizes]


def amount(seed: int) -> str:
    """Draw a text with signs: an amount, a date, a time, a share."""
    generator = np.random.default_rng([seed, 79])
    a, b, c = generator.integers((1, 10, 1000), (10, 100, 10000)).tolist()
    texts = f"{a},{c % 1000:03}.{b}", f"-{c}", f"{b}/{a}/{c}", f"{b}%", f"{a}:{b}"
    return texts[int(generator.integers(len(texts)))]


def cells(seed: int) -> list[list[str]]:
    """Draw the numbers of a table, some cells empty."""
    texts = np.array(codes(seed, 20, 1, 5)).reshape(5, 4)
    texts[np.random.default_rng([seed, 78]).random((5, 4)) < 0.15] = ""
    return [[str(text) for text in row] for row in texts]


def bordered(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a form within a plain border of 80, 120 or 200 pixels, of three greys."""
    border = (80, 120, 200)[seed % 3], (30, 90, 150)[seed // 3 % 3] / 255
    return photographs.make_photographed_form(
        alphabet, codes(seed, 5), seed=seed, border=border
    )


def hand(digit: int, ways: Sequence[str]) -> Make:
    """Make strings of five digits, two of them written in these ways."""

    def make(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
        generator = np.random.default_rng([seed, 81])
        drawn = build_allographs([(of, 1, way) for of in range(10) for way in ways])
        written = write(np.full(OF_EACH, digit), drawn, generator)
        others = alphabet.labels != digit
        own = scenes.Alphabet(
            np.concatenate([alphabet.images[others], in_frame(written, generator)]),
            np.append(alphabet.labels[others], np.full(OF_EACH, digit)),
        )
        digits = generator.integers(0, 10, 5)
        digits[generator.choice(5, 2, replace=False)] = digit
        return scenes.make_string(own, "".join(map(str, digits)), seed=seed)

    return make


def ended(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a string with a sign after it, which is not to be read as a digit."""
    text = codes(seed, 1, 3, 6)[0]
    scene = scenes.make_string(alphabet, text + ENDINGS[seed % len(ENDINGS)], seed=seed)
    return scene._replace(lines=(scene.lines[0]._replace(text=text),))


def string(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a string of six digits, cut out closely."""
    return scenes.make_string(alphabet, codes(seed, 1, 6, 6)[0], seed=seed)


def form(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a form of five entries."""
    return forms.make_form(alphabet, codes(seed, 5), seed=seed)


def cell(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make the cell of a register."""
    return pages.make_cell(alphabet, codes(seed, 1, 1, 3)[0], seed=seed)


def cheque(*, on_table: bool) -> Make:
    """Make a photographed cheque whose amount is to be read, whatever else is."""

    def make(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
        generator = np.random.default_rng([seed, 87])
        whole = int(10 ** generator.uniform(1.7, 5.7))
        rest = str(
            generator.choice([".00", ".00", ".50", ",-", "/-", "/-", "-", "=", ""])
        )
        text = f"{whole:,}" if generator.random() < 0.6 else f"{whole}"
        sign = str(generator.choice(["", "", "", "#", "=", "-"]))
        text = sign + text + rest + sign * (not rest or generator.random() < 0.3)
        return cheques.make_cheque(alphabet, text, seed=seed, on_table=on_table)

    return make


def coloured(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a string in red on blue, or in blue on red: as light as each other."""
    scene = string(alphabet, seed)
    grey = scene.picture.mean(axis=2, keepdims=True)
    low, high = np.percentile(grey, [1, 90])
    ink = np.clip((high - grey) / (high - low), 0, 1)
    colours = np.array([[210, 40, 50], [60, 90, 225]])[:: 1 if seed % 2 else -1]
    noise = np.random.default_rng([seed, 80]).normal(0, 3, scene.picture.shape)
    picture = ink * colours[0] + (1 - ink) * colours[1] + noise
    return scene._replace(picture=np.clip(picture, 0, 255).astype(np.uint8))


def register(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make the cell of an old register, parts of its neighbours in it."""
    text = codes(seed, 1, 1, 3)[0]
    return registers.make_register_cell(alphabet, text, seed=seed)


def column(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a number alone in the column of a register, marks around it."""
    text = codes(seed, 1, 1, 3)[0]
    return columns.make_register_column(alphabet, text, seed=seed)


def exam(cut: str, least: int, most: int) -> Make:
    """Scan the title page of an exam in black and white, or the number on it."""
    return lambda alphabet, seed: exams.make_exam(
        alphabet, codes(seed, 1, least, most)[0], seed=seed, cut=cut, letters=LETTERS
    )


def dark(make: Make, share: float = 0.3) -> Make:
    """Put dark margins on another kind."""
    return lambda alphabet, seed: photographs.make_dark_margins(
        make(alphabet, seed), share=share, seed=seed
    )


def bitonal(make: Make, zoom: int) -> Make:
    """Scan another kind in black and white, at `zoom` times 150 dots per inch."""

    def scanned(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
        scene = make(alphabet, seed)
        grey = cv2.cvtColor(scene.picture, cv2.COLOR_RGB2GRAY)
        large = cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        darker = cv2.subtract(cv2.blur(large, (101, 101)), large)
        black = (darker >= DARKER)[:, :, None].repeat(3, axis=2)
        lines = scenes.moved(scene.lines, np.diag([zoom, zoom, 1.0]))
        return scene._replace(
            picture=np.where(black, 0, 255).astype(np.uint8), lines=lines
        )

    return scanned


def turned(make: Make, degrees: float) -> Make:
    """Turn another kind."""
    return lambda alphabet, seed: photographs.turned(make(alphabet, seed), degrees)


def ruled(*, squared: bool) -> Make:
    """Make numbers on ruled or squared paper, aslant by up to 12 degrees."""
    return lambda alphabet, seed: pages.make_ruled_page(
        alphabet, codes(seed, 3), seed=seed, squared=squared
    )


def beside(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make rows of two numbers, without rules."""
    texts = codes(seed, 16, 2, 5)
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    return rows.make_rows(alphabet, pairs, seed=seed)


def close(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make twenty lines, written so closely that strokes touch the next one."""
    lines = [[text] for text in codes(seed, 20, 5, 8)]
    return rows.make_rows(alphabet, lines, seed=seed, pitch=(1.2, 1.6))


def photographed_line(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Photograph a number of 3 to 10 digits by hand."""
    texts = codes(seed, 1, 3, 10)
    return handheld.make_photographed_lines(alphabet, texts, seed=seed)


def photographed_page(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Photograph 4 to 12 numbers below each other, half of the pages turned."""
    generator = np.random.default_rng([seed, 86])
    texts = codes(seed, int(generator.integers(4, 13)), 3, 10)
    scene = handheld.make_photographed_lines(
        alphabet, texts, seed=seed, sides=(1000, 4000)
    )
    degrees = int(generator.choice([0, 0, 0, 90, 180, 270]))
    return photographs.turned(scene, degrees) if degrees else scene


def boxed(layout: str, thickness: int) -> Make:
    """Make six digits in a row of boxes."""
    return lambda alphabet, seed: boxes.make_boxed(
        alphabet, codes(seed, 1, 6, 6)[0], seed=seed, layout=layout, thickness=thickness
    )


def boxes_on_sheet(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Cut one of four rows of boxes out of a photographed sheet."""
    return box_sheets.make_boxes_on_sheet(alphabet, codes(seed, 4, 6, 6), seed=seed)


def canvas(_: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Write large on a screen, with a pen that is 1 to 3 pixels wide everywhere."""
    generator = np.random.default_rng([seed, 81])
    text = codes(seed, 1, 3, 6)[0]
    height = float(generator.uniform(60, 140))
    pen = int(generator.integers(1, 4))
    smooth = cv2.LINE_AA if generator.random() < 0.7 else cv2.LINE_8
    picture = np.full((round(1.8 * height), round(8.5 * height), 3), 255, np.uint8)
    at = 0.4 * height
    for written in trace(np.array([*map(int, text)]), seed=seed):
        dots = np.concatenate(written.strokes)
        low, high = dots.min(axis=0), dots.max(axis=0)
        zoom = height / max(0.5, high[1] - low[1]) * generator.normal(1, 0.06)
        foot = height * generator.normal(1.4, 0.04)
        corner = np.array([at - zoom * low[0], foot - zoom * high[1]])
        for stroke in written.strokes:
            points = (16 * (corner + zoom * stroke)).round().astype(np.int32)
            cv2.polylines(picture, [points], 0, (0, 0, 0), pen, smooth, 4)
        at += zoom * (high[0] - low[0]) + height * generator.uniform(0.12, 0.45)
    picture = np.ascontiguousarray(picture[:, : round(at + 0.4 * height)])
    return scenes.Scene(picture, (scenes.TrueLine(text, ()),))


def darkened(make: Make) -> Make:
    """Show another kind in white on black."""

    def shown(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
        scene = make(alphabet, seed)
        return scene._replace(picture=255 - scene.picture)

    return shown


def transparent(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Write on a screen whose background is saved as transparent: black or white."""
    scene = canvas(alphabet, seed)
    opacity = 255 - scene.picture[:, :, :1]
    ink = np.full_like(scene.picture, 255 if seed % 2 else 0)
    picture = np.concatenate([ink, opacity], axis=2)
    return scene._replace(picture=picture)


def small(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Photograph one digit in uneven light, 20 to 36 pixels in all."""
    generator = np.random.default_rng([seed, 84])
    row, side = (
        int(generator.integers(len(alphabet.labels))),
        generator.integers(20, 37),
    )
    ink = cv2.resize(alphabet.images[row], (side, side), interpolation=cv2.INTER_AREA)
    look = paper.Paper(stationery.draw_tint(generator), 0.01)
    sheet = paper.make_sheet(ink.shape, look, generator=generator)
    paper.stain_ink(sheet, ink / np.float32(255), stationery.draw_colour(generator))
    taken_by = camera.Camera(shade=float(generator.uniform(0.2, 0.6)), blur=0.4)
    picture = camera.photograph(sheet, taken_by, generator=generator)
    text = str(alphabet.labels[row])
    return scenes.Scene(picture, (scenes.TrueLine(text, ()),))


def one(alphabet: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make one digit, cut out closely."""
    return scenes.make_string(alphabet, codes(seed, 1, 1, 1)[0], seed=seed)


def letter(_: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make one letter that is like no digit, cut out closely: nothing is to be read."""
    generator = np.random.default_rng([seed, 83])
    rows = [(0, 1, LETTERS[int(generator.integers(len(LETTERS)))])]
    written = write(np.zeros(OF_EACH, np.intp), build_allographs(rows), generator)
    labels = np.zeros(OF_EACH, np.uint8)
    own = scenes.Alphabet(in_frame(written, generator), labels)
    scene = scenes.make_string(own, "0", seed=seed)
    return scene._replace(lines=(scenes.TrueLine("", ()),))


def stroke(_: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Draw a one that is a straight line, alone on a screen."""
    generator = np.random.default_rng([seed, 82])
    rows, columns = generator.integers(60, 300, 2).tolist()
    picture = np.full((rows, columns, 3), 255, np.uint8)
    high = round(rows * generator.uniform(0.25, 0.8))
    top = round(generator.uniform(0.05, 0.95) * (rows - high))
    foot = round(generator.uniform(0.3, 0.7) * columns)
    lean = round(generator.normal(0, 0.12) * high)
    pen = int(generator.integers(2, max(3, high // 8)))
    shade = (int(generator.integers(0, 90)),) * 3
    ends = (foot + lean, top), (foot, top + high)
    cv2.line(picture, *ends, shade, pen, cv2.LINE_AA)
    return scenes.Scene(picture, (scenes.TrueLine("1", ()),))


def prose(_: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a page of print, with no numbers."""
    return pages.make_print(seed=seed)


def letter_page(_: scenes.Alphabet, seed: int) -> scenes.Scene:
    """Make a page of print with years, dates and amounts among its words."""
    generator = np.random.default_rng([seed, 85])
    a, b, c = generator.integers((10, 1, 1900), (29, 13, 2030)).tolist()
    numbers = f"{a}.{b}.{c}", str(c - a), f"{b},{a}", str(10000 + 7 * c)
    scene = pages.make_print(seed=seed, words=[*pages.WORDS, *numbers])
    texts = ["".join(filter(str.isdigit, number)) for number in numbers]
    lines = tuple(scenes.TrueLine(text, ()) for text in texts)
    return scene._replace(lines=lines)


KINDS: dict[str, Kind] = {
    "string": Kind(string),
    "signs": Kind(
        lambda alphabet, seed: scenes.make_string(alphabet, amount(seed), seed=seed),
        field="signed_text",
    ),
    "hooked-twos": Kind(hand(2, HOOKED_TWOS)),
    "root-fives": Kind(hand(5, ROOT_FIVES)),
    "hooked-nines": Kind(hand(9, HOOKED_NINES)),
    "open-fours": Kind(hand(4, OPEN_FOURS)),
    "round-sevens": Kind(hand(7, ROUND_SEVENS)),
    "ended": Kind(ended),
    "coloured": Kind(coloured),
    "canvas": Kind(canvas),
    "canvas-dark": Kind(darkened(canvas)),
    "transparent": Kind(transparent),
    "small": Kind(small),
    "single": Kind(one, {"single": True}),
    "letter": Kind(letter, {"single": True}),
    "stroke": Kind(stroke),
    "form": Kind(form, pictures=FEW),
    "envelope": Kind(
        lambda alphabet, seed: scenes.make_envelope(
            alphabet, codes(seed, 1, 6, 6)[0], seed=seed
        ),
        {"pattern": "[0-9]{6}"},
        pictures=FEW,
    ),
    "form-on-table": Kind(
        lambda alphabet, seed: photographs.make_photographed_form(
            alphabet, codes(seed, 5), seed=seed
        ),
        pictures=FEW,
    ),
    "form-bordered": Kind(bordered, pictures=FEW),
    "cheque": Kind(cheque(on_table=False), pictures=FEW),
    "cheque-on-table": Kind(cheque(on_table=True), pictures=FEW),
    "dark-cell": Kind(dark(cell)),
    "dark-string": Kind(dark(string, 0.5)),
    "dark-form": Kind(dark(form, 0.12), pictures=FEW),
    "cell": Kind(cell),
    "register": Kind(register),
    "dark-register": Kind(dark(register)),
    "column": Kind(column),
    "dark-column": Kind(dark(column, 0.6)),
    "ruled": Kind(ruled(squared=False)),
    "squared": Kind(ruled(squared=True)),
    "plain-25": Kind(turned(string, 25)),
    "form-90": Kind(turned(form, 90), pictures=FEW),
    "form-180": Kind(turned(form, 180), pictures=FEW),
    "form-270": Kind(turned(form, 270), pictures=FEW),
    "string-90": Kind(turned(string, 90)),
    "string-180": Kind(turned(string, 180)),
    "photographed-line": Kind(photographed_line),
    "photographed-page": Kind(photographed_page, pictures=FEW),
    "table": Kind(
        lambda alphabet, seed: pages.make_number_table(
            alphabet, cells(seed), seed=seed
        ),
        pictures=FEW,
    ),
    "rows": Kind(beside, pictures=FEW),
    "rows-close": Kind(close, pictures=FEW),
    "print": Kind(prose, pictures=FEW),
    "print-bitonal": Kind(bitonal(prose, 2), pictures=FEW),
    "letter-page": Kind(letter_page, pictures=FEW),
    "letter-page-bitonal": Kind(bitonal(letter_page, 2), pictures=FEW),
    "form-bitonal": Kind(bitonal(form, 2), pictures=FEW),
    "exam-number": Kind(exam("number", 6, 9)),
    "exam-label": Kind(exam("label", 6, 9)),
    "exam-page": Kind(exam("page", 7, 7), {"pattern": "[0-9]{7}"}, pictures=FEW),
    **{
        f"boxes-{layout}-{thickness}": Kind(boxed(layout, thickness))
        for layout in boxes.LAYOUTS
        for thickness in (1, 2, 3)
    },
    "boxes-photographed": Kind(boxes_on_sheet),
    "boxes-photographed-pattern": Kind(boxes_on_sheet, {"pattern": "[0-9]{6}"}),
    "boxes-pattern": Kind(boxed("shared", 2), {"pattern": "[0-9]{6}"}),
}
