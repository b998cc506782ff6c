"""Robustness against Square Attack, which needs only a model's scores.

Random squares of ink or paper are kept if they lower the score of the true label; no
pixel changes by more than the budget. An attack that sees the weights may succeed where
this one fails, so the accuracy is an upper bound.

Source: M. Andriushchenko, F. Croce, N. Flammarion, M. Hein: Square Attack: a
query-efficient black-box adversarial attack via random search. ECCV 2020,
arXiv:1912.00049, algorithms 1 and 2 (for the largest change of a pixel), written from
the paper.
"""

import time
from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, seeded
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictor

BUDGETS = (0.1, 0.2, 0.3)  # of the range of a pixel; 0.3 is what papers take for MNIST
IMAGES, QUERIES, SECONDS = 100, 500, 60.0
FIRST_SHARE = 0.8  # of all pixels, in the first square: the paper's p for MNIST
PAPERS_QUERIES = 10_000  # the paper's number, for which it states when to halve p
HALVED_AT = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)


class Attack(TypedDict):
    """How accuracy falls under Square Attack with one budget."""

    budget: float
    """How far each pixel may be changed, as a share of its range."""
    accuracy: float
    """The share of images still read correctly: an upper bound."""
    images: int
    queries: int
    """Queries allowed for each image; fewer if time ran out."""
    seconds: float


def square_attack(
    model: Predictor,
    digits: Digits,
    *,
    budgets: Sequence[float] = BUDGETS,
    limits: tuple[int, int, float] = (IMAGES, QUERIES, SECONDS),
    seed: int = 0,
) -> list[Attack]:
    """Attack a model through its scores, within bounded changes, queries and time.

    Args:
        model: Anything with `predict` that gives more than labels.
        digits: Digits, of which some are chosen at random.
        budgets: The largest change of a pixel, each above 0 and up to 1.
        limits: Number of images; of queries for each image and budget; of seconds for
            each budget.
        seed: Decides which images, and all squares.

    Returns:
        One row for each budget, in order.

    Raises:
        UsageError: There are no digits, a budget or limit is out of range, or the model
            gives only labels.

    Example:
        >>> from mnistry.models.packaged import load_model
        >>> from mnistry.synth.drawn import draw
        >>> few = Digits(*draw(5, split="test"))
        >>> [row] = square_attack(load_model(), few, budgets=[0.05], limits=(5, 3, 9.0))
        >>> row["images"], row["queries"]
        (5, 3)
    """
    most, queries, seconds = limits
    if not len(digits) or min(most, queries) < 1 or not seconds > 0:
        message = (
            f"there are {len(digits)} digits and the limits {limits}; expected at least"
            " one digit, image and query, and a time above 0."
        )
        raise UsageError(message)
    if not budgets or not all(0 < budget <= 1 for budget in budgets):
        message = f"budgets are {list(budgets)}; expected numbers above 0, up to 1."
        raise UsageError(message)
    order = seeded(seed).permutation(len(digits))
    chosen = digits[np.sort(order[:most])]
    if model.predict(chosen.images[:1]).only_labels:
        message = (
            "this model gives only labels; the attack needs scores. Leave the attack"
            " out, or give a model with probabilities."
        )
        raise UsageError(message)
    return [_attack(model, chosen, budget, limits, seed) for budget in budgets]


def _attack(
    model: Predictor,
    digits: Digits,
    budget: float,
    limits: tuple[int, int, float],
    seed: int,
) -> Attack:
    _, queries, seconds = limits
    started = time.monotonic()
    rng = np.random.default_rng((seed, round(budget * 1000)))
    change = max(1, round(255 * budget))
    best = _stripes(digits.images, change, rng)
    margin = _margins(model, best, digits)
    used = 1
    while used < queries and time.monotonic() - started < seconds:
        left = np.flatnonzero(margin >= 0)  # still read correctly
        if not len(left):
            break
        tried = _squares(
            best[left], digits.images[left], change, _side(used, queries, digits), rng
        )
        found = _margins(model, tried, digits[left])
        better = found < margin[left]
        best[left[better]], margin[left[better]] = tried[better], found[better]
        used += 1
    return Attack(
        budget=budget,
        accuracy=float(np.mean(margin >= 0)),
        images=len(digits),
        queries=used,
        seconds=round(time.monotonic() - started, 2),
    )


def _margins(model: Predictor, images: Images, digits: Digits) -> NDArray[np.float64]:
    """Return the margin of the true label's score; below 0: misread."""
    predictions = model.predict(images)
    logits = predictions.logits.astype(np.float64)
    rows = np.arange(len(logits))
    mine = logits[rows, digits.labels]
    logits[rows, digits.labels] = -np.inf
    margin = np.asarray(mine - logits.max(axis=1))
    is_right = predictions.labels == digits.labels
    return np.asarray(
        np.where(is_right, np.maximum(margin, 0), np.minimum(margin, -1e-9))
    )


def _stripes(images: Images, change: int, rng: np.random.Generator) -> Images:
    """Begin with upright stripes, each of more ink or less."""
    count, _, columns = images.shape
    signs = rng.choice((-change, change), (count, 1, columns))
    stripes = np.clip(images.astype(np.int16) + signs, 0, 255)
    return np.asarray(stripes, np.uint8)


def _squares(
    best: Images, clean: Images, change: int, side: int, rng: np.random.Generator
) -> Images:
    """Put one square into each image: all of it more ink than at first, or less."""
    count, rows, columns = best.shape
    top = rng.integers(0, rows - side + 1, count)[:, None]
    left = rng.integers(0, columns - side + 1, count)[:, None]
    sign = rng.choice((-change, change), count)[:, None, None]
    down, right = np.arange(rows) - top, np.arange(columns) - left
    inside = ((down >= 0) & (down < side))[:, :, None]
    inside = inside & ((right >= 0) & (right < side))[:, None, :]
    bent = np.clip(clean.astype(np.int16) + sign, 0, 255).astype(np.uint8)
    return np.where(inside, bent, best)


def _side(used: int, queries: int, digits: Digits) -> int:
    """Return the side of the square, whose area is halved as in the paper."""
    place = used / queries * PAPERS_QUERIES
    share = FIRST_SHARE / 2 ** sum(place > at for at in HALVED_AT)
    rows, columns = digits.images.shape[1:]
    side = round((share * rows * columns) ** 0.5)
    return int(min(max(1, side), rows - 1 or 1, columns - 1 or 1))
