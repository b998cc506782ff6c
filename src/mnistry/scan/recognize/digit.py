"""Read the only digit of a picture: every guess at its ink, every net, one answer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Pixels
from mnistry.predictions import Predictor
from mnistry.scan.page import binarize
from mnistry.scan.recognize import isolate, strips
from mnistry.scan.recognize.confidence import ALL_INK_DOUBT, join_nets
from mnistry.scan.recognize.isolate import Guess
from mnistry.scan.recognize.models import JUNK, Weights, say_plainly, weigh

MARGIN = 0.2  # heights of the digit beside it: of neighbours' strokes the net knows


class Only(NamedTuple):
    """The only digit of a picture.

    Attributes:
        guess: Which ink it is.
        guesses: All that were weighed against each other.
        shares: (10,) how likely each digit is, sums to 1.
        junk: How likely it is no digit.
    """

    guess: Guess
    guesses: tuple[Guess, ...]
    shares: NDArray[np.float64]
    junk: float


def read_only(
    work: NDArray[np.uint8], model: Predictor | None = None, *, is_tiny: bool = False
) -> Only | None:
    """Read the only digit of a picture.

    Args:
        work: (rows, columns, 3) uint8, dark ink on light paper, of work size.
        model: Weighs in place of the packaged nets.
        is_tiny: It was enlarged from very few pixels.

    Returns:
        The digit; none if there is no ink at all.
    """
    guesses = isolate.isolate(work, is_tiny=is_tiny)
    if not guesses:
        return None
    images = np.stack([guess.image for guess in guesses])
    own = weigh(images, model)
    if model is None:
        soft = binarize.soft_ink(isolate.darkness(work, is_tiny=is_tiny))
        chosen, logs = _by_all_nets(soft, guesses, images, own)
    else:
        chosen = _choose(own[:, :10].astype(np.float64), guesses)
        logs = own[chosen, :10].astype(np.float64)
    shares = np.exp(logs - logs.max())
    junk = float(np.exp(own[chosen, JUNK]))
    return Only(guesses[chosen], tuple(guesses), shares / shares.sum(), junk)


def _by_all_nets(
    soft: Pixels, guesses: list[Guess], images: Images, own: Weights
) -> tuple[int, NDArray[np.float64]]:
    """Choose a guess after one look at its strip, and look at that from all sides."""
    plain = say_plainly(images)
    first = [_look(soft, guess, strips.VIEWS[:1]) for guess in guesses]
    logs = [join_nets(*said) for said in zip(first, plain, own, strict=True)]
    chosen = _choose(np.stack(logs), guesses)
    further = _look(soft, guesses[chosen], strips.VIEWS[1:])
    count = len(strips.VIEWS)
    views = (first[chosen] + (count - 1) * further) / count
    return chosen, join_nets(views, plain[chosen], own[chosen])


def _look(
    soft: Pixels, guess: Guess, sides: tuple[tuple[float, float], ...]
) -> NDArray[np.float64]:
    """Tell what the net for lines says: (10,), the mean over the views."""
    margin = MARGIN * guess.box.height
    ends = guess.box.left - margin, guess.box.right + margin
    band = float(guess.box.top), float(guess.box.bottom)
    return strips.one_digit(strips.look(soft, ends, band, sides))


def _choose(logs: NDArray[np.float64], guesses: list[Guess]) -> int:
    """Choose the guess that looks most like some digit; the first if in doubt."""
    doubts = [ALL_INK_DOUBT * guess.is_all for guess in guesses]
    return int((logs.max(axis=1) - doubts).argmax())
