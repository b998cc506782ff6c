"""Signs between digits, as strokes of a pen: points, dashes, slashes, currencies.

A sign is a row of data: strokes through points, in heights of a digit, from its top (0)
to its foot (1), the column of the leftmost stroke being 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.extras import require

cv2 = require("cv2", extra="read")

FINE = 4  # pixels of the drawing for each pixel of the page: edges fall between
JITTER = 0.02  # of a digit's height: standard deviation of each point
STRETCH = 0.75, 1.25  # of width and height of a sign

Strokes = tuple[NDArray[np.float64], ...]
"""Each (n, 2): points x, y."""


class Sign(NamedTuple):
    """How a sign is written.

    Attributes:
        strokes: In heights of a digit.
        bold: Thickness of the pen, times that of digits.
    """

    strokes: Strokes
    bold: float = 1.0


class SignInk(NamedTuple):
    """A sign that was written: its ink, cropped, and how far it ends below the foot."""

    ink: NDArray[np.float32]
    below: int


def _path(*points: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(points, float)


def _arc(
    middle: tuple[float, float],
    radii: tuple[float, float],
    degrees: tuple[float, float] = (0, 360),
) -> NDArray[np.float64]:
    angles = np.radians(np.linspace(*degrees, 24))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii + middle


SIGNS: dict[str, Sign] = {
    ".": Sign((_path((0, 0.96), (0.02, 0.97)),), bold=1.5),
    ",": Sign((_path((0.07, 0.9), (0.08, 1.02), (0, 1.2)),), bold=1.1),
    "'": Sign((_path((0.05, -0.08), (0, 0.2)),)),
    "-": Sign((_path((0, 0.55), (0.42, 0.53)),)),
    "/": Sign((_path((0.5, -0.12), (0.24, 0.5), (0, 1.14)),)),
    ":": Sign(
        (_path((0.02, 0.38), (0.03, 0.4)), _path((0, 0.92), (0.01, 0.94))), bold=1.5
    ),
    "+": Sign((_path((0, 0.55), (0.5, 0.53)), _path((0.26, 0.3), (0.25, 0.82)))),
    "%": Sign(
        (
            _path((0.72, 0), (0.12, 1)),
            _arc((0.15, 0.2), (0.14, 0.18)),
            _arc((0.68, 0.8), (0.14, 0.18)),
        )
    ),
    "(": Sign((_arc((0.6, 0.5), (0.6, 0.75), (235, 125)),)),
    ")": Sign((_arc((-0.35, 0.5), (0.6, 0.75), (-55, 55)),)),
    "=": Sign((_path((0, 0.45), (0.45, 0.43)), _path((0.02, 0.67), (0.46, 0.64)))),
    "#": Sign(
        (
            _path((0.22, 0.1), (0.12, 0.95)),
            _path((0.48, 0.08), (0.38, 0.93)),
            _path((0, 0.4), (0.62, 0.37)),
            _path((0, 0.68), (0.6, 0.64)),
        )
    ),
    "$": Sign(
        (
            np.concatenate(
                [
                    _arc((0.25, 0.28), (0.24, 0.24), (-30, -270)),
                    _arc((0.25, 0.74), (0.24, 0.22), (-90, 150)),
                ]
            ),
            _path((0.26, -0.1), (0.24, 1.1)),
        )
    ),
    "€": Sign(
        (
            _arc((0.45, 0.5), (0.4, 0.48), (-50, -310)),
            _path((-0.05, 0.42), (0.5, 0.4)),
            _path((-0.05, 0.62), (0.45, 0.6)),
        )
    ),
    "£": Sign(
        (
            np.concatenate(
                [
                    _arc((0.42, 0.22), (0.2, 0.2), (0, -180)),
                    _path((0.24, 0.6), (0.2, 0.85), (0, 0.98), (0.65, 0.98)),
                ]
            ),
            _path((0.05, 0.55), (0.5, 0.53)),
        )
    ),
    "₹": Sign(
        (
            _path((0, 0.02), (0.6, 0)),
            _path((0, 0.26), (0.6, 0.24)),
            np.concatenate(
                [
                    _arc((0.15, 0.26), (0.24, 0.24), (-90, 90)),
                    _path((0.02, 0.5), (0.5, 1)),
                ]
            ),
        )
    ),
}


def write_sign(
    sign: Sign,
    *,
    height: float,
    slant: float,
    thickness: float,
    generator: np.random.Generator,
) -> SignInk:
    """Write a sign.

    Args:
        sign: Such as `SIGNS["/"]`.
        height: Of a digit, in pixels.
        slant: Columns that the top leans to the right for each row.
        thickness: Of the pen, a fraction of the height.
        generator: Decides size and shape.

    Example:
        >>> dash = write_sign(
        ...     SIGNS["-"], height=40, slant=0, thickness=0.1,
        ...     generator=np.random.default_rng(0),
        ... )
        >>> dash.ink.shape[0] < dash.ink.shape[1], dash.below < 0
        (True, True)
    """
    points = np.concatenate(sign.strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    stretch = generator.uniform(*STRETCH, 2)
    scale = height * FINE
    pen = max(1, round(thickness * scale * sign.bold * generator.uniform(0.8, 1.2)))
    drawing: Pixels = np.zeros((round(2 * scale), round(2 * scale)), np.uint8)
    for stroke in sign.strokes:
        path = (stroke - middle) * stretch + middle
        path = path + generator.normal(0, JITTER, (1, 2))
        path = path + generator.normal(0, JITTER / 2, path.shape)
        path[:, 0] += slant * (1 - path[:, 1])
        placed = (path + np.array([0.6, 0.5])) * scale
        cv2.polylines(
            drawing,
            [placed.round().astype(np.int32)],
            isClosed=False,
            color=255,
            thickness=pen,
            lineType=cv2.LINE_AA,
        )
    small = cv2.resize(
        drawing, (round(2 * height),) * 2, interpolation=cv2.INTER_AREA
    ).astype(np.float32) / np.float32(255)
    rows, columns = np.nonzero(small > 0.4)
    if not rows.size:  # a pen thinner than half a pixel
        return SignInk(np.ones((1, 1), np.float32), 0)
    ink = small[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return SignInk(ink, int(rows.max()) + 1 - round(1.5 * height))
