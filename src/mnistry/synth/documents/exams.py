"""Title pages of exams, scanned in black and white, and cuts of them.

The number of a student is written beside its label, on a rule or in boxes, among print
of several sizes, a name, a date, points and ticks. As in `scenes`, what is written is
known and the same seed gives the same picture.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mnistry.arrays import Ink
from mnistry.box import Box
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.synth.documents import bitonal
from mnistry.synth.documents.bitonal import put_rules, put_written
from mnistry.synth.documents.scenes import (
    Alphabet,
    Scene,
    TrueLine,
    draw_hand,
    moved,
    tilted,
    write_text,
)
from mnistry.synth.documents.texts import check_digits
from mnistry.synth.documents.title_pages import (
    LEFT,
    Desk,
    put_heading,
    put_instructions,
    put_marks,
    put_name,
    put_points,
    write_letters,
)
from mnistry.synth.out_of_distribution.letters import WRITTEN

cv2 = require("cv2", extra="read")

CUTS = "page", "label", "number"
SIZES = (297.0, 210.0), (279.4, 215.9)  # millimetres: A4, US letter
DOTS_PER_INCH = 200, 200, 240, 300
LABELS = (
    "Student number:", "Student ID:", "ID:", "Matriculation number:", "Exam number:",
    "Matrikelnummer:", "Matr.-Nr.:", "Registration no.", "Number", "Student No:",
)  # fmt: skip
NAMES = "Name:", "Surname, first name:", "Last name:", "Student name:"
STYLES = {"rule": 0.45, "boxes": 0.25, "long box": 0.15, "nothing": 0.15}
BELOW = 0.15  # of the pages have the label in small print below the number
PALE = 0.35  # of the hands are pale: their strokes break


class _Entry(NamedTuple):
    """The student's number: boxes of its digits, all around it, and with its label."""

    boxes: tuple[Box, ...]
    field: Box
    labelled: Box


def make_exam(
    alphabet: Alphabet,
    number: str,
    *,
    seed: int = 0,
    cut: str = "page",
    letters: Sequence[str] | None = None,
) -> Scene:
    """Fill in the title page of an exam, and scan it in black and white.

    Args:
        alphabet: Digits to write with.
        number: Of the student, digits only: all that is to be read.
        seed: Decides print, hands, size and quality of the scan.
        cut: One of `CUTS`: all of the page, the number with its label, or alone.
        letters: The ways of a pen, to write names with; else those of
            `mnistry.synth.out_of_distribution`.

    Raises:
        UsageError: Not digits, a digit that the alphabet does not have, or no cut.

    Example:
        >>> from mnistry.synth.drawn import draw
        >>> scene = make_exam(Alphabet(*draw(200)), "2718281", seed=1, cut="label")
        >>> scene.lines[0].text, sorted(set(scene.picture.ravel().tolist()))
        ('2718281', [0, 255])
    """
    check_digits([number])
    if cut not in CUTS:
        message = f"no cut {cut!r}; expected one of {', '.join(CUTS)}."
        raise UsageError(message)
    generator = np.random.default_rng([seed, 87])
    size = SIZES[int(generator.integers(len(SIZES)))]
    dots = DOTS_PER_INCH[int(generator.integers(len(DOTS_PER_INCH)))]
    paper, pen = (bitonal.make_plane(size, dots) for _ in range(2))
    height = float(generator.uniform(3.6, 6.5)) * pen.zoom
    thickness = float(generator.uniform(0.35, 0.75)) * pen.zoom / height
    hand = replace(draw_hand(generator, height=height), thickness=thickness)
    face = str(generator.choice([*bitonal.FACES, "set", "set", "set"]))
    glyphs = write_letters(tuple(letters or WRITTEN.values()), generator)
    desk = Desk(paper, pen, alphabet, glyphs, hand, face, generator)
    foot = put_heading(desk, size[1])
    entry, foot = _put_candidate(desk, number, foot + 12)
    if cut == CUTS[0]:
        foot = put_instructions(desk, foot + 6, size[1])
        foot = put_points(desk, foot + 8)
        put_marks(desk, foot + 12, len(number))
    ink = np.maximum(paper.ink, _paled(pen.ink, generator))
    angle = float(np.clip(generator.normal(0, 0.5), -1.5, 1.5))
    picture, matrix = bitonal.scan(ink, angle, generator=generator)
    scene = Scene(picture, moved([TrueLine(number, entry.boxes)], matrix))
    if cut == CUTS[0]:
        return scene
    around = entry.labelled if cut == CUTS[1] else entry.field
    room = pen.pixels(float(generator.uniform(0.8, 3)))
    return _cut_out(scene, tilted(around, matrix), room)


def _put_candidate(desk: Desk, number: str, top: float) -> tuple[_Entry, float]:
    """Print labels and fill them in: a name and a number, perhaps a signature."""
    generator = desk.generator
    pitch = float(generator.uniform(12, 18))
    size = float(generator.uniform(2.2, 3.6))
    column = LEFT + float(generator.uniform(38, 60)) * (generator.random() < 0.5)
    rows = ["name", "number", "signature"][: 2 + int(generator.random() < 0.4)]
    if generator.random() < 0.4:
        rows[:2] = rows[1::-1]
    at = top + pitch * rows.index("number")
    entry = _put_number(desk, number, (LEFT, at), size, column)
    for place, row in enumerate(rows):
        foot = top + pitch * place
        if row != "number":
            label = "Signature:" if row == "signature" else str(generator.choice(NAMES))
            end = desk.print(label, (LEFT, foot), size)
            left = max(end + 2, column)
            put_rules(desk.paper, [(left, foot + 1, left + 80, foot + 1)], 0.25)
            put_name(desk, (left + 3, foot), joined=row == "signature")
    return entry, top + pitch * len(rows)


def _put_number(
    desk: Desk, number: str, at: tuple[float, float], size: float, column: float
) -> _Entry:
    """Print a label, and write the number beside it, or above it."""
    generator = desk.generator
    label = str(generator.choice(LABELS))
    style = str(generator.choice(list(STYLES), p=list(STYLES.values())))
    left, foot = at
    if generator.random() < BELOW:
        start = left
        end = desk.print(label, (left, foot + 4.5), 0.8 * size)
        lowest = foot + 6
    else:
        end = desk.print(label, at, size)
        start = max(end + float(generator.uniform(1, 5)), column)
        lowest = foot + size
    if style == "boxes":
        boxes, field = _put_in_boxes(desk, number, (start, foot))
    else:
        boxes, field = _put_in_row(desk, number, (start, foot), style)
    top = min(field.top, desk.pen.pixels(foot - 1.3 * size))
    bottom = max(field.bottom, desk.pen.pixels(lowest))
    right = max(field.right, desk.pen.pixels(end) if start == left else 0)
    return _Entry(boxes, field, Box(desk.pen.pixels(left), top, right, bottom))


def _put_in_row(
    desk: Desk, number: str, at: tuple[float, float], style: str
) -> tuple[tuple[Box, ...], Box]:
    """Write a number on a rule, into one long box, or on nothing."""
    generator, (left, foot), high = desk.generator, at, desk.height
    written = write_text(desk.alphabet, number, desk.hand, generator=generator)
    rise = float(generator.normal(0.06, 0.08)) * high
    boxes = put_written(
        desk.pen, written, (left + generator.uniform(1, 6), foot - rise)
    )
    end = Box.around(boxes).right / desk.pen.zoom + float(generator.uniform(1, 25))
    thickness = float(generator.uniform(0.15, 0.45))
    low, top = foot + 0.4, foot - high * float(generator.uniform(1.3, 1.9))
    sides = [(left, low, end, low)]
    if style == "long box":
        low = foot + high * float(generator.uniform(0.1, 0.4))
        sides = [(left, y, end, y) for y in (top, low)]
        sides += [(x, top, x, low) for x in (left, end)]
    if style != "nothing":
        put_rules(desk.paper, sides, thickness)
    ends = [desk.pen.pixels(side) for side in (left, top, end, low)]
    around = Box.around(boxes)
    return boxes, around if style == "nothing" else Box.around((Box(*ends), around))


def _put_in_boxes(
    desk: Desk, number: str, at: tuple[float, float]
) -> tuple[tuple[Box, ...], Box]:
    """Write a number into boxes of its own, sides shared, a digit in each."""
    generator, (left, foot), high = desk.generator, at, desk.height
    wide = high * float(generator.uniform(0.95, 1.3))
    tall = high * float(generator.uniform(1.3, 1.7))
    top, low = foot - tall + 0.2 * high, foot + 0.2 * high
    right = left + wide * len(number)
    sides = [
        (left + wide * n, top, left + wide * n, low) for n in range(len(number) + 1)
    ]
    sides += [(left, y, right, y) for y in (top, low)]
    put_rules(desk.paper, sides, float(generator.uniform(0.15, 0.5)))
    boxes: list[Box] = []
    for place, digit in enumerate(number):
        written = write_text(desk.alphabet, digit, desk.hand, generator=generator)
        room = wide - written.boxes[0].width / desk.pen.zoom
        lean = generator.normal(0, 0.08, 2) * (wide, high)
        x = left + wide * place + room / 2 + lean[0]
        boxes += put_written(desk.pen, written, (x, (top + low + high) / 2 + lean[1]))
    ends = [desk.pen.pixels(side) for side in (left, top, right, low)]
    return tuple(boxes), Box.around((Box(*ends), *boxes))


def _paled(ink: Ink, generator: np.random.Generator) -> Ink:
    """Let a pen press unevenly: where it is pale a scanner sees paper."""
    if generator.random() >= PALE:
        return ink
    rows, columns = ink.shape
    least = float(generator.uniform(0.45, 0.8))
    small = generator.uniform(least, 1.1, (rows // 12, columns // 12)).astype(
        np.float32
    )
    uneven = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(ink * np.minimum(uneven, 1), np.float32)


def _cut_out(scene: Scene, around: Box, room: int) -> Scene:
    """Cut a part of a scene out, some pixels larger."""
    left, top = max(0, around.left - room), max(0, around.top - room)
    part = scene.picture[top : around.bottom + room, left : around.right + room]
    back = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64)
    return Scene(np.ascontiguousarray(part), moved(scene.lines, back))
