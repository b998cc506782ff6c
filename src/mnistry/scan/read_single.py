"""Read the only digit of a picture."""

import numpy as np

from mnistry.predictions import Predictor
from mnistry.scan.page.load import Loaded
from mnistry.scan.page.page import StepObserver, dark_on_light, to_source
from mnistry.scan.pattern import Pattern
from mnistry.scan.recognize import isolate
from mnistry.scan.recognize.digit import read_single_digit
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine


def read_single(
    loaded: Loaded,
    pattern: Pattern,
    model: Predictor | None = None,
    observer: StepObserver | None = None,
) -> list[ReadLine]:
    """Read the only digit of a picture.

    Args:
        loaded: The picture.
        pattern: What the digit must match.
        model: Classifies in place of the packaged nets.
        observer: Called with the name of each step and its picture.

    Returns:
        One line of one digit; none if there is no ink.
    """
    picture = dark_on_light(loaded.pixels)
    work = isolate.work_size(picture)
    is_small = max(picture.shape[:2]) <= isolate.SMALL_SIDE
    found = read_single_digit(work, model, is_small=is_small)
    if found is None:
        return []
    if observer:
        inks = [candidate.soft for candidate in found.candidates]
        observer("1-picture", work)
        observer("2-light", 255 - isolate.darkness(work, is_small=is_small))
        observer("3-guesses", 255 - np.hstack(inks))
        observer("4-digit", 255 - found.ink.soft)
        observer("5-image", 255 - found.ink.image)
    accepted = [pattern.accepts((digit,)) for digit in range(10)]
    probabilities = found.probabilities * accepted * (1 - found.non_digit)
    order = np.argsort(-probabilities).tolist()
    back = np.zeros((2, 3))
    back[0, 0] = picture.shape[1] / work.shape[1] / loaded.scale
    back[1, 1] = picture.shape[0] / work.shape[0] / loaded.scale
    digit = ReadDigit(
        order[0],
        float(probabilities[order[0]]),
        to_source(found.ink.box, back),
        tuple((other, float(probabilities[other])) for other in order[1:4]),
        found.non_digit > REJECTED,
    )
    return [ReadLine(str(digit.value), digit.confidence, (digit,), digit.box)]
