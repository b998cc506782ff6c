"""The Hugging Face data set has the features that ylecun/mnist has."""

from typing import Any

import datasets
import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.views.huggingface import from_huggingface, to_huggingface


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 28, 28), np.uint8)
    return Digits(images, np.array([7, 2, 1, 0, 4, 1], np.uint8), "toy", "train")


def test_several_splits_and_streams_are_refused_with_the_way_out(some: Digits) -> None:
    dataset = to_huggingface(some)
    wrong: Any = datasets.DatasetDict(train=dataset)
    with pytest.raises(UsageError, match=r"DatasetDict .*Choose a split, such as"):
        from_huggingface(wrong)
    assert from_huggingface(wrong["train"]) == some
    wrong = dataset.to_iterable_dataset()
    with pytest.raises(UsageError, match=r"use datasets\.Dataset\.from_list"):
        from_huggingface(wrong)
    taken = datasets.Dataset.from_list(list(wrong.take(1000)), wrong.features)
    assert from_huggingface(taken) == some


def test_features_are_those_of_the_original(some: Digits) -> None:
    dataset = to_huggingface(some)
    assert dataset.features == datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=list("0123456789")),
        }
    )
    assert dataset.split == "train"


def test_a_picture_is_decoded_to_the_very_pixels(some: Digits) -> None:
    row = to_huggingface(some)[2]
    np.testing.assert_array_equal(np.asarray(row["image"]), some.images[2])
    assert row["label"] == some.labels[2]


def test_rows_that_were_chosen_come_back(some: Digits) -> None:
    assert from_huggingface(to_huggingface(some).select([4, 0])) == some[[4, 0]]


def test_images_as_arrays_are_read(some: Digits) -> None:
    features = datasets.Features(
        {"image": datasets.Array2D((28, 28), "uint8"), "label": datasets.Value("int64")}
    )
    columns = {"image": list(some.images), "label": some.labels.tolist()}
    dataset = datasets.Dataset.from_dict(columns, features=features)
    assert from_huggingface(dataset) == some


def test_labels_beyond_the_classes_get_their_number_as_name() -> None:
    digits = Digits(
        np.zeros((2, 3, 3), np.uint8), np.array([0, 2], np.uint8), classes=("a", "b")
    )
    assert to_huggingface(digits).features["label"].names == ["a", "b", "2"]


def test_two_classes_of_one_name_are_distinguished() -> None:
    labels = np.array([0, 8], np.uint8)
    digits = Digits(np.zeros((2, 3, 3), np.uint8), labels, classes=("7", "1"))
    names = to_huggingface(digits).features["label"].names
    assert names == ["7", "1", "2", "3", "4", "5", "6", "7'", "8"]
    assert from_huggingface(to_huggingface(digits)) == digits
