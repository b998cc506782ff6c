import csv
from pathlib import Path

import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.curves import save_history
from mnistry.learn.model import Model
from mnistry.learn.train import train


def test_the_table_holds_the_rows_of_the_history(bars: Digits, tmp_path: Path) -> None:
    model = train(bars, "linear", epochs=3)
    save_history(model, tmp_path / "run" / "history.csv")
    with (tmp_path / "run" / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == (
        model.facts["history"]
    )


def test_where_nothing_was_held_back_the_table_is_empty_there(
    bars: Digits, tmp_path: Path
) -> None:
    save_history(train(bars, "linear", epochs=1, validation=0), tmp_path / "h.csv")
    with (tmp_path / "h.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["validation_loss"] == ""


def test_a_model_without_history_has_no_table(bars: Digits, tmp_path: Path) -> None:
    model = Model(net=train(bars, "linear", epochs=1).net, facts={})
    with pytest.raises(UsageError, match=r"the model has no history; expected one"):
        save_history(model, tmp_path / "history.csv")
    assert not any(tmp_path.iterdir())
