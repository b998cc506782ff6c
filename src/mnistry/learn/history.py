"""How a run went, epoch by epoch, as a table that any program reads."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mnistry.errors import UsageError
from mnistry.learn.model import Model
from mnistry.learn.run import Epoch
from mnistry.whole import write_whole


def save_history(model: Model, path: str | os.PathLike[str]) -> None:
    """Write how a model's training went as CSV, one row for each epoch.

    Args:
        model: One that `train` made.
        path: The file; one that is there is replaced.

    Raises:
        UsageError: The model has no history.
        CacheError: The file cannot be written.
    """
    history = model.facts.get("history")
    if not history:
        message = "the model has no history; expected one that mnistry.train made."
        raise UsageError(message)
    write_history(Path(path), history)


def write_history(path: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of a run as CSV; the columns are the fields of `Epoch`.

    Raises:
        CacheError: The file cannot be written.
    """
    table = io.StringIO()
    writer = csv.DictWriter(table, list(Epoch.__annotations__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    write_whole(path, table.getvalue().encode())
