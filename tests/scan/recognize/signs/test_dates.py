"""Dates that were taken for numbers."""

import cv2
import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.page import Page
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import Gap
from mnistry.scan.read import read
from mnistry.scan.recognize.confidence import PENALTY
from mnistry.scan.recognize.signs.dates import (
    find_slashes,
    is_dated,
    may_be_date,
    may_be_fraction,
    reaches_beyond,
)
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw


def written(text: str, lean: int) -> tuple[tuple[int, ...], tuple[Box, ...], Page]:
    """Write ones that lean by so many columns, and blocks for other digits."""
    picture = np.full((100, 60 * len(text) + 60, 3), 255, np.uint8)
    boxes = []
    for place, digit in enumerate(text):
        left = 40 + 60 * place
        if digit == "1":
            ends = (left + 18 + lean // 2, 30), (left + 18 - lean // 2, 70)
            cv2.line(picture, *ends, (0, 0, 0), 5)
        else:
            cv2.ellipse(picture, (left + 18, 50), (12, 18), 0, 0, 360, (0, 0, 0), 5)
        boxes.append(Box(left - 2, 26, left + 42, 76))
    (page,) = prepare(picture)
    return tuple(map(int, text)), tuple(boxes), page


@pytest.mark.parametrize(
    ("text", "lean", "is_date"),
    [
        ("381811134", 16, True),  # 38/8/1134
        ("3181818134", 16, False),
        ("81818134", 16, True),
        ("38181134", 16, False),  # 38/8/134 has no year
        ("381811134", 0, False),  # ones stand upright
        ("381811134", -16, False),
        ("38", 16, False),
        ("1", 16, False),
    ],
)
def test_ones_that_lean_where_a_date_has_slashes(
    text: str, lean: int, is_date: bool
) -> None:
    digits, boxes, page = written(text, lean)
    assert may_be_date(digits, boxes, [], page) == is_date


@pytest.mark.parametrize(
    ("text", "below", "is_date"),
    [
        ("314186", (5, 5), True),  # 3/4/86
        ("38141186", (5, 5), False),  # 38/4/186 has no year
        ("381422186", (5, 5), False),
        ("314186", (5, 0), True),
        ("314186", (2, 0), False),
        ("314186", (0, 0), False),
    ],
)
def test_a_year_of_two_digits_follows_ones_that_stand_lower_too(
    text: str, below: tuple[int, int], is_date: bool
) -> None:
    digits, boxes, page = written(text, 16)
    lower = dict(zip([1, 3] if len(text) == 6 else [2, 4], below, strict=True))
    feet = tuple(
        box._replace(bottom=box.bottom + lower.get(at, 0))
        for at, box in enumerate(boxes)
    )
    assert may_be_date(digits, feet, [], page) == is_date


@pytest.mark.parametrize(
    ("text", "at", "below", "found"),
    [
        ("381811134", (2, 4), (6, 6), True),  # 38/8/1134
        ("381811134", (2, 4), (9, 2), True),  # both together count
        ("381811134", (2, 4), (1, 1), False),
        ("381811134", (2, 5), (6, 6), False),  # no date has slashes there
        ("314186", (1, 3), (6, 6), True),  # 3/4/86
    ],
)
def test_ones_below_the_others_are_slashes_of_a_date(
    text: str, at: tuple[int, int], below: tuple[int, int], *, found: bool
) -> None:
    digits, boxes, page = written(text, 16)
    lower = dict(zip(at, below, strict=True))
    feet = tuple(
        box._replace(bottom=box.bottom + lower.get(place, 0))
        for place, box in enumerate(boxes)
    )
    slashes, share = find_slashes(digits, feet, [], page)
    assert slashes == ([feet[place] for place in at] if found else [])
    assert share > PENALTY


@pytest.mark.parametrize(("text", "seed"), [("38/8/1134", 0), ("25/4/2036", 9)])
def test_a_date_whose_slashes_are_no_taller_than_digits_is_read(
    text: str, seed: int
) -> None:
    scene = make_string(Alphabet(*draw(300, seed=11)), text, seed=seed)
    assert read(scene.picture).signed_text == text


@pytest.mark.parametrize(
    ("lean", "taller", "is_slashed"),
    [
        (16, (3, 3), True),  # 5/83
        (0, (3, 3), False),  # upright
        (16, (-1, 3), False),  # its top is no higher than the digits
        (16, (3, -1), False),
    ],
)
def test_a_one_that_reaches_beyond_its_neighbours_may_be_a_slash(
    lean: int, taller: tuple[int, int], is_slashed: bool
) -> None:
    digits, boxes, page = written("5183", lean)
    one, (above, below) = boxes[1], taller
    boxes = (boxes[0], one._replace(top=26 - above, bottom=76 + below), *boxes[2:])
    assert reaches_beyond(digits, boxes, page) == is_slashed


@pytest.mark.parametrize(
    ("text", "slash", "is_date"),
    [
        ("381811134", 2, True),  # 38/811134
        ("381811134", 4, True),  # 3818/1134
        ("381811134", 3, False),
        ("388134", 4, False),
    ],
)
def test_one_slash_may_have_been_found(text: str, slash: int, is_date: bool) -> None:
    digits, boxes, page = written(text, 16)
    rest = [place for place in range(len(text)) if place != slash]
    read = tuple(digits[place] for place in rest), tuple(boxes[place] for place in rest)
    assert may_be_date(*read, [boxes[slash]], page) == is_date


@pytest.mark.parametrize(
    ("signs", "is_date"),
    [
        ({2: ".", 3: "."}, True),
        ({0: ":", 1: "-", 3: "-"}, True),  # what is before it counts for nothing
        ({1: "/", 2: ","}, False),  # five digits of a year
        ({3: "."}, False),
        ({1: ".", 2: ".", 3: "."}, False),
    ],
)
def test_signs_part_the_digits_of_a_date(signs: dict[int, str], is_date: bool) -> None:
    gaps = [Gap(signs.get(place, "")) for place in range(8)]
    assert is_dated(gaps) == is_date


def test_a_date_is_not_surely_a_number_that_a_pattern_wants(
    alphabet: Alphabet,
) -> None:
    scene = make_string(alphabet, "14.3.2085", seed=4)
    (line,) = read(scene.picture, pattern="[0-9]{7}").lines
    assert line.signed_text == "14.3.2085"
    assert line.confidence < PENALTY
    (line,) = read(scene.picture, pattern="[0-9]{2}[.][0-9][.][0-9]{4}").lines
    assert line.confidence > PENALTY


@pytest.mark.parametrize("text", ["5/9", "17/20"])
def test_a_fraction_is_no_sure_number(text: str) -> None:
    alphabet = Alphabet(*draw(300, seed=11))
    for seed in range(6):
        reading = read(make_string(alphabet, text, seed=seed).picture)
        assert reading.signed_text == text or reading.confidence < 0.95


@pytest.mark.parametrize(
    ("top", "foot", "is_slash"), [(26, 74, True), (34, 67, False), (40, 80, True)]
)
def test_a_slash_reaches_below_the_digits_beside_it(
    top: int, foot: int, is_slash: bool
) -> None:
    picture = np.full((100, 180, 3), 255, np.uint8)
    cv2.line(picture, (98, top), (80, foot), (0, 0, 0), 5)
    for x in (45, 135):
        cv2.ellipse(picture, (x, 50), (12, 18), 0, 0, 360, (0, 0, 0), 5)
    (page,) = prepare(picture)
    ink = page.component_map
    boxes = [
        Box(30, 30, 60, 71),
        Box(76, top - 2, 102, foot + 3),
        Box(120, 30, 150, 71),
    ]
    assert ink[50, 88:92].any()
    assert may_be_fraction((5, 1, 8), tuple(boxes), page) == is_slash
    assert not may_be_fraction((5, 7, 8), tuple(boxes), page)
