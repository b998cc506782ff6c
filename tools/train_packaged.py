"""Train the packaged model, the one that `mnistry.load_model()` gives.

    MNISTRY_DATA=... PYTHONPATH=src python tools/train_packaged.py --out DIR

It learns from MNIST's training images less a tenth, by writer where a list of writers
is at hand; from drawn digits; from pictures of no digit at all, for which no digit is
to be likelier than another. Every number was chosen on the images held back. MNIST's
test images are not opened here: `tools/measure_packaged.py` does that, at the end.
Stopped, it goes on from its last checkpoint when it is started again.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from measure_packaged import measure
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.arrays import Images, Labels
from mnistry.batches import normalise
from mnistry.damage import damage
from mnistry.damage.fields import moved
from mnistry.digits import Digits
from mnistry.forward import to_net
from mnistry.learn.augment import augment
from mnistry.learn.facts import facts_of_digits, surroundings
from mnistry.learn.fold import fold
from mnistry.learn.holdout import hold_back
from mnistry.learn.model import fill, weights_of
from mnistry.learn.optimizers import Moments, move
from mnistry.learn.recipe import Recipe
from mnistry.loading import load
from mnistry.metrics import fit_trust
from mnistry.outsiders import KINDS, outsiders
from mnistry.packaged import FILE, PackagedModel
from mnistry.weights import read_weights, write_weights
from mnistry.writers import with_writers

SEED = 0
DIGITS, OUTSIDERS = 128, 16  # of a batch
BATCHES = 8  # made at a time
DRAWN = 1 / 8  # of the digits
EARLY, LATE = (0.35, 0.4), (0.6, 0.25)  # shares bent little, damaged; rest: bent far
LATE_STEPS, LATE_RATE = 4000, 0.2  # in the end more images like MNIST's, small steps
OUTSIDERS_WEIGHT = 0.1
OUTSIDERS_DRAWN = 2000  # of each kind
KEPT_OUT = ("specks", "grid", "shapes")  # never learned from: a check
CHECKPOINT_STEPS = 1000
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
    outsiders: Images


def packaged() -> nn.Sequential:
    """Build `balanced` with a wider end: 343,914 parameters."""
    return nn.Sequential(
        nn.PixelUnshuffle(2),  # (4, 14, 14)
        nn.Conv2d(4, 32, 3, bias=False),  # (32, 12, 12)
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 48, 3, bias=False),  # (48, 10, 10)
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (48, 5, 5)
        nn.Conv2d(48, 64, 3, padding=1, bias=False),  # (64, 5, 5)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.Conv2d(64, 128, 3, bias=False),  # (128, 3, 3)
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.Conv2d(128, 192, 3, bias=False),  # (192, 1, 1)
        nn.BatchNorm2d(192),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(192, 10),
    )


class Source:
    """Makes batches; what is in batch i depends on the seed and on i alone."""

    def __init__(self, digits: Digits, drawn: Digits, steps: int) -> None:
        self.digits, self.drawn, self.steps = digits, drawn, steps
        kinds = [kind for kind in KINDS if kind not in KEPT_OUT]
        self.strangers = np.concatenate(
            [outsiders(kind, OUTSIDERS_DRAWN, seed=SEED) for kind in kinds]
        )

    def make(self, number: int) -> Batches:
        """Make `BATCHES` batches at once."""
        rng = np.random.default_rng((SEED, number))
        count = DIGITS * BATCHES
        mine = self._in_turn(np.arange(number * count, (number + 1) * count))
        from_drawn = rng.random(count) < DRAWN
        images, labels = self.digits.images[mine], self.digits.labels[mine]
        others = np.random.default_rng((SEED, number, 1)).permutation(len(self.drawn))
        others = others[:count][from_drawn]
        images[from_drawn] = self.drawn.images[others]
        labels[from_drawn] = self.drawn.labels[others]
        shares = EARLY if number < self.steps // BATCHES else LATE
        spoilt = spoil(images, shares, rng)
        return Batches(spoilt, labels, self._strangers(images, shares, rng))

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
        self, digits: Images, shares: Shares, rng: np.random.Generator
    ) -> Images:
        count = OUTSIDERS * BATCHES
        few = count // 8  # pairs; as many halves
        drawn = self.strangers[rng.integers(0, len(self.strangers), count - 2 * few)]
        first, second = digits[: 2 * few].reshape(2, few, 28, 28)
        away = rng.integers(6, 10, (few, 1, 1))
        pairs = np.maximum(moved(first, 0 * away, -away), moved(second, 0 * away, away))
        pairs = pairs.astype(np.uint8)
        halves = digits[2 * few : 3 * few].copy()
        cut, turns = rng.integers(12, 16), rng.integers(4)
        turned = np.rot90(halves, turns, (1, 2)).copy()
        turned[:, :cut] = 0
        halves = np.rot90(turned, -turns, (1, 2))
        return spoil(np.concatenate([drawn, pairs, halves]), shares, rng)


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


def step(net: nn.Module, moments: Moments, batch: Batches, rate: float, n: int) -> Any:
    """Take one step; return the loss of digits, of outsiders, and the accuracy."""
    images = normalise(np.concatenate([batch.digits, batch.outsiders]))
    logits = net(torch.from_numpy(images))
    said = logits[: len(batch.digits)]
    truth = torch.from_numpy(batch.labels.astype(np.int64))
    loss = cross_entropy(said, truth)
    undecided = -logits[len(batch.digits) :].log_softmax(1).mean()
    net.zero_grad()
    (loss + OUTSIDERS_WEIGHT * undecided).backward()
    move(net, moments, NEAR, learning_rate=rate, step=n)
    right = (said.argmax(1) == truth).float().mean()
    return np.array([loss.item(), undecided.item(), right.item()])


def learn(net: nn.Module, source: Source, steps: int, folder: Path) -> None:
    """Take all steps that are left, keeping a checkpoint now and then."""
    moments: Moments = {}
    done = restored(net, moments, folder / "checkpoint.safetensors")
    told, started = [], time.perf_counter()
    net.train()
    with ThreadPoolExecutor(1) as hand:
        coming = hand.submit(source.make, done // BATCHES)
        for chunk in range(done // BATCHES, (steps + LATE_STEPS) // BATCHES):
            ready, coming = coming.result(), hand.submit(source.make, chunk + 1)
            for part in range(BATCHES):
                n = chunk * BATCHES + part
                pieces = (np.array_split(whole, BATCHES)[part] for whole in ready)
                batch = Batches(*pieces)
                told.append(step(net, moments, batch, rate_at(n, steps), n + 1))
            if (n + 1) % CHECKPOINT_STEPS == 0:
                keep(net, moments, n + 1, folder / "checkpoint.safetensors")
                means = " ".join(f"{mean:.4f}" for mean in np.mean(told, axis=0))
                told.clear()
                seconds = time.perf_counter() - started
                print(f"step {n + 1:,}: {means}, {seconds:.0f} s", flush=True)


def rate_at(n: int, steps: int) -> float:
    """Tell the learning rate: up and down, and then, small, down once more."""
    if n < steps:
        return NEAR.learning_rate_at(n, steps)
    return NEAR.learning_rate * LATE_RATE * (1 - (n - steps) / LATE_STEPS)


def keep(net: nn.Module, moments: Moments, done: int, path: Path) -> None:
    """Write all that the run goes on from."""
    arrays = {f"net {name}": array for name, array in weights_of(net).items()}
    arrays |= {name: tensor.numpy() for name, tensor in moments.items()}
    write_weights(path, arrays, {"done": done})


def restored(net: nn.Module, moments: Moments, path: Path) -> int:
    """Fill in what a checkpoint holds, if there is one; return the steps done."""
    if not path.exists():
        return 0
    arrays, facts = read_weights(path)
    ours = {name: array for name, array in arrays.items() if name.startswith("net ")}
    fill(net, {name.removeprefix("net "): array for name, array in ours.items()}, path)
    for name in arrays.keys() - ours.keys():
        moments[name] = torch.from_numpy(np.array(arrays[name]))
    return int(facts["done"])


def main() -> None:
    """Train, then write what `mnistry.load_model()` reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20_000)
    given = parser.parse_args()
    torch.set_num_threads(1)  # the other core makes batches
    torch.manual_seed(SEED)
    digits = with_writers(load("mnist", split="train"))
    learning, held_back, parted = hold_back(digits, 0.1, SEED)
    drawn = load("drawn", split="train")
    print(f"held back: {parted}; learning from {len(learning):,}", flush=True)
    net = packaged().to(memory_format=torch.channels_last)
    learn(net, Source(learning, drawn, given.steps), given.steps, given.out)
    facts = {
        "net": "packaged",
        "classes": 10,
        "image_size": [28, 28],
        "seed": SEED,
        "steps": [given.steps, LATE_STEPS],
        "recipe": {"near": asdict(NEAR), "far": asdict(FAR)},
        "shares": {
            "near, damaged; in the end": [EARLY, LATE],
            "drawn": DRAWN,
            "outsiders": OUTSIDERS / DIGITS,
            "weight of outsiders": OUTSIDERS_WEIGHT,
        },
        "outsiders kept out": list(KEPT_OUT),
        "held_back": parted,
        "digits": facts_of_digits(digits),
        "drawn": facts_of_digits(drawn),
        "computed_with": surroundings(),
    }
    write(net, held_back, facts, given.out / FILE)


def write(net: nn.Module, held_back: Digits, facts: dict[str, Any], path: Path) -> None:
    """Fold, halve the precision, learn whom to trust, measure; write the file."""
    folded = fold(net)
    halves = {name: array.astype(np.float16) for name, array in folded.weights.items()}
    bare = PackagedModel(to_net(folded.layers, halves), {})
    trust = fit_trust(held_back.labels, bare.predict(held_back.images).logits)
    facts = {**facts, "layers": folded.layers, "trust": trust._asdict()}
    model = PackagedModel(bare.net, facts)
    facts["measured"] = {"held back": measure(model, held_back)}
    write_weights(path, halves, facts)
    print(json.dumps(facts["measured"], indent=1))


if __name__ == "__main__":
    main()
