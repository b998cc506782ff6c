"""Square Attack: within its bounds, never better for the model, the same each time."""

from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import UnknownNameError, UsageError
from mnistry.models.packaged import load_model
from mnistry.predictions import Predictions, label_predictions
from mnistry.report.attack import square_attack
from mnistry.report.evaluate import evaluate
from mnistry.synth.drawn import draw

FEW = Digits(*draw(12, split="test"), "drawn", "test")
LIMITS = (12, 40, 60.0)


class Watched:
    """The packaged model; what it is asked is kept."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def predict(self, images: Any) -> Predictions:
        self.seen.append(images.copy())
        return load_model().predict(images)


def test_pixels_stay_within_the_budget_and_queries_within_theirs() -> None:
    model = Watched()
    [row] = square_attack(model, FEW, budgets=[0.1], limits=LIMITS)
    attacked = [images for images in model.seen[1:] if len(images) == len(FEW)]
    for images in attacked:
        gap = images.astype(int) - FEW.images
        assert np.abs(gap).max() <= round(25.5)
    assert row["queries"] <= 40
    assert len(model.seen) == 1 + row["queries"]


def test_more_change_and_more_queries_leave_no_more_right() -> None:
    clean = evaluate(load_model(), FEW, maps=0).accuracy
    rows = square_attack(load_model(), FEW, budgets=[0.02, 0.4], limits=LIMITS)
    assert clean >= rows[0]["accuracy"] > rows[1]["accuracy"]
    [fewer] = square_attack(load_model(), FEW, budgets=[0.4], limits=(12, 2, 60.0))
    assert fewer["accuracy"] >= rows[1]["accuracy"]


def test_it_is_the_same_each_time_and_ends_in_time() -> None:
    once, again = (
        square_attack(load_model(), FEW, budgets=[0.2], limits=LIMITS, seed=3)[0]
        for _ in range(2)
    )
    assert (once["accuracy"], once["queries"]) == (again["accuracy"], again["queries"])
    [late] = square_attack(load_model(), FEW, budgets=[0.01], limits=(12, 400, 1e-9))
    assert late["queries"] == 1


def test_it_stands_in_json_tables_and_page_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    def quick(model: Any, digits: Digits, *, seed: int) -> Any:
        return square_attack(model, digits, limits=(5, 3, 9.0), seed=seed)

    rows = {"attack": ("attack", quick)}
    monkeypatch.setattr("mnistry.report.evaluate.STRESS", rows)
    report = evaluate(load_model(), FEW, maps=0, stress=["attack"])
    assert [row["budget"] for row in report.to_dict()["attack"]] == [0.1, 0.2, 0.3]
    report.save(tmp_path / "report.html")
    assert 'id="h-attack"' in (tmp_path / "report.html").read_text("utf-8")
    assert evaluate(load_model(), FEW, maps=0).attack == ()
    with pytest.raises(UnknownNameError, match="kind of stress 'atack'"):
        evaluate(load_model(), FEW, stress=["atack"])


def test_what_cannot_be_attacked_is_refused() -> None:
    class Labels:
        def predict(self, images: Any) -> Predictions:
            return label_predictions(np.zeros(len(images), int))

    with pytest.raises(UsageError, match="gives only labels; the attack needs"):
        square_attack(Labels(), FEW)
    with pytest.raises(UsageError, match=r"budgets are \[2\]; expected numbers above"):
        square_attack(load_model(), FEW, budgets=[2])
    with pytest.raises(UsageError, match="there are 0 digits and the limits"):
        square_attack(load_model(), FEW[:0])
