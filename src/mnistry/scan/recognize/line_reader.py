"""Read one line: the net for lines runs on several views of the line as a whole."""

from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.box import Box
from mnistry.frame import stack_frames
from mnistry.predictions import Predictor
from mnistry.scan.page.ink.binarize import FAINT
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.layout.parts import LONGEST_NUMBER
from mnistry.scan.page.page import Page, StepObserver
from mnistry.scan.pattern import Pattern, any_digits, parse_pattern
from mnistry.scan.recognize import decode, rescore, strips
from mnistry.scan.recognize.confidence import (
    PENALTY,
    digit_probabilities,
    line_confidence,
)
from mnistry.scan.recognize.ctc import (
    log_matching,
    log_mean,
    log_posterior,
    log_posteriors,
)
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.scan.recognize.models import NON_DIGIT, upright_log_odds
from mnistry.scan.recognize.user_model import combine_with_model, model_probabilities
from mnistry.scan.recognize.viterbi import Path

# log posterior in each of two views above which no others are computed. With an earlier
# net 345 of 645 composed strings of hands held out were above it, and six views read
# none differently; 463 were above -0.5, and six views read three of 951 generated
# pictures differently
SETTLED = -0.2
# log of the mean probability in three views above which no fourth is computed: it read
# none of 219 generated lines differently, and confidence had the same log loss (0.60)
LIKELY = -0.5
# log posterior in the first view, per digit and one more, below which a line is taken
# for letters or a drawing
PRUNING_THRESHOLD = -1.5
AS_MORE = 1.2  # times the surprisal in two views is that in six (median of such lines)
# log probability that a line on a page matches the pattern, below which it is left out:
# in two views; in one, for most print is that unlikely; in two if the line has words,
# for finding its best match takes most of the time of a page. Of 506 lines of generated
# pages none below -6 in two views was read with a confidence of 0.1, and none with more
# components than a number and below -1.3 was read correctly
LEAST_MATCHING, LEAST_OF_ONE, LEAST_WITH_WORDS = -8.0, -20.0, -2.0


class LineDigits(NamedTuple):
    """The digits of a line, as a line reader gives them.

    Attributes:
        digits: What was read.
        boxes: Of each digit, on the page.
        probabilities: (n, 10) of each digit, rows sum to 1.
        non_digit: (n,) probability of being no digit.
        confidence: How likely all digits are right, given the pattern.
        free_confidence: The same, whether or not the line matches the pattern.
        upright: (n,) log odds that each digit stands upright, against upside down.
    """

    digits: tuple[int, ...]
    boxes: tuple[Box, ...]
    probabilities: NDArray[np.float64]
    non_digit: NDArray[np.float64]
    confidence: float
    free_confidence: float
    upright: NDArray[np.floating]

    def less_sure(self) -> "LineDigits":
        """Return the same digits where another reading is likely, too."""
        return self._replace(confidence=PENALTY * self.confidence)


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads lines without segmentation, by the net for lines and CTC decoding.

    Attributes:
        pattern: What each line must match.
        observer: Called with the name of each step and its picture.
        model: Classifies the digits in place of the packaged nets.
        kept: What the net for lines gave for strips of a picture, so that it runs on
            none of them twice.
        words: Whether lines with more components than a number are read on a page.
        is_pruning: Lines like letters or a drawing are left out early, as on a page.
    """

    pattern: Pattern
    observer: StepObserver | None = None
    model: Predictor | None = None
    kept: strips.KeptLogProbs | None = None
    words: bool = True
    is_pruning: bool = False

    def of_a_picture(self) -> "LineReader":
        """Return the same reader for one picture."""
        return replace(self, kept={})

    def freely(self) -> "LineReader":
        """Return the same reader without a pattern, for lines that do not match it."""
        return replace(self, pattern=any_digits(), words=False)

    def pruning(self) -> "LineReader":
        """Return the same reader for lines of which many are no numbers."""
        return replace(self, is_pruning=True)

    def counting(self, count: int) -> "LineReader":
        """Return the same reader for lines of so many digits."""
        allowed = "".join(map(str, sorted(self.pattern.digits)))
        return replace(self, pattern=parse_pattern(f"[{allowed}]{{{count}}}"))

    def read_line(
        self, page: Page, line: Line, ends: tuple[float, float]
    ) -> LineDigits | None:
        """Read a line.

        Args:
            page: Ready for reading.
            line: With its band and its components.
            ends: First column of the line, and the one after its last.

        Returns:
            The digits; None if there are none, or none that match.
        """
        is_of_words = self.is_pruning and self.pattern.is_free and _has_words(line)
        if is_of_words and not self.words:
            return None
        augmentations = strips.augmentations_of(line)[: 2 if is_of_words else None]
        compute = partial(strips.compute_views, page.soft, ends, kept=self.kept)
        views = compute(augmentations[: 1 if self.is_pruning else 2])
        first = views[0].log_probs
        free = decode.greedy_path(first)
        if not free.digits:
            return None
        if self.is_pruning:
            least = PRUNING_THRESHOLD * (len(free.digits) + 1)
            if log_posterior(first, free.digits) < least:
                return None
            if not self._may_match(views, LEAST_OF_ONE):
                return None
            views += compute(augmentations[1:2])
        hypotheses = self._settled(views, free.digits)
        least = LEAST_WITH_WORDS if _has_words(line) else LEAST_MATCHING
        if self.is_pruning and not hypotheses and not self._may_match(views, least):
            return None
        if not hypotheses:
            views += compute(augmentations[2:3])
            hypotheses = self._rank(views)
            if augmentations[3:] and not (hypotheses and hypotheses[0].score > LIKELY):
                views += compute(augmentations[3:])
                hypotheses = self._rank(views)
        return self._decode(page, line, ends, views, hypotheses, free)

    def _rank(self, views: list[strips.LineView]) -> list[Hypothesis]:
        """Rank the sequences of digits that views read under the pattern."""
        log_probs = [view.log_probs for view in views]
        paths = decode.best_paths(log_probs, self.pattern)
        sequences = {path.digits for path in paths if path} - {()}
        return decode.rank_hypotheses(log_probs, sequences)

    def _settled(
        self, views: list[strips.LineView], digits: tuple[int, ...]
    ) -> list[Hypothesis]:
        """Return the sequence of which two views are sure; more would read the same."""
        log_probs = [view.log_probs for view in views]
        if decode.greedy_path(log_probs[1]).digits != digits:
            return []
        posteriors = log_posteriors(log_probs, [digits])
        if posteriors.min() <= SETTLED or not self.pattern.accepts(digits):
            return []
        return [Hypothesis(digits, float(log_mean(posteriors)[0]))]

    def _may_match(self, views: list[strips.LineView], least: float) -> bool:
        """Return whether the line may match the pattern at all, in some views."""
        if self.pattern.is_free:
            return True
        log_probs = [view.log_probs for view in views]
        logs = log_matching(log_probs, self.pattern, least)
        return float(log_mean(logs)) > least

    def _decode(
        self,
        page: Page,
        line: Line,
        ends: tuple[float, float],
        views: list[strips.LineView],
        hypotheses: list[Hypothesis],
        free: Path,
    ) -> LineDigits | None:
        if not hypotheses:
            return None
        log_probs = [view.log_probs for view in views]
        path: Path | None = free  # the likeliest of all
        if hypotheses[0].digits != free.digits:
            path = decode.align(log_probs[0], hypotheses[0].digits)
        if path is None:  # another view has frames for digits that the first has not
            return None
        places = strips.places(path, views[0].matrix, ends)
        images, boxes, isolated = _frame(page, places, line.band)
        terms = rescore.rescoring_terms(images, isolated, hypotheses[0].digits)
        ranked = hypotheses
        if not _is_settled(views, hypotheses) or self.model is not None:
            ranked = rescore.rescore_hypotheses(
                hypotheses, terms, log_probs, self.pattern
            )
        if self.observer:
            self.observer("5-strip", 255 - views[0].strip)
            self.observer("6-digits", 255 - np.concatenate(list(images), axis=1))
        probabilities = digit_probabilities(log_probs[0], path.spans, terms.digit)
        non_digit = np.exp(terms.digit[:, NON_DIGIT].astype(np.float64))
        confidences = self._confidences(ranked, views, terms.packaged)
        upright = upright_log_odds(images)
        found = LineDigits(
            ranked[0].digits, boxes, probabilities, non_digit, *confidences, upright
        )
        if self.model is None:
            return found
        return _by_model(found, ranked, self.pattern, images, self.model)

    def _confidences(
        self,
        hypotheses: list[Hypothesis],
        views: list[strips.LineView],
        packaged: NDArray[np.float32],
    ) -> tuple[float, float]:
        """Return the confidence given the pattern, and without it."""
        if _is_settled(views, hypotheses):
            first = hypotheses[0]
            hypotheses = [first._replace(score=AS_MORE * first.score)]
        free = line_confidence(hypotheses, packaged)
        if self.pattern.is_free:
            return free, free
        log_probs = [view.log_probs for view in views]
        matching = float(log_mean(log_matching(log_probs, self.pattern)))
        return line_confidence(hypotheses, packaged, matching), free


def _is_settled(views: list[strips.LineView], hypotheses: list[Hypothesis]) -> bool:
    """Return whether two views were sure enough to compute no others."""
    return len(views) == 2 and hypotheses[0].score > SETTLED


def _has_words(line: Line) -> bool:
    """Return whether a line has more components than a number."""
    return len(line.tall) > LONGEST_NUMBER


def _frame(
    page: Page, places: list[strips.Place], band: tuple[float, float]
) -> tuple[Images, tuple[Box, ...], NDArray[np.bool_]]:
    """Bring the ink at each place into MNIST's frame of 28x28."""
    crops, boxes, isolated = [], [], []
    for place in places:
        mask, box, is_isolated = strips.ink_of(page.component_map, place, band)
        if box is None:
            top, bottom = int(band[0]), int(band[1]) + 1
            box = Box(int(place.left), top, int(place.right) + 1, bottom)
            crops.append(np.zeros((1, 1), np.uint8))
        else:
            soft = page.soft[box.slices]
            crops.append(soft * mask)
        boxes.append(box)
        isolated.append(is_isolated)
    return stack_frames(crops, paper=FAINT), tuple(boxes), np.array(isolated, bool)


def _by_model(
    found: LineDigits,
    ranked: list[Hypothesis],
    pattern: Pattern,
    images: Images,
    model: Predictor,
) -> LineDigits:
    """Classify the digits by a model; confidence is that of the model and the nets."""
    theirs = model_probabilities(images, model)
    best = tuple(theirs.argmax(axis=1).tolist())
    sequences = {one.digits for one in ranked if len(one.digits) == len(best)} | {best}
    places = np.arange(len(best))
    logs = np.log(np.maximum(theirs, 1e-9))
    digits = max(
        filter(pattern.accepts, sorted(sequences)),
        key=lambda sequence: float(logs[places, list(sequence)].sum()),
    )
    combined = combine_with_model(found.probabilities, theirs)
    share = float(combined[places, list(digits)].prod())
    return found._replace(
        digits=digits, probabilities=combined, confidence=found.confidence * share
    )
