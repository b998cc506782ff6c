"""The batches that the packaged model learns from (`train`).

Digits of MNIST, drawn and printed ones, bent and damaged; and strangers, which are no
digits: outsiders, letters in the faces that matplotlib carries, pairs and halves.
Rule: what is in batch i depends on the seed and on i alone.
"""

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
from mnistry.synth.outsiders import KINDS, printed

SEED = 0
DIGITS, STRANGERS = 128, 24  # of a batch
BATCHES = 8  # made at a time
MADE, PRINTED = 1 / 6, 1 / 4  # of the digits: drawn or printed; printed, of those
MADE_DIGITS = 40_000
EARLY, LATE = (0.35, 0.4), (0.7, 0.2)  # shares bent little, damaged; rest: bent far
LATE_SHARE = 0.2  # of all steps: in the end more images like MNIST's
POOL = {"letters": 3000, "handwritten letters": 8000, "printed": 6000}  # others: 1,500
KEPT_OUT = ("specks", "grid", "shapes")  # never learned from: a check
FACES = (  # of those that matplotlib carries; DejaVu is kept out, as a check
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    *("cmb10", "cmmi10", "cmr10", "cmss10", "cmti10", "cmtt10"),
)
# Halves that are a digit themselves, once framed, are not taught: of 1, 6, 7, 8, 9.
UPPER, LOWER = (0, 2, 3, 4, 5), (0, 2, 3, 5)
NEAR = Recipe(
    batch_size=DIGITS,
    learning_rate=0.006,
    momentum=0.9,
    square_momentum=0.99,
    weight_decay=0.01,
    warmup=0.1,
    decay=True,
    rotation_degrees=10,
    scaling=0.1,
    shear=0.1,
    shift_pixels=1.5,
    elastic_pixels=0.7,
    channels_last=True,
)
FAR = NEAR.changed(
    rotation_degrees=22,
    scaling=0.2,
    shear=0.3,
    shift_pixels=4,
    elastic_pixels=1,
    stroke=0.7,
)


Shares = tuple[float, float]


class Batches(NamedTuple):
    """Several batches: digits, what they are, and pictures of no digit."""

    digits: Images
    labels: Labels
    strangers: Images


class Source:
    """Makes batches; what is in batch i depends on the seed and on i alone."""

    def __init__(self, digits: Digits, made: Digits, steps: int) -> None:
        self.digits, self.made, self.steps = digits, made, steps
        pool = {kind: make for kind, make in KINDS.items() if kind not in KEPT_OUT}
        pool["printed"] = printed(faces())
        rng = np.random.default_rng(SEED)
        self.pool = np.stack(
            [
                make(rng)
                for kind, make in pool.items()
                for _ in range(POOL.get(kind, 1500))
            ]
        )

    def make(self, number: int) -> Batches:
        """Make `BATCHES` batches at once."""
        rng = np.random.default_rng((SEED, number))
        count = DIGITS * BATCHES
        mine = self._in_turn(np.arange(number * count, (number + 1) * count))
        is_made = rng.random(count) < MADE
        images, labels = self.digits.images[mine], self.digits.labels[mine]
        others = np.random.default_rng((SEED, number, 1)).permutation(len(self.made))
        others = others[:count][is_made]
        images[is_made] = self.made.images[others]
        labels[is_made] = self.made.labels[others]
        late = number * BATCHES >= self.steps * (1 - LATE_SHARE)
        shares = LATE if late else EARLY
        spoilt = spoil(images, shares, rng)
        strangers = self._strangers(images, labels, rng)
        strangers = rng.permutation(spoil(strangers, shares, rng))
        return Batches(spoilt, labels, strangers)

    def _in_turn(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tell which image comes when: each once, then each once again."""
        taken = np.empty_like(rows)
        turns = rows // len(self.digits)
        for turn in np.unique(turns):
            order = np.random.default_rng((SEED, int(turn), 2))
            order = order.permutation(len(self.digits))
            mine = turns == turn
            taken[mine] = order[rows[mine] % len(self.digits)]
        return taken

    def _strangers(
        self, digits: Images, labels: Labels, rng: np.random.Generator
    ) -> Images:
        count = STRANGERS * BATCHES
        few = count // 8  # pairs; as many halves in their places, as many framed
        drawn = self.pool[rng.integers(0, len(self.pool), count - 3 * few)]
        first, second = digits[: 2 * few].reshape(2, few, 28, 28)
        away = rng.integers(6, 10, (few, 1, 1))
        pairs = np.maximum(moved(first, 0 * away, -away), moved(second, 0 * away, away))
        halves = digits[2 * few : 3 * few].copy()
        cut, turns = rng.integers(12, 16), rng.integers(4)
        np.rot90(halves, turns, (1, 2))[:, :cut] = 0
        upper = digits[np.isin(labels, UPPER)][: few // 2, : 28 - cut]
        lower = digits[np.isin(labels, LOWER)][: few - few // 2, cut:]
        framed = stack_frames([*upper, *lower])
        return np.concatenate([drawn, pairs.astype(np.uint8), halves, framed])


def faces() -> list[Path]:
    """Find the files of `FACES`."""
    return [Path(get_data_path(), "fonts", "ttf", f"{face}.ttf") for face in FACES]


def make_digits(drawn: Digits) -> Digits:
    """Print digits, so that print alone is no sign of a letter, and add drawn ones."""
    rng = np.random.default_rng((SEED, 3))
    labels = np.arange(round(MADE_DIGITS * PRINTED), dtype=np.uint8) % 10
    presses = [printed(faces(), letters=str(digit)) for digit in range(10)]
    images = np.stack([presses[label](rng) for label in labels])
    some = drawn[: MADE_DIGITS - len(labels)]
    return Digits(
        np.concatenate([images, some.images]),
        np.concatenate([labels, some.labels]),
        name="made",
    )


def spoil(images: Images, shares: Shares, rng: np.random.Generator) -> Images:
    """Bend some a little, some far, and damage some; which is what is by lot."""
    lots = rng.permutation(len(images)) / len(images)
    near_share, damaged_share = shares
    near = (lots < near_share) | (lots > 1 - damaged_share / 2)
    spoilt = np.empty_like(images)
    for rows, recipe in ((near, NEAR), (~near, FAR)):
        spoilt[rows] = augment(np.ascontiguousarray(images[rows]), recipe, rng)
    damaged = lots > 1 - damaged_share
    spoilt[damaged] = damage(spoilt[damaged], rng)
    return spoilt
