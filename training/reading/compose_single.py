"""Compose single digits, and what is no digit, each brought in as reading does.

Label 10 is no digit. With `--strips` no images but strips of one digit, for the net for
lines, saved as `compose.py` does.

Run: python -m training.reading.compose_single glyphs.npz single/ 0 7
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mnistry.arrays import Pixels
from mnistry.box import Box
from mnistry.scan.page.ink import binarize
from mnistry.scan.page.strip import cut_strip, strip_matrix
from mnistry.scan.recognize import isolate
from training.reading import single_digits as kinds
from training.reading.glyphs import Glyphs
from training.reading.shards import command, hands_of, missing
from training.reading.single_digits import Labelled
from training.reading.strip_shards import SHARD as STRIPS_SHARD
from training.reading.strip_shards import Strip, save_shard

SHARD = 4000  # images
COVERED = 0.7  # of a digit's box is within that of a guess at its ink
NEAR = 4  # pixels that a box may lack on each side, of 112
Maker = Callable[[Glyphs, np.random.Generator], Labelled | None]
KINDS: Mapping[Maker, float] = {
    kinds.in_string: 0.16,
    kinds.alone: 0.1,
    kinds.tiny: 0.09,
    kinds.boxed: 0.34,
    kinds.register: 0.06,
    kinds.filled: 0.05,
    kinds.two_tones: 0.05,
    kinds.enlarged: 0.05,
    kinds.non_digit: 0.1,
}
STRIP_KINDS: Mapping[Maker, float] = {
    kinds.in_string: 0.25,
    kinds.alone: 0.1,
    kinds.tiny: 0.15,
    kinds.boxed: 0.35,
    kinds.filled: 0.15,
}


class Found(NamedTuple):
    """The darkness of a composed picture, its label, one guess at its ink."""

    dark: Pixels
    label: int
    guess: isolate.InkCandidate


def find(
    makers: Mapping[Maker, float], glyphs: Glyphs, rng: np.random.Generator
) -> Found:
    """Compose until the reader finds something."""
    each, shares = list(makers), list(makers.values())
    while True:
        composed = each[int(rng.choice(len(each), p=shares))](glyphs, rng)
        if composed is None or min(composed.picture.shape[:2]) < 5:
            continue
        work = isolate.work_size(np.ascontiguousarray(composed.picture))
        dark = isolate.darkness(work, max(composed.picture.shape[:2]))
        ink = isolate.find_ink(dark)
        guesses = isolate.candidates_of(ink, binarize.soft_ink(dark))
        size = work.shape[1], work.shape[0]
        seen = [one for one in guesses if covers(one.box, composed.where, size)]
        if seen:
            guess = seen[int(rng.integers(len(seen)))]
            return Found(dark, composed.label, guess)


def covers(box: Box, where: tuple[float, ...] | None, size: tuple[int, ...]) -> bool:
    """Return whether ink is that of the label: a line beside the digit is not.

    Args:
        box: Of a guess at the ink.
        where: The true box, as shares of the sides; none if all ink is the digit's.
        size: Columns and rows.
    """
    if where is None:
        return True
    true = np.reshape(where, (2, 2)) * size
    low = np.maximum(true[0], (box.left - NEAR, box.top - NEAR))
    high = np.minimum(true[1], (box.right + NEAR, box.bottom + NEAR))
    common = np.prod(np.maximum(high - low, 0))
    return bool(common >= COVERED * np.prod(true[1] - true[0]))


def one_strip(glyphs: Glyphs, rng: np.random.Generator) -> Strip:
    """Compose one digit as the reader of lines sees it."""
    while True:
        dark, label, guess = find(STRIP_KINDS, glyphs, rng)
        box, tall = guess.box, guess.box.height
        shift, room = rng.normal(0, 0.06, 2) * tall, rng.uniform(0, 0.5, 2) * tall
        band = box.top + shift[0], box.bottom + shift[1]
        matrix, width = strip_matrix(box.left - room[0], box.right + room[1], band)
        if not 16 <= width <= 120:
            continue
        strip = cut_strip(binarize.soft_ink(dark), matrix, width)
        scale = matrix[0, 0]
        centre = (box.left + box.right) / 2 * scale + matrix[0, 2]
        return Strip(
            strip,
            np.array([label], np.uint8),
            np.array([centre]),
            np.array([box.width * scale]),
        )


def save_images(glyphs: Glyphs, number: int, path: Path) -> None:
    """Compose and save one shard of images."""
    rng = np.random.default_rng([28, number])
    rows = [find(KINDS, glyphs, rng) for _ in range(SHARD)]
    part = path.with_name(f".{path.stem}.part.npz")
    np.savez(
        part,
        images=np.stack([row.guess.image for row in rows]),
        labels=np.array([row.label for row in rows], np.uint8),
    )
    part.replace(path)


def main() -> None:
    """Compose shards."""
    parser = command(str(__doc__))
    parser.add_argument("--strips", action="store_true", help="strips, not images")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    glyphs = hands_of(args)
    for number, path in missing(args):
        if args.strips:
            rng = np.random.default_rng([32, number])
            save_shard([one_strip(glyphs, rng) for _ in range(STRIPS_SHARD)], path)
        else:
            save_images(glyphs, number, path)


if __name__ == "__main__":
    main()
