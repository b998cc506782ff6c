"""The page as one HTML file: template, style, scripts, words and weights joined."""

import json
import tomllib
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from mnistry.version import __version__
from mnistry.web.page.embed import Embedded, embed
from mnistry.web.page.quiz import questions

if TYPE_CHECKING:
    from mnistry.learn.model import Model
    from mnistry.models.packaged import PackagedModel

SCRIPTS = (
    "words", "net", "frame", "ink", "read", "paper", "picture",
    "answer", "change", "explain", "collect", "quiz", "sheet", "files", "main",
)  # fmt: skip
LANGUAGES = ("en", "zh")
SOURCES = files("mnistry") / "web" / "page"
COMMON_STYLE = files("mnistry") / "report" / "templates" / "common.css"


def render(
    model: "PackagedModel | Model | None" = None, *, served: bool = False
) -> str:
    """Make the page: HTML that needs no other file and no network.

    Its content security policy lets a browser run our script and no other.

    Args:
        model: The model that reads; None for the packaged one.
        served: Whether `mnistry serve` serves it: then it may send files there.

    Raises:
        UsageError: The page cannot run such a model.

    Example:
        >>> page = render()
        >>> page.startswith("<!doctype html>"), len(page) < 2_000_000
        (True, True)
    """
    if model is None:
        from mnistry.models.packaged import load_model

        model = load_model()
    return render_embedded(embed(model), served=served)


def render_embedded(model: Embedded, *, served: bool = False) -> str:
    """Make the page for a model from `embed`."""
    script = f'"use strict";\n(() => {{\n{scripts()}\n}})();\n'
    styles = COMMON_STYLE, SOURCES / "style.css"
    style = "".join(part.read_text("utf-8") for part in styles)
    dictionary = {language: words(language) for language in LANGUAGES}
    template = _environment().from_string((SOURCES / "page.html.j2").read_text("utf-8"))
    return template.render(
        model=model,
        served=served,
        words=dictionary["en"],
        version=__version__,
        script=Markup(script),  # noqa: S704 - written by us
        style=Markup(style),  # noqa: S704 - written by us
        script_hash=_hash(script),
        style_hash=_hash(style),
        embedded=_json(model.content),
        dictionary=_json(dictionary),
        questions=_json(questions()),
    )


def scripts() -> str:
    """Join the scripts, in the order of their dependencies."""
    return "\n".join(
        (SOURCES / "script" / f"{name}.js").read_text("utf-8") for name in SCRIPTS
    )


@cache
def words(language: str) -> dict[str, str]:
    """Read the page's words in a language, by key."""
    text = (SOURCES / "languages" / f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _json(value: Any) -> Markup:
    """Write JSON in which no HTML parser sees a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no tag is left in it
