"""Train the packaged model, the one that `mnistry.load_model()` gives.

    MNISTRY_DATA=... PYTHONPATH=src python training/digit/train.py --out DIR

It learns from MNIST's training images less a tenth, by writer where a list of writers
is at hand, and from what is made of them and beside them (`batches`); for
pictures of no digit, no digit is to be likelier than another. Every number was chosen
on the images held back. MNIST's test images are not opened here:
`training/digit/measure.py` does that, at the end. Stopped, it goes on from its last
checkpoint when it is started again.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import batches as made
import numpy as np
import torch
from batches import BATCHES, LATE_SHARE, NEAR, SEED, Batches, Source
from measure import measure
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from mnistry.batches import normalise
from mnistry.data.load import load
from mnistry.data.writers import with_writers
from mnistry.digits import Digits
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.inference.net import to_net
from mnistry.learn.export.fold import fold
from mnistry.learn.model import fill, weights_of
from mnistry.learn.optimizers import Moments, optimizer_step
from mnistry.learn.run import digits_facts, environment
from mnistry.learn.validation import split_held_out
from mnistry.metrics import fit_trust
from mnistry.models.packaged import FILE, PackagedModel

LATE_RATE = 0.2  # of the learning rate, in the end
AVERAGED = 0.999  # of the average of weights, kept in each step
STRANGERS_WEIGHT = 0.1
CHECKPOINT_STEPS = 1000


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
    optimizer_step(net, moments, NEAR, learning_rate=rate, step=n)
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
    parser.add_argument("--steps", type=int, default=40_000)
    given = parser.parse_args()
    torch.set_num_threads(1)  # the other core makes batches
    torch.manual_seed(SEED)
    digits = with_writers(load("mnist", split="train"))
    learning, held_back, parted = split_held_out(digits, 0.1, SEED)
    drawn = load("drawn", split="train")
    print(f"held back: {parted}; learning from {len(learning):,}", flush=True)
    net = packaged().to(memory_format=torch.channels_last)
    mean = learn(net, Source(learning, made.make_digits(drawn), given.steps), given.out)
    facts = {
        "net": "packaged",
        "classes": 10,
        "image_size": [28, 28],
        "seed": SEED,
        "steps": given.steps,
        "recipe": {"near": asdict(NEAR), "far": asdict(made.FAR)},
        "shares": {
            "near, damaged; in the end": [made.EARLY, made.LATE],
            "end": LATE_SHARE,
            "drawn or printed; of those printed": [made.MADE, made.PRINTED],
            "strangers": made.STRANGERS / made.DIGITS,
            "weight of strangers": STRANGERS_WEIGHT,
            "kept in the average": AVERAGED,
        },
        "outsiders": made.POOL,
        "kept out": list(made.KEPT_OUT),
        "faces": list(made.FACES),
        "held_back": parted,
        "digits": digits_facts(digits),
        "drawn": digits_facts(drawn),
        "computed_with": environment(),
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
