"""The average of a net's weights over its last steps, which reads better than any.

The steps near the end go round the best weights rather than to them; their average
lies nearer. Statistics of batch norms are averaged like weights.

Source:
    Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging",
    doi:10.1137/0330046; with weights that fade, as here, Tarvainen and Valpola 2017,
    "Mean teachers are better role models", arXiv:1703.01780.
"""

import copy

import torch
from torch import nn

SLOW_START = 10  # steps: before about so many, the average moves more quickly


def frozen_copy(net: nn.Module) -> nn.Module:
    """Copy a net as it stands: to be stored, or to begin an average with."""
    return copy.deepcopy(net).requires_grad_(requires_grad=False).eval()


@torch.no_grad()
def update_average(
    average: nn.Module, net: nn.Module, *, averaging: float, step: int
) -> None:
    """Take the weights of a net into the average, in place.

    Args:
        average: From `frozen_copy`; its numbers are moved.
        net: Has just moved its weights.
        averaging: Share of the average that stays, 0 to below 1. In the first steps it
            is less, so that the weights from before training are soon forgotten.
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
    """List what a net has learned and counted; what layers share is there once."""
    return [*net.parameters(), *net.buffers()]
