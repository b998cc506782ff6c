"""Compose single digits, and what is no digit, each brought in as reading does.

Label 10 is no digit. With `--strips` no images but strips of one digit, for the net for
lines, saved as `compose.py` does.

Run: python -m training.reading.compose_single glyphs.npz single/ 0 7
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.scan.page import binarize, illumination
from mnistry.scan.page.strip import cut_strip, strip_matrix
from mnistry.scan.recognize import isolate
from training.reading import single_digits as kinds
from training.reading.compose import SHARD as STRIPS_SHARD
from training.reading.compose import Strip, save_shard
from training.reading.glyphs import DESCRIBED, MNIST, SWISS, Glyphs, load_glyphs
from training.reading.single_digits import Labelled

SHARD = 4000  # images
Maker = Callable[[Glyphs, np.random.Generator], Labelled | None]
KINDS: Mapping[Maker, float] = {
    kinds.in_string: 0.27,
    kinds.alone: 0.15,
    kinds.tiny: 0.1,
    kinds.boxed: 0.22,
    kinds.filled: 0.08,
    kinds.enlarged: 0.08,
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
    """A composed picture as reading works on it, its label, one guess at its ink."""

    work: NDArray[np.uint8]
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
        dark = isolate.darkness(work)
        guesses = isolate.isolate(dark, binarize.soft_ink(dark))
        if guesses:
            guess = guesses[int(rng.integers(len(guesses)))]
            return Found(work, composed.label, guess)


def one_strip(glyphs: Glyphs, rng: np.random.Generator) -> Strip:
    """Compose one digit as the reader of lines sees it."""
    while True:
        work, label, guess = find(STRIP_KINDS, glyphs, rng)
        box, tall = guess.box, guess.box.height
        shift, room = rng.normal(0, 0.06, 2) * tall, rng.uniform(0, 0.5, 2) * tall
        band = box.top + shift[0], box.bottom + shift[1]
        matrix, width = strip_matrix(box.left - room[0], box.right + room[1], band)
        if not 16 <= width <= 120:
            continue
        soft = binarize.soft_ink(illumination.flatten_illumination(work))
        strip = cut_strip(soft, matrix, width)
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
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("glyphs", type=Path, help="npz that glyphs.py wrote")
    parser.add_argument("out", type=Path, help="folder of the shards")
    parser.add_argument("first", type=int, help="number of the first shard, its seed")
    parser.add_argument("count", type=int, help="number of shards")
    parser.add_argument("--held-out", action="store_true", help="writers held out")
    parser.add_argument("--swiss", action="store_true", help="only the Swiss hands")
    parser.add_argument("--strips", action="store_true", help="strips, not images")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    sources = (SWISS,) if arguments.swiss else (MNIST, DESCRIBED, SWISS)
    glyphs = load_glyphs(arguments.glyphs, held_out=arguments.held_out, sources=sources)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.first, arguments.first + arguments.count):
        path = arguments.out / f"{number:05d}.npz"
        if path.exists():
            continue
        if arguments.strips:
            rng = np.random.default_rng([32, number])
            save_shard([one_strip(glyphs, rng) for _ in range(STRIPS_SHARD)], path)
        else:
            save_images(glyphs, number, path)


if __name__ == "__main__":
    main()
