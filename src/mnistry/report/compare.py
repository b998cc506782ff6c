"""Several models compared on the same images."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry import metrics
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.formats.atomic import write_atomic
from mnistry.predictions import Predictions
from mnistry.report.evaluate import evaluate
from mnistry.report.evaluation import Evaluation, named_as_page
from mnistry.report.mistakes import percent
from mnistry.report.page import templates
from mnistry.report.sprites import SHEET_COLUMNS, picture

MOST_SHOWN = 240  # images that models read differently, on a page


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on the same images.

    Attributes:
        first: The name of one.
        second: The name of the other.
        difference: The accuracy of the first minus that of the second, -1 to 1.
        interval: The 95 % confidence interval of the difference.
        p_value: The p-value of McNemar's exact test.
        p_value_holm: The same, corrected for the number of pairs (Holm).
        only_first_right: Images that only the first read correctly.
        only_second_right: Images that only the second read correctly.
    """

    first: str
    second: str
    difference: float
    interval: tuple[float, float]
    p_value: float
    p_value_holm: float
    only_first_right: int
    only_second_right: int

    def __str__(self) -> str:
        low, high = (f"{100 * end:+.2f}" for end in self.interval)
        raised = ""
        if self.p_value_holm != self.p_value:
            raised = f" (Holm's for all pairs {_p(self.p_value_holm)})"
        return (
            f"{self.first} - {self.second}: {100 * self.difference:+.2f} points"
            f" (95 %: {low} to {high}), McNemar p {_p(self.p_value)}{raised};"
            f" right alone: {self.only_first_right:,} and {self.only_second_right:,}"
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModelComparison:
    """Several models on the same images.

    Attributes:
        evaluations: The evaluation of each model, by name, in the order given.
        pairs: All pairs of models, in that order.
    """

    evaluations: Mapping[str, Evaluation]
    pairs: Sequence[Pair]

    def __repr__(self) -> str:
        return f"<ModelComparison of {len(self.evaluations)}: {self.pairs[0]}>"

    @property
    def digits(self) -> Digits:
        """The images."""
        return next(iter(self.evaluations.values())).digits

    @property
    def labels(self) -> NDArray[np.uint8]:
        """(models, n) the labels that each read."""
        return np.stack([of.predictions.labels for of in self.evaluations.values()])

    @property
    def disagreements(self) -> NDArray[np.intp]:
        """Images on which the models disagree: first those that one reads correctly."""
        labels = self.labels
        rows = np.flatnonzero((labels != labels[0]).any(axis=0))
        wrong = (labels[:, rows] != self.digits.labels[rows]).all(axis=0)
        return rows[np.argsort(wrong, kind="stable")]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; the first pair's values also at the top level."""
        first = self.pairs[0]
        return {
            "data": self.digits.name,
            "split": self.digits.split_name,
            "images": len(self.digits),
            "models": [
                {
                    "name": name,
                    "accuracy": of.accuracy,
                    "interval": list(of.interval),
                    "errors": of.errors,
                }
                for name, of in self.evaluations.items()
            ],
            "difference": first.difference,
            "interval": list(first.interval),
            "p_value": first.p_value,
            "only_a_right": first.only_first_right,
            "only_b_right": first.only_second_right,
            "pairs": [
                {name: getattr(pair, name) for name in Pair.__slots__}
                for pair in self.pairs
            ],
            "disagreements": self.disagreements.tolist(),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each image on which the models disagree, for a CSV file."""
        return [
            {"index": int(row), "written": int(self.digits.labels[row])}
            | dict(zip(self.evaluations, self.labels[:, row].tolist(), strict=True))
            for row in self.disagreements
        ]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a page that shows the images on which the models differ.

        Raises:
            UsageError: The name does not end in .html.
            CacheError: The folder cannot be written.
        """
        target = named_as_page(path)
        write_atomic(target, _page(self).encode(errors="replace"))


def compare_models(
    models: Mapping[str, Any], digits: Digits, *, seed: int = 0
) -> ModelComparison:
    """Compare several models on the same images, pair by pair.

    Args:
        models: Two or more, by name, each as for `evaluate`.
        digits: At least one image.
        seed: As for `evaluate`.

    Raises:
        UsageError: There are fewer than two models; or as `evaluate` raises.

    Example:
        >>> import numpy as np
        >>> digits = Digits(np.zeros((9, 28, 28), np.uint8), np.arange(9, dtype="u1"))
        >>> found = compare_models({"all": np.arange(9), "none": [9] * 9}, digits)
        >>> found.pairs[0].difference, found.pairs[0].p_value
        (1.0, 0.00390625)
    """
    if len(models) < 2:
        message = f"there are {len(models)} models; expected two or more to compare."
        raise UsageError(message)
    evaluations = {
        name: evaluate(model, digits, maps=0, seed=seed)
        for name, model in models.items()
    }
    pairs = [_pair(evaluations, *names) for names in combinations(evaluations, 2)]
    raised = metrics.holm([pair["p_value"] for pair in pairs])
    return ModelComparison(
        evaluations,
        [Pair(**pair, p_value_holm=p) for pair, p in zip(pairs, raised, strict=True)],
    )


def _pair(evaluations: Mapping[str, Evaluation], first: str, second: str) -> Any:
    labels = (evaluations[name].predictions.labels for name in (first, second))
    written = evaluations[first].digits.labels
    one, other = labels
    counted = metrics.compare(written, one, other)
    found = metrics.paired_difference(written, one, other)
    return {
        "first": first,
        "second": second,
        "difference": found.difference,
        "interval": (found.low, found.high),
        "p_value": counted.p_value,
        "only_first_right": counted.only_first,
        "only_second_right": counted.only_second,
    }


def _p(value: float) -> str:
    """Write a p-value, also one too small for a float."""
    return f"= {value:.3g}" if value else "< 1e-300"


def _page(comparison: ModelComparison) -> str:
    rows = comparison.disagreements
    shown = rows[:MOST_SHOWN]
    return (
        templates()
        .get_template("compare.html.j2")
        .render(
            comparison=comparison,
            digits=comparison.digits,
            sheet=picture(comparison.digits.images[shown]),
            columns=SHEET_COLUMNS,
            tiles=[_tile(comparison, int(row)) for row in shown],
            count=len(rows),
        )
    )


def _tile(comparison: ModelComparison, row: int) -> dict[str, Any]:
    written = int(comparison.digits.labels[row])
    read = []
    for name, of in comparison.evaluations.items():
        label = int(of.predictions.labels[row])
        is_bare = of.predictions.only_labels
        confidence = "" if is_bare else _confidence(of.predictions, row)
        read.append((name, label, confidence, label == written))
    return {"index": row, "written": written, "read": read}


def _confidence(predictions: Predictions, row: int) -> str:
    return percent(float(predictions[row].confidence[0]))
