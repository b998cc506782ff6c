"""Training: digits in, a model out. Read it from top to bottom.

Rule of the package: every parameter comes from the `Recipe`, all randomness from the
seed; the same digits, net, recipe and seed give the same weights on the same machine,
on any number of threads and under any load.
"""

import itertools
import math
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.arrays import Images, Labels
from mnistry.batches import normalise
from mnistry.data.lock import locked_for_one
from mnistry.data.writers import with_writers
from mnistry.digits import Digits
from mnistry.errors import CheckpointError, UsageError
from mnistry.formats.atomic import expect_writable_folder
from mnistry.learn.augment import augment
from mnistry.learn.checkpoint import load_checkpoint
from mnistry.learn.curves import draw_if_possible
from mnistry.learn.device import autocast, resolve, thread_count
from mnistry.learn.early_stopping import selected_epoch
from mnistry.learn.fits import warn_if_nothing_was_learned
from mnistry.learn.loop import Plan, fit
from mnistry.learn.model import Model
from mnistry.learn.prepare import begin
from mnistry.learn.progress import StepCallback
from mnistry.learn.run import Run, digits_facts
from mnistry.learn.shards import Metrics
from mnistry.learn.teacher import check_teacher, teacher_probabilities
from mnistry.learn.validation import fit_trust_on, hold_out, validate
from mnistry.predictions import Predictor
from mnistry.recipes import Recipe

LEAST_IMAGES = 8  # of a shard: batch norms take their mean


class TrainingBatch(NamedTuple):
    """Images of one step, or a shard of them, before they are augmented."""

    images: Images
    labels: Labels
    seed: tuple[int, ...]
    """Decides how they are augmented."""


def train(
    digits: Digits,
    net: Any = "fast",
    *,
    seed: int = 0,
    recipe: Recipe | None = None,
    folder: str | os.PathLike[str] | None = None,
    watch: StepCallback | bool | None = None,
    **changes: Any,
) -> Model:
    """Train a net to read digits.

    Args:
        digits: Training images; some of them are held out for validation.
        net: A name in `NETS`, or your own module that takes (n, 1, 28, 28) float32 and
            returns (n, classes) logits. Your module is copied, and training continues
            from its weights. A model, such as `load_model()`, is fine-tuned with the
            recipe `FINE_TUNING`.
        seed: Decides the initial weights, the order, dropout and which images are held
            out. The result depends neither on the number of threads (MNISTRY_THREADS,
            by default torch.get_num_threads()) nor on other threads or programs.
        recipe: All other parameters; by default those in `RECIPES` for this net, with
            more epochs and smaller batches if images are few (`Recipe.for_few`).
        folder: Where to write a checkpoint and the history after each epoch, and the
            model at the end; also `curves.png`, if matplotlib is installed and there
            are three epochs. Ctrl-C and SIGTERM then wait for the step to end, and
            `resume` continues the run.
        watch: Called after each step; True for a progress bar, False for none. By
            default there is a bar if stderr is a terminal.
        **changes: Parameters of the recipe to change, such as `epochs=3`.

    Returns:
        The net after its last step (or its average, or the net of its best epoch, as
        the recipe says), on the CPU, with the facts of the run;
        `model.facts["history"]` has a row for each epoch.

    Raises:
        UsageError: There are no digits, the seed is not a whole number, or the recipe
            cannot be followed: a parameter out of range, a missing device, patience
            with no images held out.
        UnknownNameError: There is no such net.
        ShapeError: The net does not take such images, or returns other logits.
        TrainingError: The loss became NaN or infinite.
        CacheError: The folder cannot be written, or another run is writing to it.
        KeyboardInterrupt: Ctrl-C or SIGTERM; with a folder, the run is stored.

    Example:
        >>> model = train(mnistry.load("mnist", split="train"))  # doctest: +SKIP
        >>> model.predict(test.images).labels  # doctest: +SKIP
        array([7, 2, 1, ..., 4, 5, 6], dtype=uint8)
    """
    run = begin(digits, net, seed, recipe=recipe, changes=changes)
    return continue_run(run, digits, folder, watch)


def resume(
    folder: str | os.PathLike[str],
    digits: Digits,
    *,
    net: nn.Module | None = None,
    teacher: Predictor | None = None,
    watch: StepCallback | bool | None = None,
    **changes: Any,
) -> Model:
    """Continue a run that was stopped.

    On the same machine the weights become the same, bit by bit, as without the stop.

    Args:
        folder: The folder that was passed to `train`.
        digits: The same digits.
        net: If it was your own module: one built in the same way.
        teacher: If it was a run of `distill`: the same teacher.
        watch: As for `train`.
        **changes: Parameters of the recipe to change from here on, such as a smaller
            `learning_rate` after the loss became NaN; not `batch_size`, in which steps
            are counted.

    Returns:
        As `train` does.

    Raises:
        CheckpointError: There is no checkpoint, it is truncated, damaged or of another
            net, or the digits differ.
        UsageError: A parameter is out of range, or cannot be changed.

    Example:
        >>> model = resume("run", digits)  # doctest: +SKIP
    """
    run = load_checkpoint(Path(folder), net)
    learned, given = run.facts.get("digits"), digits_facts(digits)
    if not isinstance(learned, dict) or learned.get("sha256") != given["sha256"]:
        message = (
            f"the run in {folder} learned from other digits: {learned}; these are"
            f" {given}. Give the same ones, or train anew."
        )
        raise CheckpointError(message)
    recipe = run.recipe.changed(**changes)
    if recipe.batch_size != run.recipe.batch_size:
        message = (
            f"batch_size is {recipe.batch_size}; expected {run.recipe.batch_size}, by"
            " which the steps of this run are counted. Leave it out, or train anew."
        )
        raise UsageError(message)
    run.recipe, run.teacher = resolve(recipe), check_teacher(run, teacher)
    return continue_run(run, digits, folder, watch)


def continue_run(
    run: Run,
    digits: Digits,
    folder: str | os.PathLike[str] | None,
    watch: StepCallback | bool | None,  # noqa: FBT001 - handed on
) -> Model:
    """Take the remaining steps, and validate after each epoch."""
    with ExitStack() as stack:
        if folder is not None:
            expect_writable_folder(folder)
            path = Path(folder).absolute() / "model.safetensors"
            stack.enter_context(locked_for_one(path))
        return _all_steps(run, digits, folder, watch)


def _all_steps(
    run: Run,
    digits: Digits,
    folder: str | os.PathLike[str] | None,
    watch: StepCallback | bool | None,  # noqa: FBT001 - handed on
) -> Model:
    rows, held_out = _split(run, digits)
    epoch_steps = math.ceil(len(rows) / run.recipe.batch_size)
    plan = Plan(
        batches=partial(_batches, run, digits, rows, epoch_steps),
        loss_of=partial(_loss, run),
        cut=_cut,
        steps=run.recipe.steps or run.recipe.epochs * epoch_steps,
        epoch_steps=epoch_steps,
        validate=partial(validate, held_out=held_out, threads=thread_count()),
        resume_command=f"mnistry train --resume --out {folder}",
    )
    net = fit(run, plan, folder=folder, watch=watch)
    warn_if_nothing_was_learned(run)
    facts = {**run.facts, "history": run.history, "epoch": selected_epoch(run)}
    trust = fit_trust_on(net, held_out, thread_count())
    model = Model(net=net.cpu().eval(), facts=facts | trust)
    if folder is not None:
        model.save(Path(folder) / "model.safetensors")
        draw_if_possible(run.history, Path(folder))
    return model


def _split(run: Run, digits: Digits) -> tuple[NDArray[np.intp], Digits]:
    """Return the rows to learn from and the held-out images, as before in this run.

    Rows, as a copy of 54,000 images takes 0.3 s: the system gives its memory page by
    page.
    """
    recipe = run.recipe
    held_out, how = hold_out(with_writers(digits), recipe.validation, run.seed)
    before = run.facts.get("held_back", how)
    if before != how:
        message = (
            f"the run held out {before}; now it would hold out {how}. Was the list of"
            " writers moved or deleted? Restore it, or train anew."
        )
        raise CheckpointError(message)
    if recipe.patience and not held_out.any():
        message = (
            f"patience is {recipe.patience} and no images are held out; expected some,"
            " for early stopping. Set validation=0.1, or patience=0."
        )
        raise UsageError(message)
    run.facts |= {"recipe": asdict(recipe), "held_back": how}
    return np.flatnonzero(~held_out), digits[held_out]


def _batches(
    run: Run, digits: Digits, rows: NDArray[np.intp], epoch_steps: int, step: int
) -> Iterator[TrainingBatch]:
    """Yield the batches from a step on: every image once in each epoch."""
    for epoch in itertools.count(step // epoch_steps):
        order = np.random.default_rng((run.seed, epoch)).permutation(rows)
        for batch in np.array_split(order, epoch_steps)[step % epoch_steps :]:
            seed = (run.seed, epoch, step)
            yield TrainingBatch(digits.images[batch], digits.labels[batch], seed)
            step += 1


def _cut(batch: TrainingBatch, most: int) -> list[tuple[float, TrainingBatch]]:
    """Cut a batch into shards of nearly the same size."""
    count = max(1, min(most, len(batch.labels) // LEAST_IMAGES))
    parts = zip(
        np.array_split(batch.images, count),
        np.array_split(batch.labels, count),
        strict=True,
    )
    return [
        (
            len(labels) / len(batch.labels),
            TrainingBatch(images, labels, (*batch.seed, number)),
        )
        for number, (images, labels) in enumerate(parts)
    ]


def _loss(
    run: Run, net: nn.Module, batch: TrainingBatch
) -> tuple[torch.Tensor, Metrics]:
    """Return the loss of a batch, against its labels or a teacher's probabilities."""
    recipe, rng = run.recipe, np.random.default_rng(batch.seed)
    images = augment(batch.images, recipe, rng)
    truth = torch.from_numpy(batch.labels.astype(np.int64)).to(recipe.device)
    target = truth
    if run.teacher is not None:
        target = teacher_probabilities(run.teacher, images, recipe)
    with autocast(recipe):
        logits = net(torch.from_numpy(normalise(images)).to(recipe.device))
    loss = cross_entropy(logits.float(), target, label_smoothing=recipe.label_smoothing)
    accuracy = (logits.argmax(1) == truth).float().mean().item()
    return loss, {"accuracy": accuracy}
