"""A net learns from a reader: not from labels, to the same weights, nothing lost."""

import re
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import CheckpointError, ShapeError, UsageError
from mnistry.learn.distill import distill
from mnistry.learn.model import Model, load_trained_model
from mnistry.learn.run import Step
from mnistry.learn.train import resume, train
from mnistry.models.ensemble import average
from mnistry.predictions import Predictions

SHORT: dict[str, Any] = {"epochs": 2, "batch_size": 60, "rotation_degrees": 5}


@pytest.fixture(scope="module")
def teacher(bars: Digits) -> Model:
    return train(bars, "fast", epochs=8, batch_size=60)


def same(one: Model, other: Model) -> bool:
    mine, theirs = one.weights, other.weights
    return all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_it_is_the_teacher_that_is_learned_from_and_no_label(
    bars: Digits, other_bars: Digits, teacher: Model
) -> None:
    wrong = Digits(bars.images, (bars.labels + 1) % 10)
    model = distill(
        teacher, wrong, "fast", epochs=8, batch_size=60, precision="float32"
    )
    labels = model.predict(other_bars.images).labels
    assert (labels == other_bars.labels).mean() > 0.95
    seen = model.facts["history"][-1]
    assert seen["accuracy"] < 0.05  # by its wrong labels
    assert seen["validation_accuracy"] < 0.05


def test_a_teacher_who_knows_nothing_teaches_nothing(bars: Digits) -> None:
    class Unsure:
        def predict(self, images: Any) -> Predictions:
            return Predictions(np.zeros((len(images), 10), np.float32))

    model = distill(Unsure(), bars, "linear", epochs=3, batch_size=60)
    assert model.predict(bars.images).confidence.mean() < 0.3


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_same_teacher_and_seed_give_the_same_weights(
    bars: Digits, teacher: Model, precision: str
) -> None:
    once, again = (
        distill(teacher, bars, "fast", precision=precision, **SHORT) for _ in range(2)
    )
    assert same(once, again)
    assert once.facts["teacher"] == repr(teacher).strip("<>")
    assert not same(once, train(bars, "fast", precision=precision, **SHORT))


def test_a_run_that_was_stopped_goes_on_with_its_teacher_to_the_same_weights(
    bars: Digits, teacher: Model, tmp_path: Path
) -> None:
    def stop(step: Step) -> None:
        if step["step"] == 7:
            signal.raise_signal(signal.SIGINT)

    both = average([teacher, teacher])
    whole = distill(both, bars, "tutorial", **SHORT)
    with pytest.raises(KeyboardInterrupt, match="stopped after step 7"):
        distill(both, bars, "tutorial", folder=tmp_path, watch=stop, **SHORT)
    for other in (None, teacher):
        with pytest.raises(CheckpointError, match="Pass the same teacher, or train"):
            resume(tmp_path, bars, teacher=other)
    assert same(resume(tmp_path, bars, teacher=both), whole)
    kept = load_trained_model(tmp_path / "model.safetensors")
    assert kept.facts["teacher"] == "Ensemble of 2 models, 1 shift each"


def test_a_run_without_a_teacher_takes_none_later(
    bars: Digits, teacher: Model, tmp_path: Path
) -> None:
    train(bars, "linear", epochs=1, folder=tmp_path)
    message = "the run learned from no teacher; expected the same, not Model fast: "
    with pytest.raises(CheckpointError, match=message):
        resume(tmp_path, bars, teacher=teacher)


def test_a_teacher_of_other_classes_is_refused(bars: Digits) -> None:
    class Binary:
        def predict(self, images: Any) -> Predictions:
            return Predictions(np.zeros((len(images), 2), np.float32))

    message = re.escape("the teacher has 2 classes; expected 10")
    with pytest.raises(ShapeError, match=message):
        distill(Binary(), bars, "linear", epochs=1)


def test_no_digits_to_teach_with_are_reported_as_in_training(
    bars: Digits, teacher: Model
) -> None:
    with pytest.raises(UsageError) as distilled:
        distill(teacher, bars[:0], "linear")
    with pytest.raises(UsageError) as trained:
        train(bars[:0], "linear")
    assert str(distilled.value) == str(trained.value)
