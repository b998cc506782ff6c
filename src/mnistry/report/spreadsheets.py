"""Everything that a report shows as CSV files, for any other program."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.metrics import name_sets
from mnistry.report.curves import handed_over
from mnistry.report.tables import history_rows, label_rows, name_of, reliability_rows
from mnistry.whole import write_whole

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

Row = Mapping[str, Any]


def save_tables(evaluation: "Evaluation", folder: str | os.PathLike[str]) -> list[Path]:
    """Write everything that a report shows as CSV files, one table each.

    Args:
        evaluation: What to tell.
        folder: Where to; it is made, and files of these names are replaced.

    Returns:
        The files: predictions.csv with a row for each image, labels.csv, confusion.csv,
        reliability.csv, handed_over.csv, and, where there is such a thing, history.csv,
        stress.csv and sets.csv.

    Raises:
        CacheError: The folder cannot be written.
    """
    written = []
    for name, rows in tables_of(evaluation).items():
        if rows:
            path = Path(folder) / f"{name}.csv"
            write_whole(path, to_csv(rows).encode(errors="replace"))
            written.append(path)
    return written


def tables_of(evaluation: "Evaluation") -> dict[str, Sequence[Row]]:
    """Gather the tables, each as rows."""
    return {
        "predictions": _prediction_rows(evaluation),
        "labels": label_rows(evaluation),
        "confusion": _confusion_rows(evaluation),
        "reliability": reliability_rows(evaluation),
        "handed_over": handed_over(evaluation),
        "history": history_rows(evaluation),
        "stress": [
            {"kind": curve["kind"], "severity": severity, "accuracy": accuracy}
            for curve in evaluation.stress
            for severity, accuracy in enumerate(curve["accuracy"])
        ],
        "sets": evaluation.sets["labels"] if evaluation.sets else [],
    }


def to_csv(rows: Sequence[Row]) -> str:
    """Write rows as CSV, their fields in the order in which they first come.

    Example:
        >>> to_csv([{"label": 7, "recall": None}]).split()
        ['label,recall', '7,']
    """
    table = io.StringIO()
    fields = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(table, list(fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def _prediction_rows(evaluation: "Evaluation") -> list[Row]:
    said = evaluation.predictions
    columns = {
        "index": range(len(said)),
        "written": evaluation.digits.labels.tolist(),
        "read": said.labels.tolist(),
        "confidence": said.confidence.tolist(),
        "digit_score": said.digit_scores.tolist(),
        "rejected": said.rejected.astype(int).tolist(),
    }
    chances = {
        f"probability_{label}": chance.tolist()
        for label, chance in enumerate(said.probabilities.T)
    }
    columns |= chances
    if evaluation.sets is not None:
        named = name_sets(said.probabilities, evaluation.sets["threshold"])
        columns["set"] = [" ".join(map(str, np.flatnonzero(row))) for row in named]
    return [
        dict(zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]


def _confusion_rows(evaluation: "Evaluation") -> list[Row]:
    counts = evaluation.confusion
    names = [name_of(evaluation, label) for label in range(len(counts))]
    return [
        {"written": name, **dict(zip(names, row, strict=True))}
        for name, row in zip(names, counts.tolist(), strict=True)
    ]
