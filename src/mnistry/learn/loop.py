"""The training loop: batches in, weights moved. There is one, and all training uses it.

`mnistry.train`, the packaged model (`training/digit`) and the nets for reading
(`training/reading`) differ in three things, which they give it: a recipe, a source of
batches, and a loss. What changes from step to step is a `Run`, which `checkpoint`
writes and reads.

Rule of the module: all chance in a step is decided by the seed and the step's number,
so that a run that was stopped goes on to the very weights it would have had.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import torch
from torch import nn

from mnistry.errors import TrainingError
from mnistry.learn.averaging import update_average
from mnistry.learn.optimizers import optimizer_step
from mnistry.learn.run import Run

Batch = TypeVar("Batch")

Loss = Callable[[nn.Module, Batch], tuple[torch.Tensor, Mapping[str, float]]]
"""From a net and a batch to the loss, and what else is measured of the step."""

AfterStep = Callable[[float, Mapping[str, float], float], None]
"""Called with the loss, what else was measured, and the learning rate."""


def fit(
    run: Run,
    batches: Iterable[Batch],
    loss_of: Loss[Batch],
    *,
    steps: int,
    after_step: AfterStep,
) -> None:
    """Take a step for each batch.

    Args:
        run: A net on its way, with its recipe; moved in place.
        batches: Those still to come: `run.step` steps are done.
        loss_of: Runs the net; the loss of the batch, a scalar with a graph behind it.
        steps: Of the whole run, by which the learning rate goes.
        after_step: Called after each step; may raise to stop.

    Raises:
        TrainingError: The loss is no longer a number.

    Example:
        >>> from mnistry.recipes import Recipe
        >>> net = nn.Linear(1, 1, bias=False)
        >>> run = Run(net=net, recipe=Recipe(learning_rate=0.1), facts={"seed": 0})
        >>> def square(net, batch):
        ...     return (net(batch) - 3).square().mean(), {}
        >>> batches = [torch.ones(4, 1)] * 200
        >>> fit(run, batches, square, steps=200, after_step=lambda *_: None)
        >>> round(net.weight.item(), 1), run.step
        (3.0, 200)
    """
    for batch in batches:
        torch.manual_seed(run.seed * steps + run.step)  # for dropout
        loss, metrics = loss_of(run.net, batch)
        expect_finite(run, run.step + 1, loss)
        rate = take_step(run, loss, steps)
        after_step(loss.item(), metrics, rate)


def take_step(run: Run, loss: torch.Tensor, steps: int) -> float:
    """Move each weight against the error, and the average after the weights.

    Args:
        run: Its net gave the loss.
        loss: Of the batch.
        steps: Of the whole run.

    Returns:
        The learning rate of the step.
    """
    recipe = run.recipe
    run.net.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    if recipe.gradient_norm:
        nn.utils.clip_grad_norm_(run.net.parameters(), recipe.gradient_norm)
    rate = recipe.learning_rate_at(run.step, steps)
    run.step += 1
    optimizer_step(run.net, run.moments, recipe, learning_rate=rate, step=run.step)
    if run.average is not None:
        update_average(run.average, run.net, averaging=recipe.averaging, step=run.step)
    return rate


def expect_finite(run: Run, step: int, loss: torch.Tensor) -> None:
    """Stop where the loss is no number any more: the weights will not recover.

    Raises:
        TrainingError: It is not.
    """
    if not torch.isfinite(loss):
        message = (
            f"the loss is {loss.item()} at step {step}; expected a finite number. A"
            f" smaller learning_rate than {run.recipe.learning_rate}, or some warmup,"
            " helps."
        )
        raise TrainingError(message)
