import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.scan.pattern import any_digits, parse_pattern
from mnistry.scan.recognize import decode
from mnistry.scan.recognize.ctc import (
    BLANK,
    log_matching,
    log_posterior,
    log_posteriors,
)
from mnistry.softmax import log_softmax

SYMBOLS = (1, 2, 3, BLANK)


def frames_at_random(seed: int, count: int = 5) -> np.ndarray:
    """Frames in which only 1, 2, 3 and blank are likely."""
    logits = np.random.default_rng(seed).normal(0, 2, (count, 11))
    logits[:, [0, 4, 5, 6, 7, 8, 9]] = -50
    return log_softmax(logits.astype(np.float32))


def written(symbols: tuple[int, ...]) -> tuple[int, ...]:
    """The digits that symbols, frame by frame, write."""
    runs = [symbol for symbol, _ in itertools.groupby(symbols)]
    return tuple(symbol for symbol in runs if symbol != BLANK)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "text", ["[0-9]{2}", "[12]{1,3}", "1[0-9]?2", "(12|21)*", "3+"]
)
def test_the_best_path_is_the_best_of_all(text: str, seed: int) -> None:
    frames = frames_at_random(seed)
    scores = {
        symbols: sum(float(frames[at, symbol]) for at, symbol in enumerate(symbols))
        for symbols in itertools.product(SYMBOLS, repeat=len(frames))
        if re.fullmatch(text, "".join(map(str, written(symbols))))
    }
    best = max(scores, key=lambda symbols: scores[symbols])
    (path,) = decode.best_paths([frames], parse_pattern(text))
    assert path is not None
    assert path.digits == written(best)
    assert path.score == pytest.approx(scores[best], abs=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_the_posterior_is_the_sum_over_all_ways(seed: int) -> None:
    frames = frames_at_random(seed)
    sums: dict[tuple[int, ...], float] = {}
    for symbols in itertools.product(SYMBOLS, repeat=len(frames)):
        score = np.exp(sum(float(frames[at, s]) for at, s in enumerate(symbols)))
        sums[written(symbols)] = sums.get(written(symbols), 0.0) + float(score)
    for digits, total in sums.items():
        assert np.exp(log_posterior(frames, digits)) == pytest.approx(total, rel=1e-3)
    assert sum(sums.values()) == pytest.approx(1, abs=1e-4)


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["[0-9]{2}", "1[0-9]?2", "(12|21)*", "3+"]),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_views_aligned_together_are_aligned_as_each_alone(
    seed: int, text: str, counts: list[int]
) -> None:
    views = [frames_at_random(seed + place, n) for place, n in enumerate(counts)]
    pattern = parse_pattern(text)
    alone = [decode.best_paths([frames], pattern)[0] for frames in views]
    assert decode.best_paths(views, pattern) == alone


def test_spans_say_where_each_digit_was_written() -> None:
    frames = np.full((9, 11), -9.0, np.float32)
    for at, symbol in enumerate([10, 4, 4, 10, 10, 4, 10, 7, 7]):
        frames[at, symbol] = -0.1
    aligned = decode.align(frames, (4, 4, 7))
    for path in (decode.greedy_path(frames), aligned):
        assert path is not None
        assert path.digits == (4, 4, 7)
        assert path.spans == ((1, 3), (5, 6), (7, 9))


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(SYMBOLS[:3]), max_size=3))
def test_the_alignment_is_the_best_of_all(seed: int, row: list[int]) -> None:
    frames, digits = frames_at_random(seed), tuple(row)
    scores = [
        sum(float(frames[at, symbol]) for at, symbol in enumerate(symbols))
        for symbols in itertools.product({*row, BLANK}, repeat=len(frames))
        if written(symbols) == digits
    ]
    path = decode.align(frames, digits)
    assert (path is not None) == bool(scores)
    if path:
        assert path.digits == digits
        assert path.score == pytest.approx(max(scores), abs=1e-3)
        symbols = [BLANK] * len(frames)
        for digit, (start, end) in zip(digits, path.spans, strict=True):
            symbols[start:end] = [digit] * (end - start)
        assert written(tuple(symbols)) == digits
        along = sum(float(frames[at, symbol]) for at, symbol in enumerate(symbols))
        assert along == pytest.approx(path.score, abs=1e-3)


def test_too_few_frames_hold_no_path() -> None:
    assert decode.align(frames_at_random(0, 2), (1, 1)) is None
    five = parse_pattern("[0-9]{5}")
    assert decode.best_paths([frames_at_random(0, 2)], five) == [None]


def test_a_digit_that_is_not_allowed_is_never_read() -> None:
    frames = np.full((3, 11), -9.0, np.float32)
    frames[[0, 2], 10] = frames[1, 7] = -0.1
    frames[1, 1] = -3
    path = decode.greedy_path(frames, any_digits("1"))
    assert set(path.digits) <= {1}


def test_views_that_agree_outvote_one_that_does_not() -> None:
    sees_seven, sees_one = (np.full((3, 11), -6.0, np.float32) for _ in "ab")
    for frames, digit in ((sees_seven, 7), (sees_one, 1)):
        frames[[0, 2], 10] = frames[1, digit] = -0.1
    hypotheses = decode.rank_hypotheses(
        [sees_seven, sees_one, sees_seven], {(7,), (1,)}
    )
    assert [hypothesis.digits for hypothesis in hypotheses] == [(7,), (1,)]
    assert hypotheses[0].score > hypotheses[1].score


def test_a_view_that_sees_nothing_does_not_decide() -> None:
    sees_seven, blind = (np.full((3, 11), -9.0, np.float32) for _ in "ab")
    sees_seven[[0, 2], 10] = sees_seven[1, 7] = -0.1
    sees_seven[1, 1] = -3.0
    blind[:, 10] = -0.01
    blind[1, 7] = -60.0
    [first, second] = decode.rank_hypotheses(
        [sees_seven, blind, sees_seven], {(7,), (1,)}
    )
    assert first.digits == (7,)
    assert first.score > second.score
    alone = log_posterior(sees_seven, (7,))
    assert first.score == pytest.approx(alone + np.log(2 / 3), abs=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_views_decoded_together_give_what_each_gives_alone(seed: int) -> None:
    generator = np.random.default_rng(seed)
    views = [
        log_softmax(generator.normal(0, 2, (count, 11)).astype(np.float32))
        for count in (9, 4, 13)
    ]
    rows = [(1,), (2, 2), (), (7, 0, 7)]
    together = log_posteriors(views, rows)
    for view, found in zip(views, together, strict=True):
        alone = [log_posterior(view, row) for row in rows]
        possible = np.array(alone) > -600  # two equal digits need three frames
        assert np.allclose(found[possible], np.array(alone)[possible], atol=1e-6)


@pytest.mark.parametrize("text", ["[123]{2}", "1?[23]", "(12|3)*", "[123]{1,3}"])
def test_what_matches_a_pattern_is_as_likely_as_all_its_rows(text: str) -> None:
    pattern = parse_pattern(text)
    frames = frames_at_random(3)
    rows = [
        row
        for count in range(len(frames) + 1)
        for row in itertools.product((1, 2, 3), repeat=count)
        if pattern.accepts(row)
    ]
    together = np.exp(log_posteriors([frames], rows)).sum()
    assert np.exp(log_matching([frames], pattern)[0]) == pytest.approx(together)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["[123]{2}", "(12|3)*", "(1|1)+"]))
def test_what_hardly_matches_is_found_by_some_of_the_frames(
    seed: int, text: str
) -> None:
    pattern, views = (
        parse_pattern(text),
        [frames_at_random(seed + n, 40) for n in (0, 1)],
    )
    whole, least = log_matching(views, pattern), -30.0
    some = log_matching(views, pattern, least)
    assert (some.max() >= least) == (whole.max() >= least)
    assert whole.max() < least or (some == whole).all()
