"""Per cent is one piece of ink where its rings touch the stroke; two digits are not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.recognize.signs.percent import find_percent, is_certain, is_joined
from mnistry.scan.recognize.signs.separate import Sign, may_be_percent
from mnistry.scan.recognize.signs.shapes import Piece

HEIGHT = 60


def piece_of(drawn: NDArray[np.uint8], left: int = 0) -> Piece:
    rows, columns = (np.flatnonzero(drawn.any(axis=of)) for of in (1, 0))
    ink = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0
    high, wide = ink.shape
    box = Box(left, 0, left + wide, high)
    sides = (side / HEIGHT for side in box)
    return Piece(Component(box, int(ink.sum()), 1), ink, 0.1, *sides)


def percent(ring: int, *, thickness: int = 6, gap: int = 0) -> NDArray[np.uint8]:
    drawn = np.zeros((90, 120), np.uint8)
    cv2.line(drawn, (68, 12), (38, 70), 255, thickness)
    cv2.circle(drawn, (38 - gap, 26), ring, 255, thickness)
    cv2.circle(drawn, (68 + gap, 57), ring, 255, thickness)
    return drawn


def ninety_six() -> NDArray[np.uint8]:
    """Write a 9 and a 6 that touch: each has a stem of its own."""
    drawn = np.zeros((90, 120), np.uint8)
    cv2.circle(drawn, (30, 26), 12, 255, 6)
    cv2.line(drawn, (44, 14), (34, 70), 255, 6)
    cv2.line(drawn, (64, 12), (50, 60), 255, 6)
    cv2.circle(drawn, (63, 58), 12, 255, 6)
    cv2.line(drawn, (40, 40), (56, 42), 255, 4)
    return drawn


@pytest.mark.parametrize("thickness", [5, 8])
def test_rings_that_touch_the_stroke_make_one_sign(thickness: int) -> None:
    one = piece_of(percent(11, thickness=thickness))
    assert is_joined(one)
    before = piece_of(np.full((HEIGHT, 8), 255, np.uint8))
    assert find_percent([before, one]) == (one,)
    assert is_certain((one,))
    assert not find_percent([one])  # no number stands before it


def test_bold_rings_need_no_hole() -> None:
    filled = percent(9, thickness=14)
    cv2.circle(filled, (38, 26), 9, 255, -1)
    cv2.circle(filled, (68, 57), 9, 255, -1)
    one = piece_of(filled)
    assert not one.holes
    assert is_joined(one)


def test_two_digits_that_touch_are_no_per_cent() -> None:
    assert not is_joined(piece_of(ninety_six()))
    mirrored = percent(11)[:, ::-1]
    assert not is_joined(piece_of(np.ascontiguousarray(mirrored)))
    without_ring = percent(11)
    without_ring[:, 72:] = 0
    assert not is_joined(piece_of(without_ring))


@pytest.mark.parametrize(
    ("text", "box", "is_percent"),
    [
        ("%", Box(52, 30, 100, 70), True),
        ("%", Box(82, 30, 100, 70), False),  # of one digit, an 8
        ("%", Box(130, 30, 170, 70), False),  # no digit was read there
        ("/", Box(52, 30, 100, 70), False),
    ],
)
def test_two_digits_where_per_cent_may_be(
    text: str, box: Box, is_percent: bool
) -> None:
    boxes = Box(10, 30, 40, 70), Box(52, 30, 72, 70), Box(80, 30, 100, 70)
    assert may_be_percent((Sign(text, box),), boxes) == is_percent
