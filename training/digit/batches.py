"""The batches that the packaged model learns from (`train`).

Digits of MNIST, drawn and printed ones, augmented and corrupted; and non-digits:
out-of-distribution images, letters in the fonts that matplotlib carries, pairs of
digits and halves. Rule: what is in batch i depends on the seed and on i alone.
"""

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import get_data_path
from numpy.typing import NDArray

from mnistry.arrays import Images, Labels
from mnistry.digits import Digits
from mnistry.frame import stack_frames
from mnistry.learn.augment import augment
from mnistry.recipes import Recipe
from mnistry.synth.damage import damage
from mnistry.synth.damage.fields import moved
from mnistry.synth.out_of_distribution import KINDS, printed

SEED = 0
DIGITS, NON_DIGITS = 128, 24  # of a batch
BATCHES = 8  # made at a time
SYNTHETIC, PRINTED = 1 / 6, 1 / 4  # of the digits: drawn or printed; printed, of those
EARLY, LATE = (0.35, 0.4), (0.7, 0.2)  # shares: mildly augmented, corrupted; the rest:
# strongly augmented
LATE_SHARE = 0.2  # of all steps: in the end more images like MNIST's
HELD_OUT_KINDS = ("specks", "grid", "shapes")  # never learned from: a check
FONTS = (  # of those that matplotlib carries; DejaVu is held out, as a check
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    *("cmb10", "cmmi10", "cmr10", "cmss10", "cmti10", "cmtt10"),
)
# Halves that are a digit themselves, once framed, are left out: of 1, 6, 7, 8, 9.
UPPER, LOWER = (0, 2, 3, 4, 5), (0, 2, 3, 5)
MILD = Recipe(
    rotation_degrees=10, scaling=0.1, shear=0.1, shift_pixels=1.5, elastic_pixels=0.7
)
STRONG = Recipe(
    rotation_degrees=22,
    scaling=0.2,
    shear=0.3,
    shift_pixels=4,
    elastic_pixels=1,
    stroke=0.7,
)

Shares = tuple[float, float]
"""Of the images, those mildly augmented and those corrupted, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is drawn before the first step, and how long training takes.

    Attributes:
        steps: Of 128 digits and 24 non-digits.
        synthetic: Drawn and printed digits, from which batches take some.
        pool: Non-digits of each kind, from which batches take some.
        larger_pools: The same of kinds that vary more.
        measured: Images of each kind that the finished net is measured on at most.
    """

    steps: int = 40_000
    synthetic: int = 40_000
    pool: int = 1500
    larger_pools: Mapping[str, int] = field(
        default_factory=lambda: {
            "letters": 3000,
            "handwritten letters": 8000,
            "printed": 6000,
        }
    )
    measured: int = 1000


class Batches(NamedTuple):
    """One batch or several: digits, their labels, and non-digits."""

    digits: Images
    labels: Labels
    non_digits: Images


class Source:
    """Makes batches; what is in batch i depends on the seed and on i alone."""

    def __init__(self, digits: Digits, synthetic: Digits, amounts: Amounts) -> None:
        self.digits, self.synthetic, self.steps = digits, synthetic, amounts.steps
        kinds = {
            kind: make for kind, make in KINDS.items() if kind not in HELD_OUT_KINDS
        }
        kinds["printed"] = printed(font_files())
        rng = np.random.default_rng(SEED)
        self.pool = np.stack(
            [
                make(rng)
                for kind, make in kinds.items()
                for _ in range(amounts.larger_pools.get(kind, amounts.pool))
            ]
        )

    def make(self, number: int) -> Batches:
        """Make `BATCHES` batches at once."""
        rng = np.random.default_rng((SEED, number))
        count = DIGITS * BATCHES
        rows = self._in_epochs(np.arange(number * count, (number + 1) * count))
        is_synthetic = rng.random(count) < SYNTHETIC
        images, labels = self.digits.images[rows], self.digits.labels[rows]
        other = np.random.default_rng((SEED, number, 1)).permutation(
            len(self.synthetic)
        )
        others = np.resize(other, count)[is_synthetic]
        images[is_synthetic] = self.synthetic.images[others]
        labels[is_synthetic] = self.synthetic.labels[others]
        late = number * BATCHES >= self.steps * (1 - LATE_SHARE)
        shares = LATE if late else EARLY
        corrupted = corrupt(images, shares, rng)
        non_digits = self._non_digits(images, labels, rng)
        non_digits = rng.permutation(corrupt(non_digits, shares, rng))
        return Batches(corrupted, labels, non_digits)

    def batches(self, step: int) -> Iterator[Batches]:
        """Yield the batches from a step on; the next ones are made in a thread."""
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self.make, step // BATCHES)
            for number in itertools.count(step // BATCHES):
                ready, coming = coming.result(), pool.submit(self.make, number + 1)
                for part in range(step % BATCHES, BATCHES):
                    yield Batches(
                        *(np.array_split(some, BATCHES)[part] for some in ready)
                    )
                    step += 1

    def _in_epochs(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Choose the image at each position: each once, then each once again."""
        rows = np.empty_like(positions)
        epochs = positions // len(self.digits)
        for epoch in np.unique(epochs):
            rng = np.random.default_rng((SEED, int(epoch), 2))
            order = rng.permutation(len(self.digits))
            of_epoch = epochs == epoch
            rows[of_epoch] = order[positions[of_epoch] % len(self.digits)]
        return rows

    def _non_digits(
        self, digits: Images, labels: Labels, rng: np.random.Generator
    ) -> Images:
        count = NON_DIGITS * BATCHES
        few = count // 8  # pairs; as many halves in their places, as many framed
        drawn = self.pool[rng.integers(0, len(self.pool), count - 3 * few)]
        first, second = np.float32(digits[: 2 * few]).reshape(2, few, 28, 28)
        away = rng.integers(6, 10, (few, 1, 1))
        pairs = np.maximum(moved(first, 0 * away, -away), moved(second, 0 * away, away))
        halves = digits[2 * few : 3 * few].copy()
        cut, turns = int(rng.integers(12, 16)), int(rng.integers(4))
        np.rot90(halves, turns, (1, 2))[:, :cut] = 0
        upper = digits[np.isin(labels, UPPER)][: few // 2, : 28 - cut]
        lower = digits[np.isin(labels, LOWER)][: few - few // 2, cut:]
        framed = stack_frames([*upper, *lower])
        return np.concatenate([drawn, pairs.astype(np.uint8), halves, framed])


def font_files() -> list[Path]:
    """Find the files of `FONTS`."""
    return [Path(get_data_path(), "fonts", "ttf", f"{font}.ttf") for font in FONTS]


def synthetic_digits(drawn: Digits, count: int) -> Digits:
    """Print digits, so that print alone is no sign of a letter, and add drawn ones."""
    rng = np.random.default_rng((SEED, 3))
    labels = np.arange(round(count * PRINTED), dtype=np.uint8) % 10
    presses = [printed(font_files(), letters=str(digit)) for digit in range(10)]
    images = np.stack([presses[label](rng) for label in labels])
    some = drawn[: count - len(labels)]
    return Digits(
        np.concatenate([images, some.images]),
        np.concatenate([labels, some.labels]),
        name="synthetic",
    )


def corrupt(images: Images, shares: Shares, rng: np.random.Generator) -> Images:
    """Augment all images, some mildly, the rest strongly, and corrupt some by lot."""
    lots = rng.permutation(len(images)) / len(images)
    mild_share, corrupted_share = shares
    mild = (lots < mild_share) | (lots > 1 - corrupted_share / 2)
    augmented = np.empty_like(images)
    for rows, recipe in ((mild, MILD), (~mild, STRONG)):
        augmented[rows] = augment(np.ascontiguousarray(images[rows]), recipe, rng)
    corrupted = lots > 1 - corrupted_share
    augmented[corrupted] = damage(augmented[corrupted], rng)
    return augmented
