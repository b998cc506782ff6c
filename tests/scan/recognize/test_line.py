from collections.abc import Sequence

import pytest

from mnistry.arrays import Pixels
from mnistry.scan.read import read
from mnistry.scan.recognize import strips
from mnistry.scan.recognize.models import LogProbs, line_log_probs
from mnistry.synth.documents.pages import make_print
from mnistry.synth.documents.scenes import Alphabet, make_form, make_string
from mnistry.synth.drawn import draw


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The strips on which the net for lines runs."""
    strips_seen: list[bytes] = []

    def run(some: Sequence[Pixels]) -> list[LogProbs]:
        strips_seen.extend(strip.tobytes() for strip in some)
        return line_log_probs(some)

    monkeypatch.setattr(strips, "line_log_probs", run)
    return strips_seen


def test_what_matches_no_pattern_is_read_again_by_what_the_net_gave_before(
    seen: list[bytes], alphabet: Alphabet
) -> None:
    picture = make_form(alphabet, ["1234", "567890"], seed=3).picture
    assert read(picture, pattern="[0-9]{12}").reason
    assert len(seen) == len(set(seen)) > 0


def test_words_are_left_out_where_two_views_do_not_match_the_pattern(
    seen: list[bytes],
) -> None:
    picture = make_print(seed=2).picture[300:500]
    assert not read(picture).lines
    freely = len(seen)
    seen.clear()
    assert not read(picture, pattern="[0-9]{7}").lines
    assert len(seen) <= freely


def test_a_fourth_view_is_run_where_three_are_in_doubt(seen: list[bytes]) -> None:
    drawn = Alphabet(*draw(200))
    sure: dict[int, list[float]] = {}
    for seed in range(1, 8):
        seen.clear()
        reading = read(make_string(drawn, "71430", seed=seed).picture)
        sure.setdefault(len(seen), []).append(reading.confidence)
    assert {2, 3, 4} <= sure.keys()
    assert min(sure[2]) > max(sure[4])
