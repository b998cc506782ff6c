"""Check, before training, whether a user's own net can learn."""

import copy
import math
import warnings

import torch
from torch import nn

from mnistry.errors import ShapeError, UsageError
from mnistry.learn.run import Run

ENOUGH_STEPS = 300  # by then, a net that can learn has begun to
LEARNED = 0.95  # share of the loss of guessing: a net above it has learned nothing


def expect_learns(net: nn.Module, size: tuple[int, ...], batch: int) -> None:
    """Check that a net can take a step: forward in training mode, with gradients.

    Args:
        net: A net on the CPU; it is not changed.
        size: Rows and columns of an image.
        batch: Images in a step, at most.

    Raises:
        ShapeError: It does not take a batch.
        UsageError: Its logits do not depend on trainable weights.
    """
    count = min(2, batch)
    tried = copy.deepcopy(net).train()  # a batch norm counts what it sees
    try:
        logits = tried(torch.zeros(count, 1, *size))
    except Exception as error:  # a user's net may raise anything
        reason = str(error).strip().partition("\n")[0] or repr(error)
        message = (
            f"in training mode the net cannot take a batch of {count}: {reason}."
            " In evaluation mode it can. If batch_size is 1, a batch norm needs a"
            f" larger one (it is {batch}); otherwise fix the net."
        )
        raise ShapeError(message) from error
    if not logits.requires_grad:
        message = (
            "the logits do not depend on trainable weights; expected a net with"
            " gradients. Leave out torch.no_grad and detach."
        )
        raise UsageError(message)


def expect_weights(net: nn.Module) -> None:
    """Refuse weights that cannot be trained.

    Raises:
        UsageError: They are scripted, not float32, or none has requires_grad.
    """
    if isinstance(net, torch.jit.ScriptModule):
        # of its copies, and only copies are trained, torch gives no gradients
        message = (
            "the net is scripted, and copies of scripted weights get no gradients;"
            " expected the module that it was made from. Train that, and script"
            " model.net."
        )
        raise UsageError(message)
    weights = list(net.parameters())
    other = {str(of.dtype) for of in weights if of.dtype != torch.float32}
    if other:
        message = (
            f"weights are {', '.join(sorted(other))}; expected torch.float32. Give"
            " net.float(); precision='bfloat16' computes in bfloat16."
        )
        raise UsageError(message)
    if not any(of.requires_grad for of in weights):
        message = (
            "none of the net's weights is trainable; expected some with requires_grad."
            " Call net.requires_grad_(), or that of the layers to train."
        )
        raise UsageError(message)


def warn_if_nothing_was_learned(run: Run) -> None:
    """Warn if the loss of the last epoch is about that of guessing."""
    guessing = math.log(int(run.facts.get("classes", 2)))
    if run.step < ENOUGH_STEPS or not run.history:
        return
    loss = run.history[-1]["loss"]
    if loss > LEARNED * guessing:
        message = (
            f"after {run.step:,} steps the loss is {loss:.2f}, about that of guessing"
            f" ({guessing:.2f}): nothing was learned. Common causes: a learning_rate"
            f" too large or too small ({run.recipe.learning_rate}), a ReLU or a Softmax"
            " as last layer, frozen weights, labels that do not belong to the images."
        )
        warnings.warn(message, stacklevel=5)
