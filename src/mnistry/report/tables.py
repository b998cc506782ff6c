"""An evaluation as plain values: for JSON, for CSV, for the page."""

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry import metrics
from mnistry.escape import for_csv
from mnistry.formats.atomic import write_atomic
from mnistry.metrics import name_sets
from mnistry.report.provenance import catalogue_files, without_folders
from mnistry.softmax import sigmoid
from mnistry.statistics import digits_sha256

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

Row = Mapping[str, Any]
DEFERRED_SHARES = (0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)  # a person might check
EPOCH = (  # the columns of a run's history.csv; a model file sorts names
    *("epoch", "step", "loss", "accuracy"),
    *("validation_loss", "validation_accuracy", "learning_rate", "seconds"),
)
DEEPEST = 32  # nested facts; Python's own limit is some hundreds


def to_dict(evaluation: "Evaluation") -> dict[str, Any]:
    """Return everything as plain values for JSON; None for what is unknown."""
    digits = evaluation.digits
    return {
        "data": digits.name,
        "split": digits.split_name,
        "source": without_folders(digits.source),
        "files": catalogue_files(digits),
        "images": len(digits),
        "errors": evaluation.errors,
        "accuracy": number(evaluation.accuracy),
        "interval": [number(end) for end in evaluation.interval],
        "loss": number(evaluation.loss),
        "brier": number(evaluation.brier),
        "calibration_error": number(evaluation.calibration_error),
        "error_detection": number(evaluation.error_detection),
        "rejected": int(np.count_nonzero(evaluation.predictions.rejected)),
        "note": evaluation.note,
        "crowd": _crowd(evaluation),
        "seconds": number(evaluation.seconds),
        "labels": label_rows(evaluation),
        "confusion": evaluation.confusion.tolist(),
        "mistakes": evaluation.mistakes,
        "least_sure": evaluation.least_sure(),
        "reliability": reliability_rows(evaluation),
        "handed_over": deferral_rows(evaluation),
        "stress": list(evaluation.stress),
        "attack": list(evaluation.attack),
        "sets": evaluation.sets,
        "sha256": digits_sha256(digits),
        "made_at": evaluation.made_at,
        "model": without_folders(plain(evaluation.facts)),
    }


def label_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Return precision and recall of each label."""
    per_label = evaluation.per_label
    return [
        {
            "label": label,
            "name": name_of(evaluation, label),
            "written": int(per_label.written[label]),
            "read": int(per_label.read[label]),
            "precision": number(per_label.precision[label]),
            "recall": number(per_label.recall[label]),
        }
        for label in range(len(per_label.written))
    ]


def name_of(evaluation: "Evaluation", label: int) -> str:
    """Return the name of a label."""
    classes = evaluation.digits.classes
    return classes[label] if label < len(classes) else str(label)


def reliability_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Return the accuracy of each bin of confidence."""
    if not evaluation.has_probabilities:
        return []
    parts = metrics.reliability(evaluation.predictions.confidence, evaluation.right)
    return [
        {
            "from": float(low),
            "to": float(high),
            "images": int(count),
            "confidence": number(claimed),
            "accuracy": number(held),
        }
        for low, high, count, claimed, held in zip(
            parts.edges[:-1],
            parts.edges[1:],
            parts.counts,
            parts.confidence,
            parts.accuracy,
            strict=True,
        )
    ]


def _crowd(evaluation: "Evaluation") -> dict[str, Any] | None:
    crowd = evaluation.crowd
    if crowd is None:
        return None
    return {
        "accuracy": number(evaluation.crowd_accuracy),
        "images": int(np.count_nonzero(crowd.counted)),
        "relabelled": crowd.relabelled,
    }


def deferral_rows(
    evaluation: "Evaluation", shares: Sequence[float] = DEFERRED_SHARES
) -> list[dict[str, Any]]:
    """Return the errors left if a person checks the least confident readings.

    Args:
        evaluation: Of at least one image.
        shares: Shares of readings that are checked, each 0 to below 1.
    """
    if not evaluation.has_probabilities:
        return []
    curve = evaluation.risk_coverage
    total = len(evaluation.digits)
    rows = []
    for share in shares:
        checked = min(round(share * total), total - 1)
        kept = total - checked - 1  # the index in the curve
        rows.append(
            {
                "handed_over": checked / total,
                "checked": checked,
                "risk": float(curve.risk[kept]),
                "wrong": round(curve.risk[kept] * (kept + 1)),
                "confidence": sigmoid(curve.threshold[kept]),
            }
        )
    return rows


def history_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Return the training history: a row for each epoch, if the facts have one."""
    history = plain(evaluation.facts).get("history")
    rows = history if isinstance(history, list) else []
    rows = [row for row in rows if isinstance(row, dict)]
    return [{name: row[name] for name in EPOCH if name in row} | row for row in rows]


def number(value: float) -> float | None:
    """Return a number for JSON: None instead of NaN.

    Example:
        >>> [number(value) for value in (0.5, float("nan"))]
        [0.5, None]
    """
    return float(value) if math.isfinite(value) else None


def plain(value: Any, *, deepest: int = DEEPEST) -> Any:
    """Convert facts of any kind to plain values for JSON.

    Args:
        value: Anything.
        deepest: The deepest nesting of lists and mappings; deeper values are left out.

    Example:
        >>> plain({"seed": np.int64(3), "shape": (28, 28), "loss": float("inf")})
        {'seed': 3, 'shape': [28, 28], 'loss': None}
    """
    if not deepest:
        return None
    if isinstance(value, dict) or hasattr(value, "items"):
        return {
            str(name): plain(item, deepest=deepest - 1) for name, item in value.items()
        }
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), deepest=deepest)
    if isinstance(value, list | tuple):
        return [plain(item, deepest=deepest - 1) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return number(float(value))
    return value if value is None else str(value)


def save_tables(evaluation: "Evaluation", folder: str | os.PathLike[str]) -> list[Path]:
    """Write everything that a report shows as CSV files, one table each.

    Args:
        evaluation: The evaluation.
        folder: The folder; it is created, and files of these names are overwritten.

    Returns:
        The files: predictions.csv with a row for each image, labels.csv, confusion.csv,
        reliability.csv, handed_over.csv, and, if available, history.csv (without
        seconds if it comes from a model file), stress.csv and sets.csv.

    Raises:
        CacheError: The folder cannot be written.
    """
    written = []
    for name, rows in tables_of(evaluation).items():
        if rows:
            path = Path(folder) / f"{name}.csv"
            write_atomic(path, to_csv(rows).encode(errors="replace"))
            written.append(path)
    return written


def tables_of(evaluation: "Evaluation") -> dict[str, Sequence[Row]]:
    """Gather the tables, each as rows."""
    return {
        "predictions": _prediction_rows(evaluation),
        "labels": label_rows(evaluation),
        "confusion": _confusion_rows(evaluation),
        "reliability": reliability_rows(evaluation),
        "handed_over": deferral_rows(evaluation),
        "history": history_rows(evaluation),
        "stress": [
            {"kind": curve["kind"], "severity": severity, "accuracy": accuracy}
            for curve in evaluation.stress
            for severity, accuracy in enumerate(curve["accuracy"])
        ],
        "attack": evaluation.attack,
        "sets": evaluation.sets["labels"] if evaluation.sets else [],
    }


def to_csv(rows: Sequence[Row]) -> str:
    """Write rows as CSV, with columns in the order in which they first appear.

    Text that a spreadsheet would run as a formula is prefixed with an apostrophe.

    Example:
        >>> to_csv([{"label": 7, "recall": None}]).split()
        ['label,recall', '7,']
    """
    table = io.StringIO()
    fields = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(map(for_csv, fields))
    writer.writerows([for_csv(row.get(name)) for name in fields] for row in rows)
    return table.getvalue()


def _prediction_rows(evaluation: "Evaluation") -> list[Row]:
    predictions = evaluation.predictions
    columns = {
        "index": range(len(predictions)),
        "written": evaluation.digits.labels.tolist(),
        "read": predictions.labels.tolist(),
    }
    if evaluation.has_probabilities:
        columns |= {
            "confidence": predictions.confidence.tolist(),
            "digit_score": predictions.digit_scores.tolist(),
            "rejected": predictions.rejected.astype(int).tolist(),
        }
        columns |= {
            f"probability_{label}": chance.tolist()
            for label, chance in enumerate(predictions.probabilities.T)
        }
    if evaluation.sets is not None:
        named = name_sets(predictions.probabilities, evaluation.sets["threshold"])
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
