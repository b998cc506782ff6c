"""Measure nets by what `mnistry.read` makes of pictures in hands held out.

The kinds are those of `compose_scenes`, with other seeds, and composed strings. What
was read is written down, so that another net's readings can be set beside it, picture
by picture: weights of a net are chosen so.

Run: python -m training.reading.measure_pictures glyphs.npz before.json
     python -m training.reading.measure_pictures glyphs.npz after.json
         --nets candidate/ --before before.json
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.formats.atomic import write_atomic
from mnistry.scan.read import read
from training.reading.candidates import use_nets
from training.reading.compose import compose, is_whole
from training.reading.compose_scenes import KINDS, one_alphabet
from training.reading.glyphs import DESCRIBED, MNIST, SWISS, Glyphs, load_glyphs
from training.reading.loop import log

SURE = 0.95  # from which confidence a line is given as sure
COMPOSED = "composed"  # strings of `compose`, four for each picture of another kind

Reading = dict[str, Any]
"""Of a picture: `kind`, `true` numbers, those `read`, and the `confidence` of these."""


class Sums(NamedTuple):
    """Of the pictures of a kind.

    Attributes:
        right: Pictures in which each number is read, and nothing else surely.
        sure: Lines read surely.
        wrong: Those of them that are not there.
    """

    right: int
    sure: int
    wrong: int


def pictures(
    glyphs: Glyphs, count: int, seed: int
) -> Iterator[tuple[str, NDArray[np.uint8], list[str]]]:
    """Make pictures of each kind: the kind, the picture, its numbers as digits only."""
    for number, (kind, (_, make)) in enumerate(KINDS.items()):
        for index in range(count):
            rng = np.random.default_rng([seed, number, index])
            scene = make(one_alphabet(glyphs, rng), rng, int(rng.integers(2**20)))
            texts = ["".join(filter(str.isdigit, line.text)) for line in scene.lines]
            yield kind, scene.picture, texts
    rng = np.random.default_rng([seed, len(KINDS)])
    for _ in range(4 * count):
        while not is_whole(made := compose(glyphs, rng)):
            pass
        yield COMPOSED, made.picture, ["".join(map(str, made.labels))]


def read_all(glyphs: Glyphs, count: int, seed: int) -> list[Reading]:
    """Read pictures of each kind, and return what was read."""
    found = []
    for kind, picture, texts in pictures(glyphs, count, seed):
        lines = read(picture).lines
        found.append(
            {
                "kind": kind,
                "true": texts,
                "read": [line.text for line in lines],
                "confidence": [round(line.confidence, 4) for line in lines],
            }
        )
    return found


def count_sure(reading: Reading) -> tuple[int, int]:
    """Count the lines of a picture that were read surely, and the wrong among them."""
    sure = [
        text
        for text, confidence in zip(reading["read"], reading["confidence"], strict=True)
        if confidence >= SURE
    ]
    return len(sure), sum(text not in reading["true"] for text in sure)


def is_right(reading: Reading) -> bool:
    """Return whether each number of a picture was read, and nothing else surely."""
    left = list(reading["read"])
    for text in reading["true"]:
        if text not in left:
            return False
        left.remove(text)
    return not count_sure(reading)[1]


def sums(readings: list[Reading]) -> Sums:
    """Sum up the pictures of a kind."""
    sure, wrong = np.sum([count_sure(reading) for reading in readings], axis=0)
    return Sums(sum(map(is_right, readings)), int(sure), int(wrong))


def compare(now: list[Reading], before: list[Reading]) -> Iterator[str]:
    """Set two nets' readings of the same pictures beside each other, a line a kind.

    Raises:
        ValueError: They are not of the same pictures.
    """
    if [(one["kind"], one["true"]) for one in now] != [
        (one["kind"], one["true"]) for one in before
    ]:
        message = "other pictures were read; give the same glyphs, count and seed"
        raise ValueError(message)
    for kind in [*dict.fromkeys(reading["kind"] for reading in now), "all"]:
        rows = [
            pair
            for pair in zip(before, now, strict=True)
            if kind in {"all", pair[0]["kind"]}
        ]
        old, new = (sums(list(side)) for side in zip(*rows, strict=True))
        won = sum(is_right(b) and not is_right(a) for a, b in rows)
        lost = sum(is_right(a) and not is_right(b) for a, b in rows)
        yield (
            f"{kind}: {len(rows)} pictures, right {old.right} -> {new.right}"
            f" ({won} won, {lost} lost), sure lines {old.sure} -> {new.sure},"
            f" wrong {old.wrong} -> {new.wrong}"
        )


def main() -> None:
    """Read, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("glyphs", type=Path, help="npz that glyphs.py wrote")
    parser.add_argument("out", type=Path, help="JSON of what was read, to write")
    parser.add_argument("--nets", type=Path, help="folder of nets not packaged yet")
    parser.add_argument("--before", type=Path, help="JSON to compare with")
    parser.add_argument("--count", type=int, default=100, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0, help="of the pictures")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    use_nets(args.nets)
    hands = load_glyphs(args.glyphs, held_out=True, sources=(MNIST, DESCRIBED, SWISS))
    found = read_all(hands, args.count, args.seed)
    write_atomic(args.out, json.dumps(found).encode())
    before = json.loads(args.before.read_bytes()) if args.before else found
    for line in compare(found, before):
        log(line)


if __name__ == "__main__":
    main()
