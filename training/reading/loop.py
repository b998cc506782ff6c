"""Train a net in stretches by the loop of `mnistry.learn`, with validation in between.

A batch and all chance in a step depend on the step's number alone, so that a run which
was stopped goes on to the same weights.
"""

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import nn

from mnistry.learn import loop as learn
from mnistry.learn.averaging import frozen_copy
from mnistry.learn.checkpoint import CHECKPOINT, load_checkpoint
from mnistry.learn.run import Run, Step, environment
from mnistry.learn.shards import Metrics
from mnistry.recipes import Recipe

SEED = 0
WARM_UP = 200  # steps
Batch = TypeVar("Batch")
LossOf = Callable[[nn.Module, Batch, float], torch.Tensor]
"""The loss of a batch; the third value is the share of steps done."""


def recipe(peak: float, steps: int) -> Recipe:
    """Return the recipe of both nets: Adam, weight decay, cosine, moving average."""
    return Recipe(
        learning_rate=peak,
        warmup=min(0.5, WARM_UP / steps),
        decay=True,
        decay_shape="cosine",
        weight_decay=0.02,
        gradient_norm=2.0,
        averaging=0.999,
        channels_last=True,
    )


@dataclass(frozen=True, slots=True)
class Plan(Generic[Batch]):
    """What is trained, on what, and for how long.

    Attributes:
        steps: In all.
        peak: The largest learning rate.
        batches: From a step's number on, without end.
        loss_of: The loss of a batch.
        validate: Metrics on what is held out, in words.
        every: Steps from one checkpoint, with its validation, to the next.
        until: Steps after which this stretch ends, or `steps`.
    """

    steps: int
    peak: float
    batches: Callable[[int], Iterator[Batch]]
    loss_of: LossOf[Batch]
    validate: Callable[[nn.Module], str]
    every: int = 2000
    until: int = sys.maxsize


def begin(net: nn.Module, plan: Plan[Batch], folder: Path) -> Run:
    """Take up the run in a folder, or begin one."""
    if (folder / CHECKPOINT).exists():
        return load_checkpoint(folder, net)
    learned = recipe(plan.peak, plan.steps)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    facts = {
        "seed": SEED,
        "net": type(net).__name__,
        "shape": getattr(net, "shape", {}),
        "recipe": dataclasses.asdict(learned),
        "computed_with": environment(),
    }
    return Run(net=net, recipe=learned, facts=facts, average=frozen_copy(net))


def train(net: nn.Module, plan: Plan[Batch], folder: Path) -> nn.Module:
    """Train, going on from the checkpoint where there is one.

    Args:
        net: What to train, in place.
        plan: How.
        folder: Of the checkpoint.

    Returns:
        The moving average.
    """
    run = begin(net, plan, folder)

    def loss_of(module: nn.Module, batch: Batch) -> tuple[torch.Tensor, Metrics]:
        return plan.loss_of(module, batch, run.step / plan.steps), {}

    def validate(module: nn.Module) -> Metrics:
        log("   " + plan.validate(module))
        return {}

    def report(step: Step) -> None:
        if not run.epoch_log:  # an epoch is over
            row = run.history[-1]
            minutes, rate = row["seconds"] / 60, row["learning_rate"]
            loss = f"loss {row['loss']:.4f}"
            log(f"step {step['step']}, {minutes:.1f} min, rate {rate:.1e}, {loss}")

    whole = learn.Plan(
        batches=plan.batches,
        loss_of=loss_of,
        steps=plan.steps,
        epoch_steps=plan.every,
        validate=validate,
    )
    return learn.fit(run, whole, folder=folder, watch=report, until=plan.until)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Let a command take the options that all training has."""
    parser.add_argument("out", type=Path, help="folder of the run, gone on from")
    parser.add_argument("--steps", type=int, required=True, help="in all")
    parser.add_argument("--until", type=int, default=2**62, help="end this stretch")
    parser.add_argument("--every", type=int, default=2000, help="steps to checkpoint")
    parser.add_argument("--warm", type=Path, help="packaged net to begin from")


def log(words: str) -> None:
    """Print something at once, though the output goes to a file."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
