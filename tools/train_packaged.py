"""Train the packaged model, the one that `mnistry.load_model()` gives.

    MNISTRY_DATA=... PYTHONPATH=src python tools/train_packaged.py --out DIR

It learns from MNIST's training images less a tenth, by writer where a list of writers
is at hand; from drawn and printed digits; from pictures of no digit at all, for which
no digit is to be likelier than another: outsiders, letters in the faces that matplotlib
carries, pairs and halves of digits. Every number was chosen on the images held back. MNIST's
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
from matplotlib import get_data_path
from measure_packaged import measure
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from mnistry.arrays import Images, Labels
from mnistry.batches import normalise
from mnistry.damage import damage
from mnistry.damage.fields import moved
from mnistry.digits import Digits
from mnistry.forward import to_net
from mnistry.frame import stack_frames
from mnistry.learn.augment import augment
from mnistry.learn.facts import facts_of_digits, surroundings
from mnistry.learn.fold import fold
from mnistry.learn.holdout import hold_back
from mnistry.learn.model import fill, weights_of
from mnistry.learn.optimizers import Moments, move
from mnistry.learn.recipe import Recipe
from mnistry.loading import load
from mnistry.metrics import fit_trust
from mnistry.outsiders import KINDS, printed
from mnistry.packaged import FILE, PackagedModel
from mnistry.weights import read_weights, write_weights
from mnistry.writers import with_writers

SEED = 0
DIGITS, STRANGERS = 128, 24  # of a batch
BATCHES = 8  # made at a time
MADE, PRINTED = 1 / 6, 1 / 4  # of the digits: drawn or printed; printed, of those
MADE_DIGITS = 40_000
EARLY, LATE = (0.35, 0.4), (0.6, 0.25)  # shares bent little, damaged; rest: bent far
LATE_SHARE, LATE_RATE = 0.2, 0.2  # in the end more images like MNIST's, small steps
AVERAGED = 0.999  # of the average of weights, kept in each step
STRANGERS_WEIGHT = 0.1
POOL = {"letters": 3000, "handwritten letters": 8000, "printed": 6000}  # others: 1,500
KEPT_OUT = ("specks", "grid", "shapes")  # never learned from: a check
FACES = (  # of those that matplotlib carries; DejaVu is kept out, as a check
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    *("cmb10", "cmmi10", "cmr10", "cmss10", "cmti10", "cmtt10"),
)
# Halves that are a digit themselves, once framed, are not taught: of 1, 6, 7, 8, 9.
UPPER, LOWER = (0, 2, 3, 4, 5), (0, 2, 3, 5)
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
    strangers: Images


def packaged() -> nn.Sequential:
    """Build `balanced` with a wider end: 404,970 parameters."""
    return nn.Sequential(
        nn.PixelUnshuffle(2),  # (4, 14, 14)
        *block(4, 32),  # (32, 12, 12)
        *block(32, 48),  # (48, 10, 10)
        nn.MaxPool2d(2),  # (48, 5, 5)
        *block(48, 80, padding=1),  # (80, 5, 5)
        *block(80, 144),  # (144, 3, 3)
        *block(144, 192),  # (192, 1, 1)
        nn.Flatten(),
        nn.Linear(192, 10),
    )


def block(inputs: int, outputs: int, padding: int = 0) -> list[nn.Module]:
    """Build a convolution, its norm and its cut at 0."""
    kernel = nn.Conv2d(inputs, outputs, 3, padding=padding, bias=False)
    return [kernel, nn.BatchNorm2d(outputs), nn.ReLU()]


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


def step(net: nn.Module, moments: Moments, batch: Batches, rate: float, n: int) -> Any:
    """Take one step; return the loss of digits, of strangers, and the accuracy."""
    images = normalise(np.concatenate([batch.digits, batch.strangers]))
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(torch.from_numpy(images)).float()
    said = logits[: len(batch.digits)]
    truth = torch.from_numpy(batch.labels.astype(np.int64))
    loss = cross_entropy(said, truth)
    undecided = -logits[len(batch.digits) :].log_softmax(1).mean()
    net.zero_grad()
    (loss + STRANGERS_WEIGHT * undecided).backward()
    move(net, moments, NEAR, learning_rate=rate, step=n)
    right = (said.argmax(1) == truth).float().mean()
    return np.array([loss.item(), undecided.item(), right.item()])


def learn(net: nn.Module, source: Source, folder: Path) -> nn.Module:
    """Take all steps that are left, keeping a checkpoint now and then.

    Returns:
        The same net with the average of its numbers on the last part of the way.
    """
    path = folder / "checkpoint.safetensors"
    moments: Moments = {}
    mean = AveragedModel(
        net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED), use_buffers=True
    )
    both = nn.ModuleDict({"net": net, "mean": mean})
    done = restored(both, moments, path)
    told, started = [], time.perf_counter()
    net.train()
    with ThreadPoolExecutor(1) as hand:
        coming = hand.submit(source.make, done // BATCHES)
        for chunk in range(done // BATCHES, source.steps // BATCHES):
            ready, coming = coming.result(), hand.submit(source.make, chunk + 1)
            for part in range(BATCHES):
                n = chunk * BATCHES + part
                pieces = (np.array_split(whole, BATCHES)[part] for whole in ready)
                rate = rate_at(n, source.steps)
                told.append(step(net, moments, Batches(*pieces), rate, n + 1))
                mean.update_parameters(net)
            if (n + 1) % CHECKPOINT_STEPS == 0:
                keep(both, moments, n + 1, path)
                means = " ".join(f"{each:.4f}" for each in np.mean(told, axis=0))
                told.clear()
                seconds = time.perf_counter() - started
                print(f"step {n + 1:,}: {means}, {seconds:.0f} s", flush=True)
    return mean.module


def rate_at(n: int, steps: int) -> float:
    """Tell the learning rate: up and down, and then, small, down once more."""
    early = round(steps * (1 - LATE_SHARE))
    if n < early:
        return NEAR.learning_rate_at(n, early)
    return NEAR.learning_rate * LATE_RATE * (steps - n) / (steps - early)


def keep(both: nn.Module, moments: Moments, done: int, path: Path) -> None:
    """Write all that the run goes on from."""
    arrays = {name: tensor.numpy() for name, tensor in moments.items()}
    write_weights(path, {**weights_of(both), **arrays}, {"done": done})


def restored(both: nn.Module, moments: Moments, path: Path) -> int:
    """Fill in what a checkpoint holds, if there is one; return the steps done."""
    if not path.exists():
        return 0
    arrays, facts = read_weights(path)
    names = both.state_dict().keys()
    fill(both, {name: arrays[name] for name in names}, path)
    for name in arrays.keys() - names:
        moments[name] = torch.from_numpy(np.array(arrays[name]))
    return int(facts["done"])


def main() -> None:
    """Train, then write what `mnistry.load_model()` reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=44_000)
    given = parser.parse_args()
    torch.set_num_threads(1)  # the other core makes batches
    torch.manual_seed(SEED)
    digits = with_writers(load("mnist", split="train"))
    learning, held_back, parted = hold_back(digits, 0.1, SEED)
    drawn = load("drawn", split="train")
    print(f"held back: {parted}; learning from {len(learning):,}", flush=True)
    net = packaged().to(memory_format=torch.channels_last)
    mean = learn(net, Source(learning, make_digits(drawn), given.steps), given.out)
    facts = {
        "net": "packaged",
        "classes": 10,
        "image_size": [28, 28],
        "seed": SEED,
        "steps": given.steps,
        "recipe": {"near": asdict(NEAR), "far": asdict(FAR)},
        "shares": {
            "near, damaged; in the end": [EARLY, LATE],
            "end": LATE_SHARE,
            "drawn or printed; of those printed": [MADE, PRINTED],
            "strangers": STRANGERS / DIGITS,
            "weight of strangers": STRANGERS_WEIGHT,
            "kept in the average": AVERAGED,
        },
        "outsiders": POOL,
        "kept out": list(KEPT_OUT),
        "faces": list(FACES),
        "held_back": parted,
        "digits": facts_of_digits(digits),
        "drawn": facts_of_digits(drawn),
        "computed_with": surroundings(),
    }
    write(mean, held_back, facts, given.out / FILE)


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
