"""How long do the tutorials of Keras and PyTorch take to 99 %, and how long do we?

Run: python benchmarks/tutorials.py [--whole] [--only WORD] [--threads N] [--seeds N]
     (about 12 to 15 minutes on two cores; a trial: --epochs 1 --images 2000)

Each runs in a process of its own, with as many threads as all others; ours take turns
with the tutorials. The time covers training alone, from the first step to the last:
not importing, not loading, not building the net, not looking at the test images. A
tutorial's or our own looks at images held out from training are part of it.

`seconds_to_99`: a tutorial is evaluated on the test images after each epoch and may
stop at the first one with 99.0 %. This favours the tutorials, which so choose their
best epoch on the test images; ours take the epochs of their recipes, chosen on images
held out, and look at the test images once, at the end. With --whole the tutorials go on
to the number of epochs that they were published with.

Keras runs on torch, the same one as ours, and all tutorials compute in float32, as they
were published; `precision` says what our recipes did. Sources and licences stand in
`keras_tutorials.py` and `torch_tutorials.py`.
"""

import argparse
import importlib
import json
import statistics
import sys
from itertools import zip_longest
from typing import Any, NamedTuple

from measure import Row, answer, keep, show
from race import GOAL, Look, accuracy, race, seconds_to_goal

import mnistry


class Tutorial(NamedTuple):
    """Where a tutorial is, and what it was published with."""

    room: str
    name: str
    epochs: int
    seed: int


TUTORIALS = {
    "Keras mnist_convnet": Tutorial("keras_tutorials", "convnet", 15, 0),
    "PyTorch examples/mnist": Tutorial("torch_tutorials", "example", 14, 1),
    "Keras 784-512-512-10": Tutorial("keras_tutorials", "dense", 10, 0),
    "PyTorch SGD 0.01/0.5": Tutorial("torch_tutorials", "momentum", 3, 1),
    "Keras 155,606": Tutorial("keras_tutorials", "convolutions", 10, 0),
}
OURS = "mnistry"
PACKAGES = ("mnistry", "numpy", "torch", "keras")


def one(what: str, seed: int, args: argparse.Namespace) -> Row:
    """Let one net learn in this process, and return how it went."""
    import torch

    train, test = (part[: args.images] for part in mnistry.load())
    if what.startswith(OURS):
        changes = {"epochs": args.epochs} if args.epochs else {}
        went = ours(what.removeprefix(OURS).strip(), seed, train, test, **changes)
    else:
        went = theirs(TUTORIALS[what], seed, train, test, args)
    return {"what": what, "seed": seed, "threads": torch.get_num_threads(), **went}


def ours(
    net: str, seed: int, train: mnistry.Digits, test: mnistry.Digits, **changes: Any
) -> Row:
    """Train one of our nets, and look at the test images at the end."""
    model = mnistry.train(train, net, seed=seed, watch=False, **changes)
    last = model.facts["history"][-1]
    right = accuracy(model.predict(test.images).labels, test)
    return {
        "parameters": sum(of.numel() for of in model.net.parameters()),
        "precision": model.facts["recipe"]["precision"],
        "looks_at_test_images": "once, at the end",
        "epochs": last["epoch"],
        **summed([Look(last["seconds"], right)]),
    }


def theirs(
    tutorial: Tutorial,
    seed: int,
    train: mnistry.Digits,
    test: mnistry.Digits,
    args: argparse.Namespace,
) -> Row:
    """Run a tutorial, looking at the test images after each epoch."""
    make = getattr(importlib.import_module(tutorial.room), tutorial.name)
    learner = make(train, seed)
    epochs = min(tutorial.epochs, args.epochs or tutorial.epochs)
    looks = race(learner, test, epochs=epochs, whole=args.whole)
    return {
        "parameters": learner.parameters,
        "precision": "float32",
        "looks_at_test_images": "after each epoch",
        "epochs": f"{len(looks)} of {tutorial.epochs}",
        **summed(looks),
    }


def summed(looks: list[Look]) -> Row:
    """Sum up a race; what was not reached is empty."""
    reached = seconds_to_goal(looks)
    return {
        "seconds": round(looks[-1].seconds, 2),
        "test_accuracy": looks[-1].accuracy,
        "best_test_accuracy": max(look.accuracy for look in looks),
        "seconds_to_99": "" if reached is None else round(reached, 2),
    }


def compared(rows: list[Row], against: str) -> list[Row]:
    """Add how many times the median time of ours each took; to 99 %, and in all."""
    ours = [float(str(row["seconds"])) for row in rows if row["what"] == against]
    baseline = statistics.median(ours) if ours else float("nan")
    return [
        {
            **row,
            "times_fast": round(float(str(row["seconds"])) / baseline, 1),
            "times_fast_to_99": round(float(str(row["seconds_to_99"])) / baseline, 1)
            if row["seconds_to_99"] != ""
            else "",
        }
        for row in rows
    ]


def plan(seeds: int, word: str) -> list[tuple[str, int]]:
    """Put `fast`, once for each seed, between the tutorials, and `balanced` at last."""
    theirs = [(what, of.seed) for what, of in TUTORIALS.items() if word in what]
    fast = [(f"{OURS} fast", seed) for seed in range(seeds)]
    turns = [pair for pairs in zip_longest(fast, theirs) for pair in pairs if pair]
    return [*turns, (f"{OURS} balanced", 0)]


def main() -> None:
    """Run one after the other, and keep what is known after each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--whole", action="store_true", help=f"go on after {GOAL:.0%}")
    parser.add_argument("--only", default="", help="tutorials with this word")
    parser.add_argument("--threads", type=int, help="of each process; all cores")
    parser.add_argument("--seeds", type=int, default=5, help="of our `fast`")
    parser.add_argument("--epochs", type=int, help="fewer: a trial, kept nowhere")
    parser.add_argument("--images", type=int, help="fewer: a trial, kept nowhere")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(args.one[0], int(args.one[1]), args)))
        return
    variables = {"KERAS_BACKEND": "torch"}
    if args.threads:
        variables["OMP_NUM_THREADS"] = str(args.threads)
    rows: list[Row] = []
    name = "tutorials-whole" if args.whole else "tutorials"
    for what, seed in plan(args.seeds, args.only):
        command = [sys.executable, __file__, *sys.argv[1:], "--one", what, seed]
        rows.append(answer(command, **variables))
        print(rows[-1], flush=True)
        if not (args.epochs or args.images):
            keep(name, compared(rows, f"{OURS} fast"), packages=PACKAGES)
    show(compared(rows, f"{OURS} fast"))


if __name__ == "__main__":
    main()
