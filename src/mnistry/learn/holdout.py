"""Training images held back, on which a run sees how well it goes."""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import seeded
from mnistry.digits import Digits
from mnistry.errors import UsageError


def hold_back(digits: Digits, share: float, seed: int) -> tuple[Digits, Digits, str]:
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
        >>> learning, held_back, how = hold_back(toy, 0.1, seed=0)
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
