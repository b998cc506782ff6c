"""The loop that all training uses, on nets of a few weights."""

import itertools
import math
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from mnistry.errors import TrainingError
from mnistry.learn.checkpoint import load_checkpoint
from mnistry.learn.loop import Plan, fit
from mnistry.learn.run import Run, Step
from mnistry.learn.shards import Metrics
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
    patience=9,
    device="cpu",
)


def build() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))


def a_run(recipe: Recipe = RECIPE) -> Run:
    return Run(net=build(), recipe=recipe, facts={"net": "small", "seed": 7})


def batches(step: int) -> Iterator[torch.Tensor]:
    for number in itertools.count(step):
        yield torch.randn(5, 3, generator=torch.Generator().manual_seed(number))


def loss_of(net: nn.Module, batch: torch.Tensor) -> tuple[torch.Tensor, Metrics]:
    output = net(batch)
    return (output - batch.sum(1, keepdim=True)).square().mean(), {"largest": 2.0}


def validate(net: nn.Module) -> Metrics:
    assert not net.training
    return {"validation_loss": loss_of(net, next(batches(99)))[0].item()}


def a_plan(**changes: Any) -> Plan[torch.Tensor]:
    settings: dict[str, Any] = {"steps": STEPS, "epoch_steps": 5, "validate": validate}
    return Plan(batches=batches, loss_of=loss_of, **settings | changes)


def weights(net: nn.Module) -> list[list[float]]:
    return [weight.flatten().tolist() for weight in net.parameters()]


@pytest.mark.parametrize("at", [1, 5, 8, STEPS])
def test_a_run_that_was_stopped_comes_to_the_same_weights(
    tmp_path: Path, at: int
) -> None:
    def stop(step: Step) -> None:
        if step["step"] == at:
            signal.raise_signal(signal.SIGINT)

    plan = a_plan(resume_command="make all")
    with pytest.raises(KeyboardInterrupt, match=f"after step {at}.*To go on: make all"):
        fit(a_run(), plan, folder=tmp_path, watch=stop)
    resumed = load_checkpoint(tmp_path, build())
    assert resumed.recipe == RECIPE
    straight = a_run()
    assert weights(fit(resumed, plan)) == weights(fit(straight, plan))
    assert weights(resumed.net) == weights(straight.net)
    assert resumed.step == straight.step == STEPS


def test_the_history_has_a_row_for_each_validation() -> None:
    run = a_run()
    logged: list[Step] = []
    fit(run, a_plan(), watch=logged.append)
    assert [row["step"] for row in run.history] == [5, 10, 12]
    assert list(run.history[0]) == [
        *("epoch", "step", "loss", "largest"),
        *("validation_loss", "learning_rate", "seconds"),
    ]
    assert run.history[1]["loss"] == pytest.approx(
        sum(step["loss"] for step in logged[5:10]) / 5
    )
    assert ["validation_loss" in step for step in logged].count(True) == 3
    assert (logged[-1]["epoch"], logged[-1]["epochs"]) == (3, 3)


def test_a_plan_without_validation_keeps_the_last_weights() -> None:
    run = a_run(RECIPE.changed(patience=0, averaging=0))
    net = fit(run, Plan(batches=batches, loss_of=loss_of, steps=3, epoch_steps=2))
    assert net is run.net
    assert [row["epoch"] for row in run.history] == [1, 2]


def test_a_long_gradient_is_shortened_and_a_short_one_is_not() -> None:
    for longest, expected in ((0.5, 0.5), (1e3, None), (0.0, None)):
        run = a_run(
            Recipe(optimizer="sgd", momentum=0, learning_rate=1, gradient_norm=longest)
        )
        before = [weight.detach().clone() for weight in run.net.parameters()]
        fit(run, a_plan(steps=1))
        moved = zip(before, run.net.parameters(), strict=True)
        length = math.sqrt(
            sum(float((a - b.detach()).square().sum()) for a, b in moved)
        )
        if expected is None:
            assert length > 0.5
        else:
            assert length == pytest.approx(expected, rel=1e-4)


def test_each_step_is_reported_with_its_learning_rate() -> None:
    logged: list[Step] = []
    fit(a_run(), a_plan(), watch=logged.append)
    rates = [step["learning_rate"] for step in logged]
    assert rates == [RECIPE.learning_rate_at(step, STEPS) for step in range(STEPS)]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert max(rates) == pytest.approx(RECIPE.learning_rate)
    assert rates[-1] < 0.1 * max(rates)


def test_a_validation_loss_that_is_no_number_stops() -> None:
    plan = a_plan(validate=lambda _: {"validation_loss": math.nan})
    with pytest.raises(TrainingError, match="the loss is nan at step 5; expected a"):
        fit(a_run(), plan)
