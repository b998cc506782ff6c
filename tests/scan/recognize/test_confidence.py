import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.scan.read import read
from mnistry.scan.recognize import confidence
from mnistry.scan.recognize.confidence import (
    combine_nets,
    digit_probabilities,
    line_confidence,
)
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.scan.recognize.models import line_header
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

logs = st.floats(-20, 0)


def log_probs(log: float, count: int = 3) -> np.ndarray:
    return np.full((count, 11), log, np.float32)


@given(logs, logs, logs)
def test_more_doubt_is_never_more_confidence(
    first: float, second: float, own: float
) -> None:
    low, high = sorted((first, second))
    unsure = line_confidence([Hypothesis((1, 2, 3), low)], log_probs(own)[:, :10])
    sure = line_confidence([Hypothesis((1, 2, 3), high)], log_probs(own)[:, :10])
    assert 0 <= unsure <= sure <= 1


def test_no_doubt_is_confidence_and_much_doubt_is_none() -> None:
    assert line_confidence([Hypothesis((7,), 0.0)], log_probs(0.0, 1)[:, :10]) > 0.98
    assert line_confidence([Hypothesis((7,), -25.0)], log_probs(-9.0, 1)[:, :10]) < 0.05


@given(logs, logs)
def test_a_pattern_that_does_not_fit_makes_the_only_row_that_matches_unsure(
    first: float, second: float
) -> None:
    low, high = sorted((first, second))
    packaged = log_probs(-0.001, 6)[:, :10]
    forced, fitting = (
        line_confidence([Hypothesis((1, 2, 3, 4, 5, 6), log)], packaged, log)
        for log in (low, high)
    )
    assert forced <= fitting
    assert forced < 0.95 or low > -8


def test_six_digits_are_not_surely_read_where_four_are_written() -> None:
    alphabet = Alphabet(*draw(300, seed=5))
    for seed, text in enumerate(("4711", "8264", "0935", "2468")):
        picture = make_string(alphabet, text, seed=seed).picture
        assert all(
            line.confidence < 0.8
            for pattern in ("[0-9]{6}", "[0-9]{3}", "[5-7]{4}")
            for line in read(picture, pattern=pattern).lines
        )


def test_both_readers_count() -> None:
    frames = np.full((4, 11), -9.0, np.float32)
    frames[[0, 3], 4], frames[[0, 3], 9] = -0.6, -0.8
    torn = np.full((2, 11), -9.0, np.float32)
    torn[:, [4, 9]] = -3.0, -0.1
    shares = digit_probabilities(frames, [(0, 1), (2, 4)], torn)
    assert shares.argmax(axis=1).tolist() == [9, 9]
    assert np.allclose(shares.sum(axis=1), 1)


def test_three_nets_decide_a_single_digit_together() -> None:
    four, nine = (np.full(10, -9.0, np.float32) for _ in "ab")
    four[4], nine[9] = -0.1, -0.1
    unsure = np.full(11, -2.4, np.float32)
    assert combine_nets(four.astype(float), four, unsure).argmax() == 4
    assert combine_nets(nine.astype(float), four, unsure).argmax() == 9
    assert combine_nets(four.astype(float), nine, np.append(nine, -9)).argmax() == 9


def test_one_net_that_sees_nothing_does_not_decide_alone() -> None:
    blind = np.full(10, -1e9)
    blind[0] = 0.0
    seven = np.full(11, -40.0, np.float32)
    seven[7] = 0.0
    assert combine_nets(blind, seven[:10], seven).argmax() == 7


def test_a_temperature_changes_the_likely_and_leaves_the_hopeless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header = line_header()
    for log, is_changed in ((0.0, True), (-9.0, False)):
        confidences = []
        for factor in (0.5, 1, 2):
            free = header.free._replace(temperature=factor * header.free.temperature)
            changed = header._replace(free=free)
            monkeypatch.setattr(confidence, "line_header", lambda of=changed: of)
            facts = [Hypothesis((1, 2, 3), log)], log_probs(log)[:, :10]
            confidences.append(line_confidence(*facts))
        assert confidences == sorted(confidences, reverse=True)
        assert len(set(confidences)) == (3 if is_changed else 1)
