"""Early stopping: which epoch was the best, and when to wait for a better one no more.

Source:
    Prechelt 1998, "Early stopping - but when?", doi:10.1007/3-540-49430-8_3.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from mnistry.learn.run import Run


def best_epoch(history: Sequence[Mapping[str, Any]]) -> int:
    """Find after which epoch, from 1, the validation loss was lowest.

    Example:
        >>> best_epoch([{"validation_loss": loss} for loss in (0.3, 0.1, 0.2)])
        2
    """
    losses = [row["validation_loss"] for row in history]
    return losses.index(min(losses)) + 1


def stops_early(run: Run) -> bool:
    """Decide whether the patience of the recipe has come to its end.

    A function of the history alone: a run that is resumed stops where it would have
    stopped.
    """
    patience, history = run.recipe.patience, run.history
    return bool(patience and history) and len(history) - best_epoch(history) >= patience


def selected_epoch(run: Run) -> int:
    """Number the epoch, from 1, whose weights are selected."""
    return len(run.history) if run.best is None else best_epoch(run.history)


def selected_weights(run: Run) -> nn.Module:
    """Select the net that is to be saved: of the best epoch, or the last one."""
    return run.evaluated if run.best is None else run.best
