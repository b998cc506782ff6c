import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import ShapeError, TrainingError, UnknownNameError, UsageError
from mnistry.learn.device import resolve
from mnistry.learn.model import Model, predict_logits
from mnistry.learn.run import Step
from mnistry.learn.train import train
from mnistry.metrics import fit_trust
from mnistry.predictions import Predictions
from mnistry.recipes import RECIPES, Recipe

SMALL: dict[str, Any] = {"epochs": 2, "batch_size": 60}


def same(one: Model, other: Model) -> bool:
    mine, theirs = one.weights, other.weights
    return all(np.array_equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize("net", ["linear", "tutorial", "fast"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    bars: Digits, net: str
) -> None:
    assert same(train(bars, net, **SMALL), train(bars, net, **SMALL))
    assert not same(train(bars, net, **SMALL), train(bars, net, seed=1, **SMALL))


def test_fast_learns_to_read_bars(bars: Digits, other_bars: Digits) -> None:
    model = train(bars, "fast", epochs=8, batch_size=60)
    predictions = model.predict(other_bars.images)
    assert (predictions.labels == other_bars.labels).mean() > 0.95


def test_training_leaves_the_random_numbers_of_others_alone(bars: Digits) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state(), np.random.get_state(legacy=False)  # noqa: NPY002
    train(bars, "tutorial", epochs=1)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_equal(before[1], np.random.get_state(legacy=False))  # noqa: NPY002


def test_each_step_is_reported(bars: Digits) -> None:
    seen: list[Step] = []
    train(bars, "linear", epochs=2, batch_size=100, watch=seen.append)
    assert [step["step"] for step in seen] == list(
        range(1, 13)
    )  # 540 images, 6 batches
    assert [step["epoch"] for step in seen] == [1] * 6 + [2] * 6
    assert {(step["steps"], step["epochs"]) for step in seen} == {(12, 2)}
    assert all(0 <= step["accuracy"] <= 1 for step in seen)


def test_history_has_a_row_for_each_epoch_that_agrees_with_the_model(
    bars: Digits,
) -> None:
    seen: list[Step] = []
    model = train(bars, "linear", epochs=3, batch_size=100, watch=seen.append)
    history = model.facts["history"]
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert [row["step"] for row in history] == [6, 12, 18]
    losses = [step["loss"] for step in seen if step["epoch"] == 2]
    assert history[1]["loss"] == pytest.approx(np.mean(losses))
    seconds = [row["seconds"] for row in history]
    assert 0 < seconds[0] < seconds[1] < seconds[2]


def test_validation_is_what_the_model_says_of_the_images_held_out(
    bars: Digits,
) -> None:
    from mnistry.learn.validation import split_held_out

    model = train(bars, "fast", seed=3, **SMALL)
    held_out = split_held_out(bars, 0.1, seed=3)[1]
    predictions = Predictions(predict_logits(model.net, held_out.images))
    rows = np.arange(len(held_out))
    last = model.facts["history"][-1]
    right = (predictions.labels == held_out.labels).mean()
    loss = -np.log(predictions.probabilities[rows, held_out.labels]).mean()
    assert last["validation_accuracy"] == pytest.approx(right)
    assert last["validation_loss"] == pytest.approx(loss, rel=1e-4)
    assert model.facts["held_back"] == "61 of 600 images, at random, of each class"


def test_whom_to_trust_is_learned_from_the_images_held_out(bars: Digits) -> None:
    from mnistry.learn.validation import split_held_out

    model = train(bars, "fast", seed=3, **SMALL)
    held_out = split_held_out(bars, 0.1, seed=3)[1]
    logits = predict_logits(model.net, held_out.images)
    trust = fit_trust(held_out.labels, logits)
    assert model.facts["trust"] == trust._asdict()
    predictions = model.predict(held_out.images)
    assert np.allclose(predictions.logits * trust.temperature, logits, rtol=1e-5)
    assert predictions.rejected.mean() <= 1 - trust.coverage
    assert model.predict(np.zeros((1, 28, 28), np.uint8)).reject_below > 0


def test_nothing_need_be_held_out(bars: Digits) -> None:
    model = train(bars, "linear", epochs=1, validation=0)
    last = model.facts["history"][-1]
    assert last["validation_accuracy"] is last["validation_loss"] is None
    assert not model.predict(bars.images).rejected.any()


def test_the_facts_tell_recipe_seed_digits_and_versions(bars: Digits) -> None:
    seed: Any = np.int64(7)  # as a loop over an array gives it
    facts = train(bars, "linear", seed=seed, epochs=1).facts
    assert json.loads(json.dumps(facts)) == facts
    assert Recipe(**facts["recipe"]) == resolve(RECIPES["linear"].changed(epochs=1))
    assert facts["seed"] == 7
    assert facts["digits"]["images"] == len(bars)
    assert facts["computed_with"]["torch"] == torch.__version__


def test_a_net_of_ones_own_is_trained_and_left_as_it_was(bars: Digits) -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(784, 10)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.layer(images.view(-1, 784))
            return logits

    mine = Own()
    before = mine.layer.weight.detach().clone()
    model = train(bars, mine, recipe=Recipe(epochs=5, learning_rate=0.01))
    assert torch.equal(mine.layer.weight, before)
    assert mine.training
    assert model.facts["net"] == "Own"
    assert model.facts["history"][-1]["accuracy"] > 0.9


def test_the_last_batch_is_not_a_crumb(bars: Digits) -> None:
    sizes: list[int] = []

    class Own(nn.Linear):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            if self.training:
                sizes.append(len(images))
            return super().forward(images.flatten(1))

    train(bars[:101], Own(784, 10), epochs=1, batch_size=30, shards=1)
    assert sizes[0] == 2  # looked at before the first step
    assert sum(sizes[1:]) == 91
    assert sorted(sizes[1:]) == [22, 23, 23, 23]


def test_a_loss_that_is_no_number_stops_with_the_step(bars: Digits) -> None:
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) at step \d+; "):
        train(bars, "mlp", epochs=3, optimizer="sgd", learning_rate=900)


def test_no_digits_are_an_error(bars: Digits) -> None:
    with pytest.raises(UsageError, match="of 0 images 0 would be held out"):
        train(bars[:0], "linear")


def test_images_of_another_size_need_another_net() -> None:
    wide = Digits(np.zeros((20, 28, 30), np.uint8), np.zeros(20, np.uint8))
    with pytest.raises(ShapeError, match="28x30 pixels; the net 'linear'"):
        train(wide, "linear")


def test_a_net_with_too_few_logits_is_an_error(bars: Digits) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 9))
    with pytest.raises(ShapeError, match=r"returns \(2, 9\); expected \(2, 10\)"):
        train(bars, net)


def test_unknown_names_are_named(bars: Digits) -> None:
    with pytest.raises(UnknownNameError, match="no net 'quick'"):
        train(bars, "quick")
    with pytest.raises(UsageError, match="no 'epoch'"):
        train(bars, "linear", epoch=3)


@pytest.mark.parametrize("seed", [-1, 1.5, "7"])
def test_a_seed_is_a_whole_number_from_zero(bars: Digits, seed: Any) -> None:
    with pytest.raises(UsageError, match="seed is .*; expected a whole number from 0"):
        train(bars, "linear", seed=seed)


def test_what_is_no_digits_is_refused(bars: Digits) -> None:
    for odd, kind in ((bars.images, "ndarray"), ("mnist", "str")):
        other: Any = odd
        with pytest.raises(UsageError, match=f"digits are {kind}; expected Digits, im"):
            train(other, "linear")
        with pytest.raises(UsageError, match=f"digits are {kind}; expected Digits, im"):
            train(other, bars.labels)  # as scikit-learn is called


def test_the_length_of_a_run_may_be_given_in_steps(bars: Digits) -> None:
    model = train(bars, "linear", steps=8, batch_size=100)  # 540 images, 6 batches
    assert [row["step"] for row in model.facts["history"]] == [6, 8]
    assert model.facts["history"][-1]["validation_loss"] is not None
