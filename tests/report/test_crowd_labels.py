"""The crowd's labels: only of MNIST's test images, and only where they are sure."""

from pathlib import Path

import numpy as np

import mnistry
from mnistry.data.catalog.disputed import MNIST_TEST
from mnistry.digits import Digits
from mnistry.predictions import Predictions
from mnistry.report.evaluation import Evaluation
from mnistry.report.mistakes import crowd_labels


def made_up() -> Digits:
    labels = np.zeros(10_000, np.uint8)
    for row in MNIST_TEST:
        labels[row.index] = row.given
    images = np.zeros((10_000, 2, 2), np.uint8)
    return Digits(images, labels, name="mnist", split_name="test")


def test_ten_labels_are_changed_and_five_images_left_out() -> None:
    digits = made_up()
    crowd = crowd_labels(digits)
    assert crowd is not None
    assert crowd.relabelled == 10
    assert np.count_nonzero(~crowd.counted) == 5
    assert crowd.labels[947] == 9
    assert digits.labels[947] == 8


def test_who_reads_as_the_crowd_is_right_by_the_crowd() -> None:
    digits = made_up()
    crowd = crowd_labels(digits)
    assert crowd is not None
    predictions = Predictions(5 * np.eye(10, dtype=np.float32)[crowd.labels])
    evaluation = Evaluation(digits, predictions)
    assert evaluation.crowd_accuracy == 1
    assert evaluation.accuracy == 0.999
    facts = evaluation.to_dict()["crowd"]
    assert facts == {"accuracy": 1.0, "images": 9_995, "relabelled": 10}


def test_of_other_digits_nothing_is_known() -> None:
    digits = made_up()
    shuffled = digits[np.random.default_rng(0).permutation(10_000)]
    assert crowd_labels(shuffled) is None
    assert crowd_labels(digits[:9_999]) is None
    other = Digits(digits.images, digits.labels, name="mnist", split_name="train")
    assert crowd_labels(other) is None


def test_the_real_test_images_are_recognised(real_mnist: Path) -> None:
    assert crowd_labels(mnistry.load("mnist", split="test")) is not None
