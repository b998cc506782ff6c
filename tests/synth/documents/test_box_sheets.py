"""Rows of boxes on photographed sheets: what is cut out holds the number it says."""

import numpy as np
import pytest

from mnistry.synth.documents.box_sheets import make_boxes_on_sheet
from mnistry.synth.documents.scenes import Alphabet

CODES = ["314159", "271828", "161803"]


def test_the_same_seed_gives_the_same_picture(alphabet: Alphabet) -> None:
    once, again = (make_boxes_on_sheet(alphabet, CODES, seed=1) for _ in range(2))
    assert np.array_equal(once.picture, again.picture)
    assert once.lines == again.lines


@pytest.mark.parametrize("seed", range(3))
def test_one_row_is_cut_out_with_its_digits(alphabet: Alphabet, seed: int) -> None:
    scene = make_boxes_on_sheet(alphabet, CODES, seed=seed)
    (line,) = scene.lines
    assert line.text in CODES
    rows, columns = scene.picture.shape[:2]
    for box in line.boxes:
        assert 0 <= (box.left + box.right) / 2 < columns
        assert 0 <= (box.top + box.bottom) / 2 < rows
        part = scene.picture[max(0, box.top) : box.bottom, max(0, box.left) : box.right]
        assert np.ptp(part.mean(axis=2)) > 30
