"""The charts of a report: learning curves, confidence, robustness."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mnistry import metrics
from mnistry.report.charts import across, axis, chart, down, whole_axis
from mnistry.report.stressed import Curve
from mnistry.report.tables import DEFERRED_SHARES, deferral_rows

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

MOST_POINTS = 200  # of a line: more cannot be seen
LARGEST_DRAWN = 1e100  # the scale of a chart must not overflow
LARGEST_DOT = 11  # radius in a chart's units


def history_charts(history: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Draw the learning curves, each if at least two epochs have values.

    Args:
        history: One row for each epoch; "loss", "accuracy", "validation_loss" and
            "validation_accuracy" are drawn.
    """
    charts = {}
    for what in ("loss", "accuracy"):
        lines = {
            name: [
                (float(row["epoch"] if _is_number(row.get("epoch")) else n), row[name])
                for n, row in enumerate(history, start=1)
                if _is_number(row.get(name))
            ]
            for name in (what, f"validation_{what}")
        }
        lines = {name: points for name, points in lines.items() if len(points) > 1}
        if lines:
            points = [point for line in lines.values() for point in line]
            x = whole_axis(x for x, _ in points)
            y = axis((y for _, y in points), percent=what == "accuracy", pad=0.06)
            charts[what] = chart(lines, x, y)
    return charts


def _is_number(value: object) -> bool:
    """Return whether a value can be drawn; a model file may hold anything."""
    return isinstance(value, int | float) and abs(value) < LARGEST_DRAWN


def reliability_chart(evaluation: "Evaluation") -> dict[str, Any]:
    """Draw the reliability diagram: a dot for each bin of confidence."""
    parts = metrics.reliability(evaluation.predictions.confidence, evaluation.right)
    x = axis([0, 1], percent=True)
    y = axis([0, 1], percent=True)
    made = chart({"honest": [(0, 0), (1, 1)]}, x, y)
    most = max(1, parts.counts.max())
    dots = []
    for count, claimed, held in zip(
        parts.counts.tolist(), parts.confidence, parts.accuracy, strict=True
    ):
        if count:
            low, high = metrics.wilson_interval(round(held * count), count)
            dots.append(
                {
                    "x": across(x, claimed),
                    "y": down(y, held),
                    "low": down(y, low),
                    "high": down(y, high),
                    "radius": round(2.5 + LARGEST_DOT * (count / most) ** 0.5, 1),
                    "count": count,
                    "claimed": float(claimed),
                    "held": float(held),
                }
            )
    return {**made, "dots": dots}


def risk_chart(evaluation: "Evaluation") -> dict[str, Any]:
    """Draw the errors left if a person checks the least confident readings."""
    points = [(row["handed_over"], row["risk"]) for row in _risk_rows(evaluation)]
    x = axis([0, DEFERRED_SHARES[-1]], percent=True)
    y = axis([0, *(risk for _, risk in points)], percent=True, pad=0)
    return chart({"risk": points}, x, y)


def _risk_rows(evaluation: "Evaluation") -> list[dict[str, float]]:
    most = max(1, round(DEFERRED_SHARES[-1] * len(evaluation.digits)))
    step = max(1, most // MOST_POINTS)
    return deferral_rows(
        evaluation,
        [count / len(evaluation.digits) for count in range(0, most + 1, step)],
    )


def stress_charts(curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """Draw a small chart for each kind of corruption, all on the same scale."""
    x, y = whole_axis([0, 5]), axis([0, 1], percent=True, most=2)
    return [
        {
            "kind": curve["kind"],
            "accuracy": curve["accuracy"],
            **chart({"accuracy": list(enumerate(curve["accuracy"]))}, x, y),
        }
        for curve in curves
    ]
