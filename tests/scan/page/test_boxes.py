"""Printed boxes are taken out exactly; what stands in them stays."""

from dataclasses import replace

import numpy as np
import pytest

import mnistry
from mnistry.box import Box
from mnistry.scan.page.boxes import find_boxes, paint_out
from mnistry.scan.page.load import load_pictures
from mnistry.scan.page.page import prepare, without_boxes
from mnistry.scan.read_page import surer_of_both
from mnistry.scan.results import ReadDigit, ReadLine
from mnistry.synth.documents.boxes import LAYOUTS, make_boxed
from mnistry.synth.documents.scenes import Alphabet, make_string


def row_of_boxes(thickness: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw six boxes, and strokes in them, one of which crosses a side."""
    sides = np.zeros((100, 280), bool)
    for left in range(20, 261, 40):
        sides[20:80, left : left + thickness] = True
    for top in (20, 80 - thickness):
        sides[top : top + thickness, 20 : 260 + thickness] = True
    strokes = np.zeros_like(sides)
    for left in range(38, 260, 40):
        strokes[32:68, left : left + 4] = True
    strokes[48:52, 80:120] = True
    return sides, strokes


def soft_of(mask: np.ndarray) -> np.ndarray:
    return np.where(mask, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_sides_go_and_strokes_stay(thickness: int) -> None:
    sides, strokes = row_of_boxes(thickness)
    found, _ = find_boxes(sides | strokes, soft_of(sides | strokes))
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()
    assert not (found & strokes).any()


def test_boxes_that_stand_apart_go_too() -> None:
    """At the ends of a row, where strokes touch lines, and where a line is torn."""
    sides = np.zeros((100, 330), bool)
    for left in range(20, 300, 50):
        sides[20:80, left : left + 43] = True
        sides[23:77, left + 3 : left + 40] = False
    strokes = np.zeros_like(sides)
    strokes[34:66, 40:45] = strokes[46:51, 84:131] = True  # this one crosses two sides
    strokes[23:60, 140:145] = True
    seen = sides | strokes
    seen[18:25, 230:240] = False
    found, _ = find_boxes(seen, soft_of(seen))
    assert (found & sides & ~strokes).sum() > 0.95 * (seen & sides & ~strokes).sum()
    assert (found & strokes).sum() < 0.02 * strokes.sum()


def test_a_stroke_along_a_side_keeps_what_the_side_does_not_explain() -> None:
    sides, strokes = row_of_boxes(2)
    strokes[34:58, 101:108] = True  # the side is at 100 and 101
    found, _ = find_boxes(sides | strokes, soft_of(sides | strokes))
    assert not (found & strokes)[:, 103:].any()
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()


def test_where_no_boxes_are_nothing_is_found(alphabet: Alphabet) -> None:
    _, strokes = row_of_boxes(1)
    found, rows = find_boxes(strokes, soft_of(strokes))
    assert not found.any()
    assert not rows
    for seed, text in enumerate(("1111117", "774155", "000000")):
        picture = make_string(alphabet, text, seed=seed).picture
        [page] = prepare(next(load_pictures(picture)))
        assert without_boxes(page) is None


def test_soft_edges_of_sides_go_too() -> None:
    sides, strokes = row_of_boxes(2)
    soft = np.where(sides | strokes, 255, 0).astype(np.uint8)
    soft[18, 100] = 90
    painted = paint_out(soft, sides & ~strokes, strokes)
    assert painted[18, 100] == 0
    assert (painted[strokes] == 255).all()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_in_boxes_are_read(alphabet: Alphabet, layout: str) -> None:
    texts = ("407138", "952641", "330852")
    right = [
        mnistry.read(make_boxed(alphabet, text, seed=seed, layout=layout).picture).text
        == text
        for seed, text in enumerate(texts)
    ]
    assert sum(right) >= 2


def line(text: str, confidence: float, box: Box) -> tuple[ReadLine, float]:
    digits = tuple(ReadDigit(int(digit), confidence, box) for digit in text)
    return ReadLine(text, confidence, digits, box), confidence


def test_of_two_readings_the_surer_line_counts() -> None:
    here, there = Box(0, 0, 90, 20), Box(0, 50, 90, 70)
    first = [line("12", 0.3, here), line("34", 0.9, there)]
    second = [line("172", 0.8, here), line("314", 0.4, there)]
    texts = {pair[0].text for pair in surer_of_both(first, second)}
    assert texts == {"172", "34"}
    doubted = replace(first[1][0], confidence=0.2), 0.9  # others read it otherwise
    assert surer_of_both([doubted], second[1:])[0][0].text == "34"
    surer = line("314", 0.5, there)
    assert surer_of_both([doubted], [surer])[0][0].text == "314"
    new = line("5", 0.6, Box(200, 0, 290, 20))
    assert new in surer_of_both(first, [new])
