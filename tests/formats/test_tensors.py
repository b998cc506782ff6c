"""Facts of a model's file: those that are used have their form, or it is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.errors import CheckpointError
from mnistry.formats.tensors import FORMS, read_weights, write_weights

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
