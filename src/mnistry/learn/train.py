"""Training: digits in, a model out. Read it from top to bottom.

Rule of the room: every number comes from the `Recipe`, every chance from the seed; the
same digits, net, recipe and seed give the same weights on the same machine with as many
threads (a run begun beside a busy program takes one, and says so in its facts).
"""

import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.arrays import Images, Labels
from mnistry.batches import normalise
from mnistry.data.writers import with_writers
from mnistry.digits import Digits
from mnistry.errors import CheckpointError, UsageError
from mnistry.learn.augment import augment
from mnistry.learn.checkpoint import checkpointing, load_checkpoint
from mnistry.learn.curves import draw_if_possible
from mnistry.learn.device import autocast, deterministic, resolve, using_threads
from mnistry.learn.loop import fit
from mnistry.learn.model import Model
from mnistry.learn.prepare import begin, to_device
from mnistry.learn.progress import StepCallback, step_callback
from mnistry.learn.run import Run, Step, digits_facts
from mnistry.learn.teacher import check_teacher, teacher_probabilities
from mnistry.learn.validation import (
    end_epoch,
    fit_trust_on,
    selected_weights,
    split_held_out,
    stops_early,
)
from mnistry.predictions import Predictor
from mnistry.recipes import Recipe

TrainingBatch = tuple[Images, Labels]


def train(
    digits: Digits,
    net: str | nn.Module = "fast",
    *,
    seed: int = 0,
    recipe: Recipe | None = None,
    folder: str | os.PathLike[str] | None = None,
    watch: StepCallback | bool | None = None,
    **changes: Any,
) -> Model:
    """Train a net to read digits.

    Args:
        digits: Training images; a part of them is held back to see how well it goes.
        net: A name of `NETS`, or a module of your own that takes (n, 1, 28, 28) float32
            and gives (n, classes) logits. Yours is copied, and learns on from the
            weights it has.
        seed: Decides first weights, order, dropout and which images are held back.
        recipe: All other numbers; by default those of `RECIPES` for this net.
        folder: Where to keep a checkpoint and the history after each epoch, and at the
            end the model and, with matplotlib, `curves.png`. Ctrl-C and SIGTERM then
            wait for the end of the step, and `resume` goes on from there.
        watch: Called after each step; True for a progress bar, False for nobody. By
            default there is a bar if stderr is a terminal.
        **changes: Numbers of the recipe to change, such as `epochs=3`.

    Returns:
        The net after its last step (or its average, or as it was after its best epoch,
        as the recipe says), on the CPU, with everything that is known of the run; how
        it went, epoch by epoch, is `model.facts["history"]`.

    Raises:
        UsageError: No digits, no whole number as seed, or a recipe that cannot be
            followed: a number that it cannot have, a device that is not there, patience
            with nothing held back.
        UnknownNameError: There is no such net.
        ShapeError: The net does not take such images, or gives other logits.
        TrainingError: The loss is no longer a number.
        CacheError: The folder cannot be written.
        KeyboardInterrupt: Ctrl-C or SIGTERM; with a folder, everything is kept.

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
    """Go on with a run that was stopped, to the very weights it would have had.

    They are the very same on the same machine with as many threads.

    Args:
        folder: The one that `train` was given.
        digits: The same digits.
        net: For a net of your own: one built as it was for training.
        teacher: Of a run of `distill`: the same one.
        watch: As for `train`.
        **changes: Numbers of the recipe to change from here on, such as a smaller
            `learning_rate` after the loss was no longer a number; not `batch_size`, by
            which steps are counted.

    Returns:
        As `train` does.

    Raises:
        CheckpointError: There is no checkpoint, it was cut or changed, is of another
            net, or the digits are others.
        UsageError: A number cannot be, or not be changed.

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
    """Take all steps that are left; after each epoch see how well the net reads."""
    recipe = run.recipe
    learning, held_out = _split(run, digits)
    to_device(run)
    batches = math.ceil(len(learning) / recipe.batch_size)
    started = time.perf_counter() - run.seconds
    with (
        deterministic(recipe),
        using_threads(run.threads),
        step_callback(watch) as report,
        checkpointing(run, folder) as checkpoint,
    ):

        def after_step(loss: float, metrics: Mapping[str, float], rate: float) -> None:
            step = _log_step(run, recipe.epochs * batches, loss, metrics, rate)
            if len(run.epoch_log) == batches:
                row = end_epoch(run, held_out)
                row["seconds"] = time.perf_counter() - started
                step["validation_loss"] = row["validation_loss"]
                step["validation_accuracy"] = row["validation_accuracy"]
            run.seconds = time.perf_counter() - started
            report(step)
            checkpoint()

        while len(run.history) < recipe.epochs and not stops_early(run):
            run.net.train()
            fit(
                run,
                _batches(run, learning, batches),
                partial(_loss, run),
                steps=recipe.epochs * batches,
                after_step=after_step,
            )
    return _finish(run, held_out, folder)


def _split(run: Run, digits: Digits) -> tuple[Digits, Digits]:
    """Part the images to learn from and those held back, as the run has done before."""
    recipe = run.recipe
    learning, held_back, parted = split_held_out(
        with_writers(digits), recipe.validation, run.seed
    )
    before = run.facts.get("held_back", parted)
    if before != parted:
        message = (
            f"the run held back {before}; now it would be {parted}. Is the list of"
            " writers not where it was? Put it there again, or train anew."
        )
        raise CheckpointError(message)
    if recipe.patience and not len(held_back):
        message = (
            f"patience is {recipe.patience} and no images are held back; expected some,"
            " to see when to stop. Set validation=0.1, or patience=0."
        )
        raise UsageError(message)
    run.facts |= {"recipe": asdict(recipe), "held_back": parted}
    return learning, held_back


def _batches(run: Run, digits: Digits, batches: int) -> Iterator[TrainingBatch]:
    """Give the batches of the epoch that are still to come, augmented."""
    epoch = len(run.history)
    order = np.random.default_rng((run.seed, epoch)).permutation(len(digits))
    for rows in np.array_split(order, batches)[len(run.epoch_log) :]:
        rng = np.random.default_rng((run.seed, epoch, run.step))
        images = augment(digits.images[rows], run.recipe, rng)
        yield images, digits.labels[rows]


def _loss(
    run: Run, net: nn.Module, batch: TrainingBatch
) -> tuple[torch.Tensor, Mapping[str, float]]:
    """Read a batch, and see how wrong that was: by its labels, or by a teacher."""
    recipe, (images, labels) = run.recipe, batch
    truth = torch.from_numpy(labels.astype(np.int64)).to(recipe.device)
    target = truth
    if run.teacher is not None:
        target = teacher_probabilities(run.teacher, images, recipe)
    with autocast(recipe):
        logits = net(torch.from_numpy(normalise(images)).to(recipe.device))
    loss = cross_entropy(logits.float(), target, label_smoothing=recipe.label_smoothing)
    accuracy = (logits.argmax(1) == truth).float().mean().item()
    return loss, {"accuracy": accuracy}


def _log_step(
    run: Run, steps: int, loss: float, metrics: Mapping[str, float], rate: float
) -> Step:
    step = Step(
        epoch=len(run.history) + 1,
        epochs=run.recipe.epochs,
        step=run.step,
        steps=steps,
        loss=loss,
        accuracy=metrics["accuracy"],
        learning_rate=rate,
    )
    run.epoch_log.append(step)
    return step


def _finish(run: Run, held_out: Digits, folder: str | os.PathLike[str] | None) -> Model:
    """Choose whose weights are kept, learn how far to trust them, write all down."""
    net, epoch = selected_weights(run)
    facts = {**run.facts, "history": run.history, "epoch": epoch}
    model = Model(net=net.cpu().eval(), facts=facts | fit_trust_on(net, held_out))
    if folder is not None:
        model.save(Path(folder) / "model.safetensors")
        draw_if_possible(run.history, Path(folder))
    return model
