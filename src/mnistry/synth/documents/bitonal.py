"""Pages scanned in black and white: what is printed and written on them, and the scan.

Rule: a page is a plane of ink, measured in millimetres, and becomes black or white only
when it is scanned: thin strokes break there, and edges fray.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.box import Box
from mnistry.extras import require
from mnistry.synth.documents.camera import Picture
from mnistry.synth.documents.handwriting import Written
from mnistry.synth.documents.typeset import set_text

cv2 = require("cv2", extra="read")

INCH = 25.4  # millimetres
FACES = {  # of print, besides the one that Pillow carries; their capitals' height is 1
    "plain": (cv2.FONT_HERSHEY_DUPLEX, 22),
    "serif": (cv2.FONT_HERSHEY_TRIPLEX, 22),
    "light": (cv2.FONT_HERSHEY_COMPLEX, 22),
}
CAPITAL = 0.72  # of the size of Pillow's typeface is the height of its capitals
LEVEL = 0.35, 0.62  # of full ink, from which a scanner says black
FRAYED = 0.02, 0.12  # standard deviation of the ink as it is seen, near edges
SPECKS = 2e-6  # of the pixels of a dirty scan begin a speck


class Plane(NamedTuple):
    """Ink on a page, (rows, columns) from 0 to 1, and pixels for each millimetre."""

    ink: Ink
    zoom: float

    def pixels(self, length: float) -> int:
        """Return a length in pixels."""
        return round(length * self.zoom)


def make_plane(size: tuple[float, float], dots_per_inch: float) -> Plane:
    """Make a page without ink.

    Args:
        size: Height and width in millimetres.
        dots_per_inch: As it will be scanned.

    Example:
        >>> make_plane((50.8, 25.4), 200).ink.shape
        (400, 200)
    """
    zoom = dots_per_inch / INCH
    rows, columns = (round(side * zoom) for side in size)
    return Plane(np.zeros((rows, columns), np.float32), zoom)


def print_text(
    plane: Plane, text: str, at: tuple[float, float], *, size: float, face: str
) -> float:
    """Print a line of text, in place.

    Args:
        plane: The page.
        text: Letters of ASCII.
        at: Where it begins, and its foot, in millimetres from left and top.
        size: Height of a capital letter in millimetres.
        face: One of `FACES`; any other is Pillow's own.

    Returns:
        Where it ends, in millimetres from the left.
    """
    high = size * plane.zoom
    drawn, foot = _plotted(text, high, face) if face in FACES else _set(text, high)
    left, top = plane.pixels(at[0]), plane.pixels(at[1]) - foot
    put(plane, drawn, (left, top))
    return at[0] + float(drawn.shape[1] / plane.zoom)


def _plotted(text: str, high: float, face: str) -> tuple[Ink, int]:
    number, unit = FACES[face]
    bold = max(1, round(high / 11))
    (wide, tall), below = cv2.getTextSize(text, number, high / unit, bold)
    canvas = np.zeros((tall + below + 2 * bold, wide + 2 * bold), np.uint8)
    foot = tall + bold
    cv2.putText(canvas, text, (bold, foot), number, high / unit, 255, bold, cv2.LINE_AA)
    return canvas.astype(np.float32) / np.float32(255), foot


def _set(text: str, high: float) -> tuple[Ink, int]:
    typeset = set_text(text, high / CAPITAL)
    return typeset.ink, typeset.foot


def put(plane: Plane, ink: Ink, at: tuple[int, int]) -> None:
    """Put ink on a page, in place; what lies beyond its edges is lost.

    Args:
        plane: The page.
        ink: (rows, columns).
        at: Column and row of its upper left corner.
    """
    left, top = (max(0, where) for where in at)
    ink = ink[top - at[1] :, left - at[0] :]
    part = plane.ink[top : top + ink.shape[0], left : left + ink.shape[1]]
    np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)


def put_written(
    plane: Plane, written: Written, at: tuple[float, float]
) -> tuple[Box, ...]:
    """Put what was written on a page, in place, and give the boxes of its digits.

    Args:
        plane: The page.
        written: Its digits end about one foot.
        at: Left end and foot, in millimetres.
    """
    inked = written.boxes + written.signs
    first = min(box.left for box in inked)
    foot = int(np.median([box.bottom for box in inked]))
    left, top = plane.pixels(at[0]) - first, plane.pixels(at[1]) - foot
    put(plane, written.ink, (left, top))
    return tuple(box.moved(left, top) for box in written.boxes)


def put_rules(
    plane: Plane, segments: list[tuple[float, float, float, float]], thickness: float
) -> None:
    """Print straight lines, in place.

    Args:
        plane: The page.
        segments: x, y of the start, x, y of the end, in millimetres.
        thickness: In millimetres.
    """
    wide = max(1, plane.pixels(thickness))
    for segment in segments:
        ends = (np.array(segment) * plane.zoom * 16).round().astype(int).reshape(2, 2)
        cv2.line(plane.ink, *ends.tolist(), 1.0, wide, cv2.LINE_AA, 4)


def scan(
    ink: Ink, angle: float, *, generator: np.random.Generator
) -> tuple[Picture, NDArray[np.float64]]:
    """Scan a page in black and white.

    Args:
        ink: Of the page.
        angle: Degrees by which it lies askew.
        generator: Decides how dark the scan is, how frayed, and its dust.

    Returns:
        The picture, 0 or 255, and (3, 3) from points of the page to points of it.
    """
    rows, columns = ink.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1)
    seen = cv2.warpAffine(ink, turn, (columns, rows), flags=cv2.INTER_LINEAR)
    seen = cv2.GaussianBlur(seen, (0, 0), float(generator.uniform(0.5, 1.1)))
    grain = generator.standard_normal(seen.shape, np.float32)
    grain = cv2.blur(grain, (2, 2))
    inked = cv2.dilate(seen, np.ones((3, 3), np.uint8)) > 0
    seen += grain * inked * np.float32(2 * generator.uniform(*FRAYED))
    if generator.random() < 0.4:
        dust = generator.random(seen.shape, np.float32) < SPECKS * generator.uniform(
            1, 8
        )
        size = (int(generator.integers(1, 4)),) * 2
        seen[cv2.dilate(dust.astype(np.uint8), np.ones(size, np.uint8)) > 0] = 1
    black = seen > generator.uniform(*LEVEL)
    picture = np.where(black, np.uint8(0), np.uint8(255))[:, :, None].repeat(3, axis=2)
    return picture, np.vstack([turn, [0, 0, 1]])
