"""How it was made: stated in full, but for the folders of this machine."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistry import load
from mnistry.data.catalog.mnist import MNIST
from mnistry.formats import idx
from mnistry.predictions import Predictions
from mnistry.report.evaluation import Evaluation
from mnistry.report.page import render
from mnistry.report.provenance import catalogue_files, provenance_of, without_folders


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("/home/me/letters", "letters"),
        ("/home/some one/my letters/", "my letters"),
        ("/home/me/letters, parted with seed 0", "letters, parted with seed 0"),
        ("C:\\Users\\ada\\letters", "letters"),
        ("~/letters", "letters"),
        ("/", ""),
        ("drawn with seed 0", "drawn with seed 0"),
        ("letters/mine", "letters/mine"),
        ("https://example.org/mnist/", "https://example.org/mnist/"),
    ],
)
def test_of_a_place_only_its_name_is_shown(place: str, shown: str) -> None:
    assert without_folders(place) == shown
    assert without_folders({"a": [place, 1], "b": (place,)}) == {
        "a": [shown, 1],
        "b": [shown],
    }


def test_the_files_of_mnist_are_known_by_their_bytes(real_mnist: Path) -> None:
    test = load("mnist", split="test")
    files = catalogue_files(test)
    assert files == {
        file.raw_name: file.raw_sha256
        for file in (MNIST.splits["test"].images, MNIST.splits["test"].labels)
    }
    name = MNIST.splits["test"].labels.raw_name
    assert files[name] == hashlib.sha256(idx.encode(test.labels)).hexdigest()
    assert catalogue_files(test[:100]) == {}
    assert catalogue_files(replace(test, labels=test.labels[::-1])) == {}
    assert catalogue_files(replace(test, split_name="train")) == {}
    predictions = Predictions(np.eye(10, dtype=np.float32)[test.labels])
    page = render(Evaluation(test, predictions))
    assert all(name in page and str(sha256) in page for name, sha256 in files.items())
    assert str(real_mnist) not in page


def test_no_folder_of_this_machine_is_in_page_or_json(evaluation: Evaluation) -> None:
    there = replace(
        evaluation, digits=replace(evaluation.digits, source="/srv/secret/noise")
    )
    for shown in (render(there), json.dumps(there.to_dict())):
        assert "/home/me" not in shown
        assert "/srv/secret" not in shown
        assert "noise, parted at random" in shown
    assert there.to_dict()["source"] == "noise"


def test_what_eyes_cannot_take_in_stands_apart(evaluation: Evaluation) -> None:
    groups, rest = provenance_of(evaluation, dict(evaluation.facts))
    assert list(groups)[:2] == ["tested on", "model"]
    assert groups["model"] == {"net": "corner", "seed": 3}
    assert groups["recipe"] == {"epochs": 2, "learning_rate": 0.01}
    assert groups["measured: held back"] == {"errors": 3}
    assert rest == [
        ("model: layers", '[["dense", "1"]]'),
        ("measured: held back: stress", '{"blur": [1.0, 0.5]}'),
    ]
    page = render(evaluation)
    assert page.count("<details>") == 1
    assert "[[&#34;dense&#34;, &#34;1&#34;]]" in page
