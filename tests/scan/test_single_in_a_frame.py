"""A digit in a box or a ring: sides are not the paper, and a ring is no zero."""

import cv2
import numpy as np
from numpy.typing import NDArray

import mnistry
from mnistry.scan.page.paper.illumination import is_light_on_dark
from mnistry.synth.drawn import draw

SIDE, FRAME = 40, 5  # pixels
PAPER, GREY, INK = 230, 150, 180


def in_a_frame(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Draw a pale digit into a box, and cut out the box with its sides."""
    picture = np.full((SIDE, SIDE), GREY, np.float32)
    picture[FRAME:-FRAME, FRAME:-FRAME] = PAPER
    ink = cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA) / 255
    picture[8:32, 8:32] -= (PAPER - INK) * ink
    return picture.astype(np.uint8)


def test_sides_all_round_do_not_make_a_negative_of_a_digit() -> None:
    images, labels = draw(40, seed=1)
    pictures = [in_a_frame(np.asarray(image)) for image in images]
    assert sum(map(is_light_on_dark, pictures)) >= 30, "its sides look like its paper"
    read = [mnistry.read(picture, single=True).text for picture in pictures]
    assert sum(a == str(b) for a, b in zip(read, labels, strict=True)) >= 25


def test_so_does_light_ink_on_dark_paper() -> None:
    images, labels = draw(12)
    pictures = [np.pad(np.asarray(image), 8) // 2 + 40 for image in images]
    read = [mnistry.read(picture, single=True).text for picture in pictures]
    assert sum(a == str(b) for a, b in zip(read, labels, strict=True)) >= 11


def test_a_ring_around_a_digit_is_no_zero() -> None:
    images, labels = draw(12, seed=2)
    read = []
    for image in images:
        picture = np.full((200, 200), 240, np.uint8)
        picture[50:150, 50:150] -= cv2.resize(np.asarray(image), (100, 100)) // 4 * 3
        cv2.circle(picture, (100, 100), 85, 60, 5)
        read.append(mnistry.read(picture, single=True).text)
    assert sum(a == str(b) for a, b in zip(read, labels, strict=True)) >= 10
