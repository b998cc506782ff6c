"""A net and a run prepared, before the first step."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.learn.device import choose_threads, deterministic, resolve
from mnistry.learn.nets import build
from mnistry.learn.run import Run, digits_facts, environment
from mnistry.recipes import RECIPES, Recipe


def begin(
    digits: Digits,
    net: str | nn.Module,
    seed: int,
    *,
    recipe: Recipe | None,
    changes: Mapping[str, Any],
) -> Run:
    """Make a run of everything that decides how it will go.

    Args:
        digits: What it is to learn from.
        net: A name of `NETS`, or a module.
        seed: Decides first weights, and all chance that is to come.
        recipe: None for that of `RECIPES`.
        changes: Numbers of the recipe to change.

    Raises:
        UsageError: No seed, or a recipe that cannot be followed.
        MnistryError: As `prepare` does.
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        message = f"seed is {seed!r}; expected a whole number from 0 to {2**32 - 1}."
        raise UsageError(message)
    name = net if isinstance(net, str) else type(net).__name__
    recipe = resolve((recipe or RECIPES.get(name, Recipe())).changed(**changes))
    with deterministic(recipe):
        torch.manual_seed(seed)
        module = prepare(net, digits, recipe)
        threads = choose_threads(module, digits, recipe)
    facts = {
        "net": name,
        "classes": len(digits.counts()),
        "image_size": list(digits.images.shape[1:]),
        "seed": int(seed),  # NumPy's numbers are none of JSON's
        "digits": digits_facts(digits),
        "computed_with": environment() | {"threads": threads},
    }
    return Run(net=module, recipe=recipe, facts=facts)


def prepare(net: str | nn.Module, digits: Digits, recipe: Recipe) -> nn.Module:
    """Build the net, or copy the given one, and see that digits and net fit.

    Args:
        net: A name of `NETS`, or a module.
        digits: What it is to learn from.
        recipe: Says how its numbers lie in memory.

    Returns:
        A net of the caller's own, on the CPU.

    Raises:
        UsageError: The digits are something else.
        UnknownNameError: There is no such net.
        ShapeError: The net does not take such images, or gives other logits.
    """
    if not isinstance(digits, Digits):
        message = (
            f"digits are {type(digits).__name__}; expected Digits, images with their"
            " labels, such as mnistry.load(split='train') gives."
        )
        raise UsageError(message)
    classes, size = len(digits.counts()), digits.images.shape[1:]
    if isinstance(net, str):
        module = build(net, classes)
        if size != (28, 28):
            message = (
                f"images are {size[0]}x{size[1]} pixels; the net {net!r} expects 28x28."
                " Pictures loaded without as_they_are are framed so; or pass a net of"
                " your own."
            )
            raise ShapeError(message)
    else:
        module = copy.deepcopy(net).cpu()
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
