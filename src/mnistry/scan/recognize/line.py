"""Read one line, by either of two readers.

The first reads the strip as a whole from several sides and is the better one; the
second cuts, and can be asked with any model of single digits. What the net for single
digits says of each digit that the first one found is part of the confidence.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.box import Box
from mnistry.frame import stack_frames
from mnistry.predictions import Predictor
from mnistry.scan.page.binarize import FAINT
from mnistry.scan.page.lines import Line
from mnistry.scan.page.page import Sheet, Watch
from mnistry.scan.pattern import Pattern, any_digits
from mnistry.scan.recognize import decode, oversegment, rescore, strips
from mnistry.scan.recognize.confidence import MATCHING, digit_shares, line_confidence
from mnistry.scan.recognize.ctc import Frames, log_matching, log_mean, log_posterior
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.scan.recognize.models import JUNK, weigh


class Found(NamedTuple):
    """The digits of a line, as far as one reader goes.

    Attributes:
        digits: What was read.
        boxes: Where, in the sheet.
        shares: (n, 10) how likely each digit is, rows sum to 1.
        junk: (n,) how likely each is no digit.
        sure: How likely the whole is right, if the line matches the pattern.
        seen: How likely it is right, whether or not the line matches.
    """

    digits: tuple[int, ...]
    boxes: tuple[Box, ...]
    shares: NDArray[np.float64]
    junk: NDArray[np.float64]
    sure: float
    seen: float


def read_strip(
    sheet: Sheet,
    line: Line,
    ends: tuple[float, float],
    wanted: Pattern,
    *,
    least: float = -np.inf,
    watch: Watch | None = None,
) -> Found | None:
    """Read a line as a whole.

    Args:
        sheet: The picture, made ready.
        line: Where digits begin and end is taken from its band.
        ends: First column of the line, and the one after its last.
        wanted: What the line must match.
        least: Logarithm of the probability, for each digit and one more, below which a
            line is taken for letters or a drawing and given up at first sight.
        watch: Called with each step's name and its picture.

    Returns:
        The digits; none if there are none, or none that match.
    """
    views = strips.look(sheet.soft, ends, line.band, strips.VIEWS[:1])
    plain = views[0].frames
    free = decode.best_path(plain, any_digits())
    if free is None or not free.digits:
        return None
    hopeless = least * (len(free.digits) + 1)
    if log_posterior(plain, free.digits) < hopeless:
        return None
    views += strips.look_on(sheet.soft, ends, line)
    frames = [view.frames for view in views]
    paths = [decode.best_path(of, wanted) for of in frames]
    votes = decode.rank_hypotheses(
        frames, {path.digits for path in paths if path} - {()}
    )
    if not votes:
        return None
    path = decode.best_path(plain, decode.exactly(votes[0].digits))
    if path is None:  # another view has room for digits that the plain one has not
        return None
    places = strips.places(path, views[0].matrix, ends)
    images, boxes, whole = _frame(sheet, places, line.band)
    opinion = rescore.ask(images, whole)
    votes = rescore.reconsider(votes, opinion, frames, wanted)
    if watch:
        watch("5-strip", 255 - views[0].strip)
        watch("6-digits", 255 - np.concatenate(list(images), axis=1))
    said = zip(path.spans, opinion.own, strict=True)
    shares = np.stack([digit_shares(plain[slice(*span)], of) for span, of in said])
    junk = np.exp(opinion.own[:, JUNK].astype(np.float64))
    sure, seen = _confidence(wanted, votes, frames, opinion.plain)
    return Found(votes[0].digits, boxes, shares, junk, sure, seen)


def _confidence(
    wanted: Pattern,
    votes: list[Hypothesis],
    frames: list[Frames],
    plain: NDArray[np.float32],
) -> tuple[float, float]:
    """Tell how likely the row is if the line matches, and how likely in any case."""
    seen = line_confidence(votes, plain)
    if wanted.is_free:
        return seen, seen
    matching = float(log_mean(log_matching(frames, wanted)))
    given = [Hypothesis(digits, score - matching) for digits, score in votes]
    return line_confidence(given, plain, fit=MATCHING), seen


def read_cuts(
    sheet: Sheet,
    line: Line,
    wanted: Pattern,
    *,
    model: Predictor | None = None,
    watch: Watch | None = None,
) -> Found | None:
    """Read a line by cutting it, all plausible cuts weighed against each other.

    Args:
        sheet: The picture, made ready.
        line: The line, with its components.
        wanted: What the line must match.
        model: Weighs single digits in place of the packaged net.
        watch: Called with each step's name and its picture.

    Returns:
        The digits; none if there are none, or none that match.
    """
    height = line.band[1] - line.band[0]
    atoms = oversegment.find_atoms(line.components, sheet.numbers, height)
    candidates = oversegment.find_candidates(atoms, height)
    images = oversegment.frame_candidates(candidates, atoms, sheet.numbers, sheet.soft)
    weights = weigh(images, model)
    path = oversegment.best_cut(len(atoms), candidates, weights, wanted)
    if path is None or not path.digits:
        return None
    chosen = list(path.chosen)
    if watch:
        watch("5-candidates", 255 - np.concatenate(list(images), axis=1))
        watch("6-digits", 255 - np.concatenate(list(images[chosen]), axis=1))
    said = np.exp(weights[chosen].astype(np.float64))
    shares = said[:, :10] / said[:, :10].sum(axis=1, keepdims=True)
    boxes = tuple(candidates[number].box for number in chosen)
    sure = float(np.exp(path.score))
    return Found(path.digits, boxes, shares, said[:, JUNK], sure, sure)


def _frame(
    sheet: Sheet, places: list[strips.Place], band: tuple[float, float]
) -> tuple[Images, tuple[Box, ...], NDArray[np.bool_]]:
    """Bring the ink at each place to 28x28."""
    crops, boxes, whole = [], [], []
    for place in places:
        mask, box, is_whole = strips.ink_of(sheet.numbers, place, band)
        if box is None:
            top, bottom = int(band[0]), int(band[1]) + 1
            box = Box(int(place.left), top, int(place.right) + 1, bottom)
            crops.append(np.zeros((1, 1), np.uint8))
        else:
            soft = sheet.soft[box.top : box.bottom, box.left : box.right]
            crops.append(soft * mask)
        boxes.append(box)
        whole.append(is_whole)
    return stack_frames(crops, paper=FAINT), tuple(boxes), np.array(whole, bool)
