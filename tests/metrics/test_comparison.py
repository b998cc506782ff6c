"""McNemar: against SciPy's binomial test."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mnistry.errors import ShapeError, UsageError
from mnistry.metrics import compare, holm, paired_difference


@given(
    arrays(np.uint8, 30, elements=st.integers(0, 2)),
    arrays(np.uint8, 30, elements=st.integers(0, 2)),
    arrays(np.uint8, 30, elements=st.integers(0, 2)),
)
def test_comparison_is_a_binomial_test_of_where_they_differ(
    written: Any, first: Any, second: Any
) -> None:
    binomtest = pytest.importorskip("scipy.stats").binomtest
    ours = compare(written, first, second)
    only_first = sum(
        one == truth != other
        for truth, one, other in zip(written, first, second, strict=True)
    )
    assert ours.only_first == only_first
    tosses = ours.only_first + ours.only_second
    theirs = binomtest(ours.only_first, tosses).pvalue if tosses else 1.0
    assert ours.p_value == pytest.approx(theirs)
    swapped = compare(written, second, first)
    assert swapped == (ours.only_second, ours.only_first, ours.p_value)


def test_a_model_does_not_differ_from_itself() -> None:
    written = np.arange(10, dtype=np.uint8)
    assert compare(written, written, written) == (0, 0, 1.0)


def test_many_images_are_no_trouble() -> None:
    binomtest = pytest.importorskip("scipy.stats").binomtest
    written = np.zeros(50_000, np.uint8)
    first, second = written.copy(), written.copy()
    first[:24_700] = 1
    second[24_700:] = 1
    ours = compare(written, first, second)
    assert ours.p_value == pytest.approx(binomtest(24_700, 50_000).pvalue, rel=1e-6)
    assert 0 < ours.p_value < 0.01


def test_models_that_read_other_images_are_an_error() -> None:
    with pytest.raises(ShapeError, match=r"written has shape \(2,\) and read \(1,\)"):
        compare(np.zeros(2, np.uint8), np.zeros(2, np.uint8), np.zeros(1, np.uint8))


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60).map(
        lambda rows: np.array(rows).T
    )
)
def test_the_interval_of_a_difference_holds_it_and_turns_with_it(
    wrong: NDArray[np.bool_],
) -> None:
    written = np.zeros(wrong.shape[1], np.uint8)
    first, second = wrong.astype(np.uint8)
    found, back = (
        paired_difference(written, *pair) for pair in ((first, second), (second, first))
    )
    assert found.difference == pytest.approx(second.mean() - first.mean())
    assert -1 <= found.low <= found.difference + 1e-9
    assert found.difference - 1e-9 <= found.high <= 1
    assert found.low == pytest.approx(-back.high, abs=1e-12)


def test_there_must_be_images_to_compare_on() -> None:
    none = np.zeros(0, np.uint8)
    with pytest.raises(UsageError, match="no images to compare on; expected 1 or more"):
        paired_difference(none, none, none)


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_raises_each_p_value_and_keeps_their_order(values: list[float]) -> None:
    raised = holm(values)
    for (low, up), (other, up_other) in combinations(
        zip(values, raised, strict=True), 2
    ):
        assert (low <= other) <= (up <= up_other) or low == other
    assert all(of <= up <= 1 for of, up in zip(values, raised, strict=True))
    assert min(raised, default=0) == min(1, len(values) * min(values, default=0))
