from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.early_stopping import best_epoch, stops_early
from mnistry.learn.model import predict_logits
from mnistry.learn.nets import build
from mnistry.learn.run import Run, Step
from mnistry.learn.train import train
from mnistry.learn.validation import split_held_out
from mnistry.metrics import loss
from mnistry.recipes import Recipe

# so large a step that the weights get worse after the first epoch
SPOILT: dict[str, Any] = {"epochs": 8, "batch_size": 60, "learning_rate": 0.3}


def rows(losses: list[float]) -> list[Any]:
    return [{"validation_loss": loss} for loss in losses]


def run_of(losses: list[float], patience: int) -> Run:
    recipe = Recipe(patience=patience)
    return Run(net=build("linear"), recipe=recipe, facts={}, history=rows(losses))


@given(losses=st.lists(st.floats(0, 9), min_size=1), patience=st.integers(1, 5))
def test_it_gives_up_when_the_last_epochs_were_no_better_than_one_before(
    losses: list[float], patience: int
) -> None:
    before, last = losses[:-patience], losses[-patience:]
    wanted = bool(before) and min(last) >= min(before)
    assert stops_early(run_of(losses, patience)) == wanted
    assert losses[best_epoch(rows(losses)) - 1] == min(losses)


def test_without_patience_it_never_gives_up() -> None:
    assert not stops_early(run_of([1, 2, 3, 4], 0))
    assert not stops_early(run_of([], 3))


def test_the_weights_of_the_best_epoch_are_kept(bars: Digits) -> None:
    model = train(bars, "mlp", patience=2, **SPOILT)
    history = model.facts["history"]
    best = model.facts["epoch"]
    assert len(history) == best + 2 < 8
    assert best == best_epoch(history)
    held_out = split_held_out(bars, 0.1, seed=0)[1]
    logits = predict_logits(model.net, held_out.images)
    found = loss(held_out.labels, logits)
    assert found == pytest.approx(history[best - 1]["validation_loss"], rel=1e-4)


def test_the_schedule_is_that_of_all_epochs(bars: Digits) -> None:
    steps: list[Step] = []
    train(bars, "mlp", patience=1, decay=True, watch=steps.append, **SPOILT)
    assert {step["steps"] for step in steps} == {72}
    assert steps[-1]["step"] < 72


def test_without_patience_the_last_epoch_is_kept(bars: Digits) -> None:
    model = train(bars, "linear", epochs=3)
    assert model.facts["epoch"] == 3


@pytest.mark.parametrize("validation", [0, 0.0001])
def test_patience_needs_images_held_out(bars: Digits, validation: float) -> None:
    with pytest.raises(UsageError, match="patience is 2 and no images are held out;"):
        train(bars, "linear", patience=2, validation=validation)


def test_smoothed_labels_raise_the_loss_of_steps_and_not_that_of_validation(
    bars: Digits,
) -> None:
    plain, smoothed = (
        train(bars, "fast", epochs=4, batch_size=60, label_smoothing=share)
        for share in (0.0, 0.3)
    )
    spread = 0.3 * 0.9  # of probability, that the labels give to the other classes
    least = -(1 - spread) * np.log(1 - spread) - spread * np.log(spread / 9)
    assert (
        smoothed.facts["history"][-1]["loss"]
        > least
        > plain.facts["history"][-1]["loss"]
    )
    # the temperature brings back the confidence that smoothing took
    assert smoothed.temperature < plain.temperature
