"""Sets of digits: they hold the true one as often as was asked."""

import numpy as np
import pytest

from mnistry.errors import UsageError
from mnistry.metrics import fit_sets, name_sets
from mnistry.softmax import softmax


def some(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 1, (count, 10)).astype(np.float32)
    written = generator.integers(0, 10, count).astype(np.uint8)
    logits[np.arange(count), written] += generator.normal(2, 2, count)
    return written, softmax(logits)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.99])
def test_the_true_digit_is_named_as_often_as_was_asked(coverage: float) -> None:
    held, unseen = some(4_000, 0), some(40_000, 1)
    threshold = fit_sets(*held, coverage=coverage)
    named = name_sets(unseen[1], threshold)
    hit = named[np.arange(len(named)), unseen[0]].mean()
    assert coverage - 0.015 < hit < coverage + 0.015
    assert fit_sets(*held, coverage=coverage / 2) > threshold


def test_the_threshold_is_the_score_at_its_rank() -> None:
    chances = np.array([[share, 1 - share] for share in (0.9, 0.8, 0.7, 0.6)])
    written = np.zeros(4, np.uint8)
    # of five places, among which an unseen image is equally likely, three and a bit
    assert fit_sets(written, chances, coverage=0.6) == 0.7
    assert fit_sets(written, chances, coverage=0.61) == 0.6


def test_few_images_cannot_promise_much_so_all_digits_are_named() -> None:
    written, chances = some(20, 0)
    threshold = fit_sets(written, chances, coverage=0.99)
    assert threshold == 0
    assert name_sets(chances, threshold).all()


@pytest.mark.parametrize("coverage", [0, 1, 1.5])
def test_a_coverage_that_cannot_be_is_an_error(coverage: float) -> None:
    with pytest.raises(UsageError, match="expected above 0 and below 1, such as 0.99"):
        fit_sets(*some(20, 0), coverage=coverage)
