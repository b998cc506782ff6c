"""Facts of a model's file: those that are used have their form, or it is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from mnistry.errors import CheckpointError
from mnistry.formats.tensors import FORMAT, FORMS, _sha256, read_weights, write_weights

WEIGHTS = {"a": np.zeros(3, np.float32)}
RIGHT = {
    "history": [{"epoch": 1, "loss": 0.5, "validation_loss": None}],
    "epoch": 1,
    "image_size": [28, 28],
    "trust": {"temperature": 1.5},
    "recipe": {},
    "digits": {"name": "mnist"},
}
WRONG = [
    ("history", "abc"),
    ("history", {"epoch": 1}),
    ("history", [{"epoch": 1}, 2]),
    ("history", [{"seconds": "long"}]),
    ("epoch", 0),
    ("epoch", "first"),
    ("image_size", 28),
    ("image_size", [28]),
    ("image_size", [28, 0]),
    ("image_size", [28, "28"]),
    ("image_size", None),
    ("image_size", [28, 8000]),
    ("trust", {"temperature": 1e-320}),
    ("trust", "me"),
    ("trust", None),
    ("trust", {"temperature": 0}),
    ("trust", {"temperature": "hot"}),
    ("trust", {"reject_below": "all"}),
    ("recipe", [1]),
    ("digits", None),
    ("digits", {"images": "many"}),
]


def test_facts_of_the_right_form_come_back(tmp_path: Path) -> None:
    facts = {**RIGHT, "anything": [None, {"else": "abc"}]}
    write_weights(tmp_path / "m.safetensors", WEIGHTS, facts)
    assert read_weights(tmp_path / "m.safetensors")[1] == facts
    assert RIGHT.keys() == FORMS.keys()


@pytest.mark.parametrize(("name", "fact"), WRONG)
def test_a_fact_of_another_form_is_refused(
    tmp_path: Path, name: str, fact: Any
) -> None:
    path = tmp_path / "m.safetensors"
    write_weights(path, WEIGHTS, {**RIGHT, name: fact})
    with pytest.raises(
        CheckpointError, match=rf"m\.safetensors has .* as {name}; expected"
    ):
        read_weights(path)


HOSTILE: list[Any] = [
    10**400,
    [{"seconds": -(10**30)}],
    json.loads("[" * 40 + "]" * 40),
]


@pytest.mark.parametrize("fact", HOSTILE, ids=["10^400", "in a row", "deep"])
def test_facts_that_cannot_be_computed_with_are_refused(
    tmp_path: Path, fact: Any
) -> None:
    path = tmp_path / "m.safetensors"
    write_weights(path, WEIGHTS, {**RIGHT, "anything": fact})
    with pytest.raises(CheckpointError, match="facts that mnistry does not write"):
        read_weights(path)


def test_half_a_character_is_refused_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write_weights(path, WEIGHTS, {"digits": {"name": "caf\udce9"}})
    assert read_weights(path)[1]["digits"]["name"] == "caf?"
    text = json.dumps({"held_back": "\ud800"})
    metadata = {"format": FORMAT, "facts": text, "sha256": _sha256(WEIGHTS, text)}
    path.write_bytes(save(WEIGHTS, metadata))
    with pytest.raises(CheckpointError, match="half a character"):
        read_weights(path)
