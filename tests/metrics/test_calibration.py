"""Calibration: against loops, scikit-learn, and numbers made to be calibrated."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.errors import ShapeError, UsageError
from mnistry.metrics import (
    brier,
    calibration_error,
    fit_temperature,
    loss,
    losses,
    reliability,
)
from mnistry.softmax import softmax

sklearn_metrics = pytest.importorskip("sklearn.metrics")


def readings() -> st.SearchStrategy[Any]:
    return st.integers(1, 40).flatmap(
        lambda count: st.tuples(
            arrays(np.uint8, count, elements=st.integers(0, 9)),
            arrays(np.float32, (count, 10), elements=st.floats(-30, 30, width=32)),
        )
    )


def claims() -> st.SearchStrategy[Any]:
    return st.integers(1, 80).flatmap(
        lambda count: st.tuples(
            arrays(np.float64, count, elements=st.floats(0, 1)),
            arrays(np.bool_, count),
        )
    )


@given(readings())
def test_loss_is_what_a_loop_says(reading: Any) -> None:
    written, logits = reading
    slow = []
    for label, row in zip(written, logits.astype(float), strict=True):
        powers = [math.exp(value) for value in row]
        slow.append(-math.log(powers[label] / math.fsum(powers)))
    np.testing.assert_allclose(losses(written, logits), slow, atol=1e-9)
    assert loss(written, logits) == pytest.approx(math.fsum(slow) / len(slow), abs=1e-9)


@given(readings())
def test_loss_and_brier_agree_with_scikit_learn(reading: Any) -> None:
    written, logits = reading
    wide = logits.astype(float)
    probabilities = np.exp(wide - np.logaddexp.reduce(wide, axis=1, keepdims=True))
    labels = list(range(10))
    theirs = sklearn_metrics.log_loss(written, probabilities, labels=labels)
    # scikit-learn lifts small probabilities to 2.2e-16, so to a loss of 36.04
    ours = np.minimum(losses(written, logits), -np.log(np.finfo(float).eps))
    assert ours.mean() == pytest.approx(theirs, abs=1e-6)
    theirs = sklearn_metrics.brier_score_loss(
        written, probabilities, labels=labels, scale_by_half=False
    )
    assert brier(written, probabilities) == pytest.approx(theirs, abs=1e-12)


def test_loss_of_a_sure_reading_is_small_but_not_zero() -> None:
    logits = np.array([[20, 0]], np.float32)
    assert softmax(logits)[0, 0] == 1  # as far as float32 can tell
    assert loss(np.array([0]), logits) == pytest.approx(math.exp(-20), rel=1e-6)


def test_nothing_read_has_no_loss() -> None:
    empty = np.zeros((0, 10), np.float32)
    assert math.isnan(loss(np.zeros(0, np.uint8), empty))
    assert math.isnan(brier(np.zeros(0, np.uint8), empty))


@given(claims(), st.integers(1, 20))
def test_reliability_parts_as_a_loop_does(claim: Any, bins: int) -> None:
    confidence, right = claim
    ours = reliability(confidence, right, bins=bins)
    for place in range(bins):
        low, high = ours.edges[place], ours.edges[place + 1]
        inside = [
            (claimed, hit)
            for claimed, hit in zip(confidence, right, strict=True)
            if low < claimed <= high or (place == 0 and claimed == 0)
        ]
        assert ours.counts[place] == len(inside)
        if inside:
            mean = math.fsum(claimed for claimed, _ in inside) / len(inside)
            assert ours.confidence[place] == pytest.approx(mean)
            hits = sum(bool(hit) for _, hit in inside)
            assert ours.accuracy[place] == pytest.approx(hits / len(inside))
        else:
            assert math.isnan(ours.accuracy[place])


@given(claims(), st.integers(1, 20), st.booleans())
def test_every_reading_is_in_one_part(claim: Any, bins: int, equal: bool) -> None:
    confidence, right = claim
    ours = reliability(confidence, right, bins=bins, equal_counts=equal)
    assert ours.counts.sum() == len(confidence)
    assert 0 <= calibration_error(ours) <= 1


def test_reliability_agrees_with_scikit_learn() -> None:
    calibration_curve = pytest.importorskip("sklearn.calibration").calibration_curve
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.1, 1, 500)
    right = generator.random(500) < confidence
    ours = reliability(confidence, right, bins=10)
    held, claimed = calibration_curve(right, confidence, n_bins=10)
    full = ours.counts > 0
    np.testing.assert_allclose(ours.accuracy[full], held)
    np.testing.assert_allclose(ours.confidence[full], claimed)


def test_parts_of_equal_counts_hold_as_many_each() -> None:
    confidence = np.linspace(0.9, 1, 100)
    parts = reliability(confidence, np.ones(100, bool), bins=4, equal_counts=True)
    assert parts.counts.tolist() == [25, 25, 25, 25]


def test_claims_that_hold_have_a_small_calibration_error() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0, 1, 200_000)
    right = generator.random(200_000) < confidence
    assert calibration_error(reliability(confidence, right)) < 0.01
    assert calibration_error(reliability(confidence, right[::-1])) > 0.2


@pytest.mark.parametrize("truth", [0.4, 1.0, 2.5])
def test_temperature_is_found_again(truth: float) -> None:
    generator = np.random.default_rng(1)
    honest = generator.normal(0, 2, (20_000, 10))
    chances = softmax(honest.astype(np.float32)).astype(float).cumsum(axis=1)
    written = (generator.random((20_000, 1)) > chances).sum(axis=1).clip(0, 9)
    found = fit_temperature(written.astype(np.uint8), (honest * truth).astype("f4"))
    assert found == pytest.approx(truth, rel=0.03)


@given(readings())
def test_no_temperature_of_a_fine_grid_is_better(reading: Any) -> None:
    written, logits = reading
    found = fit_temperature(written, logits)
    best = loss(written, logits.astype(float) / found)
    for other in np.exp(np.linspace(-4, 4, 200)):
        assert best <= loss(written, logits.astype(float) / other) + 1e-6


def test_a_temperature_needs_images() -> None:
    with pytest.raises(UsageError, match="no images to fit a temperature on"):
        fit_temperature(np.zeros(0, np.uint8), np.zeros((0, 10), np.float32))


def test_labels_that_do_not_fit_the_scores_are_errors() -> None:
    with pytest.raises(ShapeError, match=r"shape \(2,\) for scores of shape \(3, 10\)"):
        loss(np.zeros(2, np.uint8), np.zeros((3, 10), np.float32))
    with pytest.raises(
        ShapeError, match="largest label is 10; expected labels below 10"
    ):
        loss(np.array([10]), np.zeros((1, 10), np.float32))


def test_reliability_wants_one_value_for_each_image() -> None:
    with pytest.raises(
        ShapeError, match=r"confidence has shape \(2,\) and right \(3,\)"
    ):
        reliability(np.zeros(2), np.zeros(3, bool))
    with pytest.raises(UsageError, match="bins is 0; expected 1 or more"):
        reliability(np.zeros(2), np.zeros(2, bool), bins=0)


def test_nothing_read_has_no_calibration_error() -> None:
    parts = reliability(np.zeros(0), np.zeros(0, bool))
    assert math.isnan(calibration_error(parts))
