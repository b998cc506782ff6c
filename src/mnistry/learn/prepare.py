"""A net and a run prepared, before the first step."""

import copy
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.frame import MEND
from mnistry.learn.device import resolve
from mnistry.learn.fits import expect_learns, expect_weights
from mnistry.learn.generator import OwnGenerator
from mnistry.learn.nets import build
from mnistry.learn.run import Run, digits_facts, environment
from mnistry.learn.start import is_model, origin_of, starting_net
from mnistry.metrics.class_names import class_names, matched
from mnistry.recipes import FINE_TUNING, RECIPES, Recipe


def begin(
    digits: Digits,
    net: Any,
    seed: int,
    *,
    recipe: Recipe | None,
    changes: Mapping[str, Any],
) -> Run:
    """Make a run from everything that decides its result.

    Args:
        digits: Training images.
        net: A name in `NETS`, a module, or a model to fine-tune.
        seed: Decides the initial weights, and everything random later.
        recipe: None for the one in `RECIPES`, with more epochs if images are few.
        changes: Parameters of the recipe to change.

    Raises:
        UsageError: The digits, the seed or the recipe are invalid.
        MnistryError: As `prepare` raises.
    """
    _expect_digits(digits)
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        message = f"seed is {seed!r}; expected a whole number from 0 to {2**32 - 1}."
        raise UsageError(message)
    name, start = starting_net(net)
    _expect_same_classes(net, digits)
    if recipe is None:
        recipe = FINE_TUNING if is_model(net) else RECIPES.get(name, Recipe())
        recipe = recipe.changed(**changes)
        if not changes.keys() & {"steps", "batch_size"}:
            recipe = recipe.for_few(len(digits), keep_epochs="epochs" in changes)
        changes = {}
    recipe = resolve(recipe.changed(**changes))
    with OwnGenerator(int(seed)):
        module = prepare(start, digits, recipe)
    names = {"class_names": list(digits.classes)} if digits.classes else {}
    facts = {
        **origin_of(net),
        **names,
        "net": name,
        "classes": len(digits.counts()),
        "image_size": list(digits.images.shape[1:]),
        "seed": int(seed),  # JSON does not know NumPy's integers
        "digits": digits_facts(digits),
        "computed_with": environment(),
    }
    return Run(net=module, recipe=recipe, facts=facts)


def prepare(net: str | nn.Module, digits: Digits, recipe: Recipe) -> nn.Module:
    """Build the net, or copy the given one, and check that digits and net fit.

    Args:
        net: A name in `NETS`, or a module.
        digits: Training images.
        recipe: Decides the memory layout.

    Returns:
        A new net, on the CPU.

    Raises:
        UsageError: The net returns probabilities.
        UnknownNameError: There is no such net.
        ShapeError: The net does not take such images, or returns other logits.
    """
    classes, size = len(digits.counts()), digits.images.shape[1:]
    if isinstance(net, str):
        module = build(net, classes)
        if size != (28, 28):
            message = (
                f"images are {size[0]}x{size[1]} pixels; the net {net!r} expects 28x28."
                " Load pictures without as_they_are, which frames them, or pass a net"
                f" of your own. {MEND}"
            )
            raise ShapeError(message)
    else:
        expect_weights(net)
        module = copy.deepcopy(net).cpu()
        _expect_logits(_tried(module, size), classes)
        expect_learns(module, size, recipe.batch_size)
    layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
    return module.to(memory_format=layout)  # type: ignore[call-overload,no-any-return]


def _tried(module: nn.Module, size: tuple[int, ...]) -> torch.Tensor:
    """Run a net on two images of noise.

    Raises:
        ShapeError: It does not take them.
    """
    noise = torch.linspace(-1, 3, 2 * math.prod(size)).reshape(2, 1, *size)
    try:
        with torch.no_grad():  # inference mode makes lazy weights that cannot learn
            return module.eval()(noise)  # type: ignore[no-any-return]
    except Exception as error:  # whatever a net of somebody's own may raise
        reason = str(error).strip().partition("\n")[0]
        message = (
            f"the net cannot take images of shape {tuple(noise.shape)}, float32:"
            f" {reason}. Expected one channel first, and nn.Flatten() before the first"
            " nn.Linear, with as many inputs as the flattened image has."
        )
        raise ShapeError(message) from error


def _expect_logits(given: Any, classes: int) -> None:
    """Raise if a net does not return logits.

    Raises:
        ShapeError: They have another shape.
        UsageError: They are probabilities.
    """
    shape = tuple(given.shape) if isinstance(given, torch.Tensor) else type(given)
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[0] != 2:
        raise _other_logits(shape, classes)
    if shape[1] < classes:
        raise _other_logits(shape, classes)
    sums = given.sum(dim=1)
    if given.min() >= 0 and torch.allclose(sums, torch.ones_like(sums), atol=1e-5):
        message = (
            "the net returns probabilities, whose rows sum to 1; expected logits,"
            " because the loss applies softmax itself. Remove the final nn.Softmax."
        )
        raise UsageError(message)


def _other_logits(shape: object, classes: int) -> ShapeError:
    message = (
        f"for two images the net returns {shape}; expected (2, {classes}):"
        " one logit for each image and class."
    )
    return ShapeError(message)


def _expect_digits(digits: object) -> None:
    """Raise unless these are digits with pixels from 0 to 255.

    Raises:
        UsageError: They are not Digits, or no pixel is above 1.
    """
    if not isinstance(digits, Digits):
        message = (
            f"digits are {type(digits).__name__}; expected Digits, images with their"
            " labels, such as mnistry.load(split='train') gives."
        )
        raise UsageError(message)
    if digits.images.max(initial=0) == 1:
        message = (
            "no pixel is above 1; expected 0 paper to 255 ink. For zeros and ones use"
            " Digits(images * 255, labels)."
        )
        raise UsageError(message)


def _expect_same_classes(net: Any, digits: Digits) -> None:
    """Raise unless labels mean the classes that a model has learned.

    Raises:
        UsageError: The classes differ, or are in another order.
    """
    if not is_model(net):
        return
    names = class_names(net.facts)
    if (matched(digits, names).labels != digits.labels).any():
        message = (
            f"the digits have the classes {', '.join(digits.classes)}, but the model"
            f" learned {', '.join(names)}; expected the same in the same order. Train"
            " on them from random weights: net='fast'."
        )
        raise UsageError(message)
