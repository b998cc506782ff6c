"""Training: digits in, a model out. Read it from top to bottom.

Rule of the room: every number comes from the `Recipe`, every chance from the seed; the
same digits, net, recipe and seed give the same weights on the same machine.
"""

import copy
import math
import time
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.arrays import Images, Labels
from mnistry.batches import normalise
from mnistry.digits import Digits
from mnistry.errors import ShapeError, TrainingError
from mnistry.learn.augment import augment
from mnistry.learn.facts import facts_of_digits, versions
from mnistry.learn.holdout import hold_back
from mnistry.learn.model import Model, predict_logits
from mnistry.learn.nets import build
from mnistry.learn.optimizers import move
from mnistry.learn.progress import Watch, watching
from mnistry.learn.recipe import RECIPES, Recipe
from mnistry.learn.run import Epoch, Run, Step


def train(
    digits: Digits,
    net: str | nn.Module = "fast",
    *,
    seed: int = 0,
    recipe: Recipe | None = None,
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
        watch: Called after each step; True for a progress bar, False for nobody. By
            default there is a bar if stderr is a terminal.
        **changes: Numbers of the recipe to change, such as `epochs=3`.

    Returns:
        The net after its last step, with everything that is known of the run; how it
        went, epoch by epoch, is `model.facts["history"]`.

    Raises:
        UsageError: No digits, or a number that a recipe cannot have.
        UnknownNameError: There is no such net.
        ShapeError: The net does not take such images, or gives other logits.
        TrainingError: The loss is no longer a number.

    Example:
        >>> model = train(mnistry.load("mnist", split="train"))  # doctest: +SKIP
        >>> model.predict(test.images).labels  # doctest: +SKIP
        array([7, 2, 1, ..., 4, 5, 6], dtype=uint8)
    """
    name = net if isinstance(net, str) else type(net).__name__
    recipe = (recipe or RECIPES.get(name, Recipe())).changed(**changes)
    learning, held_back, parted = hold_back(digits, recipe.validation, seed)
    with torch.random.fork_rng(devices=[]), watching(watch) as tell:
        torch.manual_seed(seed)
        run = Run(net=_prepare(net, digits, recipe), recipe=recipe, seed=seed)
        _carry_on(run, learning, held_back, tell)
    facts = {
        "net": name,
        "classes": len(digits.counts()),
        "image_size": list(digits.images.shape[1:]),
        "recipe": asdict(recipe),
        "seed": seed,
        "digits": facts_of_digits(digits),
        "held_back": parted,
        "versions": versions(),
        "history": run.history,
    }
    return Model(net=run.net.eval(), facts=facts)


def _carry_on(run: Run, learning: Digits, held_back: Digits, tell: Watch) -> None:
    """Take all steps that are left; after each epoch write a row of history."""
    started = time.perf_counter() - run.seconds
    batches = math.ceil(len(learning) / run.recipe.batch_size)
    for epoch in range(run.step // batches, run.recipe.epochs):
        order = np.random.default_rng((run.seed, epoch)).permutation(len(learning))
        run.net.train()
        for rows in np.array_split(order, batches)[run.step % batches :]:
            rng = np.random.default_rng((run.seed, epoch, run.step))
            images = augment(learning.images[rows], run.recipe, rng)
            tell(_step(run, images, learning.labels[rows], batches))
        run.history.append(_look(run, held_back))
        run.told.clear()
        run.seconds = run.history[-1]["seconds"] = time.perf_counter() - started


def _step(run: Run, images: Images, labels: Labels, batches: int) -> Step:
    """Read a batch, see how wrong it was, and move each weight against the error."""
    recipe, steps = run.recipe, run.recipe.epochs * batches
    torch.manual_seed(run.seed * steps + run.step)  # for dropout
    truth = torch.from_numpy(labels.astype(np.int64))
    logits = run.net(torch.from_numpy(normalise(images)))
    loss = cross_entropy(logits, truth)
    if not torch.isfinite(loss):
        message = (
            f"the loss is {loss.item()} at step {run.step + 1}; expected a finite"
            f" number. A smaller learning_rate than {recipe.learning_rate}, or some"
            " warmup, helps."
        )
        raise TrainingError(message)
    run.net.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    learning_rate = recipe.learning_rate_at(run.step, steps)
    run.step += 1
    move(run.net, run.moments, recipe, learning_rate=learning_rate, step=run.step)
    told = Step(
        epoch=(run.step - 1) // batches + 1,
        epochs=recipe.epochs,
        step=run.step,
        steps=steps,
        loss=loss.item(),
        accuracy=(logits.argmax(1) == truth).float().mean().item(),
        learning_rate=learning_rate,
    )
    run.told.append(told)
    return told


def _look(run: Run, held_back: Digits) -> Epoch:
    """Sum up an epoch, and see how the net reads images that it did not learn from."""
    row = Epoch(
        epoch=run.told[-1]["epoch"],
        step=run.step,
        loss=float(np.mean([step["loss"] for step in run.told])),
        accuracy=float(np.mean([step["accuracy"] for step in run.told])),
        validation_loss=None,
        validation_accuracy=None,
        learning_rate=run.told[-1]["learning_rate"],
        seconds=0.0,
    )
    if len(held_back):
        run.net.eval()
        logits = torch.from_numpy(predict_logits(run.net, held_back.images))
        truth = torch.from_numpy(held_back.labels.astype(np.int64))
        row["validation_loss"] = cross_entropy(logits, truth).item()
        right = logits.argmax(1) == truth
        row["validation_accuracy"] = right.float().mean().item()
    return row


def _prepare(net: str | nn.Module, digits: Digits, recipe: Recipe) -> nn.Module:
    """Build the net, or copy the given one, and see that digits and net fit."""
    classes, size = len(digits.counts()), digits.images.shape[1:]
    if isinstance(net, str):
        module = build(net, classes)
        if size != (28, 28):
            message = (
                f"images are {size[0]}x{size[1]} pixels; the net {net!r} expects 28x28."
                " Resize them, or pass a net of your own."
            )
            raise ShapeError(message)
    else:
        module = copy.deepcopy(net)
        with torch.inference_mode():
            shape = tuple(module.eval()(torch.zeros(2, 1, *size)).shape)
        if len(shape) != 2 or shape[0] != 2 or shape[1] < classes:
            message = (
                f"for two images the net gives {shape}; expected (2, {classes}):"
                " one logit for each image and class."
            )
            raise ShapeError(message)
    layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
    return module.to(memory_format=layout)  # type: ignore[call-overload,no-any-return]
