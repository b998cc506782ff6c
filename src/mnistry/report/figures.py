"""The charts of a report as matplotlib figures, for notebooks and papers."""

from typing import TYPE_CHECKING

import numpy as np

from mnistry import metrics
from mnistry.errors import UsageError
from mnistry.formats.figure import new_figure
from mnistry.report.tables import DEFERRED_SHARES, name_of, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mnistry.report.evaluation import Evaluation

INCHES = (5.0, 4.0)
STRESS_COLUMNS = 4


def confusion_figure(evaluation: "Evaluation") -> "Figure":
    """Draw the confusion matrix, with mistakes coloured by their number.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = _figure()
    counts = evaluation.confusion
    wrong = counts.astype(float)
    np.fill_diagonal(wrong, 0)
    # square root, so that few mistakes are visible; light enough for the text
    shade = np.sqrt(wrong)
    axes.imshow(shade, cmap="Reds", vmin=0, vmax=max(1.0, 1.6 * shade.max()))
    names = [name_of(evaluation, label) for label in range(len(counts))]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(column, row, str(count), ha="center", va="center", fontsize=7)
    axes.set(xlabel="read", ylabel="written")
    return figure


def reliability_figure(evaluation: "Evaluation") -> "Figure":
    """Draw accuracy against confidence, with 95 % intervals.

    Raises:
        UsageError: Only labels are known.
        MissingExtraError: matplotlib is not installed.
    """
    _expect_probabilities(evaluation)
    figure, axes = _figure()
    parts = metrics.reliability(evaluation.predictions.confidence, evaluation.right)
    full = parts.counts > 0
    claimed, held = parts.confidence[full], parts.accuracy[full]
    ends = np.array(
        [
            metrics.wilson_interval(round(share * count), int(count))
            for share, count in zip(held, parts.counts[full], strict=True)
        ]
    )
    spread = np.abs(ends.T - held)
    axes.plot([0, 1], [0, 1], ":", color="grey")
    axes.errorbar(claimed, held, yerr=spread, fmt="o", capsize=2)
    axes.set(xlabel="confidence", ylabel="share read correctly", xlim=(0, 1.02))
    return figure


def risk_figure(evaluation: "Evaluation") -> "Figure":
    """Draw how many errors are left if a person checks the least confident readings.

    Raises:
        UsageError: Only labels are known.
        MissingExtraError: matplotlib is not installed.
    """
    _expect_probabilities(evaluation)
    figure, axes = _figure()
    curve = evaluation.risk_coverage
    axes.plot(100 * (1 - curve.coverage), 100 * curve.risk)
    axes.set(
        xlabel="handed to a person, %",
        ylabel="wrong among the rest, %",
        xlim=(0, 100 * DEFERRED_SHARES[-1]),
    )
    return figure


def history_figure(evaluation: "Evaluation") -> "Figure":
    """Draw loss and accuracy of each epoch.

    Raises:
        UsageError: The model has no training history.
        MissingExtraError: matplotlib is not installed.
    """
    history = plain(evaluation.facts).get("history") or []
    if not history:
        message = (
            "this model has no training history; expected facts with a 'history', one"
            " row for each epoch, as mnistry.train writes."
        )
        raise UsageError(message)
    figure = new_figure(INCHES)
    for place, what in enumerate(("loss", "accuracy"), start=1):
        axes = figure.add_subplot(1, 2, place)
        for name in (what, f"validation_{what}"):
            values = [row[name] for row in history if row.get(name) is not None]
            axes.plot(range(1, len(values) + 1), values, "o-", label=name)
        axes.set(xlabel="epoch", ylabel=what)
        axes.legend()
    figure.set_size_inches(2 * INCHES[0], INCHES[1])
    return figure


def stress_figure(evaluation: "Evaluation") -> "Figure":
    """Draw accuracy against the severity of corruptions.

    Raises:
        UsageError: The evaluation was made without stress.
        MissingExtraError: matplotlib is not installed.
    """
    if not evaluation.stress:
        message = (
            "this evaluation was made without stress; expected"
            " evaluate(model, digits, stress=True)."
        )
        raise UsageError(message)
    figure = new_figure(INCHES)
    rows = -(-len(evaluation.stress) // STRESS_COLUMNS)
    for place, curve in enumerate(evaluation.stress, start=1):
        axes = figure.add_subplot(rows, STRESS_COLUMNS, place)
        axes.plot(range(6), curve["accuracy"], "o-", markersize=3)
        axes.set(ylim=(0, 1.04), xticks=range(6), yticks=(0, 0.5, 1))
        axes.set_title(curve["kind"], fontsize=9)
    figure.set_size_inches(2 * INCHES[0], 2 * rows)
    return figure


def _expect_probabilities(evaluation: "Evaluation") -> None:
    if not evaluation.has_probabilities:
        message = (
            "this evaluation has only labels; confidence needs probabilities. Evaluate"
            " a model that gives them."
        )
        raise UsageError(message)


def _figure() -> "tuple[Figure, Axes]":
    figure = new_figure(INCHES)
    return figure, figure.add_subplot()
