from collections.abc import Sequence

import numpy as np
import pytest

from mnistry.arrays import Pixels
from mnistry.scan.page.layout.parts import LONGEST_NUMBER
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits, parse_pattern
from mnistry.scan.read import read
from mnistry.scan.recognize import strips
from mnistry.scan.recognize.ctc import BLANK
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.scan.recognize.models import LogProbs, line_log_probs
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.pages import make_print
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

ONE = parse_pattern("[0-9]")


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


def test_words_are_looked_at_twice_and_not_again_if_they_matched_no_pattern(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = np.full((9, 11), -9.0, np.float32)
    frames[:, BLANK] = -0.001
    frames[4, [BLANK, 7]] = np.log([0.4, 0.6])  # a seven, perhaps, among letters
    runs: list[int] = []

    def run(some: Sequence[Pixels]) -> list[LogProbs]:
        runs.append(len(some))
        return [frames for _ in some]

    monkeypatch.setattr(strips, "line_log_probs", run)
    (page,) = prepare(make_print(seed=2).picture[300:500])
    freely, by_pattern = (LineReader(of) for of in (any_digits(), ONE))
    for reader, views in ((freely, 2), (by_pattern, 3), (by_pattern.freely(), 0)):
        for line in page.lines:
            assert len(line.components) > LONGEST_NUMBER
            runs.clear()
            reader.pruning().read_line(page, line, (0.0, 900.0))
            assert sum(runs) == views


def test_a_fourth_view_is_run_where_three_are_in_doubt(seen: list[bytes]) -> None:
    drawn = Alphabet(*draw(200))
    sure: dict[int, list[float]] = {}
    for seed in range(1, 8):
        seen.clear()
        reading = read(make_string(drawn, "71430", seed=seed).picture)
        sure.setdefault(len(seen), []).append(reading.confidence)
    assert {2, 3, 4} <= sure.keys()
    assert min(sure[2]) > max(sure[4])
