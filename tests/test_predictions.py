import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.arrays import Logits
from mnistry.errors import ShapeError, UsageError
from mnistry.predictions import Predictions, apply_trust
from mnistry.softmax import softmax

LOGITS = arrays(
    np.float32,
    st.tuples(st.integers(0, 6), st.integers(1, 12)),
    elements=st.floats(-1000, 1000, width=32),
)


@given(LOGITS)
def test_each_row_of_probabilities_sums_to_one(logits: Logits) -> None:
    predictions = Predictions(logits)
    assert predictions.probabilities.dtype == np.float32
    assert predictions.probabilities.shape == logits.shape
    np.testing.assert_allclose(predictions.probabilities.sum(1), 1, rtol=1e-6)
    assert (predictions.probabilities >= 0).all()


@given(LOGITS)
def test_label_and_confidence_belong_to_the_largest_probability(
    logits: Logits,
) -> None:
    predictions = Predictions(logits)
    rows = np.arange(len(predictions))
    assert predictions.labels.dtype == np.uint8
    assert predictions.confidence.dtype == np.float32
    np.testing.assert_array_equal(
        predictions.probabilities[rows, predictions.labels], predictions.confidence
    )


@given(LOGITS)
def test_a_number_added_to_all_logits_changes_nothing(logits: Logits) -> None:
    wide = logits.astype(np.float64)
    np.testing.assert_allclose(softmax(wide + 50), softmax(wide), atol=1e-6)


def test_softmax_is_what_the_formula_says() -> None:
    rows = [[0.5, -1.0, 2.0], [3.0, 3.0, 0.0]]
    slow = [[np.exp(v) / sum(np.exp(w) for w in row) for v in row] for row in rows]
    np.testing.assert_allclose(
        softmax(np.array(rows, np.float32)), np.array(slow), rtol=1e-6
    )


def test_rows_are_taken_by_slice_mask_list_and_number() -> None:
    logits = np.arange(12, dtype=np.float32).reshape(4, 3)
    predictions = Predictions(logits)
    np.testing.assert_array_equal(predictions[1:3].logits, logits[1:3])
    mask = np.array([True, False, False, True])
    np.testing.assert_array_equal(predictions[mask].logits, logits[mask])
    np.testing.assert_array_equal(predictions[[2, 0]].logits, logits[[2, 0]])
    np.testing.assert_array_equal(predictions[-1].logits, logits[-1:])


def test_nothing_in_predictions_changes() -> None:
    mine = np.zeros((2, 3), np.float32)
    predictions = Predictions(mine)
    with pytest.raises(ValueError, match="read-only"):
        predictions.logits[0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        predictions.logits = mine  # type: ignore[misc]
    mine[0, 0] = 0  # the caller's own array stays writable


def test_no_images_are_no_predictions() -> None:
    predictions = Predictions(np.zeros((0, 10), np.float32))
    assert len(predictions) == 0
    assert predictions.labels.shape == predictions.confidence.shape == (0,)
    assert repr(predictions) == "<Predictions: 0 images, 10 classes>"


@pytest.mark.parametrize(
    "logits", [np.zeros(10), np.zeros((2, 0)), np.array([["7"]]), np.zeros((1, 2, 3))]
)
def test_what_cannot_be_logits_is_named(logits: Logits) -> None:
    with pytest.raises(ShapeError, match=r"logits have .*expected \(n, classes\)"):
        Predictions(logits)


@given(LOGITS, st.floats(0.1, 10), st.floats(-5, 5))
def test_trust_changes_how_sure_a_net_is_and_not_what_it_reads(
    logits: Logits, temperature: float, floor: float
) -> None:
    predictions = apply_trust(
        logits, {"temperature": temperature, "reject_below": floor}
    )
    assert np.allclose(predictions.logits * temperature, logits, rtol=1e-5, atol=1e-30)
    assert predictions.reject_below == floor
    columns = predictions.labels[:, None].astype(int)
    taken = np.take_along_axis(logits, columns, axis=1)[:, 0]
    assert np.allclose(taken, logits.max(axis=1), rtol=1e-6)


def test_without_trust_logits_stay_and_nothing_is_rejected() -> None:
    predictions = apply_trust(np.array([[0, 0]], np.float32), None)
    assert predictions.logits.tolist() == [[0, 0]]
    assert not predictions.rejected.any()


@pytest.mark.parametrize(
    "trust", [{}, {"temperature": 0, "reject_below": 1}, {"temperature": 1}, "me", [1]]
)
def test_trust_that_says_nothing_is_refused(trust: Any) -> None:
    with pytest.raises(UsageError, match="trust is .*; expected a temperature above"):
        apply_trust(np.zeros((1, 2), np.float32), trust)
