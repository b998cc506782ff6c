"""Early stopping: which epoch was the best, and when to stop waiting for a better one.

Source:
    Prechelt 1998, "Early stopping - but when?", doi:10.1007/3-540-49430-8_3.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from mnistry.learn.run import Run


def best_epoch(history: Sequence[Mapping[str, Any]]) -> int:
    """Return the epoch, from 1, with the lowest validation loss.

    Example:
        >>> best_epoch([{"validation_loss": loss} for loss in (0.3, 0.1, 0.2)])
        2
    """
    losses = [row["validation_loss"] for row in history]
    return losses.index(min(losses)) + 1


def stops_early(run: Run) -> bool:
    """Decide whether the recipe's patience has run out.

    It depends on the history alone, so a resumed run stops at the same epoch.
    """
    patience, history = run.recipe.patience, run.history
    return bool(patience and history) and len(history) - best_epoch(history) >= patience


def selected_epoch(run: Run) -> int:
    """Return the epoch, from 1, whose weights are selected."""
    return len(run.history) if run.best is None else best_epoch(run.history)


def selected_weights(run: Run) -> nn.Module:
    """Select the net to save: that of the best epoch, or the last one."""
    return run.evaluated if run.best is None else run.best
