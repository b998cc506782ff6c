"""Train a net for a given number of steps: the loop that both nets share.

The learning rate rises for a while and falls to nothing along a cosine; what is saved
is the exponential moving average of the weights, which reads better than the last ones.
A batch and all chance in a step depend on the step's number alone, so that a run which
was stopped goes on to the same weights.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

WARM_UP = 200  # steps
WEIGHT_DECAY = 0.02
LONGEST_GRADIENT = 2.0
AVERAGE = 0.999  # of the moving average is kept at each step
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class Plan(Generic[Batch]):
    """What is trained, on what, and for how long.

    Attributes:
        steps: In all.
        peak: The largest learning rate.
        batches: From a step's number on, without end.
        loss_of: The loss of a batch; the third value is the share of steps done.
        validate: Metrics on what is held out, in words.
        every: Steps from one checkpoint, with its validation, to the next.
        until: Steps after which this stretch ends, or `steps`.
    """

    steps: int
    peak: float
    batches: Callable[[int], Iterator[Batch]]
    loss_of: Callable[[nn.Module, Batch, float], torch.Tensor]
    validate: Callable[[nn.Module], str]
    every: int = 2000
    until: int = sys.maxsize


def learning_rate(plan: Plan[Batch], step: int) -> float:
    """Give the learning rate of a step, the first being 0."""
    fall = 0.5 * (1 + math.cos(math.pi * step / plan.steps)) + 0.01
    return plan.peak * min(1.0, (step + 1) / WARM_UP) * fall


def fit(net: nn.Module, plan: Plan[Batch], checkpoint: Path) -> nn.Module:
    """Train, going on from the checkpoint where there is one.

    Args:
        net: What to train, in place.
        plan: How.
        checkpoint: A safetensors file: weights, their average, the optimizer's state.

    Returns:
        The moving average.
    """
    average = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(  # type: ignore[no-untyped-call]
            AVERAGE
        ),
        use_buffers=True,
    )
    weights = list(net.parameters())
    optimizer = torch.optim.AdamW(weights, lr=plan.peak, weight_decay=WEIGHT_DECAY)
    start = resume(checkpoint, net, average, optimizer) if checkpoint.exists() else 0
    last = min(plan.steps, plan.until)
    losses: list[float] = []
    began = time.monotonic()
    batches = plan.batches(start)
    for step in range(start, last):
        torch.manual_seed(step)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(plan, step)
        loss = plan.loss_of(net, next(batches), step / plan.steps)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights, LONGEST_GRADIENT)
        optimizer.step()
        average.update_parameters(net)
        losses.append(float(loss.detach()))
        if (step + 1) % plan.every == 0 or step + 1 == last:
            save(checkpoint, step + 1, net, average, optimizer)
            minutes = (time.monotonic() - began) / 60
            mean = sum(losses) / len(losses)
            log(f"step {step + 1}, {minutes:.1f} min, loss {mean:.4f}")
            log("   " + plan.validate(average.module))
            losses = []
    module: nn.Module = average.module
    return module


def save(
    path: Path,
    step: int,
    net: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write a checkpoint, the old one staying until the new one is there."""
    tensors = {f"net.{k}": v for k, v in net.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    for number, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{k}": v for k, v in state.items()}
    part = path.with_suffix(".part")
    held = {k: v.detach().clone().contiguous() for k, v in tensors.items()}
    save_file(held, part, metadata={"step": json.dumps(step)})
    part.replace(path)


def resume(
    path: Path, net: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> int:
    """Take up a checkpoint; give the number of steps done."""
    states: dict[int, dict[str, torch.Tensor]] = {}
    parts: dict[str, dict[str, torch.Tensor]] = {"net": {}, "average": {}}
    with safe_open(path, "pt") as file:
        step = int(json.loads((file.metadata() or {})["step"]))
        for name in file.keys():  # noqa: SIM118
            kind, rest = name.split(".", 1)
            if kind == "optimizer":
                number, key = rest.split(".", 1)
                states.setdefault(int(number), {})[key] = file.get_tensor(name)
            else:
                parts[kind][rest] = file.get_tensor(name)
    net.load_state_dict(parts["net"])
    average.load_state_dict(parts["average"])
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": states, "param_groups": groups})
    return step


def log(words: str) -> None:
    """Print something at once, though the output goes to a file."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
