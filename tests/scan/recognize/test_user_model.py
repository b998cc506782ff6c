"""A model that the user gives is checked, and combined with the packaged nets."""

from types import SimpleNamespace

import numpy as np
import pytest

import mnistry
from mnistry.errors import ShapeError, UsageError
from mnistry.predictions import Predictions
from mnistry.scan.recognize.user_model import model_probabilities
from mnistry.synth.documents.scenes import Alphabet, make_string

IMAGES = np.zeros((2, 28, 28), np.uint8)


class SaysSeven:
    """A model that takes everything for a seven, and is sure of it."""

    def predict(self, images: np.ndarray) -> Predictions:
        return Predictions(20.0 * np.eye(10)[np.full(len(images), 7)])


def test_where_digits_are_does_not_depend_on_the_model(alphabet: Alphabet) -> None:
    picture = make_string(alphabet, "40713", seed=3).picture
    ours, theirs = mnistry.read(picture), mnistry.read(picture, model=SaysSeven())
    assert (ours.text, theirs.text) == ("40713", "77777")
    assert [one.box for one in theirs.digits] == [one.box for one in ours.digits]
    assert theirs.confidence < 0.1 < 0.5 < ours.confidence
    for one in theirs.digits:
        assert (one.value, one.confidence > 0.55) == (7, one is theirs.digits[2])


def test_a_good_model_reads_lines_as_surely(alphabet: Alphabet) -> None:
    picture = make_string(alphabet, "40713", seed=3).picture
    reading = mnistry.read(
        picture, model=mnistry.load_model(), pattern="[0-9]{2}-[0-9]{3}"
    )
    assert reading.text == "40-713"
    assert reading.confidence > 0.5
    assert mnistry.read(picture, model=SaysSeven(), allowed="013456").text != "77777"


def test_models_that_cannot_predict_digits_are_refused() -> None:
    with pytest.raises(UsageError, match="a str and cannot predict; expected somethi"):
        model_probabilities(IMAGES, "model.safetensors")  # type: ignore[arg-type]
    odd = SimpleNamespace(predict=lambda images: np.zeros((len(images), 26)))
    with pytest.raises(ShapeError, match=r"have shape \(2, 26\); expected \(2, 10\)"):
        model_probabilities(IMAGES, odd)
    logits = SimpleNamespace(predict=lambda images: 9 * np.eye(10)[: len(images)])
    with pytest.raises(ShapeError, match="are no probabilities; expected rows from 0"):
        model_probabilities(IMAGES, logits)
    assert model_probabilities(IMAGES[:0], SaysSeven()).shape == (0, 10)
