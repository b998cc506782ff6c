"""Text in the typeface that Pillow carries, as ink."""

from typing import NamedTuple

import numpy as np

from mnistry.arrays import Ink


class Typeset(NamedTuple):
    """Text as ink.

    Attributes:
        ink: (rows, columns) from 0 to 1.
        start: Column where its first letter is set.
        foot: Row on which letters stand.
        width: Pixels from the start to the end of its last letter.
    """

    ink: Ink
    start: int
    foot: int
    width: float


def set_text(text: str, size: float) -> Typeset:
    """Set a line of text.

    Args:
        text: In one line.
        size: Of the typeface, in pixels.

    Example:
        >>> typeset = set_text("Pay", 20.0)
        >>> typeset.ink.shape[0] > typeset.foot  # the y goes below
        True
    """
    from PIL import Image, ImageDraw, ImageFont

    face = ImageFont.load_default(size)
    left, top, right, bottom = face.getbbox(text, anchor="ls")
    canvas = Image.new("L", (round(right - left) + 2, round(bottom - top) + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, 255, face, anchor="ls")
    ink = np.asarray(canvas, np.float32) / np.float32(255)
    return Typeset(ink, round(1 - left), round(1 - top), float(right))
