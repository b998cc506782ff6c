"""Read a strip without cutting it, and find out afterwards where each digit was."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.box import Box
from mnistry.scan.page.binarize import Mask
from mnistry.scan.page.lines import Line, cut_strip, strip_matrix
from mnistry.scan.recognize.ctc import BLANK, Frames
from mnistry.scan.recognize.decode import Path as FramePath
from mnistry.scan.recognize.models import say_frames

FRAME_COLUMNS = 2  # columns of the strip for each frame


CRUMB = 0.03  # of the square of a digit's height: what crossing lines leave behind
MOSTLY = 0.72  # of a component within a digit's columns: the rest leans over


VIEWS = ((1.0, 0.0), (0.85, 0.0), (1.18, 0.0), (1.0, 0.2), (1.0, -0.2))
"""Size of the band and lean of each view; five read 5 % more strings than one did."""

SIZES = VIEWS[1:3]
LEANS = VIEWS[:1] + VIEWS[3:]


class View(NamedTuple):
    """A strip, how it was cut, and what the net says of it."""

    strip: Pixels
    matrix: NDArray[np.float64]
    frames: Frames


class Place(NamedTuple):
    """Where a digit of a strip is in the picture, and where its neighbours begin."""

    left: float
    right: float


class Part(NamedTuple):
    """The ink of one digit of a line.

    Attributes:
        ink: As large as the box.
        box: Around it; none if there is no ink.
        is_whole: Its ink hangs together with no other digit's: nothing was cut.
    """

    ink: Mask
    box: Box | None
    is_whole: bool


def look(
    soft: Pixels,
    ends: tuple[float, float],
    band: tuple[float, float],
    sides: tuple[tuple[float, float], ...],
) -> list[View]:
    """Look at a line several times: as it is, smaller, larger, leaning both ways.

    Args:
        soft: The picture's soft ink.
        ends: First column of the line, and the one after its last.
        band: Rows where its digits begin and end.
        sides: Size of the band and lean of each view, such as `VIEWS`.

    Returns:
        A view for each side.
    """
    middle, half = (band[0] + band[1]) / 2, (band[1] - band[0]) / 2
    views = []
    for size, lean in sides:
        around = middle - half * size, middle + half * size
        matrix, width = strip_matrix(*ends, around)
        matrix[0, 1] = lean * matrix[0, 0]
        matrix[0, 2] -= lean * matrix[0, 0] * middle
        strip = cut_strip(soft, matrix, width)
        frames = say_frames(strip.astype(np.float32) / np.float32(255))
        views.append(View(strip, matrix, frames))
    return views


def look_on(soft: Pixels, ends: tuple[float, float], line: Line) -> list[View]:
    """Look at a line further times, after the first: by its other band, if it has one.

    Where digits hang together, where noughts are small or dots are large, one way to
    tell a band errs where the other does not: 1.7 % more composed strings are read so.

    Args:
        soft: The picture's soft ink.
        ends: First column of the line, and the one after its last.
        line: With its band.
    """
    if line.other is None:
        return look(soft, ends, line.band, VIEWS[1:])
    return [
        *look(soft, ends, line.band, SIZES),
        *look(soft, ends, line.other, LEANS),
    ]


def one_digit(views: list[View]) -> NDArray[np.float64]:
    """Tell how likely each of ten digits is the only one in a line.

    Args:
        views: Of the line.

    Returns:
        (10,) mean logarithms of the probability over the views.
    """
    sums = []
    for view in views:
        frames = view.frames.astype(np.float64)
        zero = np.zeros((1, 11))
        reached = np.concatenate([zero, np.cumsum(frames, axis=0)])
        blank, digits = reached[:, BLANK], reached[:, :10]
        # blank before frame i, the digit from i up to j, blank from j on
        starts = (blank[:, None] - digits)[:-1]
        ends = (blank[-1] - blank)[:, None] + digits
        total = starts[:, None, :] + ends[None, 1:, :]
        allowed = np.tri(len(frames), dtype=bool).T
        sums.append(np.logaddexp.reduce(total[allowed], axis=0))
    means: NDArray[np.float64] = np.maximum(np.array(sums), -25.0).mean(axis=0)
    return means


def places(
    path: FramePath, matrix: NDArray[np.float64], ends: tuple[float, float]
) -> list[Place]:
    """Find the columns of the picture that belong to each digit of a path.

    Args:
        path: The digits and their frames.
        matrix: From points of the picture to points of the strip.
        ends: First column of the line in the picture, and the one after its last.
    """
    scale, start = float(matrix[0, 0]), float(matrix[0, 2])
    centres = [
        ((first + last) / 2 * FRAME_COLUMNS - start) / scale
        for first, last in path.spans
    ]
    borders = [(one + two) / 2 for one, two in pairwise(centres)]
    reach = float(np.median(np.diff(centres))) if len(centres) > 1 else 22 / scale
    reach = max(reach, 12 / scale)
    lefts = [max(ends[0], centres[0] - reach), *borders] if centres else []
    rights = [*borders, min(ends[1], centres[-1] + reach)] if centres else []
    return [Place(*pair) for pair in zip(lefts, rights, strict=True)]


def ink_of(numbers: NDArray[np.int32], place: Place, band: tuple[float, float]) -> Part:
    """Find the ink that belongs to a digit: whole components, or their part between.

    Args:
        numbers: The number of the component at each pixel, 0 for none.
        place: The columns that belong to the digit.
        band: The rows where digits begin and end.

    Returns:
        The digit's ink; no box if there is none.
    """
    height = band[1] - band[0]
    top = max(0, int(band[0] - 0.45 * height))
    bottom = min(numbers.shape[0], int(np.ceil(band[1] + 0.45 * height)))
    wide = place.right - place.left
    far_left = max(0, int(place.left - 0.5 * wide))
    far_right = min(numbers.shape[1], int(np.ceil(place.right + 0.5 * wide)))
    near = numbers[top:bottom, far_left:far_right]
    columns = np.arange(far_left, far_right)
    within = (columns >= place.left) & (columns < place.right)
    ink = np.zeros(near.shape, bool)
    is_whole = True
    for number in np.unique(near[:, within]):
        if number == 0:
            continue
        part = near == number
        if _is_crumb(part, (band[0] - top, band[1] - top)):
            continue
        inside = part[:, within].sum() / part.sum()
        if inside > MOSTLY:  # all of it, though it leans over
            ink |= part
        elif inside > 1 - MOSTLY or part[:, within].sum() > 0.1 * height**2:
            ink |= part & within
            is_whole = False
    return _cropped(ink, far_left, top, is_whole=is_whole)


def _is_crumb(part: Mask, band: tuple[float, float]) -> bool:
    """Tell whether ink is a little piece outside the band: left over of a box."""
    rows = np.flatnonzero(part.any(axis=1))
    if rows[-1] >= band[0] and rows[0] <= band[1]:
        return False
    return bool(part.sum() < CRUMB * (band[1] - band[0]) ** 2)


def _cropped(ink: Mask, left: int, top: int, *, is_whole: bool) -> Part:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return Part(ink, None, is_whole=False)
    y, x = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    box = Box(x.start + left, y.start + top, x.stop + left, y.stop + top)
    return Part(ink[y, x], Box(*map(int, box)), is_whole)
