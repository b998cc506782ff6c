import numpy as np
import pytest

from mnistry.scan.pattern import Pattern, any_digits, parse_pattern
from mnistry.scan.recognize import decode, rescore
from mnistry.scan.recognize.ctc import Frames
from mnistry.scan.recognize.rescore import RescoringTerms, rescore_hypotheses


def torn_frames() -> Frames:
    """A strip with 1 or 7, then surely 4: the net for lines likes the 1 a bit more."""
    frames = np.full((7, 11), -9.0, np.float32)
    frames[[0, 3, 6], 10] = -0.01
    frames[1:3, 1], frames[1:3, 7] = -0.6, -0.8
    frames[4:6, 4] = -0.01
    return frames


def terms(*, isolated: bool) -> RescoringTerms:
    """Both nets for single digits: surely 7, surely 4."""
    own = np.full((2, 11), -9.0, np.float32)
    own[0, 7] = own[1, 4] = -0.01
    return RescoringTerms(own, own[:, :10], np.full(2, isolated))


@pytest.mark.parametrize(
    ("isolated", "pattern", "best"),
    [
        (True, any_digits(), (7, 4)),
        (False, any_digits(), (1, 4)),  # what was cut through is not rescored alone
        (True, parse_pattern("1[0-9]"), (1, 4)),  # what may not be is not proposed
    ],
)
def test_a_digit_that_stands_by_itself_is_rescored_by_itself(
    isolated: bool, pattern: Pattern, best: tuple[int, ...]
) -> None:
    frames = [torn_frames()]
    hypotheses = decode.rank_hypotheses(frames, {(1, 4), (1,)})
    again = rescore_hypotheses(hypotheses, terms(isolated=isolated), frames, pattern)
    assert again[0].digits == best
    assert {hypothesis.digits for hypothesis in hypotheses} <= {
        hypothesis.digits for hypothesis in again
    }


def test_who_agrees_adds_nothing() -> None:
    frames = [torn_frames()]
    hypotheses = decode.rank_hypotheses(frames, {(7, 4)})
    assert (
        rescore_hypotheses(hypotheses, terms(isolated=True), frames, any_digits())
        == hypotheses
    )


def test_the_larger_net_sees_what_the_smaller_one_is_not_sure_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packaged = np.full((3, 10), -9.0, np.float32)
    packaged[[0, 1, 2], [7, 4, 1]] = -0.001, -0.4, -0.001
    images = np.arange(3, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    asked = []

    def larger(some: np.ndarray) -> np.ndarray:
        asked.append(some[:, 0, 0].tolist())
        return np.full((len(some), 11), -2.5, np.float32)

    monkeypatch.setattr(rescore, "packaged_log_probs", lambda _: packaged)
    monkeypatch.setattr(rescore, "digit_log_probs", larger)
    alone = np.ones(3, bool)
    digit = rescore.rescoring_terms(images, alone, (7, 4, 7)).digit
    assert asked == [[1, 2]]  # the last one is surely another digit than was read
    assert digit[:, :10].argmax(axis=1).tolist() == [7, 0, 0]
    assert digit[0, 10] == -np.inf  # and surely a digit
