"""McNemar: against SciPy's binomial test."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.errors import ShapeError
from mnistry.metrics import compare


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
