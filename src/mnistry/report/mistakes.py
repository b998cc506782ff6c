"""Misread images, the most confident first: as rows, as a picture."""

from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Labels, expect_whole
from mnistry.data.catalog.disputed import MNIST_TEST
from mnistry.digits import Digits
from mnistry.formats.sheets import captioned_sheet, encode_png
from mnistry.metrics import log_odds
from mnistry.predictions import Predictions
from mnistry.scan.folders import ANNOTATED

LIKELIEST = 3  # classes listed for each image
NONE_WRONG = "no mistakes"  # in place of a picture of them


class Candidate(TypedDict):
    """A digit and its probability."""

    label: int
    probability: float


class PredictionRow(TypedDict):
    """One image: its label, what was read, and the confidence."""

    index: int
    """The index of the image, from 0."""
    written: int
    read: int
    confidence: float | None
    """None if only labels are known."""
    likeliest: list[Candidate]
    """The three likeliest digits, likeliest first; empty if only labels are known."""


def prediction_rows(
    rows: NDArray[np.intp], written: Labels, predictions: Predictions
) -> list[PredictionRow]:
    """Describe some images: label, what was read, and confidence.

    Args:
        rows: Indices of the images, in the order wanted.
        written: The labels of all images, (n,).
        predictions: The predictions for all images.

    Example:
        >>> predictions = Predictions(np.log([[0.1, 0.9], [0.75, 0.25]]))
        >>> written = np.array([1, 1], np.uint8)
        >>> prediction_rows(np.array([1]), written, predictions)[0]["read"]
        0
    """
    probabilities = predictions.probabilities[rows].astype(float)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :LIKELIEST]
    labels = predictions.labels[rows]
    if predictions.only_labels:
        order = order[:, :0]
    return [
        PredictionRow(
            index=int(index),
            written=int(written[index]),
            read=int(label),
            confidence=None if predictions.only_labels else float(mine.max()),
            likeliest=[
                Candidate(label=int(digit), probability=float(mine[digit]))
                for digit in likeliest
            ],
        )
        for index, label, mine, likeliest in zip(
            rows, labels, probabilities, order, strict=True
        )
    ]


def wrong_rows(written: Labels, predictions: Predictions) -> NDArray[np.intp]:
    """Find misread images, the most confident first.

    Example:
        >>> predictions = Predictions(np.log([[0.1, 0.9], [0.6, 0.4], [0.7, 0.3]]))
        >>> wrong_rows(np.array([1, 1, 1], np.uint8), predictions)
        array([2, 1])
    """
    return _most_confident_first(predictions, predictions.labels != written)


def least_confident_rows(
    written: Labels, predictions: Predictions, *, count: int
) -> NDArray[np.intp]:
    """Find correct readings of low confidence, the lowest first."""
    right = _most_confident_first(predictions, predictions.labels == written)
    return right[::-1][:count]


def _most_confident_first(
    predictions: Predictions, among: NDArray[np.bool_]
) -> NDArray[np.intp]:
    rows = np.flatnonzero(among)
    return rows[np.argsort(-log_odds(predictions.logits[rows]), kind="stable")]


def mistakes_picture(
    images: Images, rows: list[PredictionRow], *, columns: int = 8, zoom: int = 4
) -> bytes:
    """Draw images with their label, what was read, confidence and index.

    Args:
        images: All images, (n, rows, columns) uint8.
        rows: The rows to draw, in this order.
        columns: Number of images side by side.
        zoom: Each pixel becomes a square of this side.

    Returns:
        A PNG file; if there are no images, it says "no mistakes".

    Raises:
        UsageError: `columns` is not 1 or more.
    """
    expect_whole("columns", columns, least=1)
    captions = [
        [
            f"{row['written']} read as {row['read']}",
            _confidence(row) + f"no. {row['index']}",
        ]
        for row in rows
    ]
    chosen = images[[row["index"] for row in rows]]
    columns = min(columns, len(rows))
    if not rows:
        chosen, captions, columns = np.zeros((1, 8, 28), np.uint8), [[NONE_WRONG]], 1
    sheet = captioned_sheet(chosen, captions, columns, zoom=zoom)
    return encode_png(sheet, comment=ANNOTATED)


def _confidence(row: PredictionRow) -> str:
    share = row["confidence"]
    return "" if share is None else f"{percent(share)} sure · "


def percent(share: float) -> str:
    """Format a share as a percentage that is never rounded up to 100 %.

    Example:
        >>> [percent(share) for share in (0.5, 0.9991, 0.99996)]
        ['50.0 %', '99.9 %', '>99.9 %']
    """
    return ">99.9 %" if share >= 0.9995 else f"{100 * share:.1f} %"


MNIST_TEST_IMAGES = 10_000


class Crowd(NamedTuple):
    """The labels that most people would give.

    Attributes:
        labels: (n,) the given labels, replaced where most of five people chose another.
        counted: (n,) False where no label has a majority; such images are left out.
        relabelled: The number of labels that were replaced.
    """

    labels: Labels
    counted: NDArray[np.bool_]
    relabelled: int


def crowd_labels(digits: Digits) -> Crowd | None:
    """Return the labels that most people would give to the MNIST test images.

    Args:
        digits: All 10,000 test images in their order.

    Returns:
        The labels; None for other digits.

    Source:
        `mnistry.data.catalog.disputed`.

    Example:
        >>> crowd_labels(Digits(np.zeros((1, 28, 28), np.uint8), [7])) is None
        True
    """
    is_test = (digits.name, digits.split_name) == ("mnist", "test")
    if not is_test or len(digits) != MNIST_TEST_IMAGES:
        return None
    if any(digits.labels[row.index] != row.given for row in MNIST_TEST):
        return None  # in another order, or relabelled
    labels = digits.labels.copy()
    counted = np.ones(len(digits), bool)
    for row in MNIST_TEST:
        if row.crowd is None:
            counted[row.index] = False
        else:
            labels[row.index] = row.crowd
    return Crowd(labels, counted, int(np.count_nonzero(labels != digits.labels)))
