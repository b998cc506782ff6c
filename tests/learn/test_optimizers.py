"""torch.optim is the oracle: the same net, the same batches, the same weights."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from mnistry.learn.optimizers import Moments, optimizer_step
from mnistry.recipes import Recipe

TWINS: list[tuple[Recipe, Callable[[Any], torch.optim.Optimizer]]] = [
    (Recipe(optimizer="sgd", momentum=0), lambda w: torch.optim.SGD(w, 0.01)),
    (Recipe(optimizer="sgd"), lambda w: torch.optim.SGD(w, 0.01, momentum=0.9)),
    (
        Recipe(optimizer="rmsprop", momentum=0),
        lambda w: torch.optim.RMSprop(w, 0.01, alpha=0.999),
    ),
    (
        Recipe(optimizer="rmsprop", square_momentum=0.9),
        lambda w: torch.optim.RMSprop(w, 0.01, alpha=0.9, momentum=0.9),
    ),
    (Recipe(), lambda w: torch.optim.Adam(w, 0.01)),
    (
        Recipe(momentum=0.7, square_momentum=0.9),
        lambda w: torch.optim.Adam(w, 0.01, betas=(0.7, 0.9)),
    ),
]


def two_alike() -> tuple[nn.Module, nn.Module]:
    mine = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    theirs = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    theirs.load_state_dict(mine.state_dict())
    return mine, theirs


@pytest.mark.parametrize(("recipe", "twin"), TWINS)
def test_steps_are_those_of_torch(
    recipe: Recipe, twin: Callable[[Any], torch.optim.Optimizer]
) -> None:
    torch.manual_seed(0)
    mine, theirs = two_alike()
    optimizer, moments = twin(theirs.parameters()), Moments()
    for step in range(1, 30):
        batch = torch.randn(8, 5).double()
        for net in (mine, theirs):
            net.zero_grad()
            (net(batch) ** 2).sum().backward()
        optimizer.step()
        optimizer_step(
            dict(mine.named_parameters()),
            moments,
            recipe,
            learning_rate=0.01,
            step=step,
        )
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-8)


def test_only_matrices_decay() -> None:
    torch.manual_seed(0)
    mine, before = two_alike()
    for weight in mine.parameters():
        weight.grad = torch.zeros_like(weight)
    recipe = Recipe(weight_decay=0.5)
    optimizer_step(dict(mine.named_parameters()), {}, recipe, learning_rate=0.1, step=1)
    for one, other in zip(mine.parameters(), before.parameters(), strict=True):
        share = 0.95 if one.ndim > 1 else 1.0
        torch.testing.assert_close(one, other * share)


def test_a_weight_without_gradient_stays() -> None:
    net = nn.Linear(2, 2)
    net.bias.requires_grad = False
    before = net.bias.clone()
    net(torch.ones(1, 2)).sum().backward()
    optimizer_step(
        dict(net.named_parameters()), {}, Recipe(), learning_rate=0.1, step=1
    )
    assert torch.equal(net.bias, before)
