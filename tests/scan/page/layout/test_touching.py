"""Ink that two lines share is parted between them; what is only tall stays whole."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mnistry.arrays import Mask
from mnistry.scan.page.ink.components import find_components
from mnistry.scan.page.layout.touching import split_touching
from mnistry.scan.read import read
from mnistry.synth.documents.rows import make_rows
from mnistry.synth.documents.scenes import Alphabet
from mnistry.synth.drawn import draw

PEN = 6
LEFTS = range(40, 240, 34)


def rows_of_rings(feet: tuple[int, ...]) -> Mask:
    """Draw lines of rings, 22 by 30 pixels, above their feet."""
    ink = np.zeros((240, 300), np.uint8)
    for foot in feet:
        for left in LEFTS:
            cv2.ellipse(ink, (left + 11, foot - 15), (8, 12), 0, 0, 360, 1, PEN)
    return ink > 0


def parted(mask: Mask) -> tuple[list[tuple[int, int]], NDArray[np.int32]]:
    """Give rows of all components after parting, and the map."""
    components, component_map = find_components(mask)
    some = split_touching(components, component_map)
    for one in some:
        ink = component_map == one.number
        rows, columns = np.nonzero(ink)
        around = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        assert (tuple(one.box), one.area) == (around, ink.sum())
    assert ((component_map > 0) == mask).all()
    assert len({one.number for one in some}) == len(some)
    return [(one.box.top, one.box.bottom) for one in some], component_map


@pytest.mark.parametrize("count", [2, 3])
def test_a_stroke_from_line_to_line_is_cut_between_them(count: int) -> None:
    feet = tuple(70 + 40 * number for number in range(count))
    mask = rows_of_rings(feet)
    mask[60 : feet[-1] - 10, LEFTS[2] : LEFTS[2] + PEN] = True
    mask[60 : feet[1] - 10, LEFTS[4] + 8 : LEFTS[4] + 8 + PEN] = True
    rows, component_map = parted(mask)
    assert len(rows) == count * len(LEFTS)
    assert all(bottom - top < 45 for top, bottom in rows)
    upper, lower = component_map[[62, feet[1] - 18], LEFTS[2] + 2].tolist()
    assert 0 < upper != lower > 0


def test_numbers_that_touch_those_below_are_read() -> None:
    texts = "385138", "520917", "706438", "139527"
    alphabet = Alphabet(*draw(300, seed=11))
    found = 0
    for seed in (10, 20, 33):
        scene = make_rows(
            alphabet, [[of] for of in texts], seed=seed, pitch=(1.15, 1.3)
        )
        lines = {line.text for line in read(scene.picture).lines}
        found += len(lines & {*texts})
    assert found >= 9  # with what touches in one piece 6


def test_what_is_tall_and_in_one_line_stays_whole() -> None:
    mask = rows_of_rings((110,))
    mask[40:110, 250:256] = True  # a bracket, twice as tall as digits
    rows, _ = parted(mask)
    assert (40, 110) in rows


def test_a_rule_beside_lines_stays_whole() -> None:
    mask = rows_of_rings((70, 110))
    mask[20:200, 250:253] = True
    rows, _ = parted(mask)
    assert (20, 200) in rows
