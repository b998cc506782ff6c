"""CSV files, read again."""

import csv
from pathlib import Path

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.predictions import Predictions
from mnistry.report.evaluation import Evaluation
from mnistry.report.tables import save_tables, to_csv


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_image_has_a_row_with_its_prediction(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    save_tables(evaluation, tmp_path / "new")
    rows = read(tmp_path / "new" / "predictions.csv")
    assert [int(row["index"]) for row in rows] == list(range(300))
    assert [int(row["written"]) for row in rows] == evaluation.digits.labels.tolist()
    assert [int(row["read"]) for row in rows] == evaluation.predictions.labels.tolist()
    chances = [[float(row[f"probability_{n}"]) for n in range(10)] for row in rows]
    np.testing.assert_allclose(chances, evaluation.predictions.probabilities)


def test_all_that_is_shown_is_there(evaluation: Evaluation, tmp_path: Path) -> None:
    files = save_tables(evaluation, tmp_path)
    assert sorted(path.name for path in files) == [
        *("confusion.csv", "handed_over.csv", "history.csv", "labels.csv"),
        *("predictions.csv", "reliability.csv", "sets.csv", "stress.csv"),
    ]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    confusion = [
        [int(row[str(label)]) for label in range(10)]
        for row in read(tmp_path / "confusion.csv")
    ]
    assert confusion == evaluation.confusion.tolist()
    stress = read(tmp_path / "stress.csv")
    assert len(stress) == 14 * 6
    assert float(stress[0]["accuracy"]) == evaluation.stress[0]["accuracy"][0]
    losses = [float(row["loss"]) for row in read(tmp_path / "history.csv")]
    assert losses == [0.5, 0.2]
    recall = [float(row["recall"]) for row in read(tmp_path / "labels.csv")]
    assert recall == pytest.approx(evaluation.per_label.recall.tolist())


def test_what_there_is_not_has_no_file(digits: Digits, tmp_path: Path) -> None:
    predictions = Predictions(np.eye(10, dtype=np.float32)[digits.labels])
    save_tables(Evaluation(digits, predictions), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert not names & {"history.csv", "stress.csv"}


def test_rows_need_not_have_the_same_fields() -> None:
    assert to_csv([{"a": 1}, {"b": 2}]).splitlines() == ["a,b", "1,", ",2"]
