"""What the title page of an exam is made of, besides the student's number.

Print of several sizes, a name by hand, a table of points, a date, ticks, scribbles.
Rule: lengths are in millimetres, and everything is drawn by the generator of the desk.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from mnistry.box import Box
from mnistry.synth.documents.bitonal import Plane, print_text, put_rules, put_written
from mnistry.synth.documents.handwriting import Hand, to_field, write_line
from mnistry.synth.documents.pages import WORDS
from mnistry.synth.documents.scenes import Alphabet, write_text
from mnistry.synth.drawn import in_frame
from mnistry.synth.drawn.pen import write
from mnistry.synth.drawn.splines import Allographs, build_allographs

SUBJECTS = (
    "Linear Algebra", "Probability and Statistics", "Theoretical Physics", "Algorithms",
    "Organic Chemistry", "Macroeconomics", "Machine Learning", "Analysis",
)  # fmt: skip
HEADINGS = "University of Northfield", "Department of Mathematics", "Lakewood College"
KINDS = "Final examination", "Midterm exam", "Klausur", "Written test", "Exam"
LEFT = 20.0  # millimetres of margin
SAME_LENGTH = 0.2  # of the pages have a printed number as long as the student's


class Desk(NamedTuple):
    """What a page is made with: a plane of print and one of handwriting, and so on."""

    paper: Plane
    pen: Plane
    alphabet: Alphabet
    letters: Alphabet
    hand: Hand
    face: str
    generator: np.random.Generator

    @property
    def height(self) -> float:
        """Of a digit by hand, in millimetres."""
        return self.hand.height / self.pen.zoom

    def print(self, text: str, at: tuple[float, float], size: float) -> float:
        """Print a line in the page's face; where it ends."""
        return print_text(self.paper, text, at, size=size, face=self.face)

    def write(self, text: str, at: tuple[float, float], share: float = 1.0) -> Box:
        """Write digits and signs that are not asked for, `share` as tall."""
        hand = replace(self.hand, height=self.hand.height * share)
        written = write_text(self.alphabet, text, hand, generator=self.generator)
        return Box.around(put_written(self.pen, written, at))


def write_letters(ways: tuple[str, ...], generator: np.random.Generator) -> Alphabet:
    """Write twelve letters by any of the ways; labels are numbers of the images."""
    some = [int(n) for n in generator.choice(len(ways), 12)]
    images = [
        in_frame(write(np.zeros(1, np.intp), _allograph(ways[n]), generator), generator)
        for n in some
    ]
    return Alphabet(np.concatenate(images), np.arange(len(some), dtype=np.uint8))


@cache
def _allograph(way: str) -> Allographs:
    return build_allographs([(0, 1, way)])


def put_heading(desk: Desk, wide: float) -> float:
    """Print what exam it is; the foot of the last line."""
    generator = desk.generator
    day, month, year = generator.integers((1, 1, 2005), (29, 13, 2027)).tolist()
    subject = str(generator.choice(SUBJECTS))
    texts = [
        str(generator.choice(HEADINGS)),
        f"{generator.choice(KINDS)} {subject}",
        f"{subject[:4].upper()} {generator.integers(100, 4999)}",
        f"{day:02}.{month:02}.{year}  Time: {generator.integers(45, 240)} minutes",
    ]
    foot, centred = float(generator.uniform(16, 30)), bool(generator.random() < 0.5)
    for number, text in enumerate(texts):
        if number and generator.random() < 0.2:
            continue
        size = float(generator.uniform(2.4, 5.5 if number < 2 else 3.6))
        room = wide - 2 * LEFT - 0.95 * size * len(text)
        left = LEFT + max(0.0, room / 2 if centred else 0.0)
        desk.print(text, (left, foot), min(size, 0.9 * (wide - 2 * LEFT) / len(text)))
        foot += 2.2 * size
    return foot


def put_name(desk: Desk, at: tuple[float, float], *, joined: bool = False) -> None:
    """Write two words of letters, large ones first; `joined` in one stroke or so."""
    generator = desk.generator
    share = float(generator.uniform(0.6, 0.95))
    gap = -0.15 if joined else float(generator.uniform(-0.1, 0.25))
    for size in generator.integers(3, 8, 2).tolist():
        hand = replace(
            desk.hand, height=desk.hand.height * share, gap=gap, size_spread=0.2
        )
        some = generator.integers(0, len(desk.letters.labels), size)
        fields = [to_field(desk.letters.images[int(n)]) for n in some]
        written = write_line(fields, hand, generator=generator)
        boxes = put_written(desk.pen, written, at)
        at = boxes[-1].right / desk.pen.zoom + 3, at[1]


def put_instructions(desk: Desk, top: float, wide: float) -> float:
    """Print paragraphs of several sizes; the foot of the last line."""
    generator, foot = desk.generator, top
    for paragraph in range(int(generator.integers(2, 6))):
        size = float(generator.uniform(1.7, 2.8))
        count = int((wide - 2 * LEFT) / (4.1 * size))
        for line in range(int(generator.integers(1, 5))):
            words = generator.choice(WORDS, count).tolist()
            if generator.random() < 0.3:
                words[count // 2] = str(generator.integers(2, 200))
            mark = "" if line else f"{paragraph + 1}. "
            desk.print(mark + " ".join(words), (LEFT, foot), size)
            foot += 2.3 * size
        foot += float(generator.uniform(1, 4))
    return foot


def put_points(desk: Desk, top: float) -> float:
    """Print a table of problems, and write the points of some; its lower end."""
    generator = desk.generator
    count = int(generator.integers(4, 9))
    across = bool(generator.random() < 0.5)
    wide, high = (17.0, 9.0) if across else (26.0, 8.5)
    head = ["Problem", "Points", "Score"]
    cells = [head] + [
        [str(n + 1), str(5 * int(generator.integers(1, 6))), ""] for n in range(count)
    ]
    left = LEFT + float(generator.uniform(0, 20))
    for one, row in enumerate(cells):
        for two, text in enumerate(row):
            x, y = (one, two) if across else (two, one)
            foot = top + high * (y + 0.68)
            if text:
                desk.print(text, (left + wide * x + 1.5, foot), 2.2)
            elif generator.random() < 0.6:
                points = str(generator.integers(0, 25))
                desk.write(
                    points, (left + wide * x + 3, foot + 0.5), min(1.0, 5 / desk.height)
                )
    columns, rows = (count + 1, 3) if across else (3, count + 1)
    right, low = left + wide * columns, top + high * rows
    rules = [(left, top + high * n, right, top + high * n) for n in range(rows + 1)]
    rules += [(left + wide * n, top, left + wide * n, low) for n in range(columns + 1)]
    put_rules(desk.paper, rules, float(generator.uniform(0.15, 0.4)))
    return low


def put_marks(desk: Desk, top: float, length: int) -> None:
    """Write a date and a total, tick, scribble; print a number as long."""
    generator = desk.generator
    if generator.random() < 0.5:
        end = desk.print("Date:", (LEFT, top), 2.5)
        day, month, year = generator.integers((1, 1, 2005), (29, 13, 2027)).tolist()
        sign = ".-/"[int(generator.integers(3))]
        desk.write(f"{day}{sign}{month}{sign}{year}", (end + 4, top), 0.8)
    if generator.random() < 0.5:
        end = desk.print("Total:", (LEFT + 90, top), 2.5)
        desk.write(str(generator.integers(10, 100)), (end + 4, top), 1.2)
    if generator.random() < SAME_LENGTH:
        code = generator.integers(10 ** (length - 1), 10**length)
        desk.print(
            f"Form {code}", (LEFT, desk.paper.ink.shape[0] / desk.paper.zoom - 12), 2
        )
    for _ in range(int(generator.integers(0, 4))):
        x, y = generator.uniform((5, 30), (180, 230)).tolist()
        size = desk.height * float(generator.uniform(0.8, 3))
        ways = np.cumsum(
            generator.normal(0.2, 0.6, (int(generator.integers(3, 9)), 2)), axis=0
        )
        points = np.concatenate([[[0, 0]], ways]) * size + (x, y)
        strokes = np.concatenate([points[:-1], points[1:]], axis=1)
        pen = desk.hand.thickness * desk.height
        put_rules(desk.pen, [tuple(stroke) for stroke in strokes.tolist()], pen)
