import csv
from pathlib import Path

from mnistry.digits import Digits
from mnistry.learn.curves import write_history
from mnistry.learn.train import train


def test_the_table_holds_the_rows_of_the_history(bars: Digits, tmp_path: Path) -> None:
    model = train(bars, "linear", epochs=3)
    write_history(tmp_path / "run" / "history.csv", model.facts["history"])
    with (tmp_path / "run" / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == (
        model.facts["history"]
    )


def test_where_nothing_was_held_out_the_table_is_empty_there(
    bars: Digits, tmp_path: Path
) -> None:
    model = train(bars, "linear", epochs=1, validation=0)
    write_history(tmp_path / "h.csv", model.facts["history"])
    with (tmp_path / "h.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["validation_loss"] == ""
