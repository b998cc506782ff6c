"""Pens too thin for what they write, and a one that is alone."""

import cv2
import numpy as np
import pytest

from mnistry.scan.page.prepare import prepare
from mnistry.scan.read import read
from mnistry.synth.documents.handwriting import Hand
from mnistry.synth.documents.scenes import Alphabet, write_text

SURE = 0.95


@pytest.mark.parametrize("pen", [1, 2])
def test_large_digits_of_a_thin_pen_are_read(pen: int, alphabet: Alphabet) -> None:
    hand = Hand(height=130, gap=0.3, thickness=pen / 130)
    generator = np.random.default_rng(1)
    ink = write_text(alphabet, "2753", hand, generator=generator).ink
    picture = (255 * (1 - np.pad(ink, 40))).astype(np.uint8)
    assert read(picture).text == "2753"


@pytest.mark.parametrize(("high", "found"), [(120, "1"), (20, "")])
def test_a_stroke_alone_is_a_one_unless_it_is_a_scratch(high: int, found: str) -> None:
    picture = np.full((250, 200), 255, np.uint8)
    cv2.line(picture, (102, 60), (100, 60 + high), 20, 5, cv2.LINE_AA)
    assert read(picture).text == found
    assert read(picture, pattern="[0-9]{2}").text == ""


def test_a_low_stroke_alone_is_never_surely_a_one() -> None:
    picture = np.full((250, 200), 255, np.uint8)
    cv2.line(picture, (102, 60), (100, 90), 20, 5, cv2.LINE_AA)
    assert all(line.confidence < SURE for line in read(picture).lines)


def test_beside_other_lines_nothing_is_thickened(alphabet: Alphabet) -> None:
    hand = Hand(height=85, gap=0.3, thickness=1 / 85)
    generator = np.random.default_rng(1)
    ink = np.pad(write_text(alphabet, "2753", hand, generator=generator).ink, 30)
    row = (255 * (1 - ink)).astype(np.uint8)
    alone, both = (
        sum(int(page.mask.sum()) for page in prepare(picture))
        for picture in (row, np.vstack([row, row]))
    )
    assert both < 1.5 * alone  # twice as much ink, but as thin as it is
