"""The evaluation of a model on digits, as one value."""

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
    """Say which mistakes a picture shows: all, or the most confident ones.

    Example:
        >>> print(mistakes_shown(2), mistakes_shown(73), sep="; ")
        the 2 mistakes; the 48 most confident of 73 mistakes
    """
    if count > MOST_IN_PICTURE:
        return f"the {MOST_IN_PICTURE} most confident of {count:,} mistakes"
    return f"the {counted(count, 'mistake')}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evaluation:
    """The evaluation of a model on digits. All else is derived from its fields.

    Attributes:
        digits: The images and their labels.
        predictions: The model's predictions.
        facts: What is known about the model; may be empty.
        seconds: How long reading took.
        made_at: The time in ISO 8601; empty if unknown.
        maps: Where the model looked, by index of the image: (rows, columns) each, see
            `occlusion_maps`.
        stress: Accuracy on corrupted digits; empty if not requested.
        attack: Accuracy under Square Attack; empty if not requested.
        sets: Conformal prediction sets and their coverage; None if not requested.
        note: A warning that no input was found with which the model reads, or empty.

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
        """Whether there are probabilities; if not, what needs them is NaN or empty."""
        return not self.predictions.only_labels

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) bool: which images were read correctly."""
        right: NDArray[np.bool_] = self.predictions.labels == self.digits.labels
        return right

    @property
    def accuracy(self) -> float:
        """The share of images read correctly, 0 to 1."""
        return metrics.accuracy(self.digits.labels, self.predictions.labels)

    @property
    def errors(self) -> int:
        """The number of misread images."""
        return int(np.count_nonzero(~self.right))

    @property
    def interval(self) -> metrics.Interval:
        """The 95 % confidence interval of the accuracy."""
        return metrics.wilson_interval(len(self.digits) - self.errors, len(self.digits))

    @property
    def loss(self) -> float:
        """The mean cross-entropy."""
        if not self.has_probabilities:
            return math.nan
        return metrics.loss(self.digits.labels, self.predictions.logits)

    @property
    def brier(self) -> float:
        """The Brier score, 0 to 2; lower is better."""
        if not self.has_probabilities:
            return math.nan
        return metrics.brier(self.digits.labels, self.predictions.probabilities)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """(classes, classes) counts; rows: true labels, columns: labels read."""
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
        """The expected calibration error (ECE), 0 to 1."""
        if not self.has_probabilities:
            return math.nan
        parts = metrics.reliability(self.predictions.confidence, self.right)
        return metrics.calibration_error(parts)

    @property
    def error_detection(self) -> float:
        """How well confidence separates right from wrong (AUROC); 0.5 by chance."""
        if not self.has_probabilities:
            return math.nan
        scores = metrics.log_odds(self.predictions.logits)
        return metrics.error_detection(scores, self.right)

    @property
    def risk_coverage(self) -> metrics.RiskCoverage:
        """Errors if only the most confident readings are kept."""
        return metrics.risk_coverage(
            metrics.log_odds(self.predictions.logits), self.right
        )

    @property
    def crowd(self) -> Crowd | None:
        """The labels that most people would give; None if not known."""
        return crowd_labels(self.digits)

    @property
    def crowd_accuracy(self) -> float:
        """The accuracy against those labels; NaN if not known."""
        crowd = self.crowd
        if crowd is None:
            return math.nan
        read = self.predictions.labels[crowd.counted]
        return metrics.accuracy(crowd.labels[crowd.counted], read)

    @property
    def mistakes(self) -> list[PredictionRow]:
        """Indices of the misread images, the most confident first."""
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
        """Write a PNG of the mistakes, the most confident first.

        Args:
            path: Such as "mistakes.png". It is overwritten if it exists.
            most: The largest number of mistakes to show.

        Raises:
            CacheError: The folder cannot be written.
        """
        shown = self.mistakes[:most]
        write_atomic(path, mistakes_picture(self.digits.images, shown))

    def plot_confusion(self) -> "Figure":
        """Draw the confusion matrix; see `report.figures.confusion_figure`.

        A notebook displays it; `.savefig("confusion.pdf")` writes it.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = _face("figures").confusion_figure(self)
        return figure

    def plot_reliability(self) -> "Figure":
        """Draw the reliability diagram; see `report.figures.reliability_figure`.

        Raises:
            UsageError: Only labels are known.
            MissingExtraError: matplotlib is not installed.
        """
        figure: Figure = _face("figures").reliability_figure(self)
        return figure

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON; None for what is unknown.

        Example:
            >>> toy = Digits(np.zeros((1, 28, 28), np.uint8), [1], name="toy")
            >>> Evaluation(toy, Predictions(np.log([[0.1, 0.9]]))).to_dict()["errors"]
            0
        """
        plain: dict[str, Any] = _face("tables").to_dict(self)
        return plain

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report: one self-contained HTML file.

        Args:
            path: Such as "report.html". It is overwritten if it exists.

        Raises:
            UsageError: The name does not end in .html.
            CacheError: The folder cannot be written.
        """
        target = named_as_page(path)
        write_atomic(target, _face("page").render(self).encode(errors="replace"))


def named_as_page(path: str | os.PathLike[str]) -> Path:
    """Check that a name is that of an HTML page, and return its path.

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
    """Import `report.<name>` when it is used; those modules import this one."""
    return importlib.import_module(f"mnistry.report.{name}")
