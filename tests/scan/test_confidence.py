import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnistry.scan.confidence import (
    best_guess,
    digit_shares,
    line_confidence,
    single_shares,
)
from mnistry.scan.decide import Vote

logs = st.floats(-20, 0)


def said(log: float, count: int = 3) -> np.ndarray:
    return np.full((count, 11), log, np.float32)


@given(logs, logs, logs)
def test_more_doubt_is_never_more_confidence(
    first: float, second: float, own: float
) -> None:
    low, high = sorted((first, second))
    unsure = line_confidence([Vote((1, 2, 3), low)], said(own))
    sure = line_confidence([Vote((1, 2, 3), high)], said(own))
    assert 0 <= unsure <= sure <= 1


def test_no_doubt_is_confidence_and_much_doubt_is_none() -> None:
    assert line_confidence([Vote((7,), 0.0)], said(0.0, 1)) > 0.98
    assert line_confidence([Vote((7,), -25.0)], said(-9.0, 1)) < 0.05


def test_both_readers_count() -> None:
    frames = np.full((1, 11), -9.0, np.float32)
    frames[0, [4, 9]] = -0.6, -0.8
    torn = np.full(11, -9.0, np.float32)
    torn[[4, 9]] = -3.0, -0.1
    shares = digit_shares(frames, torn)
    assert shares.argmax() == 9
    assert np.isclose(shares.sum(), 1)
    alone = single_shares(torn, None)
    joined = single_shares(torn, np.where(np.arange(10) == 4, -0.1, -9.0))
    assert alone.argmax() == 9
    assert joined.argmax() == 4


def test_what_looks_like_junk_is_less_sure() -> None:
    digit, junk = (np.full(11, -9.0, np.float32) for _ in "ab")
    digit[7] = -0.01
    junk[[7, 10]] = -0.7
    assert single_shares(digit, None)[7] > 0.98
    assert single_shares(junk, None)[7] < 0.6


def test_a_second_guess_must_look_clearly_better() -> None:
    weights = np.full((2, 11), -9.0, np.float32)
    weights[0, 1], weights[1, 7] = -1.5, -0.1
    assert best_guess(weights) == 1
    weights[0, 1] = -0.3
    assert best_guess(weights) == 0
