"""An evaluation as plain values: for JSON, for CSV, for the page."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry import metrics
from mnistry.facts import sha256_of
from mnistry.report.curves import handed_over
from mnistry.report.origin import files_of, without_folders

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

DEEPEST = 32  # facts in facts; Python itself gives up at some hundreds


def to_dict(evaluation: "Evaluation") -> dict[str, Any]:
    """Tell everything as plain values that JSON can hold; what is unknown is None."""
    digits = evaluation.digits
    return {
        "data": digits.name,
        "split": digits.split_name,
        "source": without_folders(digits.source),
        "files": files_of(digits),
        "images": len(digits),
        "errors": evaluation.errors,
        "accuracy": number(evaluation.accuracy),
        "interval": [number(end) for end in evaluation.interval],
        "loss": number(evaluation.loss),
        "brier": number(evaluation.brier),
        "calibration_error": number(evaluation.calibration_error),
        "error_detection": number(evaluation.error_detection),
        "rejected": int(np.count_nonzero(evaluation.predictions.rejected)),
        "crowd": _crowd(evaluation),
        "seconds": number(evaluation.seconds),
        "labels": label_rows(evaluation),
        "confusion": evaluation.confusion.tolist(),
        "mistakes": evaluation.mistakes,
        "least_sure": evaluation.least_sure(),
        "reliability": reliability_rows(evaluation),
        "handed_over": handed_over(evaluation),
        "stress": list(evaluation.stress),
        "sets": evaluation.sets,
        "sha256": sha256_of(digits),
        "made_at": evaluation.made_at,
        "model": without_folders(plain(evaluation.facts)),
    }


def label_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Tell of each label how it fared."""
    fared = evaluation.per_label
    return [
        {
            "label": label,
            "name": name_of(evaluation, label),
            "written": int(fared.written[label]),
            "read": int(fared.read[label]),
            "precision": number(fared.precision[label]),
            "recall": number(fared.recall[label]),
        }
        for label in range(len(fared.written))
    ]


def name_of(evaluation: "Evaluation", label: int) -> str:
    """Tell what a label stands for."""
    classes = evaluation.digits.classes
    return classes[label] if label < len(classes) else str(label)


def reliability_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Tell of readings that claim about the same how many of them are right."""
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


def history_rows(evaluation: "Evaluation") -> list[dict[str, Any]]:
    """Tell how the model learned: a row for each epoch, if its facts have such."""
    told = plain(evaluation.facts).get("history")
    rows = told if isinstance(told, list) else []
    return [row for row in rows if isinstance(row, dict)]


def number(value: float) -> float | None:
    """Give a number as JSON can hold it: None where there is none.

    Example:
        >>> [number(value) for value in (0.5, float("nan"))]
        [0.5, None]
    """
    return float(value) if math.isfinite(value) else None


def plain(value: Any, *, deepest: int = DEEPEST) -> Any:
    """Turn facts into what JSON can hold, whatever they are made of.

    Args:
        value: Anything.
        deepest: How many lists and mappings may be in each other; what is deeper is
            left out.

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
