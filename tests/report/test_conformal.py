"""Conformal sets: fitted on images held out, measured on others."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.metrics import fit_trust, name_sets
from mnistry.predictions import Predictions
from mnistry.report.conformal import HELD_OUT, conformal_sets, in_words
from mnistry.report.evaluate import evaluate
from mnistry.report.evaluation import Evaluation
from mnistry.report.page import render
from mnistry.report.tables import save_tables
from mnistry.softmax import softmax


def some(count: int, seed: int) -> tuple[Digits, Predictions]:
    generator = np.random.default_rng(seed)
    written = generator.integers(0, 10, count).astype(np.uint8)
    logits = generator.normal(0, 1, (count, 10)).astype(np.float32)
    logits[np.arange(count), written] += generator.normal(2, 2, count)
    images = np.zeros((count, 28, 28), np.uint8)
    return Digits(images, written, name="some"), Predictions(logits)


def test_numbers_are_those_that_counting_gives() -> None:
    held, held_predictions = some(3_000, 0)
    trust = fit_trust(held.labels, held_predictions.logits)._asdict()
    digits, predictions = some(2_000, 1)
    sets = conformal_sets(digits, predictions, trust, coverage=0.9)
    threshold = dict(trust["sets"])[0.9]
    assert (sets["threshold"], sets["fitted_on"]) == (threshold, HELD_OUT)
    assert sets["images"] == 2_000
    named = [
        [digit for digit in range(10) if row[digit] >= threshold]
        for row in predictions.probabilities
    ]
    holds = [label in row for label, row in zip(digits.labels, named, strict=True)]
    assert sets["coverage"] == pytest.approx(np.mean(holds))
    assert sets["mean_size"] == pytest.approx(np.mean([len(row) for row in named]))
    assert sets["single"] == pytest.approx(np.mean([len(row) == 1 for row in named]))
    assert sets["sizes"] == [sum(len(row) == n for row in named) for n in range(11)]
    for row in sets["labels"]:
        here = [n for n in range(2_000) if digits.labels[n] == row["label"]]
        assert row["images"] == len(here)
        assert row["coverage"] == pytest.approx(np.mean([holds[n] for n in here]))
        sizes = [len(named[n]) for n in here]
        assert row["mean_size"] == pytest.approx(np.mean(sizes))


def test_without_images_held_out_half_chooses_and_the_other_half_measures() -> None:
    digits, predictions = some(4_001, 2)
    sets = conformal_sets(digits, predictions, None, coverage=0.95)
    assert sets["fitted_on"] == "2,000 of these images, at random"
    assert sets["images"] == 2_001
    assert sets["interval"][0] < 0.95 < sets["interval"][1]
    assert sets != conformal_sets(digits, predictions, None, coverage=0.95, seed=1)


def test_the_next_larger_share_that_is_known_is_taken_and_reported() -> None:
    digits, predictions = some(200, 3)
    trust = {"sets": [[0.9, 0.5], [0.99, 0.01]], "coverage": 0.99, "name_above": 0.01}
    sets = conformal_sets(digits, predictions, trust, coverage=0.95)
    assert (sets["asked"], sets["promised"]) == (0.95, 0.99)
    assert "at 99 %, for 95 % asked: " in in_words(sets)
    beyond = conformal_sets(digits, predictions, trust, coverage=0.995)
    assert beyond["fitted_on"] == "100 of these images, at random"
    assert beyond["mean_size"] == 10  # of 100 nothing so large can be promised


@pytest.mark.parametrize("coverage", [0, 1, -0.5, 2, float("nan"), "0.9", None])
def test_a_share_that_cannot_be_is_an_error(coverage: Any) -> None:
    digits, predictions = some(9, 0)
    with pytest.raises(UsageError, match="expected above 0 and below 1"):
        conformal_sets(digits, predictions, {"sets": [[0.99, 0.2]]}, coverage=coverage)


def test_one_image_is_too_few() -> None:
    digits, predictions = some(1, 0)
    with pytest.raises(UsageError, match="there is 1 image to fit and measure"):
        conformal_sets(digits, predictions, None, coverage=0.9)


def test_a_label_without_images_has_no_coverage() -> None:
    digits, predictions = some(40, 0)
    threes = Digits(digits.images, np.full(40, 3, np.uint8))
    sets = conformal_sets(threes, predictions, None, coverage=0.5)
    assert sets["labels"][4]["coverage"] is None
    assert sets["labels"][4]["mean_size"] is None
    json.dumps(sets, allow_nan=False)


def test_they_are_in_json_tables_and_page(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    sets = evaluation.sets
    assert sets is not None
    facts = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))["sets"]
    assert facts["labels"] == sets["labels"]
    save_tables(evaluation, tmp_path)
    rows = list(csv.DictReader((tmp_path / "sets.csv").read_text().splitlines()))
    assert [int(row["label"]) for row in rows] == list(range(10))
    every = list(
        csv.DictReader((tmp_path / "predictions.csv").read_text().splitlines())
    )
    named = name_sets(evaluation.predictions.probabilities, sets["threshold"])
    for row, mine in zip(every, named, strict=True):
        assert row["set"].split() == [str(n) for n in range(10) if mine[n]]
    page = render(evaluation)
    assert 'id="h-sets"' in page
    assert f"{100 * sets['coverage']:.2f} %" in page


def test_sets_are_not_reported_unless_asked_for(
    digits: Digits, model: Any, tmp_path: Path
) -> None:
    bare = evaluate(model, digits, maps=0)
    assert bare.sets is None
    assert bare.to_dict()["sets"] is None
    assert 'id="h-sets"' not in render(bare)
    save_tables(bare, tmp_path)
    assert not (tmp_path / "sets.csv").exists()
    assert ",set" not in (tmp_path / "predictions.csv").read_text().partition("\n")[0]


def test_a_line_tells_the_shares_of_sizes() -> None:
    written = np.array([0, 0, 1, 1], np.uint8)
    digits = Digits(np.zeros((4, 28, 28), np.uint8), written, name="toy")
    logits = np.log([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.6, 0.4]])
    trust = {"coverage": 0.9, "name_above": 0.5}
    line = in_words(conformal_sets(digits, Predictions(logits), trust, coverage=0.9))
    assert softmax(logits.astype(np.float32))[1].tolist() == [0.5, 0.5]
    assert line.startswith("conformal sets at 90 %: 75.00 % of 4 hold the true digit")
    assert "1.250 digits on average: 75.00 % name one, 25.00 % several, 0.00 %" in line
    assert line.endswith("threshold from images held out in training")
