"""A number that stands in one row with words is read."""

import cv2
import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component, find_components
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.layout.parts import between_words
from mnistry.scan.read import read
from mnistry.synth.documents.handwriting import Hand
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.documents.typeset import set_text
from mnistry.synth.documents.words import foot_of, write_words

GAP = 20  # pixels before the number; words are nearer to each other


def beside_words(alphabet: Alphabet, text: str, seed: int) -> np.ndarray:
    """Write words by hand that end a little before a number."""
    number = make_string(alphabet, text, seed=seed).picture
    number = cv2.resize(number, (60 * number.shape[1] // len(number), 60))
    hand = Hand(36.0, thickness=0.1)
    words = write_words(
        "Forty eight thousand and twenty only",
        hand,
        generator=np.random.default_rng(seed),
    )
    picture = np.full((400, words.shape[1] + number.shape[1] + 200, 3), 255, np.uint8)
    picture[:] = np.median(number, axis=(0, 1))
    top, end = 212 - foot_of(hand), 60 + words.shape[1]
    part = picture[top : top + len(words), 60:end]
    part[words > 0.5] = number.min(axis=(0, 1))
    end = 60 + int(np.flatnonzero(words.max(axis=0) > 0.5).max()) + GAP
    picture[160:220, end : end + number.shape[1]] = number
    return picture


def test_a_number_that_follows_words_closely_is_read(alphabet: Alphabet) -> None:
    pictures = [beside_words(alphabet, "4820", seed) for seed in range(4)]
    lines = [line for picture in pictures for line in read(picture).lines]
    assert [line.text for line in lines] == ["4820"] * 4
    assert min(line.confidence for line in lines) > 0.6


def printed(*rows: str) -> np.ndarray:
    page = np.full((120 + 60 * len(rows), 900, 3), 240, np.uint8)
    for number, row in enumerate(rows):
        ink = set_text(row, 34.0).ink
        top = 60 + 60 * number
        part = page[top : top + ink.shape[0], 60 : 60 + ink.shape[1]]
        part[ink > 0.5] = 30
    return page


def test_numbers_of_one_printed_row_are_parted_by_the_words_between_them() -> None:
    page = printed("23769 was from them 4820 have", "they 58043 from 2756 went")
    texts = [line.text for line in read(page).lines]
    assert texts == ["23769", "4820", "58043", "2756"]


@pytest.mark.parametrize(
    ("space", "point", "count"), [(9, False, 2), (5, False, 1), (9, True, 1)]
)
def test_numbers_beside_each_other_are_parted_by_a_space_like_that_to_a_word(
    space: int, point: bool, count: int
) -> None:
    lefts = [0, 12, 24 - 2 + space, 34 + space]
    digits = [Box(left, 0, left + 10, 30) for left in lefts]
    end = digits[-1].right
    word = [Box(left, 0, left + 8, 30) for left in (end + 10, end + 20, end + 30)]
    number = [Box(left, 0, left + 10, 30) for left in (end + 48, end + 60)]
    everything = [*digits, *word, *number]
    components = [Component(box, 200, at) for at, box in enumerate(everything, 1)]
    soft = np.zeros((40, end + 80), np.uint8)
    for box in everything:
        soft[box.top : box.bottom, box.left : box.right] = 255
    if point:  # too small for a component
        soft[28:30, 22 + space // 2 : 24 + space // 2] = 200
    line = Line(tuple(components), (0, 30))
    parts = between_words(line, [*digits, *number], soft)
    assert len(parts) == count + 1
    assert parts[0][0].box.right == (22 if count == 2 else end)


def test_a_number_that_a_letter_overlaps_keeps_its_columns() -> None:
    boxes = [Box(0, 0, 10, 30), Box(12, 0, 22, 30)]
    letters = [Box(40, 0, 50, 30), Box(52, 0, 62, 30), Box(60, 0, 92, 30)]
    last = [Box(84, 0, 94, 30), Box(96, 0, 106, 30)]
    everything = [*boxes, *letters, *last]
    components = [Component(box, 200, at) for at, box in enumerate(everything, 1)]
    line = Line(tuple(components), (0, 30))
    parts = between_words(line, [*boxes, *last], np.zeros((40, 120), np.uint8))
    assert [part.box for part, _ in parts] == [Box(0, 0, 22, 30), Box(84, 0, 106, 30)]
    for part, (before, after) in parts:
        assert before <= part.box.left < part.box.right <= after


@pytest.mark.parametrize("shape", [(6, 0), (0, 6), (0, 0)])
def test_no_pixels_have_no_components(shape: tuple[int, int]) -> None:
    components, component_map = find_components(np.zeros(shape, bool))
    assert (components, component_map.shape) == ([], shape)
