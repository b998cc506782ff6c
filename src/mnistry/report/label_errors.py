"""Probable label errors of any data set, found by models that never saw them."""

from collections.abc import Callable
from typing import TypedDict

import numpy as np

from mnistry.digits import Digits
from mnistry.formats.sheets import captioned_sheet, encode_png
from mnistry.metrics import folds_of, suspects
from mnistry.predictions import Predictions, Predictor
from mnistry.report.mistakes import NONE_WRONG, percent
from mnistry.scan.folders import ANNOTATED

FOLDS = 4  # each model learns from three quarters


class LabelError(TypedDict):
    """One label that is probably wrong."""

    index: int
    """The index of the image."""
    given: int
    likely: int
    """The more probable label."""
    probability_of_given: float
    probability_of_likely: float


def cross_validated(
    digits: Digits,
    fit: Callable[[Digits], Predictor],
    *,
    folds: int = FOLDS,
    seed: int = 0,
) -> Predictions:
    """Read every image with a model that did not learn from it.

    Args:
        digits: All images.
        fit: Trains a model on digits, such as `functools.partial(train, net="fast")`.
        folds: Number of folds, and of models.
        seed: Decides which image goes where.

    Returns:
        The predictions for each image, in order.

    Raises:
        UsageError: `folds` is not within 2 to n.
    """
    places = folds_of(digits.labels, folds, seed=seed)
    parts = []
    for fold in range(folds):
        model = fit(digits[places != fold])
        parts.append(model.predict(digits.images[places == fold]).logits)
    order = np.concatenate([np.flatnonzero(places == fold) for fold in range(folds)])
    logits = np.empty((len(digits), parts[0].shape[1]), np.float32)
    logits[order] = np.concatenate(parts)
    return Predictions(logits)


def find_label_errors(digits: Digits, predictions: Predictions) -> list[LabelError]:
    """Find labels that are probably wrong, the most suspicious first.

    Args:
        digits: Images whose labels are in doubt.
        predictions: From `cross_validated`, or from a model that did not learn from
            these images.

    Raises:
        ShapeError: There is not one row of predictions for each image.

    Source:
        Confident learning, see `mnistry.metrics.suspects`. A test checks that cleanlab
        returns the same list.
    """
    chances = predictions.probabilities
    found = suspects(digits.labels, chances)
    return [
        LabelError(
            index=int(row),
            given=int(digits.labels[row]),
            likely=int(label),
            probability_of_given=float(chances[row, digits.labels[row]]),
            probability_of_likely=float(chances[row, label]),
        )
        for row, label in zip(found.rows, found.labels, strict=True)
    ]


def label_errors_picture(
    digits: Digits, rows: list[LabelError], *, columns: int = 8, zoom: int = 4
) -> bytes:
    """Draw images with their label, the likelier one, and their index.

    Args:
        digits: All images.
        rows: The rows to draw, in this order.
        columns: Number of images side by side.
        zoom: Each pixel becomes a square of this side.

    Returns:
        A PNG file; if there are no images, it says so.
    """
    captions = [
        [
            f"{row['given']}, or {row['likely']}?",
            f"{percent(row['probability_of_likely'])} · no. {row['index']}",
        ]
        for row in rows
    ]
    images = digits.images[[row["index"] for row in rows]]
    if not rows:
        images, captions = np.zeros((1, 8, 28), np.uint8), [[NONE_WRONG]]
    columns = min(columns, len(images))
    sheet = captioned_sheet(images, captions, columns, zoom=zoom)
    return encode_png(sheet, comment=ANNOTATED)
