"""Mistakes: which, in which order, and drawn."""

import io

import numpy as np
import pytest
from PIL import Image

from mnistry.errors import ShapeError, UsageError
from mnistry.formats.sheets import captioned_sheet
from mnistry.predictions import Predictions
from mnistry.report.mistakes import (
    least_confident_rows,
    mistakes_picture,
    prediction_rows,
    wrong_rows,
)


def some(seed: int = 0) -> tuple[np.ndarray, Predictions]:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 3, (200, 10)).astype(np.float32)
    written = np.where(
        generator.random(200) < 0.8, logits.argmax(axis=1), generator.integers(0, 10)
    )
    return written.astype(np.uint8), Predictions(logits)


def test_mistakes_and_right_readings_are_all_images() -> None:
    written, predictions = some()
    wrong = wrong_rows(written, predictions)
    right = least_confident_rows(written, predictions, count=len(written))
    assert sorted([*wrong, *right]) == list(range(200))
    assert len(wrong) == np.count_nonzero(predictions.labels != written) > 0


def test_the_surest_mistake_and_the_least_sure_right_reading_come_first() -> None:
    written, predictions = some()
    assert (
        np.diff(predictions.confidence[wrong_rows(written, predictions)]) <= 1e-6
    ).all()
    least = predictions.confidence[least_confident_rows(written, predictions, count=20)]
    assert len(least) == 20
    assert (np.diff(least) >= -1e-6).all()


def test_a_row_says_what_was_written_read_and_thought_likely() -> None:
    written, predictions = some()
    (row,) = prediction_rows(np.array([17]), written, predictions)
    chances = predictions.probabilities[17]
    assert row["index"] == 17
    assert (row["written"], row["read"]) == (written[17], predictions.labels[17])
    assert row["confidence"] == pytest.approx(chances.max())
    order = sorted(range(10), key=lambda digit: -chances[digit])[:3]
    assert [likely["label"] for likely in row["likeliest"]] == order
    assert [likely["probability"] for likely in row["likeliest"]] == pytest.approx(
        [float(chances[digit]) for digit in order]
    )


def test_of_two_classes_two_are_listed() -> None:
    predictions = Predictions(np.log([[0.1, 0.9]]))
    (row,) = prediction_rows(np.array([0]), np.array([0], np.uint8), predictions)
    assert len(row["likeliest"]) == 2


def test_the_picture_shows_each_mistake_in_its_place() -> None:
    written, predictions = some()
    images = np.random.default_rng(1).integers(0, 256, (200, 28, 28), dtype=np.uint8)
    rows = prediction_rows(wrong_rows(written, predictions)[:5], written, predictions)
    png = mistakes_picture(images, rows, columns=3, zoom=2)
    sheet = np.asarray(Image.open(io.BytesIO(png)))
    height, width = sheet.shape[0] // 2, sheet.shape[1] // 3
    for place, row in enumerate(rows):
        top, left = place // 3 * height + 8, place % 3 * width + 8
        drawn = sheet[top : top + 56 : 2, left : left + 56 : 2]
        assert np.array_equal(drawn, 255 - images[row["index"]])
        words = sheet[top + 56 : top - 8 + height, left : left + 56]
        assert words.min() < 64 < words.max()


def test_no_mistakes_are_reported_in_words() -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    empty = np.asarray(Image.open(io.BytesIO(mistakes_picture(images, []))))
    assert (empty < 64).sum() > 100  # it says so in words
    written, predictions = some()
    rows = prediction_rows(np.array([0]), written, predictions)
    with pytest.raises(UsageError, match="columns is 0; expected 1 or more"):
        mistakes_picture(images, rows, columns=0)


def test_captions_must_be_as_many_as_images() -> None:
    with pytest.raises(ShapeError, match="there are 1 captions for 2 images"):
        captioned_sheet(np.zeros((2, 28, 28), np.uint8), [["7"]], 2)
