"""Boxes that stand apart, each at its own height, are one row; letters are none."""

import cv2
import numpy as np
import pytest

import mnistry
from mnistry.scan.page.boxes.boxes_apart import cells_of, find_boxes_apart
from mnistry.scan.page.boxes.frames import find_holes
from mnistry.synth.documents.scenes import Alphabet
from mnistry.synth.drawn import draw

STEEP = (20, 26, 20, 6, 3, 8), (0, 1, -6, -3, 1, 2)  # how high boxes stand, and lean
ROUND = (0, 8, 14, 14, 8, 0), (6, 5, 2, -2, -5, -6)


def picture(
    alphabet: Alphabet,
    text: str,
    curl: tuple[tuple[int, ...], tuple[int, ...]],
    *,
    step: int,
    size: int,
) -> np.ndarray:
    """Draw digits in boxes that stand apart, on paper that curls."""
    page = np.full((300, step * len(text) + 60), 245, np.uint8)
    for at, (digit, low, lean) in enumerate(zip(text, *curl, strict=False)):
        left, top = 30 + step * at, 100 + low
        corners = np.array([[0, 0], [70, lean], [70, 90 + lean], [0, 90]])
        corners += np.array([left, top])
        cv2.polylines(page, [corners], isClosed=True, color=90, thickness=2)
        row = int(np.flatnonzero(alphabet.labels == int(digit))[at % 3])
        ink = cv2.resize(alphabet.images[row], (size, size))
        down, across = top + (90 - size) // 2, left + (70 - size) // 2
        place = page[down : down + size, across : across + size]
        np.minimum(place, 255 - ink, out=place)
    return page


def ink_of(page: np.ndarray) -> np.ndarray:
    return page < 160


@pytest.mark.parametrize(
    ("text", "curl", "step", "size"),
    [("395026", STEEP, 90, 56), ("470872", ROUND, 105, 48)],
)
def test_a_number_in_boxes_on_curled_paper_is_one(
    text: str, curl: tuple[tuple[int, ...], tuple[int, ...]], step: int, size: int
) -> None:
    page = picture(Alphabet(*draw(200, seed=1)), text, curl, step=step, size=size)
    assert [line.text for line in mnistry.read(page).lines] == [text]


def test_boxes_whose_sides_are_broken_are_seen(alphabet: Alphabet) -> None:
    mask = ink_of(picture(alphabet, "4711", STEEP, step=90, size=56))
    mask[140:170, 116:124] = mask[140:170, 186:194] = False
    (row,) = find_boxes_apart(mask, find_holes(mask), [])
    assert len(row) == 4
    known = [cells_of(row)]
    assert find_boxes_apart(mask, find_holes(mask), known) == []


def test_letters_and_squared_paper_are_no_boxes(alphabet: Alphabet) -> None:
    word = np.full((120, 700), 255, np.uint8)
    cv2.putText(word, "ADDA BODO", (20, 90), cv2.FONT_HERSHEY_PLAIN, 6, 0, 5)
    assert find_boxes_apart(ink_of(word), find_holes(ink_of(word)), []) == []
    squares = np.zeros((400, 400), bool)
    squares[::40] = squares[:, ::40] = True
    squares[90:110, 100] = squares[130:150, 140] = True  # what is written
    assert find_boxes_apart(squares, find_holes(squares), []) == []


def test_a_field_beside_one_box_is_not_several() -> None:
    mask = np.zeros((80, 360), bool)
    mask[10:64, 10:342] = True
    mask[12:62, 12:52] = mask[12:62, 54:340] = False
    mask[25:50, 30] = mask[16:60, 94:97] = mask[16:60, 136:139] = True  # ₹11
    assert find_boxes_apart(mask, find_holes(mask), []) == []
