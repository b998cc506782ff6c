"""A language is one file: all its keys are there, all are used, and words too."""

import re
from dataclasses import fields
from pathlib import Path
from string import Formatter

import numpy as np
import pytest

import mnistry.report
from mnistry.digits import Digits
from mnistry.models.packaged import load_model
from mnistry.predictions import Predictions
from mnistry.recipes import Recipe
from mnistry.report.evaluation import Evaluation
from mnistry.report.languages import FIRST, languages, texts
from mnistry.report.provenance import provenance_of
from mnistry.report.tables import plain
from mnistry.synth.stress import KINDS

REPORT = Path(mnistry.report.__file__).parent
USED = re.compile(r"""(?:say|label|choice)\(\s*"([^"]+)"([^)]*)""")
others = pytest.mark.parametrize("language", languages()[1:])


def used_keys() -> set[str]:
    """Find the keys that templates and code name, those put together too."""
    keys: set[str] = set()
    for path in [*REPORT.glob("templates/*.j2"), *REPORT.glob("*.py")]:
        for key, rest in USED.findall(path.read_text("utf-8")):
            if rest.lstrip().startswith("~"):
                keys |= {one for one in texts(FIRST) if one.startswith(key)}
            keys |= {key} if key in texts(FIRST) or "." in key else set()
            keys |= set(re.findall(r'else "([a-z_]+[.][a-z_]+)"', rest))
    return {key for key in keys if not key.endswith(".")}


def test_every_key_is_used_and_every_use_has_its_key() -> None:
    assert used_keys() == set(texts(FIRST))


@others
def test_a_language_has_the_keys_of_the_first(language: str) -> None:
    keys = {key for key in texts(language) if "_word." not in key}
    assert keys == set(texts(FIRST))


@others
def test_a_text_has_the_same_values_in_every_language(language: str) -> None:
    for key, text in texts(FIRST).items():
        names = [
            sorted(n for _, n, *_ in Formatter().parse(of) if n)
            for of in (text, texts(language)[key])
        ]
        assert names[0] == names[1], key


@others
def test_words_of_recipes_and_stress_are_translated(language: str) -> None:
    words = [f"fact_word.{field.name}" for field in fields(Recipe)]
    words += [f"stress_word.{kind}" for kind in KINDS]
    words += [f"group_word.{group}" for group in ("model", "recipe", "tested on")]
    assert [word for word in words if word not in texts(language)] == []


@others
def test_facts_of_our_own_models_are_translated(language: str) -> None:
    before = {"net": "packaged", "seed": 0, "digits": {"name": "drawn"}}
    facts = {**load_model().facts, "fine_tuned_from": before, "teacher": "another"}
    digits = Digits(
        np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8), "mnist", "test"
    )
    predictions = Predictions(np.zeros((1, 10), np.float32))
    groups, _ = provenance_of(Evaluation(digits, predictions, facts), plain(facts))
    packages = {"mnistry", "numpy", "python", "torch"}  # which are called so
    words = set()
    for group, rows in groups.items():
        first, *within = group.split(": ")
        words |= {f"group_word.{first}", *(f"fact_word.{name}" for name in within)}
        words |= {f"fact_word.{name}" for name in rows if name not in packages}
    assert sorted(words - set(texts(language))) == []


def test_the_tests_above_can_fail() -> None:
    assert USED.findall('{{ say("no.where", n=1) }}') == [("no.where", ", n=1")]
