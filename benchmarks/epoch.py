"""How many images a second in shuffled, normalised batches of 64, float32?

Run: python benchmarks/epoch.py [RUNS]; before it, once: python benchmarks/peers.py

The time covers one walk through the 60,000 training images in one process, from the
first call to the last batch; each batch is only taken. The baseline, "gather", picks
the rows of each batch out of one array (NumPy) or tensor (torch) that is already
float32 and normalised, and the labels. torchvision with a DataLoader has a process of
its own, and walks through PART images only; starting its workers is part of its time.
torch has one thread: for batches so small, more make the gather slower, not faster.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from measure import PEERS_PYTHON, answer, in_turn, write
from peers import MNIST_ROOT, TORCHVISION

import mnistry
from mnistry.batches import normalise

BATCH_SIZE = 64
PART = 12_800  # a fifth of an epoch
PEER = f"""{TORCHVISION}
import json, sys, time
from torch.utils.data import DataLoader, Subset
change = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
)
whole = datasets.MNIST({str(MNIST_ROOT)!r}, train=True, transform=change)
part = Subset(whole, range({PART}))
loader = DataLoader(part, {BATCH_SIZE}, shuffle=True, num_workers=int(sys.argv[1]))
start = time.perf_counter()
for images, labels in loader:
    pass
print(json.dumps(time.perf_counter() - start))
"""


def walk(batches: Callable[[], Iterator[Any]]) -> Callable[[], None]:
    """Make a work of taking all batches."""

    def work() -> None:
        for _ in batches():
            pass

    return work


def gather_rows(images: Any, labels: Any) -> Iterator[Any]:
    """Pick shuffled rows of a NumPy array."""
    order = np.random.default_rng(0).permutation(len(labels))
    for start in range(0, len(order), BATCH_SIZE):
        rows = order[start : start + BATCH_SIZE]
        yield images[rows], labels[rows]


def gather_tensor(images: torch.Tensor, labels: torch.Tensor) -> Iterator[Any]:
    """Pick shuffled rows of a tensor."""
    for rows in torch.randperm(len(labels)).split(BATCH_SIZE):
        yield images[rows], labels[rows]


def main(runs: int) -> None:
    """Measure and write the table down."""
    torch.set_num_threads(1)
    train = mnistry.load(split="train")
    as_torch = train.to_torch()
    ready, labels = normalise(train.images), train.labels.astype(np.int64)
    tensors = torch.from_numpy(ready), torch.from_numpy(labels)
    works = {
        "Digits.batches": lambda: train.batches(BATCH_SIZE, shuffle=True),
        "gather from array": lambda: gather_rows(ready, labels),
        "to_torch().batches": lambda: as_torch.batches(BATCH_SIZE, shuffle=True),
        "gather from tensor": lambda: gather_tensor(*tensors),
    }
    seconds = in_turn({name: walk(work) for name, work in works.items()}, runs=runs)
    speed = {
        name: len(train) / statistics.median(times) for name, times in seconds.items()
    }
    for workers in (0, 2):
        times = [answer([PEERS_PYTHON, "-c", PEER, workers]) for _ in range(3)]
        name = f"torchvision, DataLoader, {workers} workers"
        speed[name] = PART / statistics.median(times)
    rows = [
        {
            "what": name,
            "images_per_second": round(one),
            "times_gather_from_array": round(one / speed["gather from array"], 3),
            "times_gather_from_tensor": round(one / speed["gather from tensor"], 3),
            "times_torchvision": round(one / max(list(speed.values())[-2:]), 2),
        }
        for name, one in speed.items()
    ]
    write("epoch", rows, packages=("mnistry", "numpy", "torch", "torchvision"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
