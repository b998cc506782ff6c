"""The whole evaluation: what it says, and what it is written as."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.models.packaged import load_model
from mnistry.predictions import Predictions, Predictor
from mnistry.report.evaluate import evaluate
from mnistry.report.evaluation import Evaluation
from mnistry.report.page import render


def test_numbers_belong_together(evaluation: Evaluation) -> None:
    assert evaluation.errors == len(evaluation.mistakes) > 0
    assert evaluation.accuracy == pytest.approx(1 - evaluation.errors / 300)
    assert evaluation.interval.low < evaluation.accuracy < evaluation.interval.high
    assert evaluation.confusion.trace() == 300 - evaluation.errors
    assert evaluation.confusion.sum() == 300
    assert evaluation.loss > 0
    assert 0 < evaluation.brier < 2
    assert 0 < evaluation.error_detection < 1
    assert evaluation.per_label.written.sum() == 300
    assert evaluation.seconds >= 0


def test_plain_values_are_json_and_say_the_same(evaluation: Evaluation) -> None:
    facts = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert facts["images"] == 300
    assert facts["errors"] == evaluation.errors
    assert facts["accuracy"] == evaluation.accuracy
    assert facts["loss"] == evaluation.loss
    assert facts["confusion"] == evaluation.confusion.tolist()
    assert facts["mistakes"] == evaluation.mistakes
    assert facts["least_sure"] == evaluation.least_sure()
    assert facts["stress"] == list(evaluation.stress)
    assert facts["crowd"] is None
    assert sum(row["images"] for row in facts["reliability"]) == 300
    assert facts["rejected"] == 0
    assert facts["model"]["net"] == "corner"


@pytest.mark.parametrize("wrong_by", [0, 1])
@pytest.mark.parametrize("logit", [-np.inf, -3e38, -1e-38])
def test_scores_at_the_ends_of_the_scale_are_json_too(
    digits: Digits, logit: float, wrong_by: int
) -> None:
    read = (digits.labels.astype(int) + wrong_by) % 10
    logits = np.full((len(digits), 10), logit, np.float32)
    logits[np.arange(len(digits)), read] = 0
    found = evaluate(Predictions(logits), digits).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_model_that_no_input_suits_is_reported_everywhere(
    digits: Digits,
) -> None:
    learned = replace(digits, split_name="train")  # its input is found on them
    found = evaluate(lambda images: np.ones(len(images), int), learned, maps=0)
    assert "; no input makes this model read: of 300 images" in repr(found)
    assert f"<p>{found.note}</p>" in found._repr_html_()
    assert found.to_dict()["note"] == found.note
    assert "hardly reads its training images" in render(found)
    other = evaluate(load_model(), digits, maps=0)
    assert other.note == ""
    assert repr(other) == f"<Evaluation: {other.summary}>"
    assert "hardly reads its training images" not in render(other)


def test_a_perfect_reading_has_no_mistakes_and_says_null(digits: Digits) -> None:
    perfect = Predictions(10 * np.eye(10, dtype=np.float32)[digits.labels])
    facts = Evaluation(digits, perfect).to_dict()
    assert facts["mistakes"] == []
    assert facts["error_detection"] is None
    assert facts["seconds"] is None
    json.dumps(facts, allow_nan=False)


def test_the_report_is_one_page(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    evaluation.save(path)
    page = path.read_text("utf-8")
    assert f"{100 * evaluation.accuracy:.2f}" in page
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_a_perfect_reading_has_a_report_too(digits: Digits, tmp_path: Path) -> None:
    perfect = Predictions(10 * np.eye(10, dtype=np.float32)[digits.labels])
    Evaluation(digits, perfect).save(tmp_path / "report.html")
    assert "100.00" in (tmp_path / "report.html").read_text("utf-8")


def test_a_report_is_named_as_a_page(evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'report.pdf' is not named as an HTML page"):
        evaluation.save(tmp_path / "report.pdf")


def test_mistakes_are_saved_as_a_picture(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    evaluation.save_mistakes(tmp_path / "few.png", most=8)
    evaluation.save_mistakes(tmp_path / "all.png")
    with (
        Image.open(tmp_path / "few.png") as few,
        Image.open(tmp_path / "all.png") as al,
    ):
        assert few.width == al.width
        assert few.height < al.height


def test_a_notebook_shows_the_headline(evaluation: Evaluation) -> None:
    html = evaluation._repr_html_()
    assert f"{100 * evaluation.accuracy:.2f}" in html
    assert "<script" not in html


def test_a_model_without_facts_is_welcome(digits: Digits) -> None:
    class Bare:
        def predict(self, images: Any) -> Predictions:
            return Predictions(np.zeros((len(images), 10), np.float32))

    assert evaluate(Bare(), digits).to_dict()["model"] == {"net": "Bare"}


def test_nothing_to_read_is_an_error(digits: Digits, model: Predictor) -> None:
    with pytest.raises(
        UsageError, match="noise test has no images to read; expected 1"
    ):
        evaluate(model, digits[:0])


def test_labels_that_the_model_does_not_know_are_an_error(
    digits: Digits, model: Predictor
) -> None:
    letters = Digits(digits.images, digits.labels + 20, name="letters")
    with pytest.raises(UsageError, match="letters has label 29; this model knows 10"):
        evaluate(model, letters)


def test_where_it_looked_and_stress_are_there_if_asked_for(
    digits: Digits, model: Predictor
) -> None:
    bare = evaluate(model, digits, maps=0)
    assert bare.maps == {}
    assert bare.stress == ()
    full = evaluate(model, digits, maps=2, stress=True)
    surest = [row["index"] for row in full.mistakes[:2]]
    assert sorted(full.maps) == sorted(surest)
    assert len(full.stress) == 14


def test_pictures_taken_for_no_digit_are_counted(digits: Digits) -> None:
    logits = 10 * np.eye(10, dtype=np.float32)[digits.labels]
    logits[:7] = 0
    predictions = Predictions(logits, reject_below=1.0)
    assert Evaluation(digits, predictions).to_dict()["rejected"] == 7


def test_the_summary_of_a_model_says_when_it_was_made(evaluation: Evaluation) -> None:
    assert evaluation.made_at.startswith("20")
    assert evaluation.to_dict()["made_at"] == evaluation.made_at


def test_images_without_labels_cannot_be_evaluated(
    digits: Digits, model: Predictor
) -> None:
    for other in (digits.images, (digits, digits), model):
        with pytest.raises(UsageError, match="digits are .*; expected Digits"):
            evaluate(model, other)  # type: ignore[arg-type]
