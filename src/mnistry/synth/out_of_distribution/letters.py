"""Letters, without those that look like a digit.

Printed ones come from any font file; without one from the face that Pillow carries.
Handwritten ones are written by the hand that draws digits (`synth.drawn`), so that pen
and frame tell nothing and only the shape does.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mnistry.arrays import Pixels
from mnistry.frame import to_frame
from mnistry.synth.drawn import in_frame
from mnistry.synth.drawn.pen import write
from mnistry.synth.drawn.splines import Allographs, build_allographs
from mnistry.synth.out_of_distribution.ink import Kind

# Left out are those that some hand or face makes like a digit: B 8, b 6, g q 9, I l 1,
# O o 0, S s 5, Z z 2. Printed G, Q, Y, y, i, j have a spur, a tail, a fork or a dot
# that digits have not.
LETTERS = "ACDEFGHJKLMNPQRTUVWXYacdefhijkmnprtuvwxy"

SIZE = 56  # of the font in pixels; framing brings all letters to one size


def printed(faces: Sequence[str | Path] = (), letters: str = LETTERS) -> Kind:
    """Make a kind of outsider: letters of print, a little turned and slanted.

    Args:
        faces: Font files; none stands for the one that Pillow carries.
        letters: Which.

    Example:
        >>> printed(letters="K")(np.random.default_rng(0)).shape
        (28, 28)
    """

    def make(generator: np.random.Generator) -> Pixels:
        from PIL import Image, ImageDraw, ImageFont

        letter = letters[generator.integers(len(letters))]
        font: Any
        if faces:
            face = faces[int(generator.integers(len(faces)))]
            font = ImageFont.truetype(str(face), SIZE)
        else:
            font = ImageFont.load_default(SIZE)
        canvas = Image.new("L", (2 * SIZE, 2 * SIZE))
        bold = int(generator.uniform(0, 3))
        ImageDraw.Draw(canvas).text(
            (SIZE, SIZE), letter, fill=255, font=font, anchor="mm", stroke_width=bold
        )
        angle, slant = generator.normal(0, math.radians(5)), generator.normal(0, 0.1)
        turn = np.array([[1, math.sin(angle) + slant], [-math.sin(angle), 1]])
        shift = SIZE - turn @ (SIZE, SIZE)
        matrix = (*turn[0], shift[0], *turn[1], shift[1])
        turned = canvas.transform(
            canvas.size,
            Image.Transform.AFFINE,
            tuple(float(number) for number in matrix),
            Image.Resampling.BILINEAR,
        )
        return to_frame(np.asarray(turned))

    return make


def handwritten(generator: np.random.Generator) -> Pixels:
    """Write one of the letters of `WRITTEN`, every time by another hand."""
    allographs = _allographs()
    written = write(np.zeros(1, np.intp), allographs, generator)
    picture: Pixels = in_frame(written, generator)[0]
    return picture


@cache
def _allographs() -> Allographs:
    return build_allographs([(0, 1, strokes) for strokes in WRITTEN.values()])


# By hand more letters come near digits: D and U closed 0, G 6, Y y 4, q 9, J 1 or 7.
WRITTEN = {
    "A": "1,20 9,0! 17,20 / 4,13 14,13",
    "A, round": "2,20 3,7 9,0 15,7 16,20 / 2,12 16,12",
    "C": "15,4 10,0 3,5 1,12 5,19 11,20 16,17",
    "E": "14,1 2,1! 2,19! 15,19 / 2,10 11,10",
    "E, round": "14,3 8,0 4,5 9,9! 3,13 4,18 10,20 15,17",
    "F": "3,20 3,1! 15,0 / 3,10 12,9",
    "H": "2,0 2,20 / 14,0 14,20 / 2,10 14,10",
    "K": "3,0 3,20 / 14,0 3,11! 15,20",
    "L": "3,0 2,19! 15,19",
    "M": "1,20 3,0! 9,12! 15,0! 17,20",
    "M, round": "1,20 3,4 6,1 9,6 9,16! 10,5 14,1 17,6 17,20",
    "N": "2,20 2,0! 14,20! 14,0",
    "P": "3,20 3,0 / 1,1 10,0 14,5 10,10 3,11",
    "R": "3,20 3,0 / 1,1 10,0 13,5 9,10 3,11! 14,20",
    "R, in one": "3,20 3,0! 10,0 13,5 9,10 4,10! 14,20",
    "T": "1,1 17,0 / 9,1 9,20",
    "U": "1,0 2,13 7,20 13,18 16,12 16,0",
    "V": "1,0 8,20! 15,0",
    "W": "0,0 5,20! 9,6! 13,20! 18,0",
    "W, round": "0,0 2,16 5,19 8,14 9,5! 10,14 13,19 16,15 18,0",
    "X": "1,0 15,20 / 15,0 1,20",
    "X, round": "1,2 5,3 11,17 16,18 / 15,1 9,8 2,19",
    "a": "14,2 7,0 1,8 3,18 10,17 14,2! 14,16 18,20",
    "a, printed": "2,4 8,0 14,4 14,20 / 14,9 5,10 1,15 5,20 14,16",
    "d": "14,11 7,8 2,13 5,19 11,18 14,0! 14,20",
    "e": "3,11 14,10 13,4 8,1 2,7 3,16 9,20 16,17",
    "f": "15,2 11,0 7,4 7,20 / 2,9 13,9",
    "h": "3,0 3,20! 4,12 9,8 13,12 14,20",
    "k": "3,0 3,20 / 12,7 3,14! 13,20",
    "m": "1,6 1,20! 2,9 6,6 9,10 9,20! 10,9 14,6 17,10 17,20",
    "n": "2,2 2,20! 3,7 9,2 14,7 14,20",
    "p": "3,2 3,20 / 3,4 9,1 14,5 10,11 3,11",
    "r": "3,3 3,20! 4,9 8,4 14,4",
    "t": "8,0 8,15 11,20 16,18 / 1,6 15,6",
    "u": "2,3 2,14 6,19 13,14 14,3! 14,20",
    "w": "1,3 3,18 8,17 9,6! 10,17 15,17 17,3",
    "ampersand": "15,20 4,5 7,0 11,3 3,13 4,19 10,19 16,11",
    "plus": "9,1 9,19 / 0,10 18,10",
    "tick": "1,12 6,20! 17,0",
}
"""Allographs of letters, as in `synth/drawn/glyphs.py`; and three marks people make."""
