"""A run on disk: everything needed to continue it as if it had never stopped.

Rule of the package: a checkpoint is written atomically, and the previous one is kept
until then.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnistry.errors import CheckpointError, TrainingError
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.learn.averaging import frozen_copy
from mnistry.learn.curves import write_history
from mnistry.learn.interrupts import deferred_signals
from mnistry.learn.model import fill, restore, weights_of
from mnistry.learn.run import Run
from mnistry.learn.start import expect_module
from mnistry.recipes import Recipe

CHECKPOINT = "checkpoint.safetensors"
HISTORY = "history.csv"


@contextmanager
def checkpointing(
    run: Run, folder: str | os.PathLike[str] | None, resume_command: str
) -> Iterator[Callable[[], None]]:
    """Store a run after each epoch, and when it is interrupted.

    Args:
        run: The run.
        folder: The folder; None to store nothing, and to leave Ctrl-C as it is.
        resume_command: The command that continues the run, for the message.

    Yields:
        A function to call after each step and each epoch.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the run is stored.
        TrainingError: As raised inside, with the path of the last good checkpoint.
    """
    if folder is None:
        yield lambda: None
        return
    path = Path(folder) / CHECKPOINT
    stored = run.step

    def store() -> None:
        nonlocal stored
        epoch_is_over = not run.epoch_log
        if received or epoch_is_over:
            save_checkpoint(run, Path(folder))
            stored = run.step
        if received:
            message = (
                f"{received[0]}: stopped after step {run.step}; all of it is stored in"
                f" {path}. To go on: {resume_command}"
            )
            raise KeyboardInterrupt(message)

    with deferred_signals() as received:
        try:
            yield store
        except TrainingError as error:
            if not stored:
                raise
            message = f"{error} The last good checkpoint, of step {stored}, is {path}."
            raise TrainingError(message) from error


def save_checkpoint(run: Run, folder: Path) -> None:
    """Write a run: all of it to `checkpoint.safetensors`, epochs to `history.csv`.

    Raises:
        CacheError: The folder cannot be written; existing files are unchanged.
    """
    arrays = {
        f"moments.{name}": moment.cpu().numpy() for name, moment in run.moments.items()
    }
    for part, net in (("net", run.net), ("average", run.average), ("best", run.best)):
        if net is not None:
            weights = weights_of(net)
            arrays |= {f"{part}.{name}": array for name, array in weights.items()}
    progress = {
        "step": run.step,
        "epoch_log": run.epoch_log,
        "seconds": run.seconds,
    }
    facts = {
        **run.facts,
        "recipe": asdict(run.recipe),
        "history": run.history,
        "progress": progress,
    }
    write_weights(folder / CHECKPOINT, arrays, facts)
    write_history(folder / HISTORY, run.history)


def expect_checkpoint(folder: Path) -> None:
    """Refuse a folder without a run that can be continued.

    Raises:
        CheckpointError: There is no checkpoint in it.
    """
    if not (folder / CHECKPOINT).is_file():
        message = (
            f"{folder} has no run to continue: there is no {CHECKPOINT} in it. Name the"
            " folder of a run that was started, or start one (without resuming)."
        )
        raise CheckpointError(message)


def load_checkpoint(folder: Path, net: nn.Module | None = None) -> Run:
    """Load a run as it was after its last stored step.

    Args:
        folder: Where `save_checkpoint` wrote it.
        net: If it was your own module: one built in the same way.

    Raises:
        UsageError: `net` is not a module.
        CheckpointError: There is none, it is truncated, damaged, or of another net.
    """
    path = folder / CHECKPOINT
    if net is not None:
        expect_module(net)
    expect_checkpoint(folder)
    arrays, facts = read_weights(path)
    progress = facts.pop("progress", None)
    if not isinstance(progress, dict):
        message = (
            f"{path} is a finished model; expected a checkpoint of a run. Load it with"
            " load_model."
        )
        raise CheckpointError(message)
    module = restore(path, _part("net.", arrays), facts, net)
    try:
        return Run(
            net=module,
            recipe=Recipe(**facts["recipe"]),
            facts=facts,
            moments=_moments(module, _part("moments.", arrays)),
            average=_copy_with(_part("average.", arrays), module, path),
            best=_copy_with(_part("best.", arrays), module, path),
            step=int(progress["step"]),
            epoch_log=list(progress["epoch_log"]),
            history=facts.pop("history"),
            seconds=float(progress["seconds"]),
        )
    except (ArithmeticError, KeyError, TypeError, ValueError, RuntimeError) as error:
        message = (
            f"{path} does not hold a run ({error!r}); expected a"
            " checkpoint that mnistry wrote. Train anew."
        )
        raise CheckpointError(message) from error


def _part(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _copy_with(
    weights: dict[str, NDArray[Any]], net: nn.Module, path: Path
) -> nn.Module | None:
    """Copy a net, with other weights; None if there are none."""
    if not weights:
        return None
    copied = frozen_copy(net)
    fill(copied, weights, path)
    return copied


def _moments(
    net: nn.Module, arrays: dict[str, NDArray[Any]]
) -> dict[str, torch.Tensor]:
    weights = dict(net.named_parameters())
    moments = {}
    for name, array in arrays.items():
        like = weights[name.partition(" of ")[2]]  # the same layout, the same rounding
        moments[name] = (
            torch.empty_like(like).detach().copy_(torch.from_numpy(np.array(array)))
        )
    return moments
