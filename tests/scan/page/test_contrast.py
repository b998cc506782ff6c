"""A line is as black as its own ink, whatever else is ink on its page."""

from dataclasses import replace

import numpy as np
import pytest

from mnistry.scan.page.contrast import with_own_contrast
from mnistry.scan.page.page import Page
from mnistry.scan.page.prepare import prepare
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

ENDS = 90.0, 180.0


@pytest.fixture
def dotted() -> Page:
    """A page with four strokes that have soft edges, among pale dots."""
    picture = np.full((300, 400), 250, np.uint8)
    for row, column in np.ndindex(3, 3):
        picture[row::12, column::12] = 200
    for column in range(100, 164, 20):
        picture[80:110, column : column + 4] = 150, 30, 30, 150
    [page] = prepare(picture)
    return page


def test_strokes_among_paler_ink_keep_their_soft_edges(dotted: Page) -> None:
    [line] = [line for line in dotted.lines if line.box.top == 80]
    own = with_own_contrast(dotted, line, ENDS)
    edges = dotted.soft[95, 100], own.soft[95, 100]
    assert edges[0] == 255 > 1.3 * edges[1]
    assert own.soft[95, 101] == 255
    assert (own.soft <= dotted.soft).all()
    beyond = slice(200, None)
    assert (own.soft[beyond] == dotted.soft[beyond]).all()


def test_what_was_taken_out_of_soft_ink_stays_out(dotted: Page) -> None:
    [line] = [line for line in dotted.lines if line.box.top == 80]
    soft = dotted.soft.copy()
    soft[:, :125] = 0
    own = with_own_contrast(replace(dotted, soft=soft), line, ENDS)
    assert not own.soft[:, :125].any()
    assert own.soft[95, 141] == 255


def test_a_page_of_one_line_stays_as_it_is() -> None:
    picture = make_string(Alphabet(*draw(100)), "31415", seed=1).picture
    [page] = prepare(picture)
    ends = 0.0, float(page.mask.shape[1])
    assert with_own_contrast(page, page.lines[0], ends) is page
