"""Compose shards from whole pictures, as `mnistry.read` looks at their lines.

`compose` cuts a strip where the digits are known to be. Here pictures of several kinds
are read, each in one writer's digits or in print, and every line that reading looks at
becomes a strip, with all that finding lines, rules and boxes left or took away.

Run: python -m training.reading.compose_scenes glyphs.npz strips/ 20000 8
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.page.picture.load import load_pictures
from mnistry.scan.page.strip import cut_strip
from mnistry.scan.pattern import any_digits
from mnistry.scan.read_picture import read_picture
from mnistry.scan.recognize.line_reader import LineDigits, LineReader
from mnistry.scan.recognize.strips import Augmentation, augmentations_of
from mnistry.synth.documents import (
    box_sheets,
    boxes,
    columns,
    exams,
    handheld,
    pages,
    registers,
    scenes,
)
from training.reading.choices import choose_digits
from training.reading.glyphs import Glyphs
from training.reading.prose import make_prose
from training.reading.shards import add_drawn_hands, command, hands_of, missing
from training.reading.strip_shards import SHARD, WIDEST, Strip, save_shard

TURNED = 25.0  # degrees; more, and the picture was looked at as if it lay on its side
ROWS = 32  # of a strip
LEAST, MOST = 9, 34  # rows of a strip that a digit takes
WITHIN = 0.6  # of a digit's height is within the strip, or it is of another line
CUT = 0.15  # of a digit may be cut off at an end
SIDES = 400, 1600  # pixels of a photograph; larger ones are shrunk all the same
EACH = 2  # strips of one number at most, or of none: looks at it are much alike
NO_LINE = -1
EMPTY = {"print"}  # kinds with strips without a digit: each digit there has a box

Make = Callable[[scenes.Alphabet, np.random.Generator, int], scenes.Scene]


def code(rng: np.random.Generator, least: int, most: int) -> str:
    """Choose a number of so many digits."""
    count = int(rng.integers(least, most + 1))
    return "".join(map(str, choose_digits(count, rng)))


def amount(rng: np.random.Generator) -> str:
    """Choose an amount, a date, a negative: what has signs in it."""
    a, b = code(rng, 1, 3), code(rng, 2, 2)
    forms = [
        f"{a},{code(rng, 3, 3)}.{b}",
        f"{a}.{b}",
        f"{a},{b}",
        f"-{code(rng, 1, 5)}",
        f"{b}/{a[0]}/{code(rng, 4, 4)}",
        f"{code(rng, 2, 4)}-{code(rng, 2, 4)}",
        f"{b}%",
        f"{a[0]}:{b}",
        f"${code(rng, 1, 5)}",
        f"€{code(rng, 1, 4)}",
        f"£{a}.{b}",
        f"+{code(rng, 2, 5)}",
        f"#{a}",
        f"{code(rng, 1, 3)}+{code(rng, 1, 3)}={code(rng, 1, 3)}",
        f"{code(rng, 1, 3)}-{code(rng, 1, 3)}={code(rng, 1, 3)}",
        f"{code(rng, 2, 3)}+{code(rng, 2, 3)}",
    ]
    return forms[int(rng.integers(len(forms)))]


KINDS: dict[str, tuple[float, Make]] = {
    "string": (
        0.16,
        lambda of, rng, seed: scenes.make_string(of, code(rng, 1, 8), seed=seed),
    ),
    "signs": (
        0.14,
        lambda of, rng, seed: scenes.make_string(of, amount(rng), seed=seed),
    ),
    "photographed": (
        0.5,
        lambda of, rng, seed: handheld.make_photographed_lines(
            of,
            [code(rng, 3, 10) for _ in range(rng.integers(1, 5))],
            seed=seed,
            sides=SIDES,
        ),
    ),
    "print": (0.05, lambda _, _rng, seed: make_prose(np.random.default_rng(seed))),
    "register": (
        0.1,
        lambda of, rng, seed: registers.make_register_cell(
            of, code(rng, 1, 3), seed=seed
        ),
    ),
    "column": (
        0.06,
        lambda of, rng, seed: columns.make_register_column(
            of, code(rng, 1, 3), seed=seed
        ),
    ),
    "cell": (
        0.06,
        lambda of, rng, seed: pages.make_cell(of, code(rng, 1, 3), seed=seed),
    ),
    "exam": (
        0.1,
        lambda of, rng, seed: exams.make_exam(
            of, code(rng, 5, 9), seed=seed, cut="number"
        ),
    ),
    "sheet": (
        0.06,
        lambda of, rng, seed: box_sheets.make_boxes_on_sheet(
            of, [code(rng, 6, 6) for _ in range(4)], seed=seed
        ),
    ),
    "boxed": (
        0.06,
        lambda of, rng, seed: boxes.make_boxed(
            of,
            code(rng, 3, 8),
            seed=seed,
            layout=str(rng.choice(["separate", "shared"])),
            thickness=int(rng.integers(1, 4)),
        ),
    ),
}
"""How often each kind is made, and how."""


@dataclass(frozen=True, slots=True)
class Recorder(LineReader):
    """Reads lines, and keeps what it was asked to look at.

    Attributes:
        seen: Page, line and ends of each.
    """

    seen: list[tuple[Page, Line, tuple[float, float]]] = field(default_factory=list)

    def read_line(
        self, page: Page, line: Line, ends: tuple[float, float]
    ) -> LineDigits | None:
        """Read a line as ever."""
        self.seen.append((page, line, ends))
        return LineReader.read_line(self, page, line, ends)


def strips_of(
    scene: scenes.Scene, rng: np.random.Generator, *, empty: bool = False
) -> list[Strip]:
    """Read a picture, and give strips of its lines with the digits that are in them.

    Args:
        scene: The picture, and where its digits are.
        rng: Decides which of the looks at a line are kept.
        empty: Keep strips without a digit, too: no digit is there that has no box.
    """
    recorder = Recorder(any_digits())
    read_picture(next(iter(load_pictures(scene.picture))), recorder)
    truth = np.array([box for line in scene.lines for box in line.boxes], float)
    labels = np.array(
        [int(c) for line in scene.lines for c in line.text if c in "0123456789"]
    )
    of_line = np.repeat(
        range(len(scene.lines)), [len(line.boxes) for line in scene.lines]
    )
    taken: dict[int, int] = {}
    out = []
    for number in rng.permutation(len(recorder.seen)).tolist():
        page, line, ends = recorder.seen[number]
        if not is_upright(page):
            continue
        augmentations = augmentations_of(line)
        augmentation = augmentations[int(rng.integers(len(augmentations)))]
        strip, places = look(page, truth, augmentation, ends)
        rows = digits_in(places, strip.shape[1])
        if rows is None or strip.shape[1] > WIDEST or not (len(rows) or empty):
            continue
        first = int(of_line[rows[0]]) if len(rows) else NO_LINE
        taken[first] = taken.get(first, 0) + 1
        if taken[first] > EACH:
            continue
        order = rows[np.argsort(places[rows, 0])]
        out.append(
            Strip(
                strip,
                labels[order].astype(np.uint8),
                places[order, [0]],
                places[order, [2]],
            )
        )
    return out


def is_upright(page: Page) -> bool:
    """Return whether a page is looked at about as it was written."""
    angle = np.degrees(np.arctan2(page.back[1, 0], page.back[0, 0]))
    return bool(abs(angle) < TURNED)


def look(
    page: Page,
    truth: NDArray[np.float64],
    augmentation: Augmentation,
    ends: tuple[float, float],
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Cut a strip, and return where each true digit is in it.

    Returns:
        The strip, and of each digit its middle's column and row, its width and height.
    """
    matrix, width = augmentation.matrix(ends)
    there = np.vstack([matrix, [0, 0, 1]]) @ np.linalg.inv(page.back)
    sides = truth[:, 2:] - truth[:, :2]
    around = truth[:, None, :2] + sides[:, None] * [
        [0, 0.5],
        [1, 0.5],
        [0.5, 0],
        [0.5, 1],
    ]
    ahead = cv2.perspectiveTransform(around.reshape(1, -1, 2), there).reshape(-1, 4, 2)
    places = np.stack(
        [
            ahead[:, :2, 0].mean(axis=1),
            ahead[:, 2:, 1].mean(axis=1),
            ahead[:, 1, 0] - ahead[:, 0, 0],
            ahead[:, 3, 1] - ahead[:, 2, 1],
        ],
        axis=1,
    )
    return cut_strip(page.soft, matrix, width), places


def digits_in(places: NDArray[np.float64], wide: int) -> NDArray[np.int64] | None:
    """Return which digits are in a strip; none where one of them is so in part only."""
    x, y, width, height = places.T
    low, high = y - height / 2, y + height / 2
    seen = (np.minimum(high, ROWS) - np.maximum(low, 0)) / height
    left, right = x - width / 2, x + width / 2
    is_beside = (right > 2) & (left < wide - 2)
    is_in = is_beside & (seen > WITHIN)
    half_in = is_beside & (seen > 0.25) & ~is_in
    is_cut = (left < -CUT * width) | (right > wide + CUT * width)
    is_odd = (height < LEAST) | (height > MOST)
    if half_in.any() or (is_in & (is_cut | is_odd)).any():
        return None
    return np.flatnonzero(is_in)


def one_alphabet(glyphs: Glyphs, rng: np.random.Generator) -> scenes.Alphabet:
    """Choose a writer; digits that this one never wrote are another's."""
    rows = np.zeros(0, np.int64)
    while len(missing := np.setdiff1d(range(10), glyphs.labels[rows])):
        writer = int(rng.choice(len(glyphs.by_writer), p=glyphs.shares))
        more = glyphs.by_writer[writer]
        rows = np.concatenate([rows, more[np.isin(glyphs.labels[more], missing)]])
    return scenes.Alphabet(glyphs.images[rows], glyphs.labels[rows])


def shard(glyphs: Glyphs, number: int) -> list[Strip]:
    """Compose one shard."""
    rng = np.random.default_rng([2053, number])
    names, shares = list(KINDS), np.array([share for share, _ in KINDS.values()])
    rows: list[Strip] = []
    while len(rows) < SHARD:
        name = names[int(rng.choice(len(names), p=shares / shares.sum()))]
        _, make = KINDS[name]
        seed = int(rng.integers(2**20, 2**31))  # apart from those that measure
        scene = make(one_alphabet(glyphs, rng), rng, seed)
        rows += strips_of(scene, rng, empty=name in EMPTY)
    return rows[:SHARD]


def main() -> None:
    """Compose shards."""
    parser = command(str(__doc__))
    add_drawn_hands(parser)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    glyphs = hands_of(args)
    for number, path in missing(args):
        save_shard(shard(glyphs, number), path)


if __name__ == "__main__":
    main()
