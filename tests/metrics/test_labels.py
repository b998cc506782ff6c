"""Suspicious labels: against loops and cleanlab; folds: against what they promise."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnistry.errors import ShapeError, UsageError
from mnistry.metrics import folds_of, suspects


def doubts() -> st.SearchStrategy[Any]:
    return st.integers(4, 40).flatmap(
        lambda count: st.tuples(
            arrays(np.uint8, count, elements=st.integers(0, 2)),
            arrays(np.float64, (count, 3), elements=st.integers(1, 20)),
        )
    )


@given(doubts())
def test_suspects_are_what_a_loop_finds(doubt: Any) -> None:
    written, powers = doubt
    chances = powers / powers.sum(axis=1, keepdims=True)
    needed = {
        label: np.mean([row[label] for row in chances[written == label]])
        for label in set(written.tolist())
    }
    slow = {}
    for place, (label, row) in enumerate(zip(written.tolist(), chances, strict=True)):
        confident = [one for one in needed if row[one] >= needed[one] - 1e-6]
        if confident:
            likeliest = max(confident, key=lambda one: (row[one], -one))
            if likeliest != label:
                slow[place] = likeliest
    found = suspects(written, chances)
    assert dict(zip(found.rows.tolist(), found.labels.tolist(), strict=True)) == slow
    assert (np.diff(found.scores) >= 0).all()
    assert found.scores.tolist() == chances[found.rows, written[found.rows]].tolist()


def test_suspects_are_those_of_cleanlab() -> None:
    cleanlab_filter = pytest.importorskip("cleanlab.filter")
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 10, 3_000)
    logits = generator.normal(0, 1, (3_000, 10))
    logits[np.arange(3_000), truth] += generator.normal(7, 2, 3_000)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    written = truth.copy()
    changed = generator.choice(3_000, 60, replace=False)
    written[changed] = (written[changed] + 3) % 10
    theirs = cleanlab_filter.find_label_issues(
        written,
        chances,
        filter_by="confident_learning",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    ours = suspects(written.astype(np.uint8), chances)
    assert ours.rows.tolist() == theirs.tolist()
    assert len(set(changed) & set(ours.rows[:80])) > 40


@given(
    arrays(np.uint8, st.integers(8, 60), elements=st.integers(0, 3)),
    st.integers(2, 8),
    st.integers(0, 3),
)
def test_folds_are_as_equal_as_can_be(written: Any, folds: int, seed: int) -> None:
    places = folds_of(written, folds, seed=seed)
    sizes = np.bincount(places, minlength=folds)
    assert sizes.sum() == len(written)
    assert sizes.max() - sizes.min() <= 1
    for label in set(written.tolist()):
        shares = np.bincount(places[written == label], minlength=folds)
        assert shares.max() - shares.min() <= 1
    assert (places == folds_of(written, folds, seed=seed)).all()


def test_another_seed_makes_other_folds() -> None:
    written = np.zeros(100, np.uint8)
    assert (folds_of(written, 4, seed=0) != folds_of(written, 4, seed=1)).any()


def test_one_fold_or_more_than_images_is_an_error() -> None:
    with pytest.raises(UsageError, match="folds is 1; expected 2 to 3"):
        folds_of(np.zeros(3, np.uint8), 1)
    with pytest.raises(UsageError, match="folds is 4; expected 2 to 3"):
        folds_of(np.zeros(3, np.uint8), 4)


def test_chances_of_other_images_are_an_error() -> None:
    with pytest.raises(ShapeError, match=r"shape \(2,\) for scores of shape \(3, 10\)"):
        suspects(np.zeros(2, np.uint8), np.zeros((3, 10), np.float32))
