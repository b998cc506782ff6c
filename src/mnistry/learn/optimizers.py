"""Ways to turn gradients into a step, one function each, by name.

They are torch.optim's own arithmetic, which the tests hold them to, written out: to be
read, to be stored in a checkpoint as arrays, and because the first optimizer of
torch.optim loads torch's compiler, a second of work before the first step.
"""

from collections.abc import Callable, Mapping, Sequence

import torch

from mnistry.recipes import Recipe

EPSILON = 1e-8  # of torch.optim; keeps a gradient of 0 from being divided by 0

Moments = dict[str, torch.Tensor]
"""What an optimizer remembers of past gradients, by "mean of" or "square of" weight."""

Tensors = list[torch.Tensor]
"""One for each weight: torch's `_foreach` functions take them all in one call."""

Change = Callable[[Tensors, Sequence[str], Moments, Recipe, int], Tensors]
"""From the gradients and names of the weights to what is taken off them."""


@torch.no_grad()
def optimizer_step(
    weights: Mapping[str, torch.Tensor],
    moments: Moments,
    recipe: Recipe,
    *,
    learning_rate: float,
    step: int,
) -> None:
    """Move every weight against its gradient, in place.

    Weight decay is taken off the weights themselves, not added to the gradients, and
    only off matrices and kernels: pulling biases to 0 makes nothing simpler.

    Args:
        weights: By name; those without a gradient stay as they are.
        moments: Empty at first; updated.
        recipe: Names the optimizer and its numbers.
        learning_rate: Of this step.
        step: 1 is the first one.

    Source:
        Loshchilov and Hutter 2019, "Decoupled weight decay regularization",
        arXiv:1711.05101, for the decay.
    """
    gradients = {n: of.grad for n, of in weights.items() if of.grad is not None}
    if not gradients:
        return
    moved = [weights[name] for name in gradients]
    kernels = [weight for weight in moved if weight.ndim > 1]
    if kernels and recipe.weight_decay:
        torch._foreach_mul_(kernels, 1 - learning_rate * recipe.weight_decay)
    change = OPTIMIZERS[recipe.optimizer]
    changes = change([*gradients.values()], [*gradients], moments, recipe, step)
    torch._foreach_sub_(moved, changes, alpha=learning_rate)


def _sgd(
    gradients: Tensors, names: Sequence[str], moments: Moments, recipe: Recipe, _: int
) -> Tensors:
    """The gradient, and what is left of those before: a ball rolling down."""
    if not recipe.momentum:
        return gradients
    means = _moments("mean", names, moments, gradients)
    torch._foreach_mul_(means, recipe.momentum)
    torch._foreach_add_(means, gradients)
    return means


def _rmsprop(
    gradients: Tensors,
    names: Sequence[str],
    moments: Moments,
    recipe: Recipe,
    step: int,
) -> Tensors:
    """The gradient over its usual size, so that all weights move about as far."""
    sizes = torch._foreach_sqrt(_squares(gradients, names, moments, recipe))
    torch._foreach_add_(sizes, EPSILON)
    steps = list(torch._foreach_div(gradients, sizes))
    return _sgd(steps, names, moments, recipe, step)


def _adam(
    gradients: Tensors,
    names: Sequence[str],
    moments: Moments,
    recipe: Recipe,
    step: int,
) -> Tensors:
    """The mean gradient over its usual size, both as if nothing had started at 0.

    Source:
        Kingma and Ba 2015, "Adam", algorithm 1, arXiv:1412.6980.
    """
    means = _moments("mean", names, moments, gradients)
    torch._foreach_lerp_(means, gradients, 1 - recipe.momentum)
    squares = _squares(gradients, names, moments, recipe)
    sizes = torch._foreach_div(squares, 1 - recipe.square_momentum**step)
    torch._foreach_sqrt_(sizes)
    torch._foreach_add_(sizes, EPSILON)
    changes = torch._foreach_div(means, 1 - recipe.momentum**step)
    torch._foreach_div_(changes, sizes)
    return list(changes)


def _squares(
    gradients: Tensors, names: Sequence[str], moments: Moments, recipe: Recipe
) -> Tensors:
    """Take the gradients into the mean of their squares."""
    squares = _moments("square", names, moments, gradients)
    now = torch._foreach_mul(gradients, gradients)
    torch._foreach_lerp_(squares, now, 1 - recipe.square_momentum)
    return squares


def _moments(
    kind: str, names: Sequence[str], moments: Moments, like: Tensors
) -> Tensors:
    for name, gradient in zip(names, like, strict=True):
        if f"{kind} of {name}" not in moments:
            moments[f"{kind} of {name}"] = torch.zeros_like(gradient)
    return [moments[f"{kind} of {name}"] for name in names]


OPTIMIZERS: dict[str, Change] = {"sgd": _sgd, "rmsprop": _rmsprop, "adam": _adam}
