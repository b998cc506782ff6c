"""A batch cut into shards, each computed by one thread, and their gradients added up.

The last bits of a sum depend on its order, and with torch's own threads the order
depends on their number. Here the recipe says into how many shards a batch is cut; one
thread computes each, and their gradients are added in the order of the shards. So the
number of threads and the load of the machine affect only how long a step takes. Waiting
threads sleep (torch's spin), and a shard that no thread has started is computed by the
thread that waits for it.

A batch norm sees one shard at a time; its statistics are averaged over the shards.

Source:
    Hoffer, Hubara and Soudry 2017, "Train longer, generalize better", arXiv:1705.08741,
    for batch norms over parts of a batch ("ghost batch normalization").
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from operator import mul
from typing import Any, Generic, TypeVar, cast

import torch
from torch import nn

from mnistry.learn.device import using_threads
from mnistry.learn.generator import OwnGenerator
from mnistry.learn.run import Run

Batch = TypeVar("Batch")
Given = TypeVar("Given")

Metrics = Mapping[str, float | None]

Loss = Callable[[nn.Module, Batch], tuple[torch.Tensor, Metrics]]
"""From a net and a batch, or a shard of it, to the loss, a scalar, and what else is
measured."""

Cut = Callable[[Batch, int], Sequence[tuple[float, Batch]]]
"""From a batch and the most shards that are wanted to the shards, each with the share
of the batch that it is; what they are depends on these two alone."""

SideBySide = Callable[[Sequence[Callable[[], Given]]], list[Given]]
"""Calls functions, each on one thread, and gives their results in their order."""


@contextmanager
def side_by_side(threads: int) -> Iterator[SideBySide[Any]]:
    """Yield a function that runs several functions at once, on up to so many threads.

    Example:
        >>> with side_by_side(2) as call_all:
        ...     call_all([lambda: 1, lambda: 2, lambda: 3])
        [1, 2, 3]
    """
    with using_threads(1):
        if threads == 1:
            yield lambda calls: [call() for call in calls]
            return
        alone = partial(torch.set_num_threads, 1)
        with ThreadPoolExecutor(threads - 1, "shards", initializer=alone) as pool:
            yield partial(_call_all, pool)


def _call_all(
    pool: ThreadPoolExecutor, calls: Sequence[Callable[[], Given]]
) -> list[Given]:
    """Run the first here, the others in the pool, or here if not yet started."""
    futures = [pool.submit(call) for call in calls[1:]]
    results = [calls[0]()]
    for call, future in zip(calls[1:], futures, strict=True):
        results.append(call() if future.cancel() else future.result())
    return results


@dataclass(frozen=True, slots=True)
class Seen:
    """The results of a shard.

    Attributes:
        loss: Its mean loss.
        metrics: Other measurements.
        gradients: For each weight, times the shard's share of the batch; or None.
        draws: Number of operations that drew random numbers.
    """

    loss: float
    metrics: Metrics
    gradients: list[torch.Tensor | None]
    draws: int


class Shards(Generic[Batch]):
    """Computes the gradients of each batch, shard by shard.

    Attributes:
        weights: All weights of the net, by name; `learn` sets their gradients.
    """

    def __init__(
        self,
        run: Run,
        loss_of: Loss[Batch],
        cut: Cut[Batch] | None,
        call_all: SideBySide[Seen],
    ) -> None:
        """Prepare the replicas of a run's net.

        Args:
            run: A run whose net is in training mode, on its device.
            loss_of: Computes a net's mean loss over the images of a shard.
            cut: See `Plan`.
            call_all: From `side_by_side`.
        """
        self._run, self._loss_of = run, loss_of
        self._cut, self._call_all = cut, call_all
        # a GPU computes one batch at a time
        is_whole = cut is None or run.recipe.device != "cpu"
        self._nets = replicas(run.net, 1 if is_whole else run.recipe.shards)
        # listing them takes longer than adding up their gradients
        self.weights = dict(run.net.named_parameters())
        self._weights_of = [list(net.parameters()) for net in self._nets]
        self._counts_of = [list(net.buffers()) for net in self._nets]
        self._is_of_torch = is_of_torch(run.net)
        self._draws = True  # until a step has drawn nothing

    def learn(self, batch: Batch) -> tuple[float, Metrics]:
        """Set the gradients of all weights; return loss and metrics, averaged."""
        shards: Sequence[tuple[float, Batch]] = [(1.0, batch)]
        if self._cut is not None:
            shards = self._cut(batch, len(self._nets))
        shares = [share for share, _ in shards]
        calls = [partial(self._see, number, *of) for number, of in enumerate(shards)]
        seen = self._call_all(calls)
        if not any(of.draws for of in seen) and self._is_of_torch:
            self._draws = False
        for weight, *gradients in zip(
            self.weights.values(), *(of.gradients for of in seen), strict=True
        ):
            weight.grad = added(gradients)
        merge_counts(self._counts_of, len(shards))
        metrics = {
            name: _mean([of.metrics[name] for of in seen], shares)
            for name in seen[0].metrics
        }
        return cast("float", _mean([of.loss for of in seen], shares)), metrics

    def _see(self, number: int, share: float, shard: Batch) -> Seen:
        """Run a net forward and backward on one shard, on one thread."""
        run, net = self._run, self._nets[number]
        own = OwnGenerator(run.seed, run.step, number) if self._draws else None
        if run.recipe.device != "cpu":
            torch.manual_seed(run.seed + run.step)  # of the GPU's own generators
        with own or nullcontext():
            loss, metrics = self._loss_of(net, shard)
        weights = self._weights_of[number]
        learning = [weight for weight in weights if weight.requires_grad]
        found = iter(torch.autograd.grad(loss * share, learning, allow_unused=True))
        gradients = [next(found) if of.requires_grad else None for of in weights]
        return Seen(loss.item(), metrics, gradients, own.draws if own else 0)


def replicas(net: nn.Module, count: int) -> list[nn.Module]:
    """Return a net, and copies that share its weights but not its buffers.

    Returns:
        As many as asked for; only the net if copies cannot share its weights, as for
        scripted modules.
    """
    weights = list(net.parameters())
    shared = {id(weight): weight for weight in weights}
    copies = [copy.deepcopy(net, dict(shared)) for _ in range(count - 1)]
    for each in copies:
        pairs = zip(weights, each.parameters(), strict=True)
        if any(mine.data_ptr() != its.data_ptr() for mine, its in pairs):
            return [net]
    return [net, *copies]


def is_of_torch(net: nn.Module) -> bool:
    """Return whether all layers are torch's own: these draw always or never."""
    return all(type(of).__module__.startswith("torch.nn.") for of in net.modules())


@torch.no_grad()
def added(gradients: Sequence[torch.Tensor | None]) -> torch.Tensor | None:
    """Add up the gradients of a weight, in the order of the shards."""
    there = [gradient for gradient in gradients if gradient is not None]
    for gradient in there[1:]:
        there[0].add_(gradient)
    return there[0] if there else None


def _mean(values: Sequence[float | None], shares: Sequence[float]) -> float | None:
    """Average, weighted by share; None if a shard has no value."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return None
    return sum(map(mul, numbers, shares), 0.0)


@torch.no_grad()
def merge_counts(counts_of: Sequence[Sequence[torch.Tensor]], used: int) -> None:
    """Average the statistics of batch norms over the shards, in all replicas.

    Args:
        counts_of: The buffers of each replica of a net.
        used: The number of replicas, from the first, that have just seen a shard.
    """
    if len(counts_of) == 1:
        return
    for mine, *theirs in zip(*counts_of, strict=True):
        if mine.is_floating_point():  # by differences, which keep equal values exact
            apart = [of - mine for of in theirs[: used - 1]]
            for difference in apart:
                mine.add_(difference, alpha=1 / used)
        for of in theirs:
            of.copy_(mine)
