"""The curves of a report, recounted."""

import numpy as np

from mnistry.digits import Digits
from mnistry.predictions import Predictions
from mnistry.report.evaluation import Evaluation
from mnistry.report.svg import (
    history_charts,
    reliability_chart,
    risk_chart,
    stress_charts,
)
from mnistry.report.tables import DEFERRED_SHARES, deferral_rows


def test_what_is_left_wrong_is_counted(evaluation: Evaluation) -> None:
    sure = evaluation.predictions.confidence
    order = np.argsort(sure, kind="stable")
    for row in deferral_rows(evaluation):
        rest = order[row["checked"] :]
        assert row["checked"] == round(row["handed_over"] * 300)
        # equally confident ones may be listed in another order
        least = sure[order[row["checked"]]]
        surer = np.count_nonzero(~evaluation.right[sure > least])
        as_sure = np.count_nonzero(~evaluation.right[sure >= least])
        assert surer <= row["wrong"] <= as_sure
        assert row["risk"] == row["wrong"] / len(rest)
        assert abs(row["confidence"] - least) < 1e-6
    assert len(deferral_rows(evaluation)) == len(DEFERRED_SHARES)
    assert deferral_rows(evaluation)[0]["wrong"] == evaluation.errors


def test_of_one_image_none_can_be_handed_over() -> None:
    digits = Digits(np.zeros((1, 2, 2), np.uint8), np.array([3], np.uint8))
    alone = Evaluation(digits, Predictions(np.eye(10, dtype=np.float32)[[3]]))
    assert {row["checked"] for row in deferral_rows(alone)} == {0}
    assert risk_chart(alone)["lines"][0]["points"]


def test_dots_are_parts_of_all_readings(evaluation: Evaluation) -> None:
    made = reliability_chart(evaluation)
    assert sum(dot["count"] for dot in made["dots"]) == 300
    for dot in made["dots"]:
        assert dot["high"] <= dot["y"] <= dot["low"]  # an SVG counts downwards
        assert dot["radius"] <= 13.5


def test_a_long_test_draws_no_more_points_than_can_be_seen() -> None:
    count = 50_000
    digits = Digits(np.zeros((count, 1, 1), np.uint8), np.zeros(count, np.uint8))
    logits = np.random.default_rng(0).normal(0, 1, (count, 10)).astype(np.float32)
    points = risk_chart(Evaluation(digits, Predictions(logits)))["lines"][0]["ends"]
    assert 150 < len(points) <= 201


def test_only_what_was_recorded_of_two_epochs_is_drawn() -> None:
    history = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4, "accuracy": 0.9}]
    charts = history_charts(history)
    assert list(charts) == ["loss"]
    assert [line["name"] for line in charts["loss"]["lines"]] == ["loss"]
    assert history_charts([]) == {}
    assert history_charts(history[:1]) == {}


def test_each_kind_of_stress_has_a_chart_on_the_same_scale(
    evaluation: Evaluation,
) -> None:
    charts = stress_charts(evaluation.stress)
    assert [chart["kind"] for chart in charts] == [
        curve["kind"] for curve in evaluation.stress
    ]
    assert len({str(chart["y_ticks"]) for chart in charts}) == 1
    assert all(len(chart["lines"][0]["ends"]) == 6 for chart in charts)
