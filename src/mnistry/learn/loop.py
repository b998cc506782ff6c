"""The training loop. There is only one, and all training uses it.

`mnistry.train`, the packaged model (`training/digit`) and the nets for reading
(`training/reading`) differ in what they pass to it: a recipe, and a `Plan` of batches,
loss and validation. What changes from step to step is a `Run`, which `checkpoint`
writes and reads.

Rule of the module: all randomness in a step depends only on the seed and the step's
number, so a run that was stopped continues to exactly the same weights.
"""

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, cast

import numpy as np
from torch import nn

from mnistry.errors import TrainingError
from mnistry.learn.averaging import frozen_copy, update_average
from mnistry.learn.checkpoint import checkpointing
from mnistry.learn.device import deterministic, resolve, retain_memory, thread_count
from mnistry.learn.early_stopping import best_epoch, selected_weights, stops_early
from mnistry.learn.optimizers import optimizer_step
from mnistry.learn.progress import StepCallback, step_callback
from mnistry.learn.run import Epoch, Run, Step
from mnistry.learn.shards import Batch, Cut, Loss, Metrics, Shards, side_by_side


def no_metrics(_: nn.Module) -> Metrics:
    """Measure nothing, for plans without validation."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Generic[Batch]):
    """The batches, loss, validation and length of a run.

    Attributes:
        batches: Takes the number of steps done, and yields the remaining batches; a
            batch depends only on its number and the seed.
        loss_of: Runs a net, in training mode, on a batch or a shard of it, perhaps in
            another thread.
        steps: Steps of the whole run; the learning rate depends on them.
        epoch_steps: Steps from one validation, with its checkpoint, to the next.
        cut: Cuts a batch into shards; None if the loss needs the whole batch.
        validate: Measures the net, or its average, in evaluation mode; early stopping
            uses its `validation_loss`.
        resume_command: The command that continues a stopped run, for the message.
    """

    batches: Callable[[int], Iterator[Batch]]
    loss_of: Loss[Batch]
    steps: int
    epoch_steps: int
    cut: Cut[Batch] | None = None
    validate: Callable[[nn.Module], Metrics] = no_metrics
    resume_command: str = "give the same command again"


def fit(
    run: Run,
    plan: Plan[Batch],
    *,
    folder: str | os.PathLike[str] | None = None,
    watch: StepCallback | bool | None = False,
    until: int | None = None,
) -> nn.Module:
    """Take the remaining steps of a run.

    Args:
        run: A new run, or one from `load_checkpoint`; changed in place.
        plan: Batches, loss, validation, length.
        folder: Where to write checkpoint and history after each epoch, and on Ctrl-C or
            SIGTERM; None: nowhere.
        watch: Called after each step, with the validation after the last step of an
            epoch; True for a progress bar; None for one if stderr is a terminal.
        until: Number of steps after which to return; None: all.

    Returns:
        The net, its average or its best epoch, as the recipe says; on its device.

    Raises:
        UsageError: The device that the recipe names is not available.
        TrainingError: The loss became NaN or infinite.
        CacheError: The folder cannot be written.
        KeyboardInterrupt: Ctrl-C or SIGTERM; with a folder, the run is stored.

    Example:
        >>> import torch
        >>> from mnistry.recipes import Recipe
        >>> def batches(step):
        ...     while True:
        ...         rng = np.random.default_rng((0, step))
        ...         yield torch.from_numpy(rng.normal(size=(4, 1)).astype(np.float32))
        ...         step += 1
        >>> def loss_of(net, batch):
        ...     return (net(batch) - 3 * batch).square().mean(), {}
        >>> run = Run(
        ...     net=nn.Linear(1, 1, bias=False),
        ...     recipe=Recipe(learning_rate=0.1, device="cpu"),
        ...     facts={"net": "line", "seed": 0},
        ... )
        >>> plan = Plan(batches=batches, loss_of=loss_of, steps=200, epoch_steps=50)
        >>> round(fit(run, plan).weight.item(), 1), run.step, len(run.history)
        (3.0, 200, 4)
    """
    _to_device(run)
    started = time.perf_counter() - run.seconds
    with (
        deterministic(run.recipe),
        side_by_side(min(run.recipe.shards, thread_count())) as call_all,
        step_callback(watch) as report,
        checkpointing(run, folder, plan.resume_command) as checkpoint,
    ):
        run.net.train()
        shards = Shards(run, plan.loss_of, plan.cut, call_all)
        batches = plan.batches(run.step)
        last = min(plan.steps, plan.steps if until is None else until)
        while run.step < last and not stops_early(run):
            step = _take_step(run, plan, shards, next(batches))
            if run.step % plan.epoch_steps == 0 or run.step == last:
                step |= cast("Step", _end_epoch(run, plan.validate, started))
            run.seconds = time.perf_counter() - started
            report(step)
            checkpoint()
    return selected_weights(run)


def _to_device(run: Run) -> None:
    """Move a run to its device, with the averages that its recipe needs."""
    run.recipe = recipe = resolve(run.recipe)
    if recipe.averaging and run.average is None:
        run.average = frozen_copy(run.net)
    if not recipe.averaging:
        run.average = None
    if not recipe.patience:
        run.best = None
    for net in (run.net, run.average, run.best):
        if net is not None:
            net.to(recipe.device)
    run.moments = {name: of.to(recipe.device) for name, of in run.moments.items()}
    retain_memory()


def _take_step(
    run: Run, plan: Plan[Batch], shards: Shards[Batch], batch: Batch
) -> Step:
    """Take one step: update the weights, then their average."""
    recipe = run.recipe
    loss, metrics = shards.learn(batch)
    _expect_finite(run, run.step + 1, loss)
    if recipe.gradient_norm:
        nn.utils.clip_grad_norm_(run.net.parameters(), recipe.gradient_norm)
    learning_rate = recipe.learning_rate_at(run.step, plan.steps)
    run.step += 1
    optimizer_step(
        shards.weights, run.moments, recipe, learning_rate=learning_rate, step=run.step
    )
    if run.average is not None:
        update_average(run.average, run.net, averaging=recipe.averaging, step=run.step)
    row: dict[str, Any] = {
        "epoch": math.ceil(run.step / plan.epoch_steps),
        "epochs": math.ceil(plan.steps / plan.epoch_steps),
        "step": run.step,
        "steps": plan.steps,
        "loss": loss,
        **metrics,
        "learning_rate": learning_rate,
    }
    step = cast("Step", row)
    run.epoch_log.append(step)
    return step


def _end_epoch(
    run: Run, validate: Callable[[nn.Module], Metrics], started: float
) -> Metrics:
    """Add an epoch to the history, and keep its weights if they are the best so far.

    Raises:
        TrainingError: The validation loss is NaN or infinite.
    """
    last = dict(run.epoch_log[-1])
    measured = [name for name in last if name not in _COUNTERS]
    means = {
        name: float(np.mean([dict(step)[name] for step in run.epoch_log]))
        for name in measured
    }
    validation = validate(run.evaluated.eval())
    run.net.train()
    loss = validation.get("validation_loss")
    if loss is not None:
        _expect_finite(run, run.step, loss)
    row: dict[str, Any] = {
        "epoch": last["epoch"],
        "step": run.step,
        **means,
        **validation,
        "learning_rate": last["learning_rate"],
        "seconds": time.perf_counter() - started,
    }
    run.history.append(cast("Epoch", row))
    run.epoch_log.clear()
    if run.recipe.patience and best_epoch(run.history) == len(run.history):
        run.best = frozen_copy(run.evaluated)
    return validation


_COUNTERS = ("epoch", "epochs", "step", "steps", "learning_rate")
"""Fields of a step that are not averaged over an epoch."""


def _expect_finite(run: Run, step: int, loss: float) -> None:
    """Stop if the loss is NaN or infinite: the weights will not recover.

    Raises:
        TrainingError: It is.
    """
    if not math.isfinite(loss):
        message = (
            f"the loss is {loss} at step {step}; expected a finite number. A"
            f" smaller learning_rate than {run.recipe.learning_rate}, or some warmup,"
            " helps."
        )
        raise TrainingError(message)
