from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.errors import ShapeError, UsageError
from mnistry.predictions import Predictions
from mnistry.predictors.outputs import Output, to_predictions, together

LOGITS = arrays(np.float32, (5, 10), elements=st.floats(-50, 50, width=32))


@given(LOGITS)
def test_logits_log_probabilities_and_probabilities_say_the_same(logits: Any) -> None:
    plain = Predictions(logits)
    for values in (logits, plain.probabilities, np.log(plain.probabilities + 1e-30)):
        found = to_predictions(Output(values), 5)
        # where two classes are as likely as float32 can tell, either may be first
        rows = np.arange(5)
        np.testing.assert_allclose(
            plain.probabilities[rows, found.labels], plain.confidence, atol=1e-6
        )
        if values is not logits or not _is_share(logits):
            np.testing.assert_allclose(
                found.probabilities, plain.probabilities, atol=1e-5
            )


def _is_share(logits: Any) -> bool:
    return bool(logits.min() >= 0 and logits.max() <= 1.001)


@given(arrays(np.int64, 6, elements=st.integers(0, 20)))
def test_labels_of_any_dtype_are_labels(labels: Any) -> None:
    for values in (labels, labels.astype(float), labels.astype(str), labels.tolist()):
        found = to_predictions(Output(values), 6)
        assert found.only_labels
        assert found.labels.tolist() == labels.tolist()
    column = to_predictions(Output(labels[:, None]), 6)
    assert column.labels.tolist() == labels.tolist()


def test_columns_go_where_their_class_is() -> None:
    shares = np.array([[0.7, 0.2, 0.1]])
    for classes in ([9, 4, 0], ["9", "4", "0"], [9.0, 4.0, 0.0]):
        found = to_predictions(Output(shares, classes), 1)
        assert found.labels.tolist() == [9]
        assert found.probabilities[0].round(3).tolist()[4] == pytest.approx(0.2)
    names = ("T-shirt", "Trouser", "Bag")
    found = to_predictions(
        Output(shares, ["bag", "Trouser", "T-shirt"]), 1, names=names
    )
    assert found.labels.tolist() == [2]
    found = to_predictions(Output(["Bag"]), 1, names=names)
    assert found.labels.tolist() == [2]


def test_a_mapping_for_each_image_is_taken() -> None:
    rows = [{0: 0.1, 1: 0.9}, {0: 0.8, 1: 0.2}]
    assert to_predictions(Output(rows, [0, 1]), 2).labels.tolist() == [1, 0]


def test_scores_that_do_not_sum_to_one_keep_their_order() -> None:
    found = to_predictions(Output([[0.9, 0.8], [0.0, 0.3]]), 2)
    assert found.labels.tolist() == [0, 1]
    assert found.probabilities[0].tolist() == pytest.approx([0.9 / 1.7, 0.8 / 1.7])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "the model gave None for 2 images; expected 2 labels"),
        ([1, 2, 3], r"the model gave shape \(3,\) for 2 images"),
        (np.zeros((2, 3, 4)), r"gave float64 of shape \(2, 3, 4\); expected labels"),
        ([0.5, 0.25], "such as 0.5; expected whole labels"),
        ([[1, 2], [1]], "for 2 images"),
        (np.array([["a", "b"], ["a", "b"]]), "expected labels"),
        (np.zeros((2, 300)), "of 300 classes; expected 256 at most"),
        ([[1, 2]] * 2, None),
    ],
)
def test_what_is_no_prediction_is_named(values: Any, message: str | None) -> None:
    if message is None:
        assert len(to_predictions(Output(values), 2)) == 2
        return
    with pytest.raises(ShapeError, match=message):
        to_predictions(Output(values), 2)


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e300])
def test_what_is_no_number_is_refused(odd: float) -> None:
    for values in ([[0.0, odd], [0.0, 1.0]], [[odd, odd], [odd, odd]]):
        with pytest.raises(UsageError, match="of 2 images are NaN or infinite"):
            to_predictions(Output(np.array(values)), 2)


def test_classes_of_other_data_are_named() -> None:
    with pytest.raises(UsageError, match="knows a class 'cat'; expected labels from 0"):
        to_predictions(Output(["cat", "cat"]), 2)
    with pytest.raises(UsageError, match="or the names one, two"):
        to_predictions(Output([[1.0, 0.0]], ["cat", "two"]), 1, names=("one", "two"))
    with pytest.raises(ShapeError, match="knows 3 classes and gave 2 numbers"):
        to_predictions(Output([[1.0, 0.0]], [1, 2, 3]), 1)


def test_parts_are_put_together() -> None:
    parts = [Output([[0.1, 0.9]], [3, 4]), Output([[0.6, 0.4]], [3, 4])]
    assert to_predictions(together(parts), 2).labels.tolist() == [4, 3]
    parts[1] = Output([3], [3, 4])
    mixed = to_predictions(together(parts), 2)
    assert mixed.only_labels
    assert mixed.labels.tolist() == [4, 3]
    own = [
        Output(Predictions(np.eye(3, dtype=np.float32)[rows])) for rows in ([0], [2])
    ]
    assert to_predictions(together(own), 2).labels.tolist() == [0, 2]
    with pytest.raises(ShapeError, match=r"rows of shapes \[\(2,\), \(3,\)\]"):
        together([Output(np.zeros((1, 2))), Output(np.zeros((1, 3)))])
