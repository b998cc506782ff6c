"""Suspicious labels, found in labels that we changed."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictions
from mnistry.report.label_errors import (
    cross_validated,
    find_label_errors,
    label_errors_picture,
)
from mnistry.scan.folders import ANNOTATED


class NearestMean:
    """The simplest model that learns: the class whose mean image is nearest."""

    def __init__(self, digits: Digits) -> None:
        self.seen = digits
        self.means = np.stack(
            [digits.images[digits.labels == label].mean(axis=0) for label in range(4)]
        )

    def predict(self, images: Any) -> Predictions:
        away = ((images[:, None] / 255 - self.means / 255) ** 2).mean(axis=(2, 3))
        return Predictions((-60 * away).astype(np.float32))


@pytest.fixture
def changed() -> tuple[Digits, list[int]]:
    """Four blurry shapes with noise, 200 of each kind; ten carry a wrong label."""
    generator = np.random.default_rng(0)
    shapes = generator.uniform(0, 255, (4, 12, 12))
    labels = np.arange(200, dtype=np.uint8) % 4
    noise = generator.normal(0, 40, (200, 12, 12))
    images = (shapes[labels] + noise).clip(0, 255).astype(np.uint8)
    wrong = generator.choice(200, 10, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 4
    return Digits(images, labels), sorted(wrong.tolist())


def test_changed_labels_are_found(changed: tuple[Digits, list[int]]) -> None:
    digits, wrong = changed
    found = find_label_errors(digits, cross_validated(digits, NearestMean))
    assert sorted(row["index"] for row in found) == wrong
    for row in found:
        assert row["given"] == digits.labels[row["index"]]
        assert row["likely"] == (row["given"] - 1) % 4
        assert row["probability_of_likely"] > row["probability_of_given"]


def test_no_model_reads_what_it_learned_from(
    changed: tuple[Digits, list[int]],
) -> None:
    digits, _ = changed
    learned: list[set[bytes]] = []

    class Spy(NearestMean):
        def predict(self, images: Any) -> Predictions:
            learned.append({image.tobytes() for image in self.seen.images})
            assert not learned[-1] & {image.tobytes() for image in images}
            return super().predict(images)

    predictions = cross_validated(digits, Spy, folds=5)
    assert len(learned) == 5
    assert len(predictions) == len(digits)
    # each image got the answer that is its own
    assert np.mean(predictions.labels == digits.labels) > 0.9


def test_the_picture_shows_them(changed: tuple[Digits, list[int]]) -> None:
    digits, _ = changed
    rows = find_label_errors(digits, cross_validated(digits, NearestMean))
    sheet = Image.open(io.BytesIO(label_errors_picture(digits, rows, columns=5)))
    one = Image.open(io.BytesIO(label_errors_picture(digits, rows[:1])))
    assert sheet.size == (5 * one.width, 2 * one.height)
    assert sheet.info["Comment"] == ANNOTATED  # whoever reads the folder passes it over
    none = np.asarray(Image.open(io.BytesIO(label_errors_picture(digits, []))))
    assert (none < 64).sum() > 100  # it says so in words


def test_one_fold_is_an_error(changed: tuple[Digits, list[int]]) -> None:
    with pytest.raises(UsageError, match="folds is 1; expected 2 to 200"):
        cross_validated(changed[0], NearestMean, folds=1)
