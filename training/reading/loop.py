"""Train a net for a given number of minutes: the loop that both nets share.

The step rises for a while and falls to nothing along a cosine; what is kept is the
running mean of the weights, which reads better than the last ones.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

WARM_UP = 200  # steps
TOLD_EVERY = 180  # seconds from one measurement to the next


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train, and how fast.

    Attributes:
        minutes: Wall clock, measurements included.
        peak: The largest learning rate.
        memory: Share of the running mean that each step keeps.
    """

    minutes: float
    peak: float
    memory: float = 0.999


def warm_start(net: nn.Module, path: Path) -> list[str]:
    """Take over the weights of another net that fit; name those that do not."""
    own = net.state_dict()
    other = load_file(path)
    fits = {k: v for k, v in other.items() if k in own and own[k].shape == v.shape}
    net.load_state_dict(fits, strict=False)
    return sorted(own.keys() - fits.keys())


def fit(
    net: nn.Module,
    batches: Iterator[Any],
    loss_of: Callable[[nn.Module, Any, float], torch.Tensor],
    *,
    plan: Plan,
    measure: Callable[[nn.Module], str],
    out: Path,
) -> None:
    """Train, tell how it goes, and keep the running mean of the weights in `out`.

    Args:
        net: What to train, in place.
        batches: Without end.
        loss_of: The loss of a batch; the third value is the share of time that is over.
        plan: How long and how fast.
        measure: Words about a net on what is held back.
        out: A safetensors file, written after each measurement.
    """
    mean = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(plan.memory),
        use_buffers=True,
    )
    free = [weight for weight in net.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(free, lr=plan.peak, weight_decay=0.02)
    start = told = time.monotonic()
    losses: list[float] = []
    for step, batch in enumerate(batches, 1):
        now = time.monotonic()
        done = (now - start) / (60 * plan.minutes)
        if done >= 1 or now - told > TOLD_EVERY:
            told = now
            keep(mean.module, out)
            words = f"loss {sum(losses) / max(1, len(losses)):.4f}"
            tell(f"{(now - start) / 60:.1f} min, {step} steps, {words}, held back")
            tell("   " + measure(mean.module))
            losses = []
        if done >= 1:
            return
        for group in optimizer.param_groups:
            fall = 0.5 * (1 + math.cos(math.pi * done)) + 0.01
            group["lr"] = plan.peak * min(1, step / WARM_UP) * fall
        loss = loss_of(net, batch, done)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(free, 2.0)
        optimizer.step()
        mean.update_parameters(net)
        losses.append(float(loss.detach()))


def keep(net: nn.Module, out: Path) -> None:
    """Write a net's weights, the old ones staying until the new ones are there."""
    part = out.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, part)
    part.replace(out)


def tell(words: str) -> None:
    """Say something at once, though the output goes to a file."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
