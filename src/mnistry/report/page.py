"""An evaluation as one HTML page: plain data first, then a template."""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

from mnistry.report.languages import languages, texts
from mnistry.report.mistakes import PredictionRow, percent
from mnistry.report.provenance import provenance_of
from mnistry.report.sprites import choose_sprites, stress_examples
from mnistry.report.svg import (
    history_charts,
    reliability_chart,
    risk_chart,
    stress_charts,
)
from mnistry.report.tables import (
    deferral_rows,
    history_rows,
    label_rows,
    name_of,
    plain,
)

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

SCALE_STARTS = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998)


def render(evaluation: "Evaluation") -> str:
    """Make the page: HTML that needs no other file and no network.

    Its content security policy lets a browser run our script and no other.
    """
    ours = _templates()
    script = ours.get_template("script.js").render()
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return ours.get_template("page.html.j2").render(
        page_of(evaluation),
        script=Markup(script),  # noqa: S704 - written by us
        script_hash=f"sha256-{digest}",
    )


def render_summary(evaluation: "Evaluation") -> str:
    """Make the summary that a notebook displays."""
    return _templates().get_template("summary.html.j2").render(page_of(evaluation))


def page_of(evaluation: "Evaluation") -> dict[str, Any]:
    """Gather what the page shows, as plain values."""
    facts = plain(evaluation.facts)
    counts = evaluation.confusion
    chosen = choose_sprites(evaluation)
    groups, rest = provenance_of(evaluation, facts)
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
        "handed_over": deferral_rows(evaluation),
        "stress": stress_charts(evaluation.stress),
        "stress_examples": stress_examples(evaluation),
        "facts": groups,
        "more_facts": rest,
    }


def _scale(evaluation: "Evaluation") -> dict[str, Any]:
    """Place the interval on a line from a round number to 1."""
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


def _rows_for_script(rows: dict[int, PredictionRow]) -> Markup:
    """Return what the page's script shows of each image, as compact JSON."""
    rows_by_index = {
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
    return Markup(json.dumps(rows_by_index, separators=(",", ":")))  # noqa: S704 - numbers only


def say(key: str, **values: object) -> Markup:
    """Write a text in all languages; the page shows the one that is chosen.

    Args:
        key: The key of the text, which may contain {name} and trusted markup.
        values: The value for each name; markup in strings is escaped.

    Example:
        >>> say("summary.of", n="<3")
        Markup('<span lang="en">of &lt;3</span><span lang="zh">共 &lt;3 张</span>')
    """
    return Markup().join(
        Markup('<span lang="{}">{}</span>').format(language, text)
        for language, text in _filled(key, values).items()
    )


def word(table: str, name: str) -> Markup:
    """Write a single word in all languages; untranslated words stay as they are.

    Args:
        table: "stress", "fact" or "group".
        name: The word, from any source; underscores become spaces.
    """
    plain_name = name.replace("_", " ")
    return Markup().join(
        Markup('<span lang="{}">{}</span>').format(
            language, texts(language).get(f"{table}_word.{name}", plain_name)
        )
        for language in languages()
    )


def label(key: str, **values: object) -> Markup:
    """Write an aria-label in all languages; the page's script chooses."""
    shown_first = _filled(key, values)[languages()[0]]
    return Markup('aria-label="{}" {}').format(shown_first, _data(key, values))


def choice(key: str) -> Markup:
    """Write the rest of an option's tag and its text in all languages."""
    return Markup("{}>{}").format(_data(key, {}), _filled(key, {})[languages()[0]])


def _data(key: str, values: Mapping[str, object]) -> Markup:
    return Markup(" ").join(
        Markup('data-{}="{}"').format(language, text)
        for language, text in _filled(key, values).items()
    )


def _filled(key: str, values: Mapping[str, object]) -> dict[str, Markup]:
    """Return a text in each language, with escaped values in their places."""
    safe = {name: escape(value) for name, value in values.items()}
    return {
        language: Markup(texts(language)[key]).format(**safe)  # noqa: S704 - ours
        for language in languages()
    }


def templates() -> jinja2.Environment:
    """Return the template environment: it escapes, and writes every language.

    Templates insert a text by its key with `say`.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mnistry.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = say
    return environment


def _templates() -> jinja2.Environment:
    environment = templates()
    environment.globals |= {"word": word, "label": label, "choice": choice}
    environment.globals["languages"] = languages()
    environment.filters["percent"] = percent
    environment.filters["share"] = lambda value, places=2: f"{100 * value:.{places}f}"
    environment.filters["count"] = lambda value: f"{value:,}"
    return environment
