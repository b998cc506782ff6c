"""Labels mean the same to digits and models, or are refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mnistry
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.train import train
from mnistry.metrics.class_names import matched
from mnistry.synth.drawn import draw
from tests.cli.run import run

NAMES = ("ant", "bee", "cat")


def of(classes: tuple[str, ...], kinds: tuple[str, ...], count: int = 300) -> Digits:
    """Draw digits 0 to 2, call them NAMES, and keep some kinds under their numbers."""
    images, labels = draw(count, seed=6)
    names = np.array([*NAMES, *"-------"])[labels]
    keep = np.isin(names, kinds)
    numbers = [classes.index(name) for name in names[keep]]
    return Digits(images[keep], np.array(numbers, np.uint8), "toy", classes=classes)


def test_a_class_that_is_not_there_shifts_no_label(tmp_path: Path) -> None:
    model = train(of(NAMES, NAMES), "linear", epochs=20, watch=False)
    later = of(("ant", "cat"), ("ant", "cat"))
    path = tmp_path / "m.safetensors"
    model.save(path)
    for one in (model, mnistry.load_model(path)):
        assert mnistry.evaluate(one, later, maps=0).accuracy > 0.9
    strange = replace(later, classes=("ant", "dog"))
    with pytest.raises(UsageError, match="the class 'dog', which the model did not"):
        mnistry.evaluate(model, strange)


def test_numbers_and_names_of_numbers_are_the_same() -> None:
    digits = of(("0", "1", "2"), (), 30)
    some = Digits(*draw(30), classes=())
    assert matched(some, tuple("0123456789")).labels.tolist() == some.labels.tolist()
    assert matched(some, NAMES) is some
    assert matched(digits, ()) is digits


def test_a_model_does_not_learn_on_from_other_classes() -> None:
    model = train(of(NAMES, NAMES), "linear", epochs=1, watch=False)
    with pytest.raises(UsageError, match="expected the same in the same order"):
        train(of(("cat", "bee", "ant"), NAMES), model, watch=False)
    with pytest.raises(UsageError, match="the class 'ant', which the model did not"):
        train(of(NAMES, NAMES), mnistry.load_model(), watch=False)


def test_words_of_digits_in_folders_are_digits(tmp_path: Path) -> None:
    from mnistry.formats import png

    images, labels = draw(60, seed=7)
    for at, (image, label) in enumerate(zip(images, labels, strict=True)):
        name = ["zero", "One", "two", "three", *"456789"][label]
        if label in {0, 1, 3}:
            path = tmp_path / "test" / name / f"{at}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png.encode(255 - image))
    done = run("test", "--data", str(tmp_path), "--json")
    assert json.loads(done.out)["accuracy"] > 0.8
