"""An evaluation as one HTML page: plain data first, then a template."""

import json
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

from mnistry.report.mistakes import Reading, percent
from mnistry.report.provenance import facts_of
from mnistry.report.sprites import shown, stress_examples
from mnistry.report.svg import (
    history_charts,
    reliability_chart,
    risk_chart,
    stress_charts,
)
from mnistry.report.tables import handed_over, history_rows, label_rows, name_of, plain

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

SCALE_STARTS = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998)


def render(evaluation: "Evaluation") -> str:
    """Make the page: HTML that needs no other file and no network.

    A browser runs our script in it and no other, whatever else were to get in.
    """
    templates = _templates()
    script = templates.get_template("script.js").render()
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return templates.get_template("page.html.j2").render(
        page_of(evaluation),
        script=Markup(script),  # noqa: S704 - written by us
        script_hash=f"sha256-{digest}",
    )


def render_summary(evaluation: "Evaluation") -> str:
    """Make the few lines that a notebook shows."""
    return _templates().get_template("summary.html.j2").render(page_of(evaluation))


def page_of(evaluation: "Evaluation") -> dict[str, Any]:
    """Gather what the page shows, as plain values."""
    facts = plain(evaluation.facts)
    counts = evaluation.confusion
    chosen = shown(evaluation)
    groups, rest = facts_of(evaluation, facts)
    wrong = counts.copy()
    wrong[range(len(counts)), range(len(counts))] = 0
    return {
        "evaluation": evaluation,
        "names": [name_of(evaluation, label) for label in range(len(counts))],
        "counts": counts.tolist(),
        "most_wrong": max(1, int(wrong.max())),
        "first_cell": "cell-{}-{}".format(*divmod(int(wrong.argmax()), len(wrong))),
        "scale": _scale(evaluation),
        "labels": label_rows(evaluation),
        "shown": chosen,
        "rows": _rows_for_script(chosen["readings"]),
        "history": history_charts(history_rows(evaluation)),
        "reliability": reliability_chart(evaluation),
        "risk": risk_chart(evaluation),
        "handed_over": handed_over(evaluation),
        "stress": stress_charts(evaluation.stress),
        "stress_examples": stress_examples(evaluation),
        "facts": groups,
        "more_facts": rest,
    }


def _scale(evaluation: "Evaluation") -> dict[str, Any]:
    """Lay the interval on a line that ends at 1 and begins at a round number."""
    low, high = evaluation.interval
    start = max(
        start for start in SCALE_STARTS if start == 0 or start <= 2 * low - high
    )
    return {
        "start": f"{100 * start:g}",
        "low": (low - start) / (1 - start),
        "high": (high - start) / (1 - start),
        "value": (evaluation.accuracy - start) / (1 - start),
    }


def _rows_for_script(rows: dict[int, Reading]) -> Markup:
    """Tell what the page's script shows of each image, as short as can be."""
    told = {
        index: [
            row["written"],
            row["read"],
            *(
                [likely["label"], round(likely["probability"], 5)]
                for likely in row["likeliest"]
            ),
        ]
        for index, row in rows.items()
    }
    return Markup(json.dumps(told, separators=(",", ":")))  # noqa: S704 - numbers only


def say(english: str, chinese: str, **values: object) -> Markup:
    """Write something in both languages; the page shows the one that is chosen.

    Args:
        english: May have {name} in it, and markup: only ever written by us. For what
            comes from a file there is `both`.
        chinese: The same.
        values: What stands for each name; markup in them is shown as it is.

    Example:
        >>> say("{n} wrong", "错 {n} 个", n="<3")
        Markup('<span lang="en">&lt;3 wrong</span><span lang="zh">错 &lt;3 个</span>')
    """
    safe = {name: escape(value) for name, value in values.items()}
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(
        Markup(english).format(**safe),  # noqa: S704 - written in our templates
        Markup(chinese).format(**safe),  # noqa: S704
    )


def both(english: str, chinese: str) -> Markup:
    """Write a word in both languages that is no markup, wherever it comes from."""
    return say("{word}", "{other_word}", word=english, other_word=chinese)


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mnistry.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"say": say, "both": both}
    environment.filters["percent"] = percent
    environment.filters["share"] = lambda value, places=2: f"{100 * value:.{places}f}"
    environment.filters["count"] = lambda value: f"{value:,}"
    return environment
