"""Counts: against loops, scikit-learn, and published intervals."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.errors import ShapeError, UsageError
from mnistry.metrics import accuracy, confusion, per_label, wilson_interval

sklearn_metrics = pytest.importorskip("sklearn.metrics")


def pairs() -> st.SearchStrategy[Any]:
    return st.integers(1, 60).flatmap(
        lambda count: st.tuples(
            arrays(np.uint8, count, elements=st.integers(0, 9)),
            arrays(np.uint8, count, elements=st.integers(0, 9)),
        )
    )


@given(pairs())
def test_confusion_counts_as_a_loop_does(pair: Any) -> None:
    written, read = pair
    slow = np.zeros((10, 10), int)
    for one, other in zip(written, read, strict=True):
        slow[one, other] += 1
    assert confusion(written, read).tolist() == slow.tolist()


@given(pairs())
def test_counts_agree_with_scikit_learn(pair: Any) -> None:
    written, read = pair
    labels = range(10)
    theirs = sklearn_metrics.confusion_matrix(written, read, labels=labels)
    assert confusion(written, read).tolist() == theirs.tolist()
    assert accuracy(written, read) == sklearn_metrics.accuracy_score(written, read)
    precision, recall, _, support = sklearn_metrics.precision_recall_fscore_support(
        written, read, labels=labels, zero_division=np.nan
    )
    ours = per_label(confusion(written, read))
    np.testing.assert_allclose(ours.precision, precision)
    np.testing.assert_allclose(ours.recall, recall)
    np.testing.assert_array_equal(ours.written, support)


@given(pairs())
def test_rows_sum_to_labels_and_the_diagonal_to_what_is_right(pair: Any) -> None:
    written, read = pair
    counts = confusion(written, read)
    assert counts.sum(axis=1).tolist() == np.bincount(written, minlength=10).tolist()
    right = round(accuracy(written, read) * len(written))
    assert counts.trace() == right


def test_precision_of_a_digit_never_read_is_not_a_number() -> None:
    fared = per_label(confusion(np.array([3, 3]), np.array([5, 5])))
    assert math.isnan(fared.precision[3])
    assert fared.recall[3] == 0
    assert math.isnan(fared.recall[5])


@pytest.mark.parametrize(
    ("errors", "low", "high"),
    [  # of 10,000 images, as computed independently of this code
        (9, 99.829, 99.953),
        (13, 99.778, 99.924),
        (16, 99.740, 99.901),
        (36, 99.502, 99.740),
        (80, 99.006, 99.357),
    ],
)
def test_wilson_interval_gives_known_values(
    errors: int, low: float, high: float
) -> None:
    interval = wilson_interval(10_000 - errors, 10_000)
    assert 100 * interval.low == pytest.approx(low, abs=6e-4)
    assert 100 * interval.high == pytest.approx(high, abs=6e-4)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_wilson_interval_holds_the_shares_that_are_not_too_far(
    count: int, part: float
) -> None:
    right = round(part * count)
    low, high = wilson_interval(right, count)
    assert 0 <= low <= right / count <= high <= 1
    for end in {low, high} - {0.0, 1.0}:
        # Wilson's ends are the shares whose own normal interval just reaches ours
        gap = abs(end - right / count)
        assert gap == pytest.approx(
            1.959963984540054 * math.sqrt(end * (1 - end) / count), abs=1e-9
        )


def test_wilson_interval_covers_the_truth_nineteen_times_in_twenty() -> None:
    generator = np.random.default_rng(0)
    seen = generator.binomial(2_000, 0.99, size=3_000)
    covered = [
        low <= 0.99 <= high
        for low, high in (wilson_interval(int(right), 2_000) for right in seen)
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_nothing_known_is_an_interval_from_0_to_1() -> None:
    assert wilson_interval(0, 0) == (0, 1)
    assert math.isnan(accuracy(np.array([], np.uint8), np.array([], np.uint8)))


def test_more_right_than_there_are_is_an_error() -> None:
    with pytest.raises(UsageError, match="right is 11; expected 0 to 10"):
        wilson_interval(11, 10)


def test_labels_of_other_images_are_an_error() -> None:
    with pytest.raises(ShapeError, match=r"\(2,\) and read \(3,\); expected one label"):
        accuracy(np.zeros(2, np.uint8), np.zeros(3, np.uint8))


def test_a_label_beyond_the_classes_is_an_error() -> None:
    with pytest.raises(
        ShapeError, match="largest label is 12; expected labels below 10"
    ):
        confusion(np.array([12]), np.array([1]))
