"""What lies around a number, or over it, in pictures that people take."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import mnistry
from mnistry.scan.page import prepare as prepare_module
from mnistry.scan.page.prepare import prepare
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

YELLOW, PINK = (240, 228, 60), (240, 150, 190)
RED, GREEN, BLUE = (200, 40, 40), (40, 150, 70), (50, 80, 210)


def write(picture: NDArray[np.uint8], text: str, foot: int, left: int = 180) -> None:
    """Write digits 50 pixels tall."""
    for place, digit in enumerate(text):
        at = left + 60 * place, foot
        cv2.putText(picture, digit, at, 0, 2.3, (40, 40, 60), 5, cv2.LINE_AA)


def test_what_a_highlighter_goes_over_is_read() -> None:
    picture = np.full((450, 700, 3), 235, np.uint8)
    for foot, colour in ((140, YELLOW), (360, PINK)):
        cv2.rectangle(picture, (160, foot - 54), (440, foot + 4), colour, -1)
    for foot, text in ((140, "4257"), (250, "3742"), (360, "7354")):
        write(picture, text, foot)
    assert mnistry.read(picture).text.split() == ["4257", "3742", "7354"]


def test_buttons_and_punched_holes_are_no_zeros() -> None:
    picture = np.full((600, 700, 3), 245, np.uint8)
    write(picture, "4257", 200)
    for column, colour in ((240, RED), (300, GREEN), (360, BLUE), (420, GREEN)):
        cv2.circle(picture, (column, 540), 20, colour, -1, cv2.LINE_AA)
    cv2.circle(picture, (60, 300), 20, (30, 30, 30), -1, cv2.LINE_AA)
    assert mnistry.read(picture).text == "4257"


def test_a_number_is_read_beside_what_is_far_taller() -> None:
    picture = np.full((900, 700, 3), 235, np.uint8)
    write(picture, "4257", 300)
    for column in (60, 640):  # the torn edges of a sheet
        rows = np.arange(100, 800, 20)
        ragged = np.stack([column + 8 * (rows // 20 % 2), rows], axis=1)
        cv2.polylines(picture, [ragged], False, (40, 40, 40), 14)
    assert mnistry.read(picture).text == "4257"


@pytest.mark.parametrize("rows", [15, 18, 29])
def test_a_line_hardly_too_tall_for_its_page_is_in_the_smaller_copy(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    picture = np.full((500, 700, 3), 235, np.uint8)
    write(picture, "4257", 120)
    for place, digit in enumerate("3742"):
        at = 180 + 90 * place, 350
        cv2.putText(picture, digit, at, 0, 3.4, (40, 40, 60), 7, cv2.LINE_AA)
    (page,) = prepare(picture)
    tallest = max(line.height for line in page.lines)
    monkeypatch.setattr(prepare_module, "TALLEST", tallest - 0.1)
    monkeypatch.setattr(prepare_module, "COMFORTABLE", rows)  # lower by rounding
    assert [len(of.lines) for of in prepare(picture)] == [1, 1]


@pytest.mark.parametrize(
    ("text", "seed"), [("1468", 13), ("1468", 38), ("4711", 27), ("4711", 31)]
)
def test_a_number_at_the_edge_of_the_picture_is_read_as_amid_paper(
    text: str, seed: int
) -> None:
    alphabet = Alphabet(*draw(300, seed=11))
    assert mnistry.read(make_string(alphabet, text, seed=seed).picture).text == text
