"""Validation: images held out of training, and how a net reads them."""

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

FEW_OF_A_CLASS = 100  # images; of a tenth held out none is missed but in e⁻¹⁰ of cases


def validate(
    net: nn.Module, held_out: Digits, threads: int = 1
) -> dict[str, float | None]:
    """Measure how a net reads images that it did not learn from.

    Args:
        net: In evaluation mode.
        held_out: None or more.
        threads: How many may work.

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
    """Fit temperature and rejection on the images held out."""
    if not len(held_out):
        return {}
    logits = predict_logits(net.eval(), held_out.images, threads)
    return {"trust": fit_trust(held_out.labels, logits)._asdict()}


def split_held_out(
    digits: Digits, share: float, seed: int
) -> tuple[Digits, Digits, str]:
    """Split digits into those to learn from and those held out, as `hold_out` does.

    Where the digits have a column "writer" no writer is in both parts: the net then
    shows how it reads people it never saw. Otherwise images are drawn at random; where
    they are few, of each class by itself.

    Args:
        digits: All that may be used for training.
        share: Held out, 0 to below 1; by writer, as near as whole writers come.
        seed: Decides which.

    Returns:
        Those to learn from; those held out; how they were split, in words.

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
    """Choose the images held out, and copy none.

    Args:
        digits: As for `split_held_out`.
        share: The same.
        seed: The same.

    Returns:
        True for each image held out; how they were chosen, in words.

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
            " left to learn from. Give more images, or a smaller validation."
        )
        raise UsageError(message)
    how = f"{back.sum():,} of {len(digits):,} images, {unit}"
    return back, how


def _by_class_if_few(
    digits: Digits, share: float, rng: np.random.Generator
) -> NDArray[np.bool]:
    """Draw some of each class where chance might leave one out; else draw none."""
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
