"""Ranking: against all pairs, loops and scikit-learn."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.errors import ShapeError
from mnistry.metrics import auroc, error_detection, log_odds, risk_coverage
from mnistry.softmax import softmax

sklearn_metrics = pytest.importorskip("sklearn.metrics")


def scored() -> st.SearchStrategy[Any]:
    return st.integers(1, 50).flatmap(
        lambda count: st.tuples(
            # few different scores, so that ties are met
            arrays(np.float64, count, elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0])),
            arrays(np.bool_, count),
        )
    )


@given(scored())
def test_auroc_counts_all_pairs(scores_and_right: Any) -> None:
    scores, right = scores_and_right
    points = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high in scores[right]
        for low in scores[~right]
    ]
    ours = error_detection(scores, right)
    if points:
        assert ours == pytest.approx(sum(points) / len(points))
        assert ours == pytest.approx(sklearn_metrics.roc_auc_score(right, scores))
    else:
        assert math.isnan(ours)


def test_auroc_of_more_pairs_than_int32_can_count() -> None:
    count = 50_000
    assert auroc(np.ones(count), np.zeros(count)) == 1


@given(scored())
def test_risk_is_what_a_loop_says(scores_and_right: Any) -> None:
    scores, right = scores_and_right
    curve = risk_coverage(scores, right)
    order = sorted(range(len(scores)), key=lambda row: -scores[row])
    wrong = 0
    for kept, row in enumerate(order, start=1):
        wrong += not right[row]
        assert curve.risk[kept - 1] == wrong / kept
        assert curve.coverage[kept - 1] == kept / len(scores)
        assert curve.threshold[kept - 1] == scores[row]
    assert curve.risk[-1] == pytest.approx(1 - right.mean())
    assert curve.area == pytest.approx(curve.risk.mean())


def test_no_readings_have_no_area() -> None:
    assert math.isnan(risk_coverage(np.zeros(0), np.zeros(0, bool)).area)


@given(arrays(np.float32, (7, 10), elements=st.floats(-8, 8, width=32)))
def test_log_odds_are_those_of_the_confidence(logits: Any) -> None:
    wide = logits.astype(float)
    chances = np.exp(wide) / np.exp(wide).sum(axis=1, keepdims=True)
    largest = chances.max(axis=1)
    others = np.sort(chances, axis=1)[:, :-1].sum(axis=1)
    np.testing.assert_allclose(log_odds(logits), np.log(largest / others), atol=1e-9)


def test_log_odds_are_infinite_where_no_other_class_is_possible() -> None:
    impossible = np.log([[1e-300, 1.0, 1e-300], [0.25, 0.75, 1e-300]])
    impossible[impossible < -500] = -np.inf
    assert log_odds(impossible).round(4).tolist() == [np.inf, 1.0986]


def test_log_odds_separate_what_float32_cannot() -> None:
    logits = np.array([[40, 0], [30, 0]], np.float32)
    assert softmax(logits).max(axis=1).tolist() == [1, 1]
    first, second = log_odds(logits)
    assert first > second


def test_scores_of_other_images_are_an_error() -> None:
    with pytest.raises(ShapeError, match=r"scores have shape \(2,\) and right \(3,\)"):
        risk_coverage(np.zeros(2), np.zeros(3, bool))
    with pytest.raises(ShapeError, match="expected \\(n,\\) each"):
        error_detection(np.zeros(2), np.zeros(3, bool))
