"""Figures hold what the evaluation says."""

from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictions
from mnistry.report.evaluate import evaluate
from mnistry.report.evaluation import Evaluation
from mnistry.report.figures import (
    confusion_figure,
    history_figure,
    reliability_figure,
    risk_figure,
    stress_figure,
)


def test_the_confusion_figure_says_each_count(evaluation: Evaluation) -> None:
    (axes,) = confusion_figure(evaluation).axes
    predictions = {text.get_position(): text.get_text() for text in axes.texts}
    for (row, column), count in np.ndenumerate(evaluation.confusion):
        assert predictions.get((column, row), "0") == str(count)


def test_the_reliability_figure_has_a_dot_for_each_full_part(
    evaluation: Evaluation,
) -> None:
    (axes,) = reliability_figure(evaluation).axes
    dots = axes.lines[1].get_xydata()
    shown = {(round(float(x), 6), round(float(y), 6)) for x, y in np.asarray(dots)}
    expected = {
        (round(row["confidence"], 6), round(row["accuracy"], 6))
        for row in evaluation.to_dict()["reliability"]
        if row["images"]
    }
    assert shown == expected


def test_an_evaluation_draws_them_itself_and_a_notebook_shows_them(
    evaluation: Evaluation,
) -> None:
    for figure in (evaluation.plot_confusion(), evaluation.plot_reliability()):
        made: Any = figure
        assert made._repr_png_()[1:4] == b"PNG"
        assert figure.axes[0].get_xlabel() in ("read", "confidence")


def test_of_labels_alone_no_confidence_is_drawn(digits: Digits) -> None:
    known = evaluate(digits.labels, digits)
    assert known.plot_confusion().axes
    for draw in (reliability_figure, risk_figure):
        with pytest.raises(UsageError, match="has only labels; confidence needs"):
            draw(known)


def test_the_risk_figure_ends_at_all_errors(evaluation: Evaluation) -> None:
    (axes,) = risk_figure(evaluation).axes
    points = np.asarray(axes.lines[0].get_xydata())
    assert points[-1].tolist() == pytest.approx([0, 100 * (1 - evaluation.accuracy)])


def test_the_history_figure_has_loss_and_accuracy(evaluation: Evaluation) -> None:
    loss, accuracy = history_figure(evaluation).axes
    assert np.asarray(loss.lines[0].get_ydata()).tolist() == [0.5, 0.2]
    assert np.asarray(loss.lines[1].get_ydata()).tolist() == [0.6, 0.3]
    assert np.asarray(accuracy.lines[0].get_ydata()).tolist() == [0.9, 0.95]


def test_the_stress_figure_has_a_curve_for_each_kind(evaluation: Evaluation) -> None:
    drawn = {
        axes.get_title(): np.asarray(axes.lines[0].get_ydata()).tolist()
        for axes in stress_figure(evaluation).axes
    }
    assert drawn == {curve["kind"]: curve["accuracy"] for curve in evaluation.stress}


def test_what_is_not_known_cannot_be_drawn(digits: Digits) -> None:
    predictions = Predictions(np.eye(10, dtype=np.float32)[digits.labels])
    bare = Evaluation(digits, predictions)
    with pytest.raises(UsageError, match="this model has no training history"):
        history_figure(bare)
    with pytest.raises(UsageError, match="was made without stress; expected"):
        stress_figure(bare)
