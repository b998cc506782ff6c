"""Thresholds: they keep what they promise."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry import metrics
from mnistry.errors import UsageError
from mnistry.metrics import fit_rejection, fit_sets, fit_trust, known_threshold
from mnistry.predictions import Predictions, digit_scores
from mnistry.softmax import softmax


@given(
    arrays(np.float64, st.integers(1, 50), elements=st.floats(-5, 5)),
    st.floats(0.01, 1),
)
def test_at_least_the_share_asked_for_is_kept_and_hardly_more(
    scores: Any, coverage: float
) -> None:
    threshold = fit_rejection(scores, coverage=coverage)
    assert np.mean(scores >= threshold) >= coverage - 1e-9
    assert np.mean(scores > threshold) < coverage + 1e-9


def test_without_scores_nothing_is_rejected() -> None:
    assert fit_rejection(np.zeros(0)) == -math.inf


@pytest.mark.parametrize("coverage", [0, -1, 1.01])
def test_a_coverage_that_cannot_be_is_an_error(coverage: float) -> None:
    with pytest.raises(UsageError, match="expected above 0 and up to 1, such as 0.99"):
        fit_rejection(np.zeros(3), coverage=coverage)


def test_scores_are_the_largest_logit_above_the_mean() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (20, 10)).astype(np.float32)
    slow = [max(row) - sum(row) / 10 for row in logits.astype(float).tolist()]
    np.testing.assert_allclose(digit_scores(logits), slow)
    np.testing.assert_allclose(digit_scores(logits + 5), slow, atol=1e-5)


def test_trust_is_fitted_on_calibrated_logits() -> None:
    generator = np.random.default_rng(0)
    written = generator.integers(0, 10, 3_000).astype(np.uint8)
    logits = generator.normal(0, 1, (3_000, 10)).astype(np.float32)
    logits[np.arange(3_000), written] += 4
    logits *= 12  # by Bayes' rule 4 would be right: it is three times too sure
    trust = fit_trust(written, logits, coverage=0.95)
    assert trust.temperature == pytest.approx(3, rel=0.2)
    predictions = Predictions(logits / trust.temperature, trust.reject_below)
    assert predictions.rejected.mean() == pytest.approx(0.05, abs=1e-3)
    named = metrics.name_sets(predictions.probabilities, trust.name_above)
    assert named[np.arange(3_000), written].mean() == pytest.approx(0.95, abs=2e-3)
    assert predictions[:5].reject_below == trust.reject_below


def test_nothing_is_rejected_by_predictions_that_nobody_gave_a_threshold() -> None:
    assert not Predictions(np.zeros((3, 10), np.float32)).rejected.any()


def test_thresholds_of_several_coverages_are_those_of_fitted_sets() -> None:
    generator = np.random.default_rng(0)
    written = generator.integers(0, 10, 500).astype(np.uint8)
    logits = generator.normal(0, 1, (500, 10)).astype(np.float32)
    logits[np.arange(500), written] += 3
    trust = fit_trust(written, logits)
    chances = softmax((logits / np.float64(trust.temperature)).astype(np.float32))
    for coverage, threshold in trust.sets:
        assert threshold == fit_sets(written, chances, coverage=coverage) > 0
    # of 500 images 99.8 % can be promised, 99.9 % cannot
    assert [coverage for coverage, _ in trust.sets][-1] == 0.998
    assert known_threshold(trust._asdict(), 0.99) == (0.99, trust.name_above)
    assert known_threshold(json.loads(json.dumps(trust._asdict())), 0.97) == tuple(
        next(pair for pair in trust.sets if pair[0] >= 0.97)
    )
    assert known_threshold(trust._asdict(), 0.9999) is None


@pytest.mark.parametrize(
    "trust",
    [
        None,
        "trust",
        {},
        {"sets": "0.99"},
        {"sets": [[0.99], ["0.99", 0.1], [2.0, 0.1], [0.99, 0.0], 3]},
        {"sets": [[0.99, float("nan")]], "coverage": True, "name_above": True},
        {"coverage": 0.99, "name_above": None},
    ],
)
def test_what_is_no_threshold_is_none(trust: Any) -> None:
    assert known_threshold(trust, 0.9) is None


def test_a_model_of_before_has_the_threshold_of_its_one_coverage() -> None:
    old = {"coverage": 0.99, "name_above": 0.3}
    assert known_threshold(old, 0.95) == (0.99, 0.3)
    assert known_threshold(old, 0.995) is None
