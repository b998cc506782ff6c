"""Compose strips without a digit: what else is on paper and is taken for a line.

Words, stamps with their waves, postmarks and scribbles, found and cut as `mnistry.read`
finds and cuts lines on a page.

Run: python -m training.reading.compose_nothing strips/ 400 1
"""

from collections.abc import Iterator

import cv2
import numpy as np

from mnistry.scan.page.layout import lines
from mnistry.scan.page.paper import illumination
from mnistry.scan.page.prepare import prepare
from mnistry.scan.page.strip import cut_strip, strip_matrix
from mnistry.synth.documents import paper
from training.reading.canvas import Canvas
from training.reading.compose import pen_colour, take
from training.reading.marks import loops
from training.reading.printing import background, set_text, word
from training.reading.shards import command, missing
from training.reading.strip_shards import SHARD, WIDEST, Strip, save_shard

NO_DIGITS, NOWHERE = np.zeros(0, np.uint8), np.zeros(0)
SHAPE = 260, 620


def stamp(h: float, rng: np.random.Generator) -> np.ndarray:
    """Waves or hatching in a rectangle, as the ground of a stamp, as ink."""
    rows, columns = (rng.uniform(1.0, 5.0, 2) * h + 12).tolist()
    shape = int(rows), int(columns)
    if rng.random() < 0.6:
        fill = paper.waves(shape, generator=rng)
        ink = np.float32(rng.uniform(0.1, 0.6)) + fill * np.float32(0.4)
    else:
        ink = background(shape, rng) * np.float32(rng.uniform(0.3, 1.0))
    turned = np.ascontiguousarray(np.rot90(ink, int(rng.integers(4))))
    return turned.astype(np.float32)


def postmark(h: float, rng: np.random.Generator) -> np.ndarray:
    """Rings, and wavy or straight bars beside them, as ink."""
    ring = int(rng.uniform(1.0, 2.5) * h)
    wide = int(ring * rng.uniform(2.2, 6))
    mark = np.zeros((2 * ring + 8, wide + 8), np.uint8)
    thick = int(rng.integers(1, 4))
    for radius in (ring, int(ring * rng.uniform(0.5, 0.8))):
        cv2.circle(mark, (ring + 4, ring + 4), radius, 255, thick, cv2.LINE_AA)
    columns = np.arange(2 * ring + 8, wide)
    count, height = int(rng.integers(3, 7)), rng.uniform(0, 0.15) * ring
    for y in np.linspace(0.4, 1.6, count) * ring + 4:
        rows = y + height * np.sin(columns / (0.3 * ring))
        steps = np.stack([columns, rows], 1).round().astype(np.int32)
        if len(steps):
            cv2.polylines(mark, [steps], isClosed=False, color=255, thickness=thick)
    return mark.astype(np.float32) / 255


def words(h: float, rng: np.random.Generator) -> np.ndarray:
    """Some words in type or script, as ink."""
    text = " ".join(word(rng) for _ in range(int(rng.integers(1, 4))))
    return set_text(text, h, rng)


def scribble(h: float, rng: np.random.Generator) -> np.ndarray:
    """Loops of a pen, as a signature has."""
    shape = int(2.5 * h), int(rng.uniform(3, 8) * h)
    canvas = Canvas(np.zeros(shape, np.uint8), h, rng.uniform(0.04, 0.12) * h, rng)
    for _ in range(int(rng.integers(1, 4))):
        loops(canvas, shape[0], 0)
    return canvas.ink.astype(np.float32) / 255


KINDS = (stamp, stamp, postmark, words, words, scribble)


def page(rng: np.random.Generator) -> np.ndarray:
    """A piece of paper with some of them: a picture."""
    h = float(rng.uniform(18, 45))
    tint = (1 - rng.uniform(0, 0.3) * rng.random(3) ** 1.5) * rng.uniform(0.6, 1.0)
    paper_look = paper.Paper(tuple(tint), rng.uniform(0, 0.03), 0.0, 0)
    laid = paper.make_sheet(SHAPE, paper_look, generator=rng)
    for _ in range(int(rng.integers(1, 5))):
        ink = KINDS[int(rng.integers(len(KINDS)))](h, rng)
        rows, columns = (int(side) for side in np.minimum(ink.shape, SHAPE))
        top = int(rng.integers(SHAPE[0] - rows + 1))
        left = int(rng.integers(SHAPE[1] - columns + 1))
        part = laid[top : top + rows, left : left + columns]
        strength = np.float32(rng.uniform(0.4, 1.0))
        paper.stain_ink(part, ink[:rows, :columns] * strength, pen_colour(rng))
    return take(laid, h, rng)


def strips_of(picture: np.ndarray) -> Iterator[np.ndarray]:
    """Cut every line that is found on a page, as reading does."""
    if illumination.is_light_on_dark(picture):
        return
    ready = prepare(picture)[0]
    found = [ready.only_line] if ready.only_line else list(ready.lines)
    for line in found:
        ends = lines.ends_of(line, ready.mask.shape[1])
        matrix, width = strip_matrix(*ends, line.band)
        yield cut_strip(ready.soft, matrix, width)


def shard(number: int) -> list[Strip]:
    """Compose one shard."""
    rng = np.random.default_rng([2031, number])
    rows: list[Strip] = []
    while len(rows) < SHARD:
        rows += [
            Strip(strip, NO_DIGITS, NOWHERE, NOWHERE)
            for strip in strips_of(page(rng))
            if strip.shape[1] <= WIDEST
        ]
    return rows[:SHARD]


def main() -> None:
    """Compose shards."""
    args = command(str(__doc__), hands=False).parse_args()
    cv2.setNumThreads(1)
    for number, path in missing(args):
        save_shard(shard(number), path)


if __name__ == "__main__":
    main()
