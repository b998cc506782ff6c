"""Training: digits in, a model out. Read it from top to bottom.

Rule of the room: every number comes from the `Recipe`, every chance from the seed; the
same digits, net, recipe and seed give the same weights on the same machine with as many
threads (a run begun beside a busy program takes one, and says so in its facts).
"""

import math
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.batches import normalise
from mnistry.data.writers import with_writers
from mnistry.digits import Digits
from mnistry.errors import CheckpointError, UsageError
from mnistry.learn.augment import augment
from mnistry.learn.averaging import follow
from mnistry.learn.checkpoint import keeping, load_checkpoint
from mnistry.learn.curves import draw_if_possible
from mnistry.learn.device import on_threads, repeatable, rounding, settle
from mnistry.learn.model import Model
from mnistry.learn.optimizers import move
from mnistry.learn.prepare import begin, make_ready
from mnistry.learn.progress import Watch, watching
from mnistry.learn.recipe import Recipe
from mnistry.learn.run import Run, Step, facts_of_digits
from mnistry.learn.teacher import believed, same_teacher
from mnistry.learn.validation import (
    check,
    chosen,
    end_epoch,
    gives_up,
    hold_back,
    trust_of,
)
from mnistry.predictions import Predictor


def train(
    digits: Digits,
    net: str | nn.Module = "fast",
    *,
    seed: int = 0,
    recipe: Recipe | None = None,
    folder: str | os.PathLike[str] | None = None,
    watch: Watch | bool | None = None,
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
    return carry_on(run, digits, folder, watch)


def resume(
    folder: str | os.PathLike[str],
    digits: Digits,
    *,
    net: nn.Module | None = None,
    teacher: Predictor | None = None,
    watch: Watch | bool | None = None,
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
    learned, given = run.facts.get("digits"), facts_of_digits(digits)
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
    run.recipe, run.teacher = settle(recipe), same_teacher(run, teacher)
    return carry_on(run, digits, folder, watch)


def carry_on(
    run: Run,
    digits: Digits,
    folder: str | os.PathLike[str] | None,
    watch: Watch | bool | None,  # noqa: FBT001 - handed on
) -> Model:
    """Take all steps that are left; after each epoch see how well the net reads."""
    recipe = run.recipe
    learning, held_back = _part(run, digits)
    make_ready(run)
    batches = math.ceil(len(learning) / recipe.batch_size)
    started = time.perf_counter() - run.seconds
    with (
        repeatable(recipe),
        on_threads(run.threads),
        watching(watch) as tell,
        keeping(run, folder) as keep,
    ):
        for epoch in range(len(run.history), recipe.epochs):
            if gives_up(run):
                break
            order = np.random.default_rng((run.seed, epoch)).permutation(len(learning))
            run.net.train()
            for rows in np.array_split(order, batches)[len(run.told) :]:
                step = _step(run, learning, rows, recipe.epochs * batches)
                if len(run.told) == batches:
                    row = end_epoch(run, held_back)
                    row["seconds"] = time.perf_counter() - started
                    step["validation_loss"] = row["validation_loss"]
                    step["validation_accuracy"] = row["validation_accuracy"]
                run.seconds = time.perf_counter() - started
                tell(step)
                keep()
    return _finish(run, held_back, folder)


def _part(run: Run, digits: Digits) -> tuple[Digits, Digits]:
    """Part the images to learn from and those held back, as the run has done before."""
    recipe = run.recipe
    learning, held_back, parted = hold_back(
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


def _step(run: Run, digits: Digits, rows: NDArray[np.intp], steps: int) -> Step:
    """Read a batch, see how wrong it was, and move each weight against the error."""
    recipe, epoch = run.recipe, len(run.history)
    images = augment(
        digits.images[rows], recipe, np.random.default_rng((run.seed, epoch, run.step))
    )
    truth = torch.from_numpy(digits.labels[rows].astype(np.int64)).to(recipe.device)
    wanted = truth if run.teacher is None else believed(run.teacher, images, recipe)
    torch.manual_seed(run.seed * steps + run.step)  # for dropout
    with rounding(recipe):
        logits = run.net(torch.from_numpy(normalise(images)).to(recipe.device))
    loss = cross_entropy(logits.float(), wanted, label_smoothing=recipe.label_smoothing)
    check(run, run.step + 1, loss)
    run.net.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    learning_rate = recipe.learning_rate_at(run.step, steps)
    run.step += 1
    move(run.net, run.moments, recipe, learning_rate=learning_rate, step=run.step)
    if run.average is not None:
        follow(run.average, run.net, averaging=recipe.averaging, step=run.step)
    told = Step(
        epoch=epoch + 1,
        epochs=recipe.epochs,
        step=run.step,
        steps=steps,
        loss=loss.item(),
        accuracy=(logits.argmax(1) == truth).float().mean().item(),
        learning_rate=learning_rate,
    )
    run.told.append(told)
    return told


def _finish(
    run: Run, held_back: Digits, folder: str | os.PathLike[str] | None
) -> Model:
    """Choose whose weights are kept, learn how far to trust them, write all down."""
    net, epoch = chosen(run)
    facts = {**run.facts, "history": run.history, "epoch": epoch}
    model = Model(net=net.cpu().eval(), facts=facts | trust_of(net, held_back))
    if folder is not None:
        model.save(Path(folder) / "model.safetensors")
        draw_if_possible(run.history, Path(folder))
    return model
