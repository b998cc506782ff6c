"""Ways to turn gradients into a step, one function each, by name.

They compute the same as torch.optim (a test compares them). They are written out here
to be read, to keep their state as arrays in a checkpoint, and because torch.optim loads
torch's compiler, which takes a second before the first step.
"""

from collections.abc import Callable, Mapping, Sequence

import torch

from mnistry.recipes import Recipe

EPSILON = 1e-8  # of torch.optim; keeps a gradient of 0 from being divided by 0

Moments = dict[str, torch.Tensor]
"""The state of an optimizer, by "mean of" or "square of" and the weight's name."""

Tensors = list[torch.Tensor]
"""One for each weight: torch's `_foreach` functions take them all in one call."""

Change = Callable[[Tensors, Sequence[str], Moments, Recipe, int], Tensors]
"""From gradients and names of weights to the updates to subtract."""


@torch.no_grad()
def optimizer_step(
    weights: Mapping[str, torch.Tensor],
    moments: Moments,
    recipe: Recipe,
    *,
    learning_rate: float,
    step: int,
) -> None:
    """Update every weight by its gradient, in place.

    Weight decay is decoupled from the gradients, and applies only to matrices and
    kernels, not to biases.

    Args:
        weights: By name; weights without a gradient are not changed.
        moments: The optimizer's state, empty at first; updated.
        recipe: Names the optimizer and its parameters.
        learning_rate: The learning rate of this step.
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
    """The gradient plus momentum."""
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
    """The gradient divided by its root mean square."""
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
    """The mean gradient divided by its root mean square, both bias-corrected.

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
    """Update the moving mean of squared gradients."""
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
