"""How soon does a net read 99 % of MNIST's test images, on this machine's processor?

    python benchmarks/record.py             # five seeds, quiet and busy: two minutes
    python benchmarks/record.py --quick     # one seed

Each run is the command `mnistry train --net fast`, a process of its own. `training_s`
runs from the first step to the last, with augmentation and a look at the held-out
images after each epoch; `command_s` is all of it: Python, imports, loading, training,
writing. The test images are looked at once, after all are trained: the record is the
time after which the mean of all seeds is 99 % or more. The net and its recipe were
chosen on held-out training images.

`floor_s` is what the multiply-adds of the steps would take if each core that is used
did nothing else, at the most that matrices of 512x512 reach here in that precision.

Then the first seed is trained again beside a program that keeps one core busy, and
beside one for each core: the weights must be the same to the byte.
"""

import argparse
import csv
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from measure import Row, keep, show
from torch import nn

import mnistry
from mnistry.learn.device import resolve, thread_count, using_threads
from mnistry.learn.nets import build
from mnistry.recipes import RECIPES

NET = "fast"
GOAL = 0.99  # of the test images
TRAINED = 60_000  # MNIST's training images
SIDE = 512  # of the matrices that show a core's peak
PACKAGES = ["mnistry", "numpy", "torch"]


def main() -> None:
    """Run all, print, and keep two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one seed")
    args = parser.parse_args()
    seeds = 1 if args.quick else args.seeds
    with tempfile.TemporaryDirectory() as folder:
        rows = [run(seed, Path(folder) / str(seed)) for seed in range(seeds)]
        beside = busy_rows(Path(folder))
        test = mnistry.load("mnist", split="test")
        for row in rows:
            path = Path(folder) / str(row["seed"]) / "model.safetensors"
            row["test_accuracy"] = mnistry.evaluate(
                mnistry.load_model(path), test, maps=0
            ).accuracy
    record = summed(rows)
    show([*rows, record])
    print(verdict(record))
    show(beside)
    if not args.quick:
        keep("record", [*rows, record], packages=PACKAGES)
        keep("record-busy", beside, packages=PACKAGES)


def run(seed: int, folder: Path) -> Row:
    """Train by the command; say how long that took, and its weights' hash."""
    command = ["train", "--data", "mnist", "--net", NET, "--seed", str(seed)]
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mnistry", *command, "--out", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    taken = time.perf_counter() - started
    with (folder / "history.csv").open(newline="") as file:
        *_, last = csv.DictReader(file)
    return {
        "seed": seed,
        "epochs": last["epoch"],
        "training_s": round(float(last["seconds"]), 2),
        "command_s": round(taken, 2),
        "held_out_accuracy": round(float(last["validation_accuracy"]), 5),
        "test_accuracy": 0.0,
        "floor_s": "",
        "threads": thread_count(),
        "sha256": sha256(folder / "model.safetensors"),
    }


def summed(rows: Sequence[Row]) -> Row:
    """Return the means of all seeds, the standard deviation of what they read."""
    means = {
        name: statistics.mean(float(str(row[name])) for row in rows)
        for name in ("training_s", "command_s", "held_out_accuracy", "test_accuracy")
    }
    return {
        **rows[0],
        "seed": "mean",
        **{name: round(of, 5) for name, of in means.items()},
        "floor_s": round(floor_s(), 2),
        "sha256": "",
    }


def verdict(record: Row) -> str:
    """Return a sentence: whether the goal was reached, and after how long."""
    right, seconds = float(str(record["test_accuracy"])), record["training_s"]
    reached = "reached" if right >= GOAL else "NOT reached"
    return f"{GOAL:.0%} {reached}: {right:.3%} after {seconds} s of training"


def floor_s() -> float:
    """Return the seconds that the arithmetic of a run takes at the machine's peak."""
    recipe = resolve(RECIPES[NET])
    images = recipe.epochs * round(TRAINED * (1 - recipe.validation))
    dtype = torch.bfloat16 if recipe.precision == "bfloat16" else torch.float32
    cores = min(thread_count(), recipe.shards)
    return images * multiply_adds(build(NET)) / (cores * peak(dtype))


def multiply_adds(net: nn.Module) -> int:
    """Count those of one image, forward and back.

    Backward each layer computes two products of the same size, for its weights and for
    what it was given; the first layer needs the first one only.
    """
    counts: list[int] = []

    def count(layer: nn.Module, _: object, out: torch.Tensor) -> None:
        assert isinstance(layer.weight, torch.Tensor)
        places = out[0].numel() // layer.weight.shape[0]
        counts.append(layer.weight.numel() * places)

    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    net.eval()(torch.zeros(1, 1, 28, 28))
    return 3 * sum(counts) - counts[0]


def peak(dtype: torch.dtype) -> float:
    """Measure the multiply-adds a second of one core: the best of ten products."""
    left = torch.randn(SIDE, SIDE).to(dtype)
    seconds = []
    with using_threads(1):
        for _ in range(11):
            started = time.perf_counter()
            left @ left
            seconds.append(time.perf_counter() - started)
    return SIDE**3 / min(seconds)


def busy_rows(folder: Path) -> list[Row]:
    """Train the first seed quietly, and beside programs that keep cores busy."""
    runs: dict[int, Row] = {}
    for others in (0, 1, thread_count()):
        with busy(others):
            runs[others] = run(0, folder / f"beside-{others}")
    quiet = runs[0]
    return [
        {
            "busy_programs": others,
            "training_s": one["training_s"],
            "times_quiet": round(
                float(str(one["training_s"])) / float(str(quiet["training_s"])), 2
            ),
            "command_s": one["command_s"],
            "same_file": one["sha256"] == quiet["sha256"],
        }
        for others, one in runs.items()
    ]


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep so many cores busy meanwhile."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
