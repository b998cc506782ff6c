"""How a model read digits, as one value."""

import importlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry import metrics
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.formats.atomic import write_atomic
from mnistry.plural import counted
from mnistry.predictions import Predictions
from mnistry.report.attack import Attack
from mnistry.report.conformal import Sets
from mnistry.report.mistakes import (
    Crowd,
    PredictionRow,
    crowd_labels,
    least_confident_rows,
    mistakes_picture,
    prediction_rows,
    wrong_rows,
)
from mnistry.report.stressed import Curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_IN_PICTURE = 48  # mistakes: six rows of eight, which a screen shows at once


def mistakes_shown(count: int) -> str:
    """Say which mistakes a picture of them shows: all, or the surest.

    Example:
        >>> print(mistakes_shown(2), mistakes_shown(73), sep="; ")
        the 2 mistakes; the 48 most confident of 73 mistakes
    """
    if count > MOST_IN_PICTURE:
        return f"the {MOST_IN_PICTURE} most confident of {count:,} mistakes"
    return f"the {counted(count, 'mistake')}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evaluation:
    """How a model read digits. Everything but its fields is derived from them.

    Attributes:
        digits: What was read.
        predictions: What the model predicted.
        facts: What is known of the model; empty if it tells nothing.
        seconds: How long reading took.
        made_at: When, as ISO 8601 writes it; empty if unknown.
        maps: Where the model looked, for some images by their place: (rows, columns)
            each, as `occlusion_maps` gives them.
        stress: How accuracy falls as digits are made harder to read; empty if that was
            not asked for.
        attack: How accuracy falls under Square Attack; empty if not asked for.
        sets: The digits each image might be, and how often that holds the true one;
            None if that was not asked for.
        note: That no input was found with which the model reads; empty if one was.

    Example:
        >>> toy = Digits(np.zeros((2, 28, 28), np.uint8), [1, 0], name="toy")
        >>> predictions = Predictions(np.log([[0.1, 0.9], [0.25, 0.75]]))
        >>> Evaluation(toy, predictions)
        <Evaluation: 50.00 % of 2 images right (95 %: 9.45 to 90.55), loss 0.7458>
    """

    digits: Digits
    predictions: Predictions
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = math.nan
    made_at: str = ""
    maps: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)
    stress: Sequence[Curve] = ()
    sets: Sets | None = None
    attack: Sequence[Attack] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<Evaluation: {self.summary}{self.note and '; '}{self.note}>"

    @property
    def summary(self) -> str:
        """How right the model was, in a line."""
        low, high = self.interval
        loss = f", loss {self.loss:.4f}" if self.has_probabilities else ""
        return (
            f"{100 * self.accuracy:.2f} % of {counted(len(self.digits), 'image')} right"
            f" (95 %: {100 * low:.2f} to {100 * high:.2f}){loss}"
        )

    def _repr_html_(self) -> str:
        html: str = _face("page").render_summary(self)
        return html

    @property
    def has_probabilities(self) -> bool:
        """Whether more is known than labels; else what needs it is NaN or empty."""
        return not self.predictions.only_labels

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) which images were read rightly."""
        right: NDArray[np.bool_] = self.predictions.labels == self.digits.labels
        return right

    @property
    def accuracy(self) -> float:
        """The share that was read rightly, 0 to 1."""
        return metrics.accuracy(self.digits.labels, self.predictions.labels)

    @property
    def errors(self) -> int:
        """How many were read wrongly."""
        return int(np.count_nonzero(~self.right))

    @property
    def interval(self) -> metrics.Interval:
        """Where the accuracy on all such images lies, at 95 %."""
        return metrics.wilson_interval(len(self.digits) - self.errors, len(self.digits))

    @property
    def loss(self) -> float:
        """The mean of minus the logarithm of the probability of what is written."""
        if not self.has_probabilities:
            return math.nan
        return metrics.loss(self.digits.labels, self.predictions.logits)

    @property
    def brier(self) -> float:
        """How far probabilities lie from the truth, 0 to 2."""
        if not self.has_probabilities:
            return math.nan
        return metrics.brier(self.digits.labels, self.predictions.probabilities)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(classes, classes) counts: rows: what is written, columns: what was read."""
        classes = self.predictions.logits.shape[1]
        return metrics.confusion(
            self.digits.labels, self.predictions.labels, classes=classes
        )

    @property
    def per_label(self) -> metrics.PerLabel:
        """Precision and recall of each label."""
        return metrics.per_label(self.confusion)

    @property
    def calibration_error(self) -> float:
        """How far confidences lie from the truth on average (ECE), 0 to 1."""
        if not self.has_probabilities:
            return math.nan
        parts = metrics.reliability(self.predictions.confidence, self.right)
        return metrics.calibration_error(parts)

    @property
    def error_detection(self) -> float:
        """How well confidence parts right readings from wrong ones; 0.5 by chance."""
        if not self.has_probabilities:
            return math.nan
        sure = metrics.sureness(self.predictions.logits)
        return metrics.error_detection(sure, self.right)

    @property
    def risk_coverage(self) -> metrics.RiskCoverage:
        """What goes wrong if only the surest readings are kept."""
        return metrics.risk_coverage(
            metrics.sureness(self.predictions.logits), self.right
        )

    @property
    def crowd(self) -> Crowd | None:
        """The labels that most people would give; None where that is not known."""
        return crowd_labels(self.digits)

    @property
    def crowd_accuracy(self) -> float:
        """The share read as most people would; NaN where that is not known."""
        crowd = self.crowd
        if crowd is None:
            return math.nan
        read = self.predictions.labels[crowd.counted]
        return metrics.accuracy(crowd.labels[crowd.counted], read)

    @property
    def mistakes(self) -> list[PredictionRow]:
        """The images that were read wrongly, those read most surely first."""
        rows = wrong_rows(self.digits.labels, self.predictions)
        return prediction_rows(rows, self.digits.labels, self.predictions)

    def least_sure(self, *, most: int = MOST_IN_PICTURE) -> list[PredictionRow]:
        """Return the correct readings of lowest confidence, the lowest first."""
        if not self.has_probabilities:
            return []
        rows = least_confident_rows(self.digits.labels, self.predictions, count=most)
        return prediction_rows(rows, self.digits.labels, self.predictions)

    def save_mistakes(
        self, path: str | os.PathLike[str], *, most: int = MOST_IN_PICTURE
    ) -> None:
        """Write a PNG of the mistakes, those read most surely first.

        Args:
            path: Such as "mistakes.png"; a file that is there is replaced.
            most: How many at most.

        Raises:
            CacheError: The folder cannot be written.
        """
        shown = self.mistakes[:most]
        write_atomic(path, mistakes_picture(self.digits.images, shown))

    def plot_confusion(self) -> "Figure":
        """Draw the confusion matrix, as `report.figures.confusion_figure` does.

        A notebook shows it; `.savefig("confusion.pdf")` writes it.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = _face("figures").confusion_figure(self)
        return figure

    def plot_reliability(self) -> "Figure":
        """Draw what confidence is worth, as `report.figures.reliability_figure` does.

        Raises:
            UsageError: Labels alone are known.
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = _face("figures").reliability_figure(self)
        return figure

    def to_dict(self) -> dict[str, Any]:
        """Tell everything as plain values that JSON can hold; what is unknown is None.

        Example:
            >>> toy = Digits(np.zeros((1, 28, 28), np.uint8), [1], name="toy")
            >>> Evaluation(toy, Predictions(np.log([[0.1, 0.9]]))).to_dict()["errors"]
            0
        """
        plain: dict[str, Any] = _face("tables").to_dict(self)
        return plain

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a report that a browser opens: one HTML file, nothing beside it.

        Args:
            path: Such as "report.html"; a file that is there is replaced.

        Raises:
            UsageError: The name does not end in .html.
            CacheError: The folder cannot be written.
        """
        target = named_as_page(path)
        write_atomic(target, _face("page").render(self).encode(errors="replace"))


def named_as_page(path: str | os.PathLike[str]) -> Path:
    """Take a name for a page, if it is one.

    Raises:
        UsageError: The name does not end in .html.

    Example:
        >>> named_as_page("report.html").suffix
        '.html'
    """
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        message = (
            f"{target.name!r} is not named as an HTML page; expected a name such as"
            " 'report.html'."
        )
        raise UsageError(message)
    return target


def _face(name: str) -> ModuleType:
    """Find `report.<name>`: the value knows its faces by name, they know the value."""
    return importlib.import_module(f"mnistry.report.{name}")
