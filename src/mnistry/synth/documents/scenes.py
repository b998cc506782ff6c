"""Scenes: pictures with known truth; strings and envelopes are made here.

Given digits are written by a pen on drawn paper among other ink, and photographed. The
same seed gives the same picture.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Labels
from mnistry.box import Box
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.synth.documents.camera import Picture, photograph, tilt_matrix
from mnistry.synth.documents.handwriting import (
    FINE_PEN,
    Field,
    Hand,
    Written,
    to_field,
    to_fine_field,
    write_line,
)
from mnistry.synth.documents.paper import (
    COVER,
    Paper,
    Sheet,
    make_sheet,
    stain_at,
    stain_ink,
)
from mnistry.synth.documents.signs import SIGNS, Sign
from mnistry.synth.documents.stationery import (
    draw_camera,
    draw_colour,
    draw_tint,
    put_address,
    put_frames,
    put_stamp,
)
from mnistry.synth.documents.texts import check_written

cv2 = require("cv2", extra="read")


class TrueLine(NamedTuple):
    """What is written on a line, and where each digit is, and each sign."""

    text: str
    boxes: tuple[Box, ...]
    signs: tuple[Box, ...] = ()


Lines = list[TrueLine]
"""What is written on a sheet."""


class Scene(NamedTuple):
    """A picture with its truth.

    Attributes:
        picture: What is seen.
        lines: Handwritten digits that are to be read, from top to bottom.
        others: Digits that are there too, and need not be read: printed ones.
    """

    picture: Picture
    lines: tuple[TrueLine, ...]
    others: tuple[str, ...] = ()


class Alphabet(NamedTuple):
    """Digits to write with: images as MNIST's, and what each shows."""

    images: Images
    labels: Labels


def make_string(alphabet: Alphabet, text: str, *, seed: int = 0) -> Scene:
    """Write one string of digits, cut out closely, as from a cheque.

    Args:
        alphabet: Digits to write with.
        text: What to write: digits, and signs such as those of "1,234.50".
        seed: Decides hand, paper, light.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    hand = draw_hand(generator, height=float(generator.uniform(24, 44)))
    written = write_text(alphabet, text, hand, generator=generator)
    wavy = float(generator.uniform(0, 0.2)) * float(generator.random() < 0.5)
    look = Paper(draw_tint(generator), float(generator.uniform(0, 0.02)), wavy)
    sheet = make_sheet(written.ink.shape, look, generator=generator)
    stain_ink(sheet, written.ink * np.float32(0.9), draw_colour(generator))
    margin = round(0.25 * hand.height)
    around = _around(written.boxes + written.signs, margin, written.ink.shape)
    boxes, signs = (
        tuple(box.moved(-around.left, -around.top) for box in some)
        for some in (written.boxes, written.signs)
    )
    part = sheet[around.top : around.bottom, around.left : around.right]
    picture = photograph(part, draw_camera(generator), generator=generator)
    return Scene(picture, (TrueLine(text, boxes, signs),))


def make_envelope(alphabet: Alphabet, code: str, *, seed: int = 0) -> Scene:
    """Address an envelope: street and town in type, the postal code by hand.

    Args:
        alphabet: Digits to write with.
        code: The postal code, digits only.
        seed: Decides hand, boxes or none, paper, stamp, light, perspective.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    look = Paper(draw_tint(generator), 0.012, 0.0, int(generator.integers(0, 3)))
    sheet = make_sheet((560, 900), look, generator=generator)
    framed = bool(generator.random() < 0.5)
    put_stamp(sheet, generator)
    put_address(sheet, generator)
    gap = 0.55 if framed else float(generator.uniform(0.08, 0.35))
    hand = draw_hand(generator, height=float(generator.uniform(34, 50)), gap=gap)
    written = write_text(alphabet, code, hand, generator=generator)
    left, top = (int(v) for v in generator.integers((360, 370), (440, 420)))
    boxes = put_ink(sheet, written, (left, top), draw_colour(generator))
    if framed:
        put_frames(sheet, boxes, hand.height)
    return photographed_aslant(sheet, [TrueLine(code, boxes)], 0.015, generator)


def write_text(
    alphabet: Alphabet, text: str, hand: Hand, *, generator: np.random.Generator
) -> Written:
    """Write digits with an alphabet, and signs with the same pen.

    Args:
        alphabet: Digits to write with.
        text: What to write: at least one digit, and signs of `signs.SIGNS`.
        hand: How.
        generator: Decides which image of each digit is taken.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.
    """
    check_written([text])
    is_fine = 0 < hand.thickness < FINE_PEN
    fields: list[Field | Sign] = []
    for digit in text:
        if digit in SIGNS:
            fields.append(SIGNS[digit])
            continue
        rows = np.flatnonzero(alphabet.labels == int(digit))
        if not rows.size:
            message = f"the alphabet has no {digit}; expected images of all ten digits."
            raise UsageError(message)
        image = alphabet.images[int(generator.choice(rows))]
        fields.append(to_fine_field(image) if is_fine else to_field(image))
    return write_line(fields, hand, generator=generator)


def draw_hand(
    generator: np.random.Generator, *, height: float, gap: float | None = None
) -> Hand:
    """Draw how somebody writes."""
    return Hand(
        height=height,
        gap=float(generator.uniform(0.0, 0.3)) if gap is None else gap,
        gap_spread=0.05,
        size_spread=float(generator.uniform(0.02, 0.08)),
        rise_spread=float(generator.uniform(0.01, 0.05)),
        slant=float(generator.normal(0.05, 0.12)),
        thickness=float(generator.uniform(0.09, 0.16)),
        kerned=bool(generator.random() < 0.5),
        wobble=0.04,
    )


def put_ink(
    sheet: Sheet,
    written: Written,
    at: tuple[int, int],
    colour: NDArray[np.float64],
) -> tuple[Box, ...]:
    """Put what was written on a sheet, in place, and give the boxes of its digits."""
    stain_at(sheet, written.ink * COVER, at, colour)
    return tuple(box.moved(*at) for box in written.boxes)


def photographed(
    sheet: Sheet,
    lines: Lines,
    matrix: NDArray[np.float64],
    generator: np.random.Generator,
) -> Scene:
    """Photograph a sheet whose points a (3, 3) matrix has moved."""
    picture = photograph(sheet, draw_camera(generator), generator=generator)
    return Scene(picture, moved(lines, matrix))


def photographed_aslant(
    sheet: Sheet, lines: Lines, amount: float, generator: np.random.Generator
) -> Scene:
    """Photograph a sheet by a camera that is not held straight.

    Args:
        sheet: What is written on.
        lines: What is written, where it is on the sheet.
        amount: How far corners move at most, as a fraction of the sides.
        generator: Decides perspective and light.
    """
    tilt = tilt_matrix(sheet.shape[:2], amount, generator=generator)
    seen = cv2.warpPerspective(
        sheet, tilt, sheet.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
    )
    return photographed(seen, lines, tilt, generator)


def moved(
    lines: Sequence[TrueLine], matrix: NDArray[np.float64]
) -> tuple[TrueLine, ...]:
    """Return lines whose boxes a (3, 3) matrix moves."""
    return tuple(
        TrueLine(
            line.text,
            tuple(tilted(box, matrix) for box in line.boxes),
            tuple(tilted(box, matrix) for box in line.signs),
        )
        for line in lines
    )


def tilted(box: Box, tilt: NDArray[np.float64]) -> Box:
    """Return the box around a box whose points a (3, 3) matrix moves."""
    left, top, right, bottom = box
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    seen = cv2.perspectiveTransform(np.array([corners], np.float32), tilt)[0]
    low, high = np.floor(seen.min(axis=0)), np.ceil(seen.max(axis=0))
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _around(boxes: tuple[Box, ...], margin: int, shape: tuple[int, ...]) -> Box:
    inked = Box.around(boxes)
    return Box(
        max(0, inked.left - margin),
        max(0, inked.top - margin),
        min(shape[1], inked.right + margin),
        min(shape[0], inked.bottom + margin),
    )
