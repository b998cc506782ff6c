"""The loop that all training uses, on nets of a few weights."""

import copy
import math

import pytest
import torch
from torch import nn

from mnistry.learn.averaging import frozen_copy
from mnistry.learn.loop import fit
from mnistry.learn.run import Run
from mnistry.recipes import Recipe

STEPS = 12
RECIPE = Recipe(
    learning_rate=0.05,
    momentum=0.9,
    square_momentum=0.99,
    averaging=0.9,
    warmup=0.2,
    decay=True,
    decay_shape="cosine",
    gradient_norm=0.5,
)


def a_run(recipe: Recipe = RECIPE) -> Run:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))
    run = Run(net=net, recipe=recipe, facts={"seed": 7})
    run.average = frozen_copy(net)
    return run


def batches(first: int, last: int) -> list[torch.Tensor]:
    return [
        torch.randn(5, 3, generator=torch.Generator().manual_seed(number))
        for number in range(first, last)
    ]


def loss_of(
    net: nn.Module, batch: torch.Tensor
) -> tuple[torch.Tensor, dict[str, float]]:
    output = net(batch)
    return (output - batch.sum(1, keepdim=True)).square().mean(), {"mean": 1.0}


def weights(run: Run) -> list[list[float]]:
    assert run.average is not None
    both = [*run.net.parameters(), *run.average.parameters()]
    return [weight.flatten().tolist() for weight in both]


def test_a_run_in_two_stretches_comes_to_the_same_weights() -> None:
    one, two = a_run(), a_run()
    fit(one, batches(0, STEPS), loss_of, steps=STEPS, after_step=lambda *_: None)
    fit(two, batches(0, 5), loss_of, steps=STEPS, after_step=lambda *_: None)
    two = copy.deepcopy(two)
    fit(two, batches(5, STEPS), loss_of, steps=STEPS, after_step=lambda *_: None)
    assert weights(one) == weights(two)
    assert one.step == two.step == STEPS


def test_a_long_gradient_is_shortened_and_a_short_one_is_not() -> None:
    for longest, expected in ((0.5, 0.5), (900.0, None), (0.0, None)):
        recipe = Recipe(
            optimizer="sgd", momentum=0, learning_rate=1, gradient_norm=longest
        )
        run = a_run(recipe)
        before = [weight.detach().clone() for weight in run.net.parameters()]
        fit(run, batches(0, 1), loss_of, steps=1, after_step=lambda *_: None)
        moved = zip(before, run.net.parameters(), strict=True)
        length = math.sqrt(
            sum(float((a - b).detach().square().sum()) for a, b in moved)
        )
        if expected is None:
            assert length > 0.5
        else:
            assert length == pytest.approx(expected, rel=1e-4)


def test_each_step_is_reported_with_its_learning_rate() -> None:
    rows: list[tuple[float, float]] = []

    def after_step(loss: float, _: object, rate: float) -> None:
        rows.append((loss, rate))

    fit(a_run(), batches(0, STEPS), loss_of, steps=STEPS, after_step=after_step)
    rates = [rate for _, rate in rows]
    assert rates == [RECIPE.learning_rate_at(step, STEPS) for step in range(STEPS)]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert max(rates) == pytest.approx(RECIPE.learning_rate)
    assert rates[-1] < 0.1 * max(rates)
