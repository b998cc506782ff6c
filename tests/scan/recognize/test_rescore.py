import numpy as np
import pytest

from mnistry.scan.pattern import Pattern, any_digits, parse_pattern
from mnistry.scan.recognize import decode
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
        (False, any_digits(), (1, 4)),  # what was cut through is not judged alone
        (True, parse_pattern("1[0-9]"), (1, 4)),  # what may not be is not proposed
    ],
)
def test_a_digit_that_stands_by_itself_is_judged_by_itself(
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
