"""Digits by who wrote them: what strings are composed of.

MNIST's training digits, the Swiss hands and the allographs that are described in this
folder lie in one npz, so that composing starts at once and nothing else is needed.

Run: python -m training.reading.glyphs OUT.npz --hands swiss.npz
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import mnistry
from mnistry.digits import Digits
from mnistry.formats.atomic import atomic_path
from training.reading import allographs, swiss
from training.reading.centre_lines import centre_lines

MNIST, DESCRIBED, SWISS, DRAWN = range(4)
SHARES = {MNIST: 0.40, DESCRIBED: 0.32, SWISS: 0.28}  # of strings, by who wrote them
DESCRIBED_WRITERS = 320, 32  # for training, held out
DRAWN_DIGITS, DRAWN_EACH = 20_000, 250  # those of a group as if of one writer


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """Digits, and which of them are of one writer.

    Attributes:
        images: (n, 28, 28) uint8, 0 paper to 255 ink.
        labels: (n,) uint8.
        centres: (n, 56, 7) uint8, centre lines, eight pixels to a byte.
        source: (n,) uint8: `MNIST`, `DESCRIBED`, `SWISS`, `DRAWN`.
        by_writer: Rows of each writer.
        shares: How often each writer is chosen; they sum to 1.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    centres: NDArray[np.uint8]
    source: NDArray[np.uint8]
    by_writer: tuple[NDArray[np.int64], ...]
    shares: NDArray[np.float64]

    def one(self, rng: np.random.Generator) -> int:
        """Choose any digit, writers as often as strings choose them."""
        rows = self.by_writer[int(rng.choice(len(self.by_writer), p=self.shares))]
        return int(rng.choice(rows))


def mnist_writers() -> NDArray[np.int64]:
    """Load who wrote each training digit, from the first folder of MNISTRY_DATA."""
    folder = Path(os.environ["MNISTRY_DATA"].split(os.pathsep)[0])
    with np.load(folder / "writers.npz", allow_pickle=False) as arrays:
        writers: NDArray[np.int64] = arrays["train_writer"].astype(np.int64)
    return writers


def prepare(
    path: Path,
    train: Digits,
    writers: NDArray[np.int64],
    hands: Path,
    described: tuple[int, int] = DESCRIBED_WRITERS,
) -> None:
    """Write all digits into one npz.

    The writers held out: of MNIST those whose number ends in 7, a tenth; of the Swiss
    hands three; of the described ones a tenth.

    Args:
        path: Where to.
        train: MNIST's training digits.
        writers: (n,) who wrote each.
        hands: The Swiss hands, see `swiss.py`.
        described: How many writers write described allographs; how many are held out.
    """
    images = np.asarray(train.images)
    parts = [(images, np.asarray(train.labels), centre_lines(images))]
    ids, held = [writers], [writers % 10 == 7]
    for count, is_held in zip(described, (False, True), strict=True):
        parts.append(allographs.many_writers(count, seed=int(is_held)))
        ids.append(np.repeat(np.arange(count), 10 * allographs.EACH) + 1000 * is_held)
        held.append(np.full(len(ids[-1]), is_held))
    scanned = swiss.load_hands(hands)
    parts.append((scanned.images, scanned.labels, scanned.centres))
    ids.append(scanned.writers)
    held.append(swiss.is_held_out(scanned.writers))
    sources = [MNIST, DESCRIBED, DESCRIBED, SWISS]
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez(
            file,
            images=np.concatenate([of[0] for of in parts]),
            labels=np.concatenate([of[1] for of in parts]).astype(np.uint8),
            centres=np.concatenate([of[2] for of in parts]),
            source=np.repeat(sources, [len(of[1]) for of in parts]).astype(np.uint8),
            writer=np.concatenate(ids),
            held_out=np.concatenate(held),
        )


def load_glyphs(
    path: Path, *, held_out: bool, sources: tuple[int, ...] = (MNIST, DESCRIBED, SWISS)
) -> Glyphs:
    """Load digits of the writers to learn from, or of those held out.

    Args:
        path: What `prepare` wrote.
        held_out: Those held out.
        sources: Which; their `SHARES` are kept to one another.
    """
    with np.load(path, allow_pickle=False) as arrays:
        source, writer = arrays["source"], arrays["writer"]
        usable = arrays["held_out"] == held_out
        images, labels, centres = (
            arrays[name] for name in ("images", "labels", "centres")
        )
    by_writer: list[NDArray[np.int64]] = []
    shares: list[float] = []
    for kind in sources:
        rows = np.flatnonzero(usable & (source == kind))
        order = rows[np.argsort(writer[rows], kind="stable")]
        _, firsts = np.unique(writer[order], return_index=True)
        groups = np.split(order, firsts[1:])
        by_writer += groups
        shares += [SHARES[kind] / len(groups)] * len(groups)
    weights = np.array(shares) / np.sum(shares)
    return Glyphs(images, labels, centres, source, tuple(by_writer), weights)


def load_drawn() -> Glyphs:
    """Load the drawn digits held out, in groups as if of one writer."""
    train = mnistry.load("drawn", split="train")[:DRAWN_DIGITS]
    count = len(train)
    groups = np.array_split(np.arange(count), count // DRAWN_EACH)
    return Glyphs(
        np.asarray(train.images),
        np.asarray(train.labels),
        np.zeros((count, 56, 7), np.uint8),  # no centre lines
        np.full(count, DRAWN, np.uint8),
        tuple(groups),
        np.full(len(groups), 1 / len(groups)),
    )


def main() -> None:
    """Write the npz."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="npz to write")
    parser.add_argument("--hands", type=Path, required=True, help="swiss.npz")
    args = parser.parse_args()
    if not args.out.exists():
        train = mnistry.load("mnist", split="train")
        prepare(args.out, train, mnist_writers(), args.hands)


if __name__ == "__main__":
    main()
