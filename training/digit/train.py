"""Train the packaged model, the one that `mnistry.load_model()` gives.

    MNISTRY_DATA=... python -m training.digit.train --out DIR

It learns from MNIST's training images less a tenth, by writer where a list of writers
is at hand, and from what is made of them and beside them (`batches`); for non-digits no
class is to be likelier than another. Every number was chosen on the images held out.
MNIST's test images are not opened here: `training.digit.measure` does that, at the end.
Stopped, it goes on from its last checkpoint when it is started again.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.batches import normalise
from mnistry.data.load import load
from mnistry.data.writers import with_writers
from mnistry.digits import Digits
from mnistry.formats.tensors import write_weights
from mnistry.inference.net import to_net
from mnistry.learn.checkpoint import CHECKPOINT, load_checkpoint
from mnistry.learn.device import autocast
from mnistry.learn.export.fold import fold
from mnistry.learn.loop import Plan, fit
from mnistry.learn.run import Run, digits_facts, environment
from mnistry.learn.shards import Metrics
from mnistry.learn.validation import split_held_out, validate
from mnistry.metrics import fit_trust
from mnistry.models.packaged import FILE, PackagedModel
from mnistry.recipes import Recipe
from training.digit import batches as made
from training.digit.batches import LATE_SHARE, SEED, Amounts, Batches, Source
from training.digit.measure import measure

RECIPE = Recipe(
    learning_rate=0.006,
    momentum=0.9,
    square_momentum=0.99,
    weight_decay=0.01,
    warmup=0.1,
    decay=True,
    averaging=0.999,
    channels_last=True,
    precision="bfloat16",
    device="cpu",
)
LATE_RATE = 0.2  # of the learning rate, from which it falls once more in the end
NON_DIGITS_WEIGHT = 0.1  # of their loss
EPOCH_STEPS = 1000  # from one checkpoint, with its validation, to the next
VALIDATION = 0.1  # of the training images


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
    """Build a convolution, its batch norm and its ReLU."""
    kernel = nn.Conv2d(inputs, outputs, 3, padding=padding, bias=False)
    return [kernel, nn.BatchNorm2d(outputs), nn.ReLU()]


def loss_of(net: nn.Module, batch: Batches) -> tuple[torch.Tensor, Metrics]:
    """Join two losses: cross-entropy of digits, and of non-digits to no class at all.

    Source:
        Hendrycks, Mazeika and Dietterich 2019, "Deep anomaly detection with outlier
        exposure", arXiv:1812.04606, for the second.
    """
    images = normalise(np.concatenate([batch.digits, batch.non_digits]))
    with autocast(RECIPE):
        logits = net(torch.from_numpy(images)).float()
    of_digits, of_others = logits.split([len(batch.digits), len(batch.non_digits)])
    labels = torch.from_numpy(batch.labels.astype(np.int64))
    loss = cross_entropy(of_digits, labels)
    uniform = -of_others.log_softmax(1).mean()
    return loss + NON_DIGITS_WEIGHT * uniform, {
        "digits_loss": loss.item(),
        "non_digits_loss": uniform.item(),
        "accuracy": (of_digits.argmax(1) == labels).float().mean().item(),
    }


def begin(folder: Path) -> Run:
    """Take up the run in a folder, or begin one."""
    torch.manual_seed(SEED)
    net = packaged().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if (folder / CHECKPOINT).exists():
        return load_checkpoint(folder, net)
    facts = {"net": "packaged", "seed": SEED, "computed_with": environment()}
    return Run(net=net, recipe=RECIPE, facts=facts)


def learn(source: Source, held_out: Digits, folder: Path) -> nn.Module:
    """Take all steps that are left: the learning rate falls, and then falls once more.

    Returns:
        The average of the net over the last part of the way.
    """
    steps = source.steps
    early = round(steps * (1 - LATE_SHARE))
    # a line that reaches 0 with the last step, and is LATE_RATE where it begins
    late_rate = RECIPE.learning_rate * LATE_RATE * (steps + 1) / (steps - early)
    late_recipe = RECIPE.changed(learning_rate=late_rate, warmup=0)
    run = begin(folder)
    net = run.evaluated
    for until, recipe in ((early, RECIPE), (steps, late_recipe)):
        if run.step < until:
            run.recipe = recipe
            plan = Plan(
                batches=source.batches,
                loss_of=loss_of,
                steps=until,
                epoch_steps=EPOCH_STEPS,
                validate=lambda net: validate(net, held_out),
            )
            net = fit(run, plan, folder=folder, watch=None)
            print(json.dumps(run.history[-1]), flush=True)
    return net


def make(digits: Digits, drawn: Digits, folder: Path, amounts: Amounts) -> Path:
    """Train on digits, and write what `mnistry.load_model()` reads; return the file."""
    learning, held_out, how = split_held_out(digits, VALIDATION, SEED)
    print(f"held out: {how}; learning from {len(learning):,}", flush=True)
    synthetic = made.synthetic_digits(drawn, amounts.synthetic)
    net = learn(Source(learning, synthetic, amounts), held_out, folder)
    facts = {
        "net": "packaged",
        "classes": 10,
        "image_size": [28, 28],
        "seed": SEED,
        "steps": amounts.steps,
        "recipe": {
            "near": asdict(made.MILD),
            "far": asdict(made.STRONG),
            "training": asdict(RECIPE),
        },
        "shares": {
            "near, damaged; in the end": [made.EARLY, made.LATE],
            "end": LATE_SHARE,
            "drawn or printed; of those printed": [made.SYNTHETIC, made.PRINTED],
            "strangers": made.NON_DIGITS / made.DIGITS,
            "weight of strangers": NON_DIGITS_WEIGHT,
            "kept in the average": RECIPE.averaging,
        },
        "outsiders": dict(amounts.larger_pools),
        "kept out": list(made.HELD_OUT_KINDS),
        "faces": list(made.FONTS),
        "held_back": how,
        "digits": digits_facts(digits),
        "drawn": digits_facts(drawn),
        "computed_with": environment(),
    }
    return write(net, held_out, facts, folder / FILE, images=amounts.measured)


def write(
    net: nn.Module, held_out: Digits, facts: dict[str, Any], path: Path, *, images: int
) -> Path:
    """Fold batch norms, halve the precision, fit the trust, measure; write the file."""
    folded = fold(net)
    halves = {name: array.astype(np.float16) for name, array in folded.weights.items()}
    bare = PackagedModel(to_net(folded.layers, halves), {})
    trust = fit_trust(held_out.labels, bare.predict(held_out.images).logits)
    facts = {**facts, "layers": folded.layers, "trust": trust._asdict()}
    measured = measure(replace(bare, facts=facts), held_out, images=images)
    facts["measured"] = {"held back": measured}
    write_weights(path, halves, facts)
    print(json.dumps(facts["measured"], indent=1))
    return path


def main() -> None:
    """Train and write, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--steps", type=int, default=Amounts().steps)
    args = parser.parse_args()
    torch.set_num_threads(1)  # the other core makes batches
    make(
        with_writers(load("mnist", split="train")),
        load("drawn", split="train"),
        args.out,
        Amounts(steps=args.steps),
    )


if __name__ == "__main__":
    main()
