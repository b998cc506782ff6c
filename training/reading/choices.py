"""Which digits a string has: amounts, codes, zeros at the end, ones at either end."""

import numpy as np
from numpy.typing import NDArray

from training.reading.glyphs import Glyphs

BENFORD = np.log10(1 + 1 / np.arange(1, 10))  # first digits of amounts
AMOUNT = [0.4, 0.08, 0.08, 0.05, 0.05, 0.14, 0.05, 0.05, 0.05, 0.05]  # the others
AT_THE_LEFT = 0.3  # of strings begin with what is easily taken for a mark
AT_THE_RIGHT = 0.3  # of strings end in a 1
TWO_ONES = 0.15  # of strings have two ones side by side
ONE_WRITER = 0.8  # of strings are of one writer
SAME_SHAPE = 0.25  # of strings have the same shape again for the same digit


def choose_digits(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose what is written."""
    digits = rng.integers(0, 10, count)
    if rng.random() < 0.4:
        digits = rng.choice(10, count, p=AMOUNT)
        digits[0] = rng.choice(9, p=BENFORD) + 1
    if rng.random() < 0.4:  # amounts end in zeros
        digits[count - int(rng.integers(1, max(2, count))) :] = 0
    if rng.random() < 0.1:
        digits[:] = rng.integers(0, 10)
    if rng.random() < AT_THE_LEFT:
        digits[0] = rng.choice([1, 4], p=[0.8, 0.2])
    if rng.random() < AT_THE_RIGHT:
        digits[-1] = 1
    if rng.random() < 0.15:
        digits[rng.integers(count)] = 9
    if count > 1 and rng.random() < TWO_ONES:
        first = int(rng.integers(count - 1))
        digits[first : first + 2] = 1
    return digits


def choose(glyphs: Glyphs, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose glyphs for one string, mostly of one writer: rows of `glyphs`."""
    writers = len(glyphs.by_writer)
    if rng.random() < ONE_WRITER:
        rows = glyphs.by_writer[int(rng.choice(writers, p=glyphs.shares))]
    else:
        chosen = rng.choice(writers, 10, p=glyphs.shares)
        several = [rng.choice(glyphs.by_writer[k], 4) for k in chosen]
        rows = np.concatenate(several)
    labels = glyphs.labels[rows]
    digits = choose_digits(count, rng)
    is_alike = rng.random() < SAME_SHAPE
    taken: dict[int, int] = {}
    out = []
    for digit in digits.tolist():
        of = rows[labels == digit]
        row = int(rng.choice(of if len(of) else rows))
        out.append(taken.setdefault(digit, row) if is_alike else row)
    return np.array(out)
