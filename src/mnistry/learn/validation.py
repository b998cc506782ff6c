"""Validation: holding images out, and measuring a net on them."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from mnistry.arrays import seeded, stratified
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.model import predict_logits
from mnistry.metrics import fit_trust

FEW_OF_A_CLASS = 100  # images; a random tenth misses such a class with p = e⁻¹⁰


def validate(
    net: nn.Module, held_out: Digits, threads: int = 1
) -> dict[str, float | None]:
    """Measure a net on held-out images.

    Args:
        net: A net in evaluation mode.
        held_out: The held-out images; there may be none.
        threads: Number of threads.

    Returns:
        `validation_loss`, the mean cross-entropy in nats, and `validation_accuracy`, 0
        to 1; each None if there are no images.
    """
    if not len(held_out):
        return {"validation_loss": None, "validation_accuracy": None}
    logits = torch.from_numpy(predict_logits(net, held_out.images, threads))
    truth = torch.from_numpy(held_out.labels.astype(np.int64))
    right = logits.argmax(1) == truth
    return {
        "validation_loss": cross_entropy(logits, truth).item(),
        "validation_accuracy": right.double().mean().item(),
    }


def fit_trust_on(net: nn.Module, held_out: Digits, threads: int = 1) -> dict[str, Any]:
    """Fit temperature and thresholds on the held-out images."""
    if not len(held_out):
        return {}
    logits = predict_logits(net.eval(), held_out.images, threads)
    return {"trust": fit_trust(held_out.labels, logits)._asdict()}


def split_held_out(
    digits: Digits, share: float, seed: int
) -> tuple[Digits, Digits, str]:
    """Split digits into those to learn from and those held out; see `hold_out`.

    If the digits have a column "writer", no writer is in both parts: validation then
    shows how well the net reads people it never saw. Otherwise images are drawn at
    random, and class by class if they are few.

    Args:
        digits: All digits for training.
        share: The share to hold out, 0 to below 1; with writers, approximately.
        seed: Decides which.

    Returns:
        Digits to learn from; held-out digits; how they were split, in words.

    Raises:
        UsageError: Nothing would be left to learn from.

    Example:
        >>> toy = Digits(np.zeros((10, 28, 28), np.uint8), range(10))
        >>> learning, held_out, how = split_held_out(toy, 0.1, seed=0)
        >>> len(learning), len(held_out), how
        (9, 1, '1 of 10 images, at random')
        >>> twice = Digits(np.zeros((20, 28, 28), np.uint8), [*range(10)] * 2)
        >>> split_held_out(twice, 0.1, seed=0)[2]
        '10 of 20 images, at random, of each class'
    """
    held_out, how = hold_out(digits, share, seed)
    return digits[~held_out], digits[held_out], how


def hold_out(digits: Digits, share: float, seed: int) -> tuple[NDArray[np.bool], str]:
    """Choose the images to hold out, without copying any.

    Args:
        digits: As for `split_held_out`.
        share: As for `split_held_out`.
        seed: As for `split_held_out`.

    Returns:
        (n,) bool: True for held-out images; how they were chosen, in words.

    Raises:
        UsageError: Nothing would be left to learn from.

    Example:
        >>> toy = Digits(np.zeros((10, 28, 28), np.uint8), range(10))
        >>> int(hold_out(toy, 0.1, seed=0)[0].sum())
        1
    """
    rng = seeded(seed)
    if share and "writer" in digits.columns:
        back, unit = _by_writer(digits.columns["writer"], share, rng), "by writer"
    else:
        back, unit = _by_class_if_few(digits, share, rng), "at random, of each class"
        if not back.any():
            back, unit = _at_random(len(digits), share, rng), "at random"
    if back.all():
        message = (
            f"of {len(digits)} images {back.sum()} would be held out; expected some"
            " left to learn from. Pass more images, or a smaller validation."
        )
        raise UsageError(message)
    how = f"{back.sum():,} of {len(digits):,} images, {unit}"
    return back, how


def _by_class_if_few(
    digits: Digits, share: float, rng: np.random.Generator
) -> NDArray[np.bool]:
    """Draw some of each class if a random draw might miss one; else draw none."""
    classes = np.count_nonzero(digits.counts())
    if round(share * len(digits)) and len(digits) < FEW_OF_A_CLASS * classes:
        return stratified(digits.labels, share, rng)
    return np.zeros(len(digits), bool)


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
