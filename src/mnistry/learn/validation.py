"""How a net reads images that it did not learn from, while a run goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.arrays import seeded
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.averaging import frozen_copy
from mnistry.learn.loop import expect_finite
from mnistry.learn.model import predict_logits
from mnistry.learn.run import Epoch, Run
from mnistry.metrics import fit_trust


def end_epoch(run: Run, held_back: Digits) -> Epoch:
    """Write an epoch into the history, and keep the weights if it is the best so far.

    Raises:
        TrainingError: The loss of the images held back is no number.
    """
    row = _validate(run, held_back)
    run.history.append(row)
    run.epoch_log.clear()
    if run.recipe.patience and best_epoch(run.history) == len(run.history):
        run.best = frozen_copy(run.evaluated)
    return row


def _validate(run: Run, held_back: Digits) -> Epoch:
    """Sum up the steps, and see how the net, or its average, reads images held back."""
    row = Epoch(
        epoch=run.epoch_log[-1]["epoch"],
        step=run.step,
        loss=float(np.mean([step["loss"] for step in run.epoch_log])),
        accuracy=float(np.mean([step["accuracy"] for step in run.epoch_log])),
        validation_loss=None,
        validation_accuracy=None,
        learning_rate=run.epoch_log[-1]["learning_rate"],
        seconds=0.0,
    )
    if len(held_back):
        logits = torch.from_numpy(
            predict_logits(run.evaluated.eval(), held_back.images)
        )
        truth = torch.from_numpy(held_back.labels.astype(np.int64))
        loss = cross_entropy(logits, truth)
        expect_finite(run, run.step, loss)
        right = logits.argmax(1) == truth
        row["validation_loss"] = loss.item()
        row["validation_accuracy"] = right.float().mean().item()
    return row


def best_epoch(history: Sequence[Mapping[str, Any]]) -> int:
    """Tell after which epoch, from 1, the loss on the images held back was lowest.

    Example:
        >>> best_epoch([{"validation_loss": loss} for loss in (0.3, 0.1, 0.2)])
        2
    """
    losses = [row["validation_loss"] for row in history]
    return losses.index(min(losses)) + 1


def stops_early(run: Run) -> bool:
    """Tell whether patience has come to its end.

    A function of the history alone: a run that is gone on with gives up where it would
    have given up.
    """
    patience, history = run.recipe.patience, run.history
    return bool(patience and history) and len(history) - best_epoch(history) >= patience


def selected_weights(run: Run) -> tuple[nn.Module, int]:
    """Tell which net is to be saved, and after which epoch it was so."""
    if run.best is not None:
        return run.best, best_epoch(run.history)
    return run.evaluated, len(run.history)


def fit_trust_on(net: nn.Module, held_back: Digits) -> dict[str, Any]:
    """Learn from images held back how sure the net may be, and what to reject."""
    if not len(held_back):
        return {}
    logits = predict_logits(net.eval(), held_back.images)
    return {"trust": fit_trust(held_back.labels, logits)._asdict()}


def split_held_out(
    digits: Digits, share: float, seed: int
) -> tuple[Digits, Digits, str]:
    """Part digits into those to learn from and those held back.

    Where the digits have a column "writer" no writer is in both parts: the net then
    shows how it reads people it never saw. Otherwise images are drawn at random.

    Args:
        digits: All that may be used for training.
        share: To hold back, 0 to below 1; by writer, as near as whole writers come.
        seed: Decides which.

    Returns:
        Those to learn from; those held back; how they were parted, in words.

    Raises:
        UsageError: Nothing would be left to learn from.

    Example:
        >>> toy = Digits(np.zeros((10, 28, 28), np.uint8), range(10))
        >>> learning, held_back, how = split_held_out(toy, 0.1, seed=0)
        >>> len(learning), len(held_back), how
        (9, 1, '1 of 10 images, at random')
    """
    rng = seeded(seed)
    if share and "writer" in digits.columns:
        back, unit = _by_writer(digits.columns["writer"], share, rng), "by writer"
    else:
        back, unit = _at_random(len(digits), share, rng), "at random"
    if back.all():
        message = (
            f"of {len(digits)} images {back.sum()} would be held back; expected some"
            " left to learn from. Give more images, or a smaller validation."
        )
        raise UsageError(message)
    how = f"{back.sum():,} of {len(digits):,} images, {unit}"
    return digits[~back], digits[back], how


def _at_random(count: int, share: float, rng: np.random.Generator) -> NDArray[np.bool]:
    back = np.zeros(count, bool)
    back[rng.permutation(count)[: round(share * count)]] = True
    return back


def _by_writer(
    writer: NDArray[np.int64], share: float, rng: np.random.Generator
) -> NDArray[np.bool]:
    writers, images = np.unique(writer, return_counts=True)
    shuffled = rng.permutation(len(writers))
    so_far = np.cumsum(images[shuffled])
    enough = int(np.abs(so_far - share * len(writer)).argmin()) + 1
    return np.isin(writer, writers[shuffled[:enough]])
