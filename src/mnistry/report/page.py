"""An evaluation as one HTML page: plain data first, then a template."""

from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np

from mnistry.pictures import data_uri, encode_png, sheet
from mnistry.report.charts import chart
from mnistry.report.mistakes import percent
from mnistry.report.tables import name_of, plain

if TYPE_CHECKING:
    from mnistry.report.evaluate import Evaluation

MOST_MISTAKES = 300  # on the page: 0.1 MB of pictures


def render(evaluation: "Evaluation") -> str:
    """Make the page: HTML that needs no other file and no network."""
    return _templates().get_template("page.html.j2").render(page_of(evaluation))


def render_summary(evaluation: "Evaluation") -> str:
    """Make the few lines that a notebook shows."""
    return _templates().get_template("summary.html.j2").render(page_of(evaluation))


def page_of(evaluation: "Evaluation") -> dict[str, Any]:
    """Gather what the page shows, as plain values."""
    mistakes = evaluation.mistakes
    shown = mistakes[:MOST_MISTAKES]
    rows = np.array([row["index"] for row in shown], np.intp)
    pictures = evaluation.digits.images[rows]
    facts = plain(evaluation.facts)
    return {
        "evaluation": evaluation,
        "names": [name_of(evaluation, n) for n in range(len(evaluation.confusion))],
        "confusion": evaluation.confusion.tolist(),
        "mistakes": shown,
        "mistake_count": len(mistakes),
        "pictures": [data_uri(encode_png(sheet(one[None], 1))) for one in pictures],
        "charts": _history_charts(facts.get("history") or []),
        "facts": {name: fact for name, fact in facts.items() if name != "history"},
    }


def _history_charts(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw the learning curves: one chart for what ends in loss, one for accuracy."""
    charts = []
    for ending in ("loss", "accuracy"):
        names = sorted({name for row in history for name in row if ending in name})
        lines = {
            name.replace("_", " "): [
                (row.get("epoch", place), row[name])
                for place, row in enumerate(history, start=1)
                if isinstance(row.get(name), int | float)
            ]
            for name in names
        }
        if any(len(points) > 1 for points in lines.values()):
            charts.append({"title": ending, **chart(lines)})
    return charts


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mnistry.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    return environment
