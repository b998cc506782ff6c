"""Over-segmentation: cut a line more often than needed, and choose the best path.

Components are cut where little ink is; what lies between two cuts is a segment. A digit
is one segment or a few side by side, and a segment may be a non-digit. The net
classifies every candidate, and the best path through all segments is chosen, not the
first that looks well.

Source:
    The segmentation lattice is that of Graph Transformer Networks: LeCun et al.,
    Gradient-Based Learning Applied to Document Recognition, 1998, section VI.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Pixels
from mnistry.box import Box
from mnistry.frame import stack_frames
from mnistry.scan.page.binarize import FAINT
from mnistry.scan.page.lines import Component
from mnistry.scan.pattern import Pattern
from mnistry.scan.recognize.models import NON_DIGIT, LogProbs

MAX_SEGMENTS = 4  # in one digit: a 5 whose bar is apart, cut twice by chance
MOST_WIDTH = 1.5  # of a digit, in heights of the line
LEAST_HEIGHT = 0.35  # of a digit, in heights of the line
UNCUT_WIDTH = 0.5  # heights of the line; narrower components are not cut
SPACING = 0.14  # heights of the line between two cuts


class Segment(NamedTuple):
    """A piece of ink that is not cut further: the component, and its columns."""

    number: int
    box: Box


class Candidate(NamedTuple):
    """Some segments side by side that may be one digit."""

    first: int
    last: int
    box: Box


class CutPath(NamedTuple):
    """The best path through the segments."""

    digits: tuple[int, ...]
    chosen: tuple[int, ...]
    score: float


def find_segments(
    components: tuple[Component, ...], component_map: NDArray[np.int32], height: float
) -> list[Segment]:
    """Cut components where little ink is, from left to right.

    Args:
        components: Of one line.
        component_map: The number of the component at each pixel, 0 for none.
        height: Of the line's digits.
    """
    segments = []
    for component in components:
        box = component.box
        if max(box.width, box.height) < 0.12 * height:
            continue
        ink = (
            component_map[box.top : box.bottom, box.left : box.right]
            == component.number
        )
        edges = [0, *_cuts(ink, height), box.width]
        for start, end in pairwise(edges):
            rows = np.flatnonzero(ink[:, start:end].any(axis=1))
            if rows.size:
                top, bottom = box.top + int(rows[0]), box.top + int(rows[-1]) + 1
                segments.append(
                    Segment(
                        component.number,
                        Box(box.left + start, top, box.left + end, bottom),
                    )
                )
    return sorted(segments, key=lambda segment: segment.box.left + segment.box.right)


def _cuts(ink: NDArray[np.bool_], height: float) -> list[int]:
    """Choose columns to cut at: valleys of the ink, not too near to each other."""
    wide = ink.shape[1]
    if wide < UNCUT_WIDTH * height:
        return []
    profile = ink.sum(axis=0).astype(float)
    span = np.where(profile > 0, ink.shape[0] - ink.argmax(0) - ink[::-1].argmax(0), 0)
    cost = profile + 0.15 * span
    step = max(2, round(SPACING * height))
    most = 0.45 * height
    cuts: list[int] = []
    for column in np.argsort(cost, kind="stable").tolist():
        if cost[column] > most or len(cuts) >= 3 * wide / height + 1:
            break
        inside = step <= column <= wide - step
        if inside and all(abs(column - other) >= step for other in cuts):
            cuts.append(column)
    return sorted(cuts)


def find_candidates(segments: list[Segment], height: float) -> list[Candidate]:
    """List everything that may be one digit.

    Args:
        segments: Of one line, from left to right.
        height: Of the line's digits.
    """
    candidates = []
    for first in range(len(segments)):
        box = segments[first].box
        for last in range(first, min(len(segments), first + MAX_SEGMENTS)):
            other = segments[last].box
            box = Box(
                min(box.left, other.left),
                min(box.top, other.top),
                max(box.right, other.right),
                max(box.bottom, other.bottom),
            )
            if last > first and box.width > MOST_WIDTH * height:
                break
            candidates.append(Candidate(first, last, box))
    return candidates


def frame_candidates(
    candidates: list[Candidate],
    segments: list[Segment],
    component_map: NDArray[np.int32],
    soft: Pixels,
) -> Images:
    """Bring each candidate to 28×28, the ink of its segments alone.

    Args:
        candidates: What to frame.
        segments: Of the line.
        component_map: The number of the component at each pixel.
        soft: Soft ink of the picture.
    """
    crops = []
    for first, last, box in candidates:
        view = component_map[box.top : box.bottom, box.left : box.right]
        mask = np.zeros(view.shape, bool)
        for number, part in segments[first : last + 1]:
            columns = slice(part.left - box.left, part.right - box.left)
            mask[:, columns] |= view[:, columns] == number
        crops.append(soft[box.top : box.bottom, box.left : box.right] * mask)
    return stack_frames(crops, paper=FAINT)


def best_cut(
    count: int, candidates: list[Candidate], log_probs: LogProbs, pattern: Pattern
) -> CutPath | None:
    """Find the best path through all segments that the pattern allows.

    Each candidate counts as often as it has segments, so that paths with few digits are
    not better for being short; a segment alone may be a non-digit.

    Args:
        count: How many segments there are.
        candidates: What may be a digit.
        log_probs: (n, 11) of each candidate.
        pattern: What is allowed.
    """
    states = len(pattern.steps)
    score = np.full((count + 1, states), -np.inf)
    score[0, 0] = 0.0
    came: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    starts: dict[int, list[int]] = {}
    for number, candidate in enumerate(candidates):
        starts.setdefault(candidate.first, []).append(number)
    for at in range(count):
        for state in np.flatnonzero(np.isfinite(score[at])).tolist():
            for number in starts.get(at, ()):
                first, last, _ = candidates[number]
                logs, often = log_probs[number], last - first + 1
                options = [
                    (float(logs[digit]), digit, step.after)
                    for step in pattern.steps[state]
                    for digit in step.digits
                ]
                if first == last:
                    options.append((float(logs[NON_DIGIT]), NON_DIGIT, state))
                for value, digit, after in options:
                    total = float(score[at, state]) + often * value
                    if total > score[last + 1, after]:
                        score[last + 1, after] = total
                        came[last + 1, after] = (at, state, number, digit)
    return _back(score, came, pattern)


def _back(
    score: NDArray[np.float64],
    came: dict[tuple[int, int], tuple[int, int, int, int]],
    pattern: Pattern,
) -> CutPath | None:
    count = len(score) - 1
    state = max(pattern.ends, key=lambda end: float(score[count, end]), default=None)
    if state is None or not np.isfinite(score[count, state]):
        return None
    total, at = float(score[count, state]), count
    digits: list[int] = []
    chosen: list[int] = []
    while at:
        at, state, number, digit = came[at, state]
        if digit != NON_DIGIT:
            digits.append(digit)
            chosen.append(number)
    return CutPath(tuple(digits[::-1]), tuple(chosen[::-1]), total)
