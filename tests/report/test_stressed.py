"""Stress curves: as many images read as stated, in the order of the kinds."""

from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictions, Predictor
from mnistry.report.stressed import stress_curves
from mnistry.synth.stress import KINDS, disturb


class Counter:
    """Reads always 0, and remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[np.ndarray] = []

    def predict(self, images: Any) -> Predictions:
        self.given.append(images)
        return Predictions(np.eye(10, dtype=np.float32)[np.zeros(len(images), int)])


def test_every_kind_is_read_at_every_severity(digits: Digits) -> None:
    model = Counter()
    curves = stress_curves(model, digits, images=40, seed=5)
    assert [curve["kind"] for curve in curves] == list(KINDS)
    assert len(model.given) == 1 + 5 * len(KINDS)
    assert all(len(images) == 40 for images in model.given)
    assert all(len(curve["accuracy"]) == 6 for curve in curves)
    assert all(curve["images"] == 40 for curve in curves)
    clean = model.given[0]
    first = disturb(clean, next(iter(KINDS)), 1, seed=5)
    assert np.array_equal(model.given[1], first)
    rows = [np.flatnonzero((digits.images == one).all((1, 2)))[0] for one in clean]
    assert len(set(rows)) == 40
    zeros = np.mean(digits.labels[rows] == 0)
    assert all(curve["accuracy"] == [zeros] * 6 for curve in curves)


def test_the_seed_decides(digits: Digits, model: Predictor) -> None:
    once, again = (stress_curves(model, digits, images=40) for _ in range(2))
    assert once == again
    assert once != stress_curves(model, digits, images=40, seed=1)


def test_all_are_taken_if_there_are_fewer(digits: Digits, model: Predictor) -> None:
    assert stress_curves(model, digits[:7], images=40)[0]["images"] == 7


def test_nothing_to_disturb_is_an_error(digits: Digits, model: Predictor) -> None:
    with pytest.raises(UsageError, match="there are 0 images to corrupt"):
        stress_curves(model, digits[:0])
    with pytest.raises(UsageError, match="expected 1 or more"):
        stress_curves(model, digits, images=0)
