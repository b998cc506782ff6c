"""Read the only digit of a picture: every candidate for its ink, every net."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Pixels
from mnistry.box import Box
from mnistry.scan.page.boxes import rings
from mnistry.scan.page.ink import binarize
from mnistry.scan.recognize import isolate, strips
from mnistry.scan.recognize.confidence import (
    ALL_INK_PENALTY,
    MIN_LOG_PROB,
    combine_nets,
)
from mnistry.scan.recognize.ctc import EACH_DIGIT, log_posteriors
from mnistry.scan.recognize.isolate import InkCandidate
from mnistry.scan.recognize.models import (
    NON_DIGIT,
    LogProbs,
    digit_log_probs,
    packaged_log_probs,
)
from mnistry.scan.recognize.several import Beside, count_beside, line_around
from mnistry.softmax import shares

# of one view: 92 % of 2,500 digits of the training split and 80 % of 1,000 drawn ones
# were so sure, and further views changed none of them, nor its confidence by 0.02
SURE = 0.99

ScalesAndShears = Sequence[tuple[float, float]]
"""Of views of a digit, as `strips.SCALES_AND_SHEARS` has them."""


class SingleDigit(NamedTuple):
    """The only digit of a picture.

    Attributes:
        ink: The candidate that was chosen.
        candidates: All that were compared.
        probabilities: (10,) sums to 1.
        non_digit: Probability of being no digit.
        beside: Whether it is one of several.
    """

    ink: InkCandidate
    candidates: tuple[InkCandidate, ...]
    probabilities: NDArray[np.float64]
    non_digit: float
    beside: Beside


def read_single_digit(dark: Pixels) -> SingleDigit | None:
    """Read the only digit of a picture.

    Args:
        dark: How dark each pixel of the picture is, at work size (`isolate.darkness`).

    Returns:
        The digit; none if there is no ink at all.
    """
    ink = isolate.find_ink(dark)
    around = rings.find_rings(*ink.whole) if len(ink.whole[0]) > 1 else None
    if around is not None and around.any():  # as around an answer; alone it is a zero
        dark = rings.without_rings(dark, ink.mask, around)
        ink = isolate.find_ink(dark)
    soft = binarize.soft_ink(dark)
    candidates = isolate.candidates_of(ink, soft)
    if not candidates:
        return None
    images = np.stack([candidate.image for candidate in candidates])
    log_probs = digit_log_probs(images)
    kept: strips.KeptLogProbs = {}
    look = partial(line_net_log_probs, soft, kept)
    chosen, logs = _by_all_nets(look, candidates, images, log_probs)
    probabilities = shares(logs)
    non_digit = float(np.exp(log_probs[chosen, NON_DIGIT]))
    return SingleDigit(
        candidates[chosen],
        tuple(candidates),
        probabilities,
        non_digit,
        count_beside(ink.unboxed, soft, kept),
    )


def _by_all_nets(
    look: Callable[[Box, ScalesAndShears], NDArray[np.float64]],
    candidates: list[InkCandidate],
    images: Images,
    digit_log_probs: LogProbs,
) -> tuple[int, NDArray[np.float64]]:
    """Choose a candidate by one view of its strip; if in doubt run all views of it."""
    packaged = packaged_log_probs(images)
    first = [look(one.box, strips.SCALES_AND_SHEARS[:1]) for one in candidates]
    nets = zip(first, packaged, digit_log_probs, strict=True)
    combined = np.stack([combine_nets(*net) for net in nets])
    chosen = _choose(combined, candidates)
    if shares(combined[chosen]).max() >= SURE:
        return chosen, combined[chosen]
    further = look(candidates[chosen].box, strips.SCALES_AND_SHEARS[1:])
    count = len(strips.SCALES_AND_SHEARS)
    views = (first[chosen] + (count - 1) * further) / count
    return chosen, combine_nets(views, packaged[chosen], digit_log_probs[chosen])


def line_net_log_probs(
    soft: Pixels,
    kept: strips.KeptLogProbs,
    box: Box,
    scales_and_shears: ScalesAndShears,
) -> NDArray[np.float64]:
    """Run the net for lines on a single digit.

    Args:
        soft: The picture's soft ink.
        kept: What the net gave for strips before.
        box: Around the digit.
        scales_and_shears: Of the views.

    Returns:
        (10,) mean log probabilities over the views.
    """
    band, ends = line_around(box)
    augmentations = [strips.Augmentation(band, *by) for by in scales_and_shears]
    views = strips.compute_views(soft, ends, augmentations, kept)
    logs = log_posteriors([view.log_probs for view in views], EACH_DIGIT)
    means: NDArray[np.float64] = np.maximum(logs, MIN_LOG_PROB).mean(axis=0)
    return means


def _choose(logs: NDArray[np.float64], candidates: list[InkCandidate]) -> int:
    """Choose the candidate that looks most like some digit; the first if in doubt."""
    penalties = [ALL_INK_PENALTY * candidate.is_all for candidate in candidates]
    return int((logs.max(axis=1) - penalties).argmax())
