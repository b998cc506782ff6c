"""Learning curves as a picture, and as CSV: loss and errors, epoch by epoch."""

import csv
import importlib.util
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mnistry.errors import UsageError
from mnistry.escape import for_csv
from mnistry.extras import require
from mnistry.formats.atomic import write_atomic
from mnistry.formats.figure import figure_png, new_figure
from mnistry.learn.model import Model
from mnistry.learn.run import Epoch

CURVES = "curves.png"
INCHES = (9, 3.6)
FEWEST_EPOCHS = 3  # two points are no curve, and matplotlib takes a second to load
LINES = (
    ("training, augmented", "", "#888888"),
    ("held out", "validation_", "#0b62a4"),
)


def save_curves(model: Model, path: str | os.PathLike[str]) -> None:
    """Draw how a model's training went: loss and errors after each epoch, as PNG.

    Args:
        model: One that `train` made.
        path: The file. It is overwritten if it exists.

    Raises:
        UsageError: The model has no history.
        MissingExtraError: matplotlib is not installed.
        CacheError: The file cannot be written.

    Example:
        >>> save_curves(model, "run/curves.png")  # doctest: +SKIP
    """
    history = model.facts.get("history")
    if not history:
        message = "the model has no history; expected one that mnistry.train made."
        raise UsageError(message)
    write_atomic(Path(path), draw_curves(history))


def draw_if_possible(history: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write `curves.png` if there are three epochs and matplotlib is installed.

    Raises:
        CacheError: The file cannot be written.
    """
    if len(history) < FEWEST_EPOCHS:
        return
    if importlib.util.find_spec("matplotlib") is not None:
        write_atomic(folder / CURVES, draw_curves(history))


def draw_curves(history: Sequence[Mapping[str, Any]]) -> bytes:
    """Draw the rows of a run, at least one, on logarithmic scales; return a PNG.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure = new_figure(INCHES)
    loss, errors = figure.subplots(1, 2)
    _panel(loss, history, title="loss", of=_losses)
    _panel(errors, history, title="misread, %", of=_errors)
    return figure_png(figure, dpi=120)


def _losses(history: Sequence[Mapping[str, Any]], prefix: str) -> list[float | None]:
    return [row[f"{prefix}loss"] for row in history]


def _errors(history: Sequence[Mapping[str, Any]], prefix: str) -> list[float | None]:
    shares = [row[f"{prefix}accuracy"] for row in history]
    return [None if share is None else 100 * (1 - share) for share in shares]


def _panel(
    axes: Any, history: Sequence[Mapping[str, Any]], *, title: str, of: Any
) -> None:
    """Draw one quantity for training images and for held-out images."""
    epochs = [row["epoch"] for row in history]
    for label, prefix, colour in LINES:
        values = of(history, prefix)
        if None not in values:
            # zero errors cannot be drawn on a logarithmic scale
            shown = [value or float("nan") for value in values]
            axes.plot(epochs, shown, color=colour, label=label, marker=".")
    ticker = require("matplotlib.ticker", extra="plot")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(ticker.NullFormatter())
    axes.set_title(title, loc="left")
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=True, which="both", color="#eeeeee")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def write_history(path: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of a run as CSV; the columns are the fields of the rows.

    Raises:
        CacheError: The file cannot be written.
    """
    table = io.StringIO()
    fields = list(history[0] if history else Epoch.__annotations__)
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(map(for_csv, fields))
    writer.writerows([for_csv(row.get(name)) for name in fields] for row in history)
    write_atomic(path, table.getvalue().encode())
