"""A pen: digits written side by side, by strokes of any width, with known boxes.

A glyph is kept as a field: at each pixel its distance to the edge of the stroke,
positive inside. Fields may be turned, slanted, scaled and thickened without loss, and
become smooth ink only on the page, as a real pen's stroke does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink, Pixels
from mnistry.box import Box
from mnistry.extras import require
from mnistry.synth.documents.signs import Sign, write_sign
from mnistry.synth.documents.thinning import thin

cv2 = require("cv2", extra="read")

Field = NDArray[np.float32]
"""(rows, columns) float32; distance to the stroke's edge in pixels, inside positive."""

PEN = 0.11  # of a digit's height: a sign's stroke where digits are as bold as they are
SIGN_GAP = 0.06  # of a digit's height: the least room before and after a sign
FINE_PEN = 0.08  # of a digit's height: thinner, strokes are drawn along centre lines
FINE_STROKE = 6.0  # enlarged pixels; any, for the hand's own thickness replaces it
ENLARGED = 4  # a glyph of 28 pixels becomes a field of 112: edges fall between pixels


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes; lengths are fractions of the height of a digit.

    Attributes:
        height: Of a digit, in pixels.
        gap: Between one digit and the next; negative makes them touch.
        gap_spread: Standard deviation of the gap.
        size_spread: Standard deviation of the height.
        rise_spread: Standard deviation of the foot of a digit around the line.
        slant: Columns that the top leans to the right for each row.
        thickness: Of the pen; 0 leaves glyphs as bold as they are.
        kerned: Gaps are measured between strokes, not between boxes.
        wobble: Standard deviation of each digit's own slant, turn and width.
    """

    height: float = 28.0
    gap: float = 0.2
    gap_spread: float = 0.06
    size_spread: float = 0.05
    rise_spread: float = 0.03
    slant: float = 0.0
    thickness: float = 0.0
    kerned: bool = False
    wobble: float = 0.0


class Written(NamedTuple):
    """Ink with the box of each digit, and of each sign, from left to right."""

    ink: Ink
    boxes: tuple[Box, ...]
    signs: tuple[Box, ...] = ()


def to_field(glyph: Pixels) -> Field:
    """Turn an image of a digit into the field of its strokes.

    Args:
        glyph: (rows, columns) uint8, 0 paper to 255 ink.

    Returns:
        The field, enlarged four times, with a margin.

    Example:
        >>> bar = np.zeros((28, 28), np.uint8)
        >>> bar[4:24, 12:16] = 255
        >>> round(float(to_field(bar).max()))  # half of 4 pixels, enlarged 4 times
        8
    """
    rows, columns = (side * ENLARGED for side in glyph.shape)
    large = cv2.resize(glyph, (columns, rows), interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=0)
    inside = (large > 127).astype(np.uint8)
    within = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    without = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    field: Field = (within - without).astype(np.float32)
    return field


def to_fine_field(glyph: Pixels) -> Field:
    """Turn an image of a digit into the field of strokes as wide everywhere.

    A pen far thinner than the image's own would tear where that was lifted.

    Args:
        glyph: (rows, columns) uint8, 0 paper to 255 ink.

    Example:
        >>> wedge = np.zeros((28, 28), np.uint8)
        >>> for row in range(4, 24):
        ...     wedge[row, 12 : 13 + row // 4] = 255
        >>> float(to_fine_field(wedge).max())
        3.0
    """
    rows, columns = (side * ENLARGED for side in glyph.shape)
    large = cv2.resize(glyph, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return line_field(thin(large[None] > 127)[0], FINE_STROKE)


def line_field(centre_line: NDArray[np.bool_], thickness: float) -> Field:
    """Turn a centre line into the field of a stroke along it.

    Args:
        centre_line: (rows, columns), true where the pen's tip went.
        thickness: Of the stroke, in pixels.
    """
    far = cv2.distanceTransform((~centre_line).astype(np.uint8), cv2.DIST_L2, 3)
    field: Field = (thickness / 2 - far).astype(np.float32)
    return field


def write_line(
    fields: Sequence[Field | Sign], hand: Hand, *, generator: np.random.Generator
) -> Written:
    """Write glyphs and signs side by side on nothing.

    Args:
        fields: Of the glyphs, each with some stroke inside; and signs between.
        hand: How they are written.
        generator: Decides sizes, gaps and feet.

    Returns:
        Ink with a margin of half a digit around, and the boxes of digits and signs.
    """
    drawn = [_draw(field, hand, generator) for field in fields]
    glyphs = [ink for ink, _ in drawn]
    height = round(hand.height * 2.4)
    width = sum(glyph.shape[1] for glyph in glyphs)
    width += round(hand.height * (2 + max(0.0, hand.gap + 0.4) * len(glyphs)))
    ink = np.zeros((height, width + 8), np.float32)
    reach = np.full(height, -1)  # the last inked column of each row
    boxes: list[Box] = []
    right = round(hand.height / 2)
    signs = [isinstance(field, Sign) for field in fields]
    for number, (glyph, below) in enumerate(drawn):
        foot = hand.height * (1.7 + generator.normal(0, hand.rise_spread))
        top = round(foot) + below - glyph.shape[0]
        top = int(np.clip(top, 0, height - glyph.shape[0]))
        gap = hand.height * generator.normal(hand.gap, hand.gap_spread)
        if any(signs[max(0, number - 1) : number + 1]):
            gap = max(gap, SIGN_GAP * hand.height)
        left = _left_edge(glyph, reach[top:], right, kerned=hand.kerned) + round(gap)
        left = int(np.clip(left, right // 3, ink.shape[1] - glyph.shape[1]))
        box = Box(left, top, left + glyph.shape[1], top + glyph.shape[0])
        place = ink[box.top : box.bottom, box.left : box.right]
        np.maximum(place, glyph, out=place)
        _extend(reach, glyph, box)
        boxes.append(box)
        right = max(right, box.right)
    end = min(ink.shape[1], right + round(hand.height / 2))
    return Written(
        ink[:, :end],
        tuple(box for box, is_sign in zip(boxes, signs, strict=True) if not is_sign),
        tuple(box for box, is_sign in zip(boxes, signs, strict=True) if is_sign),
    )


def _draw(
    field: Field | Sign, hand: Hand, generator: np.random.Generator
) -> tuple[Ink, int]:
    """Draw one glyph in the size of the hand; how far it ends below the foot."""
    if not isinstance(field, Sign):
        return _draw_digit(field, hand, generator), 0
    return write_sign(
        field,
        height=hand.height,
        slant=hand.slant,
        thickness=hand.thickness or PEN,
        generator=generator,
    )


def _draw_digit(field: Field, hand: Hand, generator: np.random.Generator) -> Ink:
    """Draw one glyph in the size of the hand, cropped to its ink."""
    rows, columns = np.nonzero(field > 0)
    tall = max(1, rows.max() - rows.min() + 1)
    wide = max(1, columns.max() - columns.min() + 1)
    spread = float(np.clip(generator.normal(0, hand.size_spread), -0.4, 0.4))
    size = hand.height * (1 + spread)
    scale = min(size / tall, 1.5 * size / wide)
    shape = round(size * 1.5) + 8, round(size * 2.4) + 8
    middle = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    lean, turn, stretch = np.clip(generator.normal(0, 1, 3), -2, 2) * hand.wobble
    lean += hand.slant
    matrix = scale * np.array([[1 + stretch, turn - lean, 0], [-turn, 1, 0]])
    matrix[:, 2] = np.array(shape[::-1]) / 2 - matrix[:, :2] @ np.array(middle[::-1])
    warped = cv2.warpAffine(
        field,
        matrix,
        shape[::-1],
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=-1e3,
    )
    edge = warped * scale
    if hand.thickness:
        edge = edge + (hand.thickness * hand.height / 2 - _half_stroke(edge))
    return _cropped(np.clip(edge + 0.5, 0, 1).astype(np.float32))


def _half_stroke(edge: Field) -> float:
    """Half the typical width of the strokes: where the field crests."""
    inside = edge[edge > 0]
    if not inside.size:
        return 0.0
    return float(np.percentile(inside, 85))  # crests are the innermost of it


def _cropped(ink: Ink) -> Ink:
    rows, columns = np.nonzero(ink > 0.4)
    if not rows.size:
        return np.ones((2, 2), np.float32)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _left_edge(
    glyph: Ink, reach: NDArray[np.int64], right: int, *, kerned: bool
) -> int:
    if not kerned:
        return right
    here = reach[: len(glyph)]
    inked = (glyph > 0.4).argmax(axis=1)
    both = (here >= 0) & (glyph > 0.4).any(axis=1)
    if not both.any():
        return right
    return max(int((here - inked)[both].max()) + 1, right - round(0.6 * len(glyph)))


def _extend(reach: NDArray[np.int64], glyph: Ink, box: Box) -> None:
    inked = glyph > 0.4
    last = box.left + glyph.shape[1] - 1 - inked[:, ::-1].argmax(axis=1)
    part = reach[box.top : box.bottom]
    np.maximum(part, np.where(inked.any(axis=1), last, -1), out=part)
