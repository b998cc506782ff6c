"""Rings drawn around a number are found, and its digits are left whole."""

import cv2
import numpy as np
import pytest

from mnistry.arrays import Mask
from mnistry.scan.page.boxes.rings import find_rings, without_rings
from mnistry.scan.page.ink.components import find_components
from mnistry.scan.read import read
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

PEN = 4
SIZE = 120, 260


def drawn(*strokes: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Draw strokes through points."""
    ink = np.zeros(SIZE, np.uint8)
    for stroke in strokes:
        cv2.polylines(ink, [np.array(stroke, np.int32)], False, (1,), PEN)
    return ink


def ring(start: int = 0, end: int = 360) -> np.ndarray:
    """Draw a ring, or a part of it."""
    ink = np.zeros(SIZE, np.uint8)
    cv2.ellipse(ink, (130, 60), (90, 40), 0, start, end, 1, PEN)
    return ink


def number() -> np.ndarray:
    """Draw three digits of straight strokes in the middle, none near a ring."""
    one, seven = ((90, 42), (90, 78)), ((112, 42), (132, 42), (120, 78))
    return drawn(one, seven, ((160, 42), (160, 78)))


@pytest.mark.parametrize(("start", "end"), [(0, 360), (20, 340), (0, 320)])
def test_the_ring_is_found_though_its_ends_do_not_meet(start: int, end: int) -> None:
    around = ring(start, end)
    found = find_rings(*find_components((number() | around) > 0))
    assert (found == (around > 0)).all()


def test_a_digit_that_touches_the_ring_keeps_what_is_within() -> None:
    touching = drawn(((130, 20), (130, 70)))
    found = find_rings(*find_components((number() | touching | ring()) > 0))
    assert not found[32:70, 128:133].any()
    assert found[ring() > 0].mean() > 0.95


def cases() -> dict[str, np.ndarray]:
    """Draw what is no ring around a number."""
    frame = ((30, 15), (230, 15), (230, 105), (30, 105), (30, 15))
    aslant = ((60, 25), (250, 25), (200, 105), (10, 105), (60, 25))
    sides = [((x + 50, 25), (x, 105)) for x in (74, 137)]
    ones = [((x, 45), (x, 75)) for x in (68, 133, 195)]
    blank = np.zeros(SIZE, np.uint8)
    dot = cv2.ellipse(blank.copy(), (130, 60), (9, 9), 0, 0, 360, 1, PEN)
    bold = cv2.ellipse(blank.copy(), (130, 60), (26, 31), 0, 0, 360, 1, 11)
    return {
        "a ring with nothing in it": ring(),
        "a ring around a dot": ring() | dot,
        "a printed frame": drawn(frame) | number(),
        "boxes aslant": drawn(aslant, *sides, *ones),
        "a bowl": ring(-50, 230) | number(),
        "a number": number(),
        "a bold zero with a stroke in it": bold | drawn(((130, 48), (130, 72))),
    }


@pytest.mark.parametrize("name", cases())
def test_what_is_no_ring_is_none(name: str) -> None:
    assert not find_rings(*find_components(cases()[name] > 0)).any()


def test_rings_become_paper_and_nothing_else_does() -> None:
    ink: Mask = (number() | ring()) > 0
    rings = ring() > 0
    dark = np.where(ink, np.uint8(200), np.uint8(9))
    left = without_rings(dark, ink, rings)
    assert (left[rings] == 0).all()
    assert (left[ink & ~rings] == 200).all()


def test_what_is_ringed_is_read_as_without_the_ring() -> None:
    scene = make_string(Alphabet(*draw(300, seed=7)), "4725", seed=11)
    picture = cv2.copyMakeBorder(scene.picture, 40, 40, 40, 40, cv2.BORDER_REPLICATE)
    assert read(picture).text == "4725"
    rows, columns = picture.shape[:2]
    middle, axes = (columns // 2, rows // 2), (columns // 2 - 15, rows // 2 - 25)
    picture = np.ascontiguousarray(picture)
    cv2.ellipse(picture, middle, axes, 0, 30, 375, (30, 40, 120), 3, cv2.LINE_AA)
    assert read(picture).text == "4725"
