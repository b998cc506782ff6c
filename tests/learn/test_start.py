"""Nets that learn on, and nets that cannot learn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import mnistry
from mnistry.digits import Digits
from mnistry.errors import CheckpointError, ShapeError, UsageError
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.learn.model import Model
from mnistry.learn.prepare import begin
from mnistry.learn.start import to_module
from mnistry.learn.train import train
from mnistry.learn.validation import split_held_out
from mnistry.models.few import train_on_own
from mnistry.models.packaged import PackagedModel
from mnistry.predictions import label_predictions
from mnistry.recipes import RECIPES, Recipe
from mnistry.synth.drawn import draw


@pytest.fixture(scope="module")
def few() -> Digits:
    return Digits(*draw(60, seed=4), "few", "train")


def flat(*more: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10), *more)


def test_the_packaged_model_learns_on_from_what_it_knows(few: Digits) -> None:
    packaged = mnistry.load_model()
    same = packaged.to_torch()
    logits = same.predict(few.images).logits
    assert np.allclose(logits, packaged.predict(few.images).logits, atol=1e-3)
    still = train(few, packaged, learning_rate=0, epochs=1, validation=0, watch=False)
    assert (still.predict(few.images).labels == same.predict(few.images).labels).all()
    assert still.facts["fine_tuned_from"]["digits"]["images"] == 60_000
    learned = train(few, packaged, epochs=2, watch=False)
    again = train(few, learned, epochs=1, watch=False)
    assert again.facts["net"] == "packaged"
    assert any((again.weights[n] != of).any() for n, of in learned.weights.items())


def test_a_model_that_learned_on_is_saved_and_resumed(
    few: Digits, tmp_path: Path
) -> None:
    model = train(few, mnistry.load_model(), epochs=1, folder=tmp_path, watch=False)
    back = mnistry.load_model(tmp_path / "model.safetensors")
    assert (back.predict(few.images).logits == model.predict(few.images).logits).all()


def test_the_packaged_model_saved_needs_no_torch(few: Digits, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    mnistry.load_model().save(path)
    back = mnistry.load_model(path)
    assert isinstance(back, PackagedModel)
    ours = mnistry.load_model().predict(few.images).logits
    assert (back.predict(few.images).logits == ours).all()
    weights, facts = read_weights(path)
    write_weights(path, weights, facts | {"layers": [["unshuffle", 10**9]]})
    with pytest.raises(CheckpointError, match="other layers than the packaged"):
        mnistry.load_model(path)


def test_a_net_of_other_layers_does_not_become_the_packaged_one() -> None:
    net = mnistry.load_model().net
    fewer = type(net)(net.layers[-1:], net.weights)
    with pytest.raises(UsageError, match="has 1 layers with weights; expected 6"):
        to_module(fewer)


@pytest.mark.parametrize(
    ("net", "error", "message"),
    [
        (nn.Flatten, UsageError, r"is the class Flatten; expected .* Flatten\(\)"),
        (7, UsageError, "the net is a int; expected a name such as 'fast'"),
        (nn.Linear(784, 10), ShapeError, r"cannot take images of shape \(2, 1, 28, 28"),
        (nn.Conv2d(3, 1, 3), ShapeError, r"cannot take .*3 channels"),
        (
            flat(nn.Softmax(dim=1)),
            UsageError,
            "returns probabilities.* Remove the final nn.",
        ),
        (
            nn.Sequential(nn.Conv2d(1, 1, 1), nn.Flatten(1, 2)),
            ShapeError,
            r"returns \(2, 28, 28\); expected \(2, 10\)",
        ),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 5)), ShapeError, r"\(2, 5\); exp"),
    ],
)
def test_a_net_that_cannot_learn_is_reported_before_the_first_step(
    net: Any, error: type[Exception], message: str, few: Digits
) -> None:
    with pytest.raises(error, match=message):
        train(few, net, watch=False)


def test_logarithms_of_probabilities_are_logits(few: Digits) -> None:
    assert train(few, flat(nn.LogSoftmax(dim=1)), epochs=1, watch=False)


@pytest.mark.parametrize("count", [1, 20, 132, 1000, 5000, 60_000])
def test_few_images_get_the_steps_that_a_net_needs(count: int) -> None:
    for recipe in (*RECIPES.values(), Recipe()):
        fitted = recipe.for_few(count)
        learned = round(count * (1 - recipe.validation))
        steps = fitted.epochs * -(-learned // fitted.batch_size)
        assert steps >= (200 if fitted == recipe else 300) or count == 1
        assert fitted.batch_size <= recipe.batch_size
        assert fitted.epochs >= recipe.epochs
        if count == 60_000:
            assert fitted == recipe


@pytest.mark.parametrize("count", [1, 132, 4000, 29_000, 60_000])
def test_given_epochs_are_kept_and_batches_of_few_images_are_smaller(
    count: int,
) -> None:
    for recipe in (*RECIPES.values(), Recipe()):
        one = recipe.changed(epochs=1)
        fitted = one.for_few(count, keep_epochs=True)
        assert fitted == one.changed(batch_size=fitted.batch_size)
        assert fitted.batch_size <= max(256, one.batch_size if count == 60_000 else 0)
        if count == 60_000:
            assert fitted == one


def test_training_on_few_images_for_so_many_epochs_takes_smaller_batches(
    few: Digits,
) -> None:
    run = begin(few, "fast", 0, recipe=None, changes={"epochs": 1})
    assert run.recipe.epochs == 1
    assert run.recipe.batch_size < RECIPES["fast"].batch_size
    given = begin(few, "fast", 0, recipe=None, changes={"batch_size": 200})
    assert given.recipe.batch_size == 200


def test_the_packaged_model_is_kept_as_it_is_where_learning_reads_no_more(
    few: Digits, tmp_path: Path
) -> None:
    model = train_on_own(few, "linear", folder=tmp_path, watch=False, epochs=2)
    starts = model.facts["starts"]
    assert starts["packaged as it is"] >= max(starts.values())
    stored = mnistry.load_model(tmp_path / "model.safetensors")
    assert stored.facts["starts"] == starts
    expected = mnistry.load_model().predict(few.images).logits
    for each in (model, stored):
        np.testing.assert_array_equal(each.predict(few.images).logits, expected)


@pytest.mark.parametrize(
    ("tuned", "fresh", "untouched", "kept"),
    [
        (0.9, 0.8, 0.8, "packaged"),
        (0.8, 0.9, 0.8, "linear"),
        (0.8, 0.8, 0.9, "as it is"),
        (0.9, 0.8, 0.9, "as it is"),  # no image shows that it learned
        (None, None, None, "packaged"),  # nothing held out: as it was asked for
    ],
)
def test_images_held_out_decide_what_is_kept(
    tuned: float | None,
    fresh: float | None,
    untouched: float | None,
    kept: str,
    few: Digits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share = 0.0 if untouched is None else 0.5
    _, held_out, _ = split_held_out(few, share, 0)

    def trained(_: Digits, net: Any, **__: Any) -> Model:
        is_fresh = isinstance(net, str)
        row = {"validation_accuracy": fresh if is_fresh else tuned}
        facts = {
            "net": "linear" if is_fresh else "packaged",
            "recipe": {"validation": share},
            "history": [row | {"validation_loss": 1.0}],
            "epoch": 1,
        }
        return Model(nn.Flatten(), facts)

    packaged = replace(mnistry.load_model(), facts={"net": "as it is"})
    labels = held_out.labels.copy()
    labels[round(len(labels) * (untouched or 0)) :] += 1
    read = label_predictions(labels, classes=11)
    monkeypatch.setattr(PackagedModel, "predict", lambda *_: read)
    monkeypatch.setattr("mnistry.models.few.train", trained)
    monkeypatch.setattr("mnistry.models.few.load_model", lambda: packaged)
    model = train_on_own(few, "linear", watch=False)
    assert model.facts["net"] == kept
    assert ("packaged as it is" in model.facts["starts"]) == (untouched is not None)


@pytest.fixture
def _learned_badly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a packaged model that reads nothing."""
    model = mnistry.load_model().to_torch()
    with torch.no_grad():
        for weights in model.net.parameters():
            weights.zero_()
    monkeypatch.setattr("mnistry.models.few.load_model", lambda: model)


@pytest.mark.usefixtures("_learned_badly")
def test_random_weights_are_kept_where_they_read_better(
    few: Digits, tmp_path: Path
) -> None:
    model = train_on_own(few, "linear", folder=tmp_path, watch=False, epochs=20)
    assert model.facts["net"] == "linear"
    assert (tmp_path / "checkpoint.safetensors").exists()


def test_what_is_no_digits_begins_with_random_weights(few: Digits) -> None:
    letters = Digits(few.images, few.labels, classes=tuple("abcdefghij"))
    model = train_on_own(letters, "linear", watch=False, epochs=1)
    assert (model.facts["net"], "starts" in model.facts) == ("linear", False)
