"""Predictions of a net, stored as logits so that nothing is lost; NumPy only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels, Logits, Probabilities, one_hot
from mnistry.errors import ShapeError, UsageError
from mnistry.plural import counted
from mnistry.softmax import log_softmax, softmax

MOST_CLASSES = 256  # labels are uint8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Predictions:
    """Predictions for n images. Everything else is derived from the logits.

    Attributes:
        logits: (n, classes) float32, any real numbers; read-only.
        reject_below: Digit score below which a picture is rejected as a non-digit, as
            chosen by `mnistry.metrics.fit_rejection`; minus infinity: never.
        only_labels: Whether only labels are known, as from `label_predictions`;
            probabilities then mean nothing, and none are reported.

    Raises:
        ShapeError: `logits` is not (n, classes) real numbers, or there are more than
            256 classes.
        UsageError: A logit is NaN or plus infinity.

    Example:
        >>> predictions = Predictions(np.log([[0.1, 0.9], [0.75, 0.25]]))
        >>> predictions.labels
        array([1, 0], dtype=uint8)
        >>> predictions.confidence
        array([0.9 , 0.75], dtype=float32)
        >>> predictions
        <Predictions: 2 images, 2 classes, mean confidence 0.825>
    """

    logits: Logits
    reject_below: float = -math.inf
    only_labels: bool = False

    def __post_init__(self) -> None:
        logits = np.asarray(self.logits)
        if logits.ndim != 2 or not logits.shape[1] or logits.dtype.kind not in "fiu":
            message = (
                f"logits have shape {logits.shape} and dtype {logits.dtype};"
                " expected (n, classes) real numbers, one row for each image."
            )
            raise ShapeError(message)
        if logits.shape[1] > MOST_CLASSES:
            message = (
                f"logits are of {logits.shape[1]:,} classes; expected {MOST_CLASSES} at"
                " most, since labels are uint8. Give the classes that there are."
            )
            raise ShapeError(message)
        with np.errstate(over="ignore"):  # what float32 cannot hold is found below
            logits = logits.astype(np.float32, copy=False).view()
        _expect_numbers(logits)
        logits.flags.writeable = False
        object.__setattr__(self, "logits", logits)

    def __len__(self) -> int:
        return len(self.logits)

    def __getitem__(self, rows: Any) -> Self:
        """Return some of them by slice, mask or list; one number gives one row."""
        if isinstance(rows, int | np.integer):
            rows = [rows]
        return type(self)(self.logits[rows], self.reject_below, self.only_labels)

    def __repr__(self) -> str:
        count, classes = self.logits.shape
        mean = f", mean confidence {self.confidence.mean():.3f}" if count else ""
        known = counted(classes, "class", "classes")
        return f"<Predictions: {counted(count, 'image')}, {known}{mean}>"

    @property
    def probabilities(self) -> Probabilities:
        """(n, classes) float32, 0 to 1; softmax of the logits, rows sum to 1."""
        return softmax(self.logits)

    @property
    def labels(self) -> Labels:
        """(n,) uint8; the class of the largest logit, the first if two tie."""
        largest: Labels = self.logits.argmax(axis=1).astype(np.uint8)
        return largest

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(n,) float32, 0 to 1; the largest probability of each row."""
        largest: NDArray[np.float32] = self.probabilities.max(axis=1)
        return largest

    @property
    def digit_scores(self) -> NDArray[np.float64]:
        """(n,) float64; how much each picture looks like a digit at all."""
        return digit_scores(self.logits)

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """(n,) bool; which pictures are rejected as non-digits."""
        rejected: NDArray[np.bool_] = self.digit_scores < self.reject_below
        return rejected


def _expect_numbers(logits: NDArray[Any]) -> None:
    largest = logits.max(axis=1)  # NaN where any is, minus infinity where all are
    count = len(largest) - int(np.count_nonzero(np.isfinite(largest)))
    if count:
        message = (
            f"logits of {count:,} of {len(logits):,} images are NaN or infinite;"
            " expected real numbers. Training that went wrong leaves such weights, and"
            " pixels of a wrong scale such sums: train again, or look at the input."
        )
        raise UsageError(message)


def label_predictions(labels: Any, *, classes: int = 10) -> Predictions:
    """Make predictions from labels alone, where nothing else is known.

    Args:
        labels: (n,) integers from 0 to `classes` - 1.
        classes: The number of classes.

    Raises:
        ShapeError: Not (n,) integers, or a label out of range.

    Example:
        >>> predictions = label_predictions([7, 2])
        >>> predictions.labels, predictions.only_labels
        (array([7, 2], dtype=uint8), True)
    """
    logits = np.log(np.maximum(one_hot(labels, classes), np.finfo(np.float32).tiny))
    return Predictions(logits, only_labels=True)


class Predictor(Protocol):
    """Anything with `predict`: a model, an ensemble, whatever classifies images.

    If it has `facts` (a mapping: net, recipe, seed, history, versions …), a report
    shows them.
    """

    def predict(self, images: Any) -> Predictions:
        """Classify images, (n, rows, columns) uint8."""
        ...


def expect_predictor(model: Any) -> None:
    """Raise unless a model has `predict`.

    Raises:
        UsageError: It has no `predict`.
    """
    if not hasattr(model, "predict"):
        message = (
            f"the model is a {type(model).__name__} and cannot predict; expected"
            " something with predict(images), such as mnistry.load_model();"
            " mnistry.as_predictor wraps models of other libraries."
        )
        raise UsageError(message)


def apply_trust(logits: Logits, trust: Mapping[str, Any] | None) -> Predictions:
    """Apply a temperature and a rejection threshold to logits.

    Args:
        logits: (n, classes), as the net returned them.
        trust: The `temperature` and `reject_below` that `mnistry.metrics.fit_trust`
            fitted for the net, as a mapping; None for neither.

    Raises:
        UsageError: `temperature` is not above 0, or `reject_below` is not a number.

    Example:
        >>> predictions = apply_trust([[4, 0]], {"temperature": 2, "reject_below": 0.5})
        >>> predictions.logits, predictions.rejected
        (array([[2., 0.]], dtype=float32), array([False]))
    """
    if trust is None:
        return Predictions(logits)
    values: Mapping[str, Any] = trust if isinstance(trust, Mapping) else {}
    temperature: Any = values.get("temperature")
    floor: Any = values.get("reject_below")
    is_given = isinstance(temperature, int | float) and 0 < temperature < math.inf
    if not is_given or not isinstance(floor, int | float):
        message = (
            f"trust is {trust}; expected a temperature above 0 and a number"
            " reject_below. mnistry.metrics.fit_trust makes both."
        )
        raise UsageError(message)
    scaled = np.asarray(logits, np.float64) / temperature
    return Predictions(scaled.astype(np.float32), float(floor))


def ensemble_predictions(several: Sequence[Predictions]) -> Predictions:
    """Average predictions of several nets, or of one net for shifted images.

    Probabilities are averaged with equal weights; the logits are their logarithms.
    Averages of calibrated nets are slightly underconfident, and they have no rejection
    threshold: nothing is rejected. `mnistry.models.ensemble.average` fits both on
    held-out images.

    Args:
        several: At least one, all for the same number of images and classes.

    Returns:
        Their average.

    Raises:
        UsageError: There are none.
        ShapeError: Their numbers of images or classes differ.

    Example:
        >>> one, other = np.log([[0.9, 0.1]]), np.log([[0.5, 0.5]])
        >>> both = ensemble_predictions([Predictions(one), Predictions(other)])
        >>> both.probabilities.round(3)
        array([[0.7, 0.3]], dtype=float32)
    """
    shapes = sorted({one.logits.shape for one in several})
    if not shapes:
        message = "there are no predictions to average; expected one or more."
        raise UsageError(message)
    if len(shapes) > 1:
        message = (
            f"predictions have shapes {shapes}; expected all the same (images,"
            " classes). Let each model read the same images."
        )
        raise ShapeError(message)
    logarithms = [log_softmax(one.logits.astype(np.float64)) for one in several]
    mean = np.logaddexp.reduce(logarithms, axis=0) - math.log(len(several))
    return Predictions(mean.astype(np.float32))


def digit_scores(logits: Logits) -> NDArray[np.float64]:
    """Score how much a picture looks like a digit at all.

    The largest logit minus the mean of all: for a non-digit, no logit stands out.
    Adding a constant to all logits, which training leaves free, changes nothing. Of the
    scores that need only logits (confidence, energy, largest logit, distance to logits
    seen before) it was the best, for nets trained on digits alone and for nets that
    also saw other pictures: see benchmarks/out_of_distribution.py.

    Args:
        logits: (n, classes) real numbers.

    Returns:
        (n,) float64, 0 or more; the larger, the more it looks like a digit. Its scale
        differs from net to net.

    Source:
        S. Vaze, K. Han, A. Vedaldi, A. Zisserman: Open-set recognition: a good
        closed-set classifier is all you need? ICLR 2022, arXiv:2110.06207, use the
        largest logit; here the mean is subtracted.

    Example:
        >>> digit_scores(np.array([[9, 0, 0], [2, 2, 2]], np.float32))
        array([6., 0.])
    """
    wide = np.asarray(logits, np.float64)
    return np.asarray(wide.max(axis=1) - wide.mean(axis=1))
