"""A page about a model, for people: what it is, where it comes from, where it fails.

Rule of the file: only what is known is written; no number is on the page that is not
in the model's facts, counted from its weights, or given; and all of it is text, never
markup: a model's file may come from anywhere.

Source:
    Mitchell et al. 2019, "Model cards for model reporting",
    doi:10.1145/3287560.3287596, for what belongs on such a page.
"""

from collections.abc import Mapping
from typing import Any

from mnistry.escape import for_html
from mnistry.learn.export.trained import Trained, module_of
from mnistry.learn.layers import parameter_count
from mnistry.plural import counted

_PLAIN = {ord(mark): f"\\{mark}" for mark in "\\|[]`*"}


def model_card(model: Trained, *, measured: Mapping[str, Any] | None = None) -> str:
    """Write one page about a model.

    Args:
        model: From training, or loaded.
        measured: More numbers, by name, such as
            {"accuracy on the MNIST test images": "99.2 %"}.

    Returns:
        Markdown that ends with a line break.

    Raises:
        UsageError: Its net is not known.

    Example:
        >>> from mnistry.learn.model import Model
        >>> from mnistry.learn.nets import build
        >>> card = model_card(Model(build("linear"), {"net": "linear", "seed": 7}))
        >>> print(card.splitlines()[0])
        # Model card: linear
        >>> "7,850" in card
        True
    """
    facts = model.facts
    parts = [
        [f"# Model card: {_text(facts.get('net', 'a net without a name'))}"],
        _what(model),
        ["## Learned", *_learned(facts)],
        ["## Recipe", *_recipe(facts)],
        ["## Measured", *_measured(facts, measured or {})],
        ["## Limits", *_limits(facts)],
    ]
    return "\n\n".join(paragraph for part in parts for paragraph in part) + "\n"


def _what(model: Trained) -> list[str]:
    rows, columns = model.facts.get("image_size", (28, 28))
    classes = model.facts.get("classes")
    gives = "logits" if classes is None else f"logits of {classes} classes"
    return [
        "Says which character is written in an image.",
        _table(
            {
                "takes": f"uint8 (n, {rows}, {columns}), 0 paper to 255 ink",
                "gives": f"{gives}; their softmax are probabilities",
                "parameters": f"{parameter_count(module_of(model)):,}",
            }
        ),
    ]


def _learned(facts: Mapping[str, Any]) -> list[str]:
    digits, versions = _mapping(facts, "digits"), _mapping(facts, "computed_with")
    name = f"{digits.get('name', '')} {digits.get('split', '')}".strip()
    return [
        _table(
            {
                "images": f"{name}, {digits.get('images', 0):,}" if digits else None,
                "their SHA-256": digits.get("sha256"),
                "also": ", ".join(_others(facts)),
                "held out": facts.get("held_back"),
                "teacher": facts.get("teacher"),
                "seed": facts.get("seed"),
                "computed with": _list(versions),
            }
        )
    ]


def _others(facts: Mapping[str, Any]) -> list[str]:
    """Name what else was learned from, as the packaged model's file has it."""
    drawn, kinds = _mapping(facts, "drawn"), _mapping(facts, "outsiders")
    faces = facts.get("faces")
    return [
        *(["digits that mnistry draws"] if drawn else []),
        *([f"print in {counted(len(faces), 'font')}"] if faces else []),
        *(["pictures of no digit"] if kinds else []),
    ]


def _recipe(facts: Mapping[str, Any]) -> list[str]:
    recipe = _mapping(facts, "recipe")
    parts = {part: of for part, of in recipe.items() if isinstance(of, Mapping)}
    whole = {name: of for name, of in recipe.items() if name not in parts}
    lines = [_text(_list(whole)) + "."] if whole else []
    lines += [f"{_text(part)}: {_text(_list(of))}." for part, of in parts.items()]
    return lines or ["Not known."]


def _measured(facts: Mapping[str, Any], measured: Mapping[str, Any]) -> list[str]:
    history = facts.get("history") or [{}]
    epoch = min(facts.get("epoch", len(history)), len(history))
    last, kept = history[-1], history[epoch - 1]
    seen, loss = kept.get("validation_accuracy"), kept.get("validation_loss")
    found = {
        **_numbers("the images held out", seen, loss),
        **_recorded(_mapping(facts, "measured")),
        "epochs": last.get("epoch"),
        "weights are those after epoch": facts.get("epoch"),
        **measured,
    }
    return [
        _table(found),
        "For other images: `mnistry test model.safetensors --data NAME`.",
    ]


def _recorded(measured: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what the packaged model's file says was measured, on which images."""
    rows: dict[str, str | None] = {}
    for where in measured:
        of = _mapping(measured, where)
        images = "the images held out" if where == "held back" else where
        rows |= _numbers(images, of.get("accuracy"), of.get("loss"))
    return rows


def _numbers(images: str, seen: Any, loss: Any) -> dict[str, str | None]:
    return {
        f"accuracy on {images}": None if seen is None else f"{100 * seen:.2f} %",
        f"loss on {images}": None if loss is None else f"{loss:.4f}",
    }


def _unknown(facts: Mapping[str, Any]) -> str:
    """Say what the model does with non-digits."""
    if _mapping(facts, "trust").get("reject_below"):
        return (
            "A picture of no digit is rejected where confidence is below the threshold"
            " that its file carries; some such pictures are above it."
        )
    return (
        "It names one of its classes for any image, also where nothing is written."
        " Its confidence is not a promise."
    )


def _limits(facts: Mapping[str, Any]) -> list[str]:
    how = str(facts.get("held_back", ""))
    name = _text(_mapping(facts, "digits").get("name", "its training images"))
    seen = ", ".join([name, *_others(facts)])
    limits = [
        f"It has seen nothing but {seen}: other pens, papers and countries read worse.",
        "One character in each image, sized and centred as in the training images;"
        " `mnistry.read` makes such images of photographs.",
        _unknown(facts),
    ]
    if "at random" in how:
        limits.append(
            "Images were held out at random: people who wrote some of them wrote"
            " training images too. New writers read a little worse."
        )
    if facts.get("teacher"):
        limits.append(
            "It learned to read as another model does, which may have seen images that"
            " were held out here: the numbers measured on these may flatter it."
        )
    if _mapping(facts, "recipe").get("patience"):
        limits.append(
            "Its weights are those that read the images held out best: the numbers"
            " measured on these flatter it a little."
        )
    return ["\n".join(f"- {limit}" for limit in limits)]


def _table(rows: Mapping[str, Any]) -> str:
    known = {name: of for name, of in rows.items() if of not in (None, "")}
    lines = [f"| {_text(name)} | {_text(of)} |" for name, of in known.items()]
    return "\n".join(["| | |", "|---|---|", *lines]) if lines else "Not known."


def _list(of: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in of.items())


def _mapping(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    """Write it in one line, with what Markdown or HTML would act on made plain."""
    return for_html(" ".join(str(value).split())).translate(_PLAIN)
