"""The moving average of a net's weights, which reads better than any single step.

Near the end, steps circle around the best weights; their average is nearer. Statistics
of batch norms are averaged like weights.

Source:
    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging",
    doi:10.1137/0330046; with weights that fade, as here, Tarvainen and Valpola 2017,
    "Mean teachers are better role models", arXiv:1703.01780.
"""

import copy

import torch
from torch import nn

SLOW_START = 10  # steps, roughly, in which the average moves more quickly


def frozen_copy(net: nn.Module) -> nn.Module:
    """Copy a net in its current state, to store it or to start an average."""
    return copy.deepcopy(net).requires_grad_(requires_grad=False).eval()


@torch.no_grad()
def update_average(
    average: nn.Module, net: nn.Module, *, averaging: float, step: int
) -> None:
    """Update the moving average with the weights of a net, in place.

    Args:
        average: From `frozen_copy`; it is changed.
        net: The net, after its step.
        averaging: Share of the average that stays, 0 to below 1. In the first steps it
            is less, so that the initial weights are soon forgotten.
        step: 1 is the first one.

    Example:
        >>> net = nn.Linear(1, 1)
        >>> average = frozen_copy(net)
        >>> _ = nn.init.constant_(net.weight, 7)
        >>> update_average(average, net, averaging=0, step=1)
        >>> average.weight.item()
        7.0
    """
    new = 1 - min(averaging, step / (step + SLOW_START))
    for mine, theirs in zip(_numbers(average), _numbers(net), strict=True):
        if mine.is_floating_point():
            mine.lerp_(theirs, new)
        else:  # a count of batches
            mine.copy_(theirs)


def _numbers(net: nn.Module) -> list[torch.Tensor]:
    """List a net's parameters and buffers, shared ones once."""
    return [*net.parameters(), *net.buffers()]
