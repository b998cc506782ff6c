"""Run the net for lines on several views of a line, and localise its digits.

Views are test-time augmentation: the same line at several scales and shears.
"""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from math import ceil
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask, Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.scan.page.layout.lines import ROOM, Line
from mnistry.scan.page.strip import STRIP, StripShape, cut_strip, strip_matrix
from mnistry.scan.recognize.models import LogProbs, line_header, line_log_probs
from mnistry.scan.recognize.viterbi import Path as FramePath

cv2 = require("cv2", extra="read")

CRUMB = 0.03  # of the square of a digit's height: less ink is left of rules
MOSTLY = 0.72  # of a component in a digit's columns: then all of it is the digit's
LARGE = 0.1  # of the square of a digit's height: ink in its columns from which the part
# of a component that is in them is the digit's
ASIDE = 0.5  # of a digit's columns on either side: so far its components are looked at
FAR = 0.7  # heights of a digit above or below the band: ink there is of another line
INWARD = 0.15  # heights of a digit into the band, as far as ink of that line may reach

KeptLogProbs = dict[bytes, LogProbs]
"""What the net for lines gave for each strip of a picture, by the strip's hash: lines
are read again if none matches the pattern, or the page has boxes."""

SCALES_AND_SHEARS = ((1.0, 0.0), (1.0, -0.2), (0.85, 0.0), (1.18, 0.0), (1.0, 0.2))
"""Of augmentations: a line takes the first three, a single digit all."""


class Augmentation(NamedTuple):
    """How a line becomes a strip in one view.

    Attributes:
        band: Rows where its digits begin and end.
        scale: Of the band.
        shear: Columns by which it moves to the right for each row downwards.
    """

    band: tuple[float, float]
    scale: float
    shear: float

    def matrix(
        self, ends: tuple[float, float], shape: StripShape = STRIP
    ) -> tuple[NDArray[np.float64], int]:
        """Return the transform to the strip, and its width, as `strip_matrix` does.

        Args:
            ends: First column of the line, and the one after its last.
            shape: Of the strip.
        """
        top, bottom = self.band
        middle, half = (top + bottom) / 2, (bottom - top) / 2 * self.scale
        return strip_matrix(*ends, (middle - half, middle + half), shape, self.shear)


class LineView(NamedTuple):
    """A strip, its transform from the picture, and its log probabilities."""

    strip: Pixels
    matrix: NDArray[np.float64]
    log_probs: LogProbs


class Place(NamedTuple):
    """Where a digit of a strip is in the picture, and where its neighbours begin."""

    left: float
    right: float


class Part(NamedTuple):
    """The ink of one digit of a line.

    Attributes:
        ink: As large as the box.
        box: Around it; none if there is no ink.
        is_whole: It touches no other digit: nothing was cut.
    """

    ink: Mask
    box: Box | None
    is_whole: bool


def augmentations_of(line: Line) -> list[Augmentation]:
    """Return the augmentations of a line, the second least like the first.

    If digits touch, zeros are small or dots are large, one estimate of the band may be
    wrong where the other is not. More views cost a sixth of the time and read hardly
    more: 747 of 1,200 composed strings of hands held out, 744 with these.

    Args:
        line: With its band, and perhaps another.
    """
    band, other = line.band, line.other or line.band
    plain, sheared, lower = SCALES_AND_SHEARS[:3]
    ways = [(band, plain), (other, sheared), (band, lower), (other, plain)]
    return [Augmentation(of, *by) for of, by in ways[: 4 if line.other else 3]]


def compute_views(
    soft: Pixels,
    ends: tuple[float, float],
    augmentations: Sequence[Augmentation],
    kept: KeptLogProbs | None = None,
) -> list[LineView]:
    """Run the net for lines on views of a line.

    All strips are cut before the net runs, which fills the cache of the processor.

    Args:
        soft: The picture's soft ink.
        ends: First column of the line, and the one after its last.
        augmentations: At least one.
        kept: What the net gave for strips before; it does not run on these again. What
            it gives now is added.
    """
    kept = {} if kept is None else kept
    shape = line_header().strip
    matrices, cut = [], []
    for augmentation in augmentations:
        matrix, width = augmentation.matrix(ends, shape)
        matrices.append(matrix)
        cut.append(cut_strip(soft, matrix, width, shape))
    names = [blake2b(strip.tobytes(), digest_size=16).digest() for strip in cut]
    new = {name: of for name, of in zip(names, cut, strict=True) if name not in kept}
    if new:
        kept.update(zip(new, line_log_probs([*new.values()]), strict=True))
    log_probs = [kept[name] for name in names]
    return [LineView(*view) for view in zip(cut, matrices, log_probs, strict=True)]


def places(
    path: FramePath, matrix: NDArray[np.float64], ends: tuple[float, float]
) -> list[Place]:
    """Find the columns of the picture that belong to each digit of a path.

    Args:
        path: The digits and their frames.
        matrix: From points of the picture to points of the strip.
        ends: First column of the line in the picture, and the one after its last.
    """
    header = line_header()
    rows = header.strip.digit_rows
    scale, start = float(matrix[0, 0]), float(matrix[0, 2])
    centres = [
        ((first + last) / 2 * header.columns_per_frame - start) / scale
        for first, last in path.spans
    ]
    borders = [(one + two) / 2 for one, two in pairwise(centres)]
    steps = [after - before for before, after in pairwise(centres)]
    reach = median(steps) if steps else rows / scale
    reach = max(reach, 6 * rows / 11 / scale)
    # words between two numbers of a row belong to no digit
    return [
        Place(max(before, centre - reach), min(after, centre + reach))
        for before, centre, after in zip(
            [ends[0], *borders], centres, [*borders, ends[1]], strict=False
        )
    ]


def ink_of(
    component_map: ComponentMap, place: Place, band: tuple[float, float]
) -> Part:
    """Find the ink of a digit: whole components, or the part of them in its columns.

    Args:
        component_map: The number of the component at each pixel, 0 for none.
        place: The columns that belong to the digit.
        band: The rows where digits begin and end.

    Returns:
        The digit's ink; no box if there is none.
    """
    height = band[1] - band[0]
    top = max(0, int(band[0] - ROOM * height))
    bottom = min(component_map.shape[0], ceil(band[1] + ROOM * height))
    aside = ASIDE * (place.right - place.left)
    far_left = max(0, int(place.left - aside))
    far_right = min(component_map.shape[1], ceil(place.right + aside))
    # as NumPy counts and indexes: it would convert each time
    near = component_map[top:bottom, far_left:far_right].astype(np.intp)
    first = max(0, ceil(place.left) - far_left)
    within = slice(first, max(first, ceil(place.right) - far_left))
    for edge, side in ((band[0], -1), (band[1], 1)):
        far = int(edge + side * FAR * height)
        if 0 <= far < len(component_map):
            others = set(component_map[far, far_left:far_right].tolist()) - {0}
            if not others:
                continue  # as in most lines
            inner = int(edge - side * INWARD * height) - top
            start = inner if side > 0 else len(near) - 1 - inner
            _cut_off(near[::side], start, within, others)
    totals = np.bincount(near.ravel())
    insides = np.bincount(near[:, within].ravel(), minlength=len(totals))
    whole = np.zeros(len(totals), bool)
    cut: list[int] = []
    rows = band[0] - top, band[1] - top
    for number in insides.nonzero()[0].tolist():
        total, inside = int(totals[number]), int(insides[number])
        if number == 0 or _is_crumb(near, number, total, rows):
            continue
        if inside / total > MOSTLY:  # all of it, though it leans over
            whole[number] = True
        elif inside / total > 1 - MOSTLY or inside > LARGE * height**2:
            cut.append(number)
    ink = whole.take(near)  # a third of the time of whole[near]
    if cut:
        whole[cut] = True
        ink[:, within] = whole.take(near[:, within])
    return _cropped(ink, far_left, top, is_whole=not cut)


def _cut_off(
    near: NDArray[np.intp], start: int, within: slice, others: set[int]
) -> None:
    """Cut off, in place, ink that goes on into another line, where it is narrowest.

    Nothing of a digit of that line is left: it has no ink where the cut may begin.

    Args:
        near: The number of the component at each pixel; the other line is below.
        start: The row from which it may be cut.
        within: The columns that belong to the digit.
        others: The numbers of the components that go on.
    """
    for number in others:
        ink = near == number
        cut = start + int(ink[start:, within].sum(axis=1).argmin())
        near[cut:][ink[cut:]] = 0


def _is_crumb(
    near: NDArray[np.intp], number: int, total: int, band: tuple[float, float]
) -> bool:
    """Return whether ink is small and outside the band: left of a box."""
    if total >= CRUMB * (band[1] - band[0]) ** 2:
        return False
    rows = np.flatnonzero((near == number).any(axis=1))
    return bool(rows[-1] < band[0] or rows[0] > band[1])


def _cropped(ink: Mask, left: int, top: int, *, is_whole: bool) -> Part:
    x, y, wide, high = cv2.boundingRect(ink.view(np.uint8))
    if not wide:
        return Part(ink, None, is_whole=False)
    box = Box(x + left, y + top, x + wide + left, y + high + top)
    return Part(ink[y : y + high, x : x + wide], box, is_whole)
