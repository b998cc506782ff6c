"""Read the only digit of a picture."""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.scan.page.page import StepObserver
from mnistry.scan.page.picture.load import Loaded
from mnistry.scan.page.picture.transform import scaling, to_source
from mnistry.scan.page.single_view import single_view
from mnistry.scan.reasons import reason_of, why_no_digits
from mnistry.scan.recognize import isolate
from mnistry.scan.recognize.confidence import alternatives
from mnistry.scan.recognize.digit import SingleDigit, read_single_digit
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.scan.recognize.several import count_marks
from mnistry.scan.recognize.user_model import combine_with_model, model_probabilities
from mnistry.scan.results import ReadDigit, ReadLine

# marks as tall as a digit in a picture of several: none of 1,000 single digits, some
# cut out of strings with pieces of their neighbours, had so many; nearly all forms and
# strings of six did
MANY = 4
# probability of being no digit from which it is rejected: 71 % of generated letters and
# 32 % of scribbles and signs, none of 540 digits on paper and of MNIST's, four of 800
# like those of cheques and exams (one of them read correctly). At 0.6 it would be 79 %
# and 43 %, and eight of these digits, three of them read correctly
REJECTED_FROM = 0.7
# confidence below which light ink is looked for, and how confident that reading must
# be. Of 2,680 generated digits (in boxes, registers, like real ones) fifteen were
# inverted and wrong; so eleven more are right and one other is lost. Five of 310
# letters and scribbles are then read as digits, none confidently
RETRIED_BELOW, CERTAIN = 0.7, 0.8
SEVERAL = 0.95  # probability of several digits from which the picture is rejected
FILLS = 0.45  # of the picture's longer side; each of four digits in a row takes less


def read_single(loaded: Loaded, reader: LineReader) -> tuple[list[ReadLine], str]:
    """Read the only digit of a picture.

    Args:
        loaded: The picture.
        reader: Its pattern, observer and model count here too.

    Returns:
        One line of one digit, none if there is no ink; and why there is no digit, or
        why it is rejected: much else in the picture, or ink like no digit's.
    """
    view = single_view(loaded)
    picture = view.pixels
    work, found = _find(picture, is_paper_known=view.on_paper)
    if found is None:
        return [], why_no_digits(loaded.pixels, [])
    if reader.observer:
        dark = isolate.darkness(work, max(picture.shape[:2]))
        _show(found, work, dark, reader.observer)
    value, probabilities = _choose(found, reader)
    rows, columns = np.array(picture.shape[:2]) / work.shape[:2]
    back = view.back @ scaling(columns, rows)
    reason = _why_rejected(picture, work.shape, found, float(probabilities[value]))
    digit = ReadDigit(
        value,
        float(probabilities[value]),
        to_source(found.ink.box, back),
        alternatives(probabilities, value),
        bool(reason),
    )
    text = "" if reason else str(digit.value)
    return [ReadLine(text, digit.confidence, (digit,), digit.box)], reason


def not_single(digits: int) -> str:
    """Return the reason why several digits are not one.

    Args:
        digits: How many.
    """
    return reason_of("not-single", f"{digits} digits stand side by side")


def _find(
    picture: NDArray[np.uint8], *, is_paper_known: bool
) -> tuple[NDArray[np.uint8], SingleDigit | None]:
    """Find the digit; if in doubt, as light ink too: a box may look like the paper.

    The confidence of the second reading counts the first one: else seven more of 600
    letters would be read as digits, confidently.

    Returns:
        The picture of work size, dark ink on light paper, and the digit in it.
    """
    work, side = isolate.work_size(picture), max(picture.shape[:2])
    found = read_single_digit(isolate.darkness(work, side))
    if is_paper_known or found is None or found.non_digit > REJECTED_FROM:
        return work, found
    if _confidence(found) >= RETRIED_BELOW:
        return work, found
    other = read_single_digit(isolate.darkness(255 - work, side))
    if other is None or _confidence(other) < CERTAIN:
        return work, found
    share = _confidence(other) / (_confidence(other) + _confidence(found))
    mixed = share * other.probabilities + (1 - share) * found.probabilities
    return 255 - work, other._replace(probabilities=mixed)


def _confidence(found: SingleDigit) -> float:
    return float(found.probabilities.max()) * _is_one(found)


def _is_one(found: SingleDigit) -> float:
    """Return how likely it is one digit, and no more."""
    return (1 - found.non_digit) * (1 - found.beside.likely)


def _choose(found: SingleDigit, reader: LineReader) -> tuple[int, NDArray[np.float64]]:
    """Choose among the digits that the pattern allows; give how likely each is."""
    ours = theirs = found.probabilities
    if reader.model is not None:
        (theirs,) = model_probabilities(found.ink.image[None], reader.model)
        (ours,) = combine_with_model(ours[None], theirs[None])
    accepted = np.array([reader.pattern.accepts((digit,)) for digit in range(10)])
    return int((theirs * accepted).argmax()), ours * accepted * _is_one(found)


def _show(
    found: SingleDigit,
    work: NDArray[np.uint8],
    dark: Pixels,
    observer: StepObserver,
) -> None:
    inks = [candidate.soft for candidate in found.candidates]
    observer("1-picture", work)
    observer("2-light", 255 - dark)
    observer("3-guesses", 255 - np.hstack(inks))
    observer("4-digit", 255 - found.ink.soft)
    observer("5-image", 255 - found.ink.image)


def _why_rejected(
    picture: NDArray[np.uint8],
    size: tuple[int, ...],
    found: SingleDigit,
    confidence: float,
) -> str:
    """Return the reason why this is no picture of one digit; empty if it may be one.

    A digit that fills its picture is the one that is meant, whatever pieces of its
    neighbours are beside it; but it must look like a digit, and not be one of several.
    """
    if found.beside.likely > SEVERAL:
        return not_single(found.beside.digits)
    box = found.ink.box
    fills = max(box.width, box.height) >= FILLS * max(size[:2])
    is_meant = fills and confidence >= 0.5
    count = 0 if is_meant else count_marks(picture)
    if count >= MANY:
        return reason_of("not-single", f"{count} or more marks are as tall as a digit")
    return reason_of("non-digit") if found.non_digit > REJECTED_FROM else ""
