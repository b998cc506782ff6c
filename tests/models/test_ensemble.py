from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.learn.distill import distill
from mnistry.metrics import fit_trust, loss
from mnistry.models.ensemble import SHIFTS, Ensemble, average, moved
from mnistry.models.packaged import load_model
from mnistry.predictions import Predictions, ensemble_predictions
from mnistry.report.evaluate import evaluate
from mnistry.synth.drawn import draw


class Ink:
    """A reader of columns: logits are the ink in ten parts of an image's width."""

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.facts = {"net": "ink", "seed": 3}

    def predict(self, images: Any) -> Predictions:
        parts = np.array_split(images.mean(1, dtype=np.float64), 10, axis=1)
        ink = np.stack([part.mean(1) for part in parts], axis=1)
        return Predictions(np.asarray(self.weight * ink, np.float32))


def predictions(logits: list[list[float]]) -> Predictions:
    return Predictions(np.array(logits, np.float32))


@pytest.fixture(scope="module")
def few() -> Digits:
    return Digits(*draw(60, split="test"))


logits = arrays(np.float32, (4, 3), elements=st.floats(-40, 40, width=32))


@given(several=st.lists(logits, min_size=1, max_size=4))
def test_probabilities_are_averaged(several: list[Any]) -> None:
    each = [Predictions(of) for of in several]
    wanted = np.mean([one.probabilities for one in each], axis=0)
    found = ensemble_predictions(each)
    np.testing.assert_allclose(found.probabilities, wanted, atol=1e-6)
    assert not found.rejected.any()


@given(of=logits)
def test_the_average_of_one_says_what_it_says(of: Any) -> None:
    one = Predictions(of)
    np.testing.assert_allclose(
        ensemble_predictions([one, one]).probabilities, one.probabilities, atol=1e-6
    )
    np.testing.assert_allclose(
        ensemble_predictions([one]).digit_scores, one.digit_scores, atol=1e-3
    )


def test_logits_far_apart_stay_finite() -> None:
    one, other = predictions([[0, -2000]]), predictions([[-2000, 0]])
    assert ensemble_predictions([one, other]).probabilities.tolist() == [[0.5, 0.5]]
    assert np.isfinite(ensemble_predictions([one, one]).logits).all()


def test_nothing_and_unlike_shapes_cannot_be_averaged() -> None:
    with pytest.raises(UsageError, match="no predictions to average; expected one or"):
        ensemble_predictions([])
    with pytest.raises(ShapeError, match=r"\[\(1, 2\), \(1, 3\)\]; expected all the"):
        ensemble_predictions([predictions([[0, 1]]), predictions([[0, 1, 2]])])


@given(
    images=arrays(np.uint8, (2, 5, 6)),
    down=st.integers(-7, 7),
    right=st.integers(-8, 8),
)
def test_moved_images_have_each_pixel_where_it_belongs(
    images: Any, down: int, right: int
) -> None:
    wanted = np.zeros_like(images)
    for row in range(5):
        for column in range(6):
            from_row, from_column = row - down, column - right
            if 0 <= from_row < 5 and 0 <= from_column < 6:
                wanted[:, row, column] = images[:, from_row, from_column]
    assert np.array_equal(moved(images, down, right), wanted)


@pytest.mark.parametrize("shifted", [False, True])
def test_all_models_and_looks_count_alike(few: Digits, shifted: bool) -> None:
    models = [Ink(0.1), Ink(0.3)]
    looks = [few.images]
    if shifted:
        looks += [moved(few.images, *shift) for shift in SHIFTS[1:]]
    each = [model.predict(look).probabilities for model in models for look in looks]
    assert len(each) == (10 if shifted else 2)
    found = average(models, shifted=shifted).predict(few.images)
    np.testing.assert_allclose(found.probabilities, np.mean(each, axis=0), atol=1e-6)
    assert not found.rejected.any()


def test_with_images_held_out_it_knows_how_sure_it_may_be(few: Digits) -> None:
    models = [Ink(1), Ink(3)]
    plain, trusting = average(models), average(models, held_out=few)
    logits = plain.predict(few.images).logits
    trust = fit_trust(few.labels, logits)
    assert trusting.trust == trust
    found = trusting.predict(few.images)
    assert found.reject_below == trust.reject_below
    assert loss(few.labels, found.logits) < loss(few.labels, logits)
    assert found.rejected.mean() <= 1 - trust.coverage
    assert trusting.facts["trust"] == trust._asdict()


def test_facts_name_the_models_and_the_shifts() -> None:
    class Bare:
        def predict(self, images: Any) -> Predictions:
            return predictions([[0, 1]] * len(images))

    made = average([Ink(1), Bare()], shifted=True)
    assert made.facts == {
        "net": "average",
        "models": ["net ink, seed 3", "Bare"],
        "shifts": [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]],
    }
    assert repr(made) == "<Ensemble of 2 models, 5 shifts each>"


def test_no_images_are_no_predictions(few: Digits) -> None:
    assert len(average([load_model()], shifted=True).predict(few.images[:0])) == 0


def test_the_packaged_model_reads_no_worse_when_it_looks_five_times() -> None:
    digits = Digits(*draw(500, split="test"))
    once, often = (
        (average([load_model()], shifted=shifted).predict(digits.images))
        for shifted in (False, True)
    )
    wrong = [int((of.labels != digits.labels).sum()) for of in (once, often)]
    assert wrong[1] <= wrong[0] + 5


def test_there_must_be_a_model() -> None:
    with pytest.raises(UsageError, match="no models to average; expected one or more"):
        average([])


def test_one_model_needs_no_list(few: Digits) -> None:
    alone, listed = average(Ink(1), shifted=True), average([Ink(1)], shifted=True)
    expected = listed.predict(few.images).logits
    np.testing.assert_array_equal(alone.predict(few.images).logits, expected)


def test_an_average_is_a_model_itself(few: Digits) -> None:
    inner = average([Ink(1), Ink(2)])
    outer = average([inner, Ink(3)])
    assert isinstance(outer, Ensemble)
    assert len(outer.predict(few.images)) == len(few)


@pytest.mark.parametrize("model", [None, "model.safetensors", 7])
def test_what_cannot_predict_is_refused_wherever_a_model_is_wanted(model: Any) -> None:
    few = Digits(np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8))
    message = "and cannot predict; expected something with predict"
    with pytest.raises(UsageError, match=message):
        average([model])
    with pytest.raises(UsageError, match="cannot predict|is a str and cannot"):
        average(model)
    with pytest.raises(UsageError, match=message):
        evaluate(model, few)
    with pytest.raises(UsageError, match=message):
        distill(model, few, "linear")
