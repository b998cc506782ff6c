"""Ways to turn gradients into a step, one function each, by name.

They are torch.optim's own arithmetic, which the tests hold them to, written out: to be
read, to be stored in a checkpoint as arrays, and because the first optimizer of
torch.optim loads torch's compiler, a second of work before the first step.
"""

from collections.abc import Callable

import torch
from torch import nn

from mnistry.recipes import Recipe

EPSILON = 1e-8  # of torch.optim; keeps a gradient of 0 from being divided by 0

Moments = dict[str, torch.Tensor]
"""What an optimizer remembers of past gradients, by "mean of" or "square of" weight."""

Change = Callable[[torch.Tensor, str, Moments, Recipe, int], torch.Tensor]


@torch.no_grad()
def optimizer_step(
    net: nn.Module, moments: Moments, recipe: Recipe, *, learning_rate: float, step: int
) -> None:
    """Move every weight of a net against its gradient, in place.

    Weight decay is taken off the weights themselves, not added to the gradients, and
    only off matrices and kernels: pulling biases to 0 makes nothing simpler.

    Args:
        net: Has just been through `backward`.
        moments: Empty at first; updated.
        recipe: Names the optimizer and its numbers.
        learning_rate: Of this step.
        step: 1 is the first one.

    Source:
        Loshchilov and Hutter 2019, "Decoupled weight decay regularization",
        arXiv:1711.05101, for the decay.
    """
    change = OPTIMIZERS[recipe.optimizer]
    for name, weight in net.named_parameters():
        if weight.grad is None:
            continue
        if weight.ndim > 1:
            weight.mul_(1 - learning_rate * recipe.weight_decay)
        weight.sub_(
            change(weight.grad, name, moments, recipe, step), alpha=learning_rate
        )


def _sgd(
    gradient: torch.Tensor, name: str, moments: Moments, recipe: Recipe, _: int
) -> torch.Tensor:
    """The gradient, and what is left of those before: a ball rolling down."""
    if not recipe.momentum:
        return gradient
    mean = _moment(f"mean of {name}", moments, gradient)
    return mean.mul_(recipe.momentum).add_(gradient)


def _rmsprop(
    gradient: torch.Tensor, name: str, moments: Moments, recipe: Recipe, step: int
) -> torch.Tensor:
    """The gradient over its usual size, so that all weights move about as far."""
    square = _moment(f"square of {name}", moments, gradient)
    square.lerp_(gradient.square(), 1 - recipe.square_momentum)
    return _sgd(gradient / (square.sqrt() + EPSILON), name, moments, recipe, step)


def _adam(
    gradient: torch.Tensor, name: str, moments: Moments, recipe: Recipe, step: int
) -> torch.Tensor:
    """The mean gradient over its usual size, both as if nothing had started at 0.

    Source:
        Kingma and Ba 2015, "Adam", algorithm 1, arXiv:1412.6980.
    """
    mean = _moment(f"mean of {name}", moments, gradient)
    square = _moment(f"square of {name}", moments, gradient)
    mean.lerp_(gradient, 1 - recipe.momentum)
    square.lerp_(gradient.square(), 1 - recipe.square_momentum)
    size = (square / (1 - recipe.square_momentum**step)).sqrt_().add_(EPSILON)
    return mean / (1 - recipe.momentum**step) / size


def _moment(name: str, moments: Moments, like: torch.Tensor) -> torch.Tensor:
    if name not in moments:
        moments[name] = torch.zeros_like(like)
    return moments[name]


OPTIMIZERS: dict[str, Change] = {"sgd": _sgd, "rmsprop": _rmsprop, "adam": _adam}
