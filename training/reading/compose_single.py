"""Compose single digits, and what is no digit, from MNIST's training digits.

Each has gone the way of `scan.recognize.isolate`. Label 10 is junk. With `--strips`,
no images but strips of one digit for the line's net, kept as `compose.py` does.

Run: python compose_single.py CENTRE_LINES.npy OUT_DIR FIRST SHARDS
     [--held-back] [--strips]
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import single_digits as make
from compose import SHARD as STRIPS_SHARD
from compose import keep_shard
from glyphs import Glyphs, load_glyphs

from mnistry.scan.page import binarize, illumination, lines
from mnistry.scan.recognize import isolate

SHARD = 4000
KINDS = {
    make.in_string: 0.27,
    make.alone: 0.15,
    make.tiny: 0.1,
    make.boxed: 0.22,
    make.filled: 0.08,
    make.plain: 0.08,
    make.junk: 0.1,
}
STRIP_KINDS = {
    make.in_string: 0.25,
    make.alone: 0.1,
    make.tiny: 0.15,
    make.boxed: 0.35,
    make.filled: 0.15,
}


def guess(kinds: dict, glyphs: Glyphs, rng: np.random.Generator):
    """Compose until the reader finds something: (picture worked on, label, guess)."""
    makers, shares = list(kinds), list(kinds.values())
    while True:
        composed = makers[int(rng.choice(len(makers), p=shares))](glyphs, rng)
        if composed is None or min(composed[0].shape[:2]) < 5:
            continue
        work = isolate.work_size(np.ascontiguousarray(composed[0]))
        guesses = isolate.isolate(work)
        if guesses:
            return work, composed[1], guesses[int(rng.integers(len(guesses)))]


def one_strip(glyphs: Glyphs, rng: np.random.Generator) -> tuple:
    """Compose one as the reader of lines sees it: (strip, digits, centres, widths)."""
    while True:
        work, label, found = guess(STRIP_KINDS, glyphs, rng)
        box, tall = found.box, found.box.height
        shift, room = rng.normal(0, 0.06, 2) * tall, rng.uniform(0, 0.5, 2) * tall
        band = box.top + shift[0], box.bottom + shift[1]
        matrix, width = lines.strip_matrix(
            box.left - room[0], box.right + room[1], band
        )
        if not 16 <= width <= 120:
            continue
        strip = lines.cut_strip(
            binarize.soft_ink(illumination.even_out(work)), matrix, width
        )
        scale = matrix[0, 0]
        centre = (box.left + box.right) / 2 * scale + matrix[0, 2]
        return strip, [label], [centre], [box.width * scale]


def keep_images(glyphs: Glyphs, number: int, path: Path) -> None:
    """Compose and keep one shard of images."""
    rng = np.random.default_rng([28, number])
    rows = [guess(KINDS, glyphs, rng)[1:] for _ in range(SHARD)]
    part = path.with_name(f".{path.stem}.part.npz")
    np.savez(
        part,
        images=np.stack([found.image for _, found in rows]),
        labels=np.array([label for label, _ in rows], np.uint8),
    )
    part.replace(path)


def main() -> None:
    """Compose shards."""
    cv2.setNumThreads(1)
    centres, out, first, count = [w for w in sys.argv[1:] if not w.startswith("--")]
    glyphs = load_glyphs(Path(centres), held_back="--held-back" in sys.argv)
    Path(out).mkdir(parents=True, exist_ok=True)
    for number in range(int(first), int(first) + int(count)):
        path = Path(out) / f"{number:04d}.npz"
        if path.exists():
            continue
        if "--strips" in sys.argv:
            rng = np.random.default_rng([32, number])
            keep_shard([one_strip(glyphs, rng) for _ in range(STRIPS_SHARD)], path)
        else:
            keep_images(glyphs, number, path)


if __name__ == "__main__":
    main()
