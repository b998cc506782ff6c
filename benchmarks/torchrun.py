"""Does training a net of this size in two processes pay, on one machine or on two?

Run: torchrun --nproc-per-node 1 benchmarks/torchrun.py [--net fast] [--images 20000]
     torchrun --nproc-per-node 2 benchmarks/torchrun.py …

Data parallel with gloo over loopback: each batch of 512 is cut among the processes,
gradients are averaged after each step (`DistributedDataParallel`), all begin with the
weights of the seed and see the same order. So a step is that of one process, but for
batch norm, whose statistics are those of each part, and for rounding. Each process has
one thread. `step_processor_ms` is what a step costs one process in time of its core,
which other work on the machine hardly changes. `exchange_ms` is an `all_reduce` of as
many numbers as the net has, alone: what each step pays, and more over a real network.
"""

import argparse
import json
import os
import time

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

import mnistry
from mnistry.batches import normalise
from mnistry.learn.nets import build

BATCH = 512
RATE = 0.1
EXCHANGES = 50


def main() -> None:
    """Train in this process's part; the first process prints a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", default="fast")
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("gloo")
    rank, size = dist.get_rank(), dist.get_world_size()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    train, test = mnistry.load()
    train = train[: args.images]
    net = DistributedDataParallel(build(args.net))
    (seconds, spent), steps = learn(net, train, args, rank, size)
    numbers = sum(weight.numel() for weight in net.parameters())
    exchange = exchanged(numbers)
    if rank == 0:
        facts = {
            "processes": size,
            "net": args.net,
            "numbers": numbers,
            "accuracy": accuracy(net.module, test),
            "step_processor_ms": round(1000 * spent / steps, 2),
            "step_ms": round(1000 * seconds / steps, 2),
            "exchange_ms": round(1000 * exchange, 2),
            "seconds": round(seconds, 2),
        }
        print(json.dumps(facts))
    dist.destroy_process_group()


def learn(
    net: torch.nn.Module,
    train: mnistry.Digits,
    args: argparse.Namespace,
    rank: int,
    size: int,
) -> tuple[tuple[float, float], int]:
    """Train; give the seconds, those of the processor, and the number of steps."""
    steps_each = len(train) // BATCH
    optimizer = torch.optim.SGD(
        net.parameters(), lr=RATE, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    plan = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps_each * args.epochs
    )
    rng = np.random.default_rng(args.seed)
    net.train()
    began, used = time.perf_counter(), time.process_time()
    for _ in range(args.epochs):
        order = rng.permutation(len(train))
        for step in range(steps_each):
            rows = order[step * BATCH : (step + 1) * BATCH][rank::size]
            images = torch.from_numpy(normalise(train.images[rows]))
            labels = torch.from_numpy(train.labels[rows].astype(np.int64))
            optimizer.zero_grad()
            cross_entropy(net(images), labels).backward()
            optimizer.step()
            plan.step()
    taken = time.perf_counter() - began, time.process_time() - used
    return taken, steps_each * args.epochs


def exchanged(numbers: int) -> float:
    """Time the exchange of gradients alone."""
    gradients = torch.zeros(numbers)
    dist.barrier()
    began = time.perf_counter()
    for _ in range(EXCHANGES):
        dist.all_reduce(gradients)
    return (time.perf_counter() - began) / EXCHANGES


@torch.inference_mode()
def accuracy(net: torch.nn.Module, test: mnistry.Digits) -> float:
    """Return the share of test images that are right."""
    net.eval()
    right = 0
    for first in range(0, len(test), 1000):
        some = test[first : first + 1000]
        classes = net(torch.from_numpy(normalise(some.images))).argmax(1).numpy()
        right += int((classes == some.labels).sum())
    return right / len(test)


if __name__ == "__main__":
    main()
