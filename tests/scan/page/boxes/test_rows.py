"""Printed boxes are taken out exactly; what stands in them stays."""

from dataclasses import replace

import numpy as np
import pytest

import mnistry
from mnistry.box import Box
from mnistry.scan.page.boxes.cells import find_cells
from mnistry.scan.page.boxes.rows import erase_sides, find_boxes
from mnistry.scan.page.boxes.sides import shares_along
from mnistry.scan.page.prepare import prepare
from mnistry.scan.results import ReadDigit, ReadLine
from mnistry.scan.rivals import RatedLine, surer_of_both
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


def bend(mask: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Move each column down by its offset."""
    columns = [np.roll(of, by) for of, by in zip(mask.T, offsets, strict=True)]
    return np.array(columns).T


@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_sides_go_and_strokes_stay(thickness: int) -> None:
    sides, strokes = row_of_boxes(thickness)
    found, _ = find_boxes(sides | strokes, soft_of(sides | strokes))
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()
    assert not (found & strokes).any()


def test_where_strokes_show_on_sides_no_crossing_is_guessed() -> None:
    """Strokes that end on both edges of a thick side cross it only if that shows."""
    sides, strokes = np.zeros((2, 100, 280), bool)
    for left in range(20, 261, 40):
        sides[20:80, left : left + 8] = True
    sides[20:23, 20:268] = sides[77:80, 20:268] = True
    strokes[48:52, 48:80] = strokes[40:44, 90:100] = strokes[40:44, 108:118] = True
    both, gap = sides | strokes, np.s_[40:44, 102:106]
    full = np.where(strokes, 320, 200).astype(np.int16) * both
    found, _ = find_boxes(both, full)
    assert found[gap].all()
    assert not found[strokes].any()
    found, _ = find_boxes(both, soft_of(both))
    assert not found[gap].any()


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


@pytest.mark.parametrize("thickness", [2, 3])
@pytest.mark.parametrize("apart", [0, 8])
def test_a_bar_along_a_side_stays_where_most_cells_have_none(
    thickness: int, apart: int
) -> None:
    """Without its bar a seven is a one, without its foot a two is a seven."""
    sides, strokes = row_of_boxes(thickness)
    if apart:  # paper between boxes is no cell
        sides = np.zeros_like(sides)
        for left in range(20, 240, 40):
            sides[20:80, left : left + 40 - apart] = True
            inner = slice(20 + thickness, 80 - thickness)
            sides[inner, left + thickness : left + 40 - apart - thickness] = False
    below = 20 + thickness
    strokes[below : below + 5, 104:126] = True
    strokes[75 - thickness : 80 - thickness, 144:166] = True
    found, _ = find_boxes(sides | strokes, soft_of(sides | strokes))
    lost = (found & strokes)[below + 2 : 78 - thickness]
    assert not lost[:, 104:126].any()
    assert not lost[:, 144:166].any()
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()


@pytest.mark.parametrize("thickness", [2, 3])
def test_a_stem_along_a_side_stays_where_most_sides_have_none(thickness: int) -> None:
    """Without its stem a six is a nought."""
    sides, strokes = row_of_boxes(thickness)
    left = 100 + thickness
    strokes[27:71, left : left + 5] = True
    found, _ = find_boxes(sides | strokes, soft_of(sides | strokes))
    assert not (found & strokes)[27:71, left + 2 : left + 5].any()
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()


def test_a_side_thicker_than_the_others_goes_too() -> None:
    sides, strokes = row_of_boxes(2)
    sides[20:80, 16:22] = sides[20:80, 260:266] = True
    found, _ = find_boxes(sides | strokes, soft_of(sides | strokes))
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()
    assert not (found & strokes).any()


@pytest.mark.parametrize(("slope", "curve"), [(0.07, 0.0), (-0.05, 6.0), (0.0, -10.0)])
def test_boxes_of_a_bent_sheet_go_too(slope: float, curve: float) -> None:
    across = np.arange(280) - 140
    offsets = np.round(slope * across + curve * (across / 140) ** 2).astype(int)
    sides, strokes = (bend(of, offsets) for of in row_of_boxes(2))
    found, (row,) = find_boxes(sides | strokes, soft_of(sides | strokes))
    assert (found & sides & ~strokes).sum() > 0.95 * (sides & ~strokes).sum()
    assert (found & strokes).sum() < 0.02 * strokes.sum()
    for cell in find_cells(row):
        part = strokes[cell.top : cell.bottom, cell.left : cell.right]
        assert 36 <= part.any(axis=1).sum() < 40


def test_feet_of_digits_are_no_line_below() -> None:
    sides, _ = row_of_boxes(2)
    feet = np.zeros_like(sides)
    for left in range(26, 260, 40):
        feet[60:63, left : left + 30] = True
    found, (row,) = find_boxes(sides | feet, soft_of(sides | feet))
    assert abs(row.bottom - 79) <= 2
    assert not (found & feet).any()


@pytest.mark.parametrize("nearer", [0.8, 1.25])
def test_teeth_of_a_comb_seen_aslant_go(nearer: float) -> None:
    """They stand closer to each other where it is farther away."""
    mask = np.zeros((80, 420), bool)
    share = np.linspace(0, 1, 7)
    teeth = np.round(20 + 372 * share / (share + nearer * (1 - share))).astype(int)
    mask[60:63, 20:395] = True
    for tooth in teeth:
        mask[36:60, tooth : tooth + 3] = True
    found, _ = find_boxes(mask, soft_of(mask))
    assert found[40:56].sum() > 0.95 * mask[40:56].sum()


def test_teeth_lower_than_the_ends_of_a_comb_go() -> None:
    mask = np.zeros((80, 300), bool)
    mask[70:73, 20:263] = True
    for tooth in range(20, 261, 40):
        mask[26 if tooth in {20, 260} else 54 : 70, tooth : tooth + 3] = True
    teeth = mask.copy()
    mask[30:73, 106:111] = mask[30:73, 186:191] = True  # two ones that stand on it
    found, (comb,) = find_boxes(mask, soft_of(mask))
    assert found[teeth].mean() > 0.95
    assert not found[30:68, 104:113].any()
    # teeth so low are no table's: there is a digit in each cell
    assert [round(of.left, -1) for of in find_cells(comb)] == [*range(20, 260, 40)]


def test_broad_strokes_of_letters_on_a_rule_are_no_teeth() -> None:
    rows = {}
    for wide in (2, 8):
        mask = np.zeros((100, 280), bool)
        mask[78:80, 20:262] = True
        for left in range(20, 261, 40):
            mask[50:80, left : left + wide] = True
        rows[wide] = len(find_boxes(mask, soft_of(mask))[1])
    assert rows == {2: 1, 8: 0}


def test_the_loop_of_a_digit_on_a_comb_is_no_row_of_boxes() -> None:
    mask = np.zeros((80, 420), bool)
    mask[70:73, 20:383] = True
    for tooth in range(20, 381, 60):
        mask[56:70, tooth : tooth + 3] = True
    loop = np.zeros_like(mask)
    loop[30:34, 90:126] = loop[48:52, 90:126] = True
    loop[30:52, 90:94] = loop[30:52, 106:110] = loop[30:52, 122:126] = True
    found, rows = find_boxes(mask | loop, soft_of(mask | loop))
    assert [len(row.sides) for row in rows] == [7]
    assert not (found & loop).any()


def test_a_table_has_rows_of_boxes_not_teeth_on_its_lines() -> None:
    """Parts of rows above and below are seen, as a row is cut out of a table."""
    mask = np.zeros((150, 280), bool)
    for left in range(20, 261, 40):
        mask[:, left : left + 2] = True
    mask[40:42, 20:262] = mask[104:106, 20:262] = True
    _, rows = find_boxes(mask, soft_of(mask))
    [framed] = [row for row in rows if row.is_framed]
    assert [round(cell.left, -1) for cell in find_cells(framed)] == [
        *range(20, 260, 40)
    ]
    assert abs(framed.top - 40) <= 2 >= abs(framed.bottom - 105)


def test_the_last_side_may_be_beyond_the_picture() -> None:
    sides, strokes = row_of_boxes(2)
    seen = (sides | strokes)[:, 24:]
    found, (row,) = find_boxes(seen, soft_of(seen))
    assert len(find_cells(row)) == 6
    assert not found[24:74, :20].any()


def test_where_no_boxes_are_nothing_is_found(alphabet: Alphabet) -> None:
    _, strokes = row_of_boxes(1)
    found, rows = find_boxes(strokes, soft_of(strokes))
    assert not found.any()
    assert not rows
    for seed, text in enumerate(("1111117", "774155", "000000")):
        picture = make_string(alphabet, text, seed=seed).picture
        [page] = prepare(picture)
        assert page.without_boxes() is None


def test_soft_edges_of_sides_go_too() -> None:
    sides, strokes = row_of_boxes(2)
    soft = np.where(sides | strokes, 255, 0).astype(np.uint8)
    soft[18, 100] = 90
    painted = erase_sides(soft, sides & ~strokes, strokes)
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


def line(text: str, confidence: float, box: Box) -> RatedLine:
    ends = np.linspace(box.left, box.right, len(text) + 1).round().astype(int).tolist()
    digits = tuple(
        ReadDigit(int(digit), confidence, Box(left, box.top, right, box.bottom))
        for digit, left, right in zip(text, ends, ends[1:], strict=False)
    )
    return RatedLine(ReadLine(text, confidence, digits, box), confidence)


def test_parts_that_say_the_same_make_a_number_in_boxes_no_less_sure() -> None:
    halves = [line("47", 0.99, Box(0, 0, 40, 30)), line("08", 0.99, Box(40, 0, 80, 30))]
    whole = line("4708", 0.96, Box(0, 0, 80, 30))
    cells = [Box(left, 0, left + 20, 30) for left in range(0, 80, 20)]
    assert surer_of_both(halves, [whole], cells=[Box.around(cells)]) == [whole]


def test_a_number_that_goes_on_beyond_the_boxes_seen_is_not_cut_off() -> None:
    """Of a row of boxes not all are seen in glare."""
    longer = line("487602", 0.6, Box(0, 0, 120, 30))
    shorter = line("48760", 0.99, Box(0, 0, 100, 30))
    cells = [Box(0, 0, 100, 30)]
    assert surer_of_both([longer], [shorter], cells=cells) == [longer]
    surer = line("487602", 0.99, longer.line.box)  # and no less sure by its part
    assert surer_of_both([surer], [shorter], cells=cells) == [surer]
    code = line("487602", 0.6, Box(0, 0, 900, 30))  # printed far beside them
    (kept,) = surer_of_both([code], [shorter], cells=cells)
    assert kept.line.text == "48760"
    label = line("487602", 0.3, Box(0, 0, 120, 30))
    (kept,) = surer_of_both([label], [shorter], cells=cells)
    assert kept.line.text == "48760"


def test_a_number_is_not_read_without_its_boxes_if_that_is_less_confident() -> None:
    box = Box(0, 0, 80, 30)
    cells = [Box(left, 0, left + 20, 30) for left in range(0, 80, 20)]
    for sure, text in (0.6, "4708"), (0.8, "4703"):
        as_it_is, cleaned = line("4708", 0.7, box), line("4703", sure, box)
        (kept,) = surer_of_both([as_it_is], [cleaned], cells=cells)
        assert kept.line.text == text


def test_no_part_of_a_number_is_taken_for_the_number() -> None:
    """Of a comb taken for more than it is, a digit may go: its halves are surer."""
    whole = line("8664", 0.6, Box(0, 0, 80, 30))
    lost = [line("8", 0.4, Box(0, 0, 18, 30)), line("64", 0.99, Box(40, 0, 80, 30))]
    (kept,) = surer_of_both([whole], lost)
    assert kept.line.text == "8664"
    halves = [line("96", 0.99, Box(0, 0, 40, 30)), line("64", 0.99, Box(40, 0, 80, 30))]
    texts = [rated.line.text for rated in surer_of_both([whole], halves)]
    assert texts == ["96", "64"]
    same = [line("86", 0.99, Box(0, 0, 40, 30)), line("64", 0.9, Box(40, 0, 80, 30))]
    texts = [rated.line.text for rated in surer_of_both([whole], same)]
    assert texts == ["86", "64"]  # a rule is between them
    cells = [Box(left, 0, left + 20, 30) for left in range(0, 80, 20)]
    assert surer_of_both([whole], same, cells=cells) == [whole]  # in groups
    cells = [Box(left, 0, left + 20, 30) for left in (0, 20)]  # a code is beside them
    texts = [rated.line.text for rated in surer_of_both([whole], same, cells=cells)]
    assert texts == ["86", "64"]


def test_of_two_readings_the_surer_line_counts() -> None:
    here, there = Box(0, 0, 90, 20), Box(0, 50, 90, 70)
    first = [line("12", 0.3, here), line("34", 0.9, there)]
    second = [line("172", 0.8, here), line("314", 0.4, there)]
    texts = {rated.line.text for rated in surer_of_both(first, second)}
    assert texts == {"172", "34"}
    # others read it otherwise
    doubted = RatedLine(replace(first[1].line, confidence=0.2), 0.9)
    assert surer_of_both([doubted], second[1:])[0].line.text == "34"
    surer = line("314", 0.5, there)
    assert surer_of_both([doubted], [surer])[0].line.text == "314"
    parts = [line("3", 0.7, Box(0, 50, 30, 70)), line("4", 0.6, Box(50, 50, 90, 70))]
    whole = line("314", 0.8, there)  # surer than both together, not than each
    assert [rated.line.text for rated in surer_of_both(parts, [whole])] == ["314"]
    new = line("5", 0.6, Box(200, 0, 290, 20))
    assert new in surer_of_both(first, [new])


def test_commas_below_a_number_make_it_no_less_sure() -> None:
    number = line("7208", 0.95, Box(0, 0, 90, 20))
    commas = line("11", 0.15, Box(20, 12, 70, 26))
    worse = line("7278", 0.4, Box(0, 0, 90, 20))
    around = Box(-5, -5, 95, 30)
    texts = [
        rated.line.text for rated in surer_of_both([number, commas], [worse], [around])
    ]
    assert "7208" in texts
    assert "7278" not in texts


@pytest.mark.parametrize("shape", [(1, 4), (3, 9), (50, 17)])
def test_ink_along_leaning_lines_is_summed_row_by_row(shape: tuple[int, int]) -> None:
    ink = (np.random.default_rng(shape).random(shape) > 0.4).astype(np.uint8)
    rows, columns = shape
    for lean in (-3, 0, 2):
        steps = np.linspace(-0.5, 0.5, rows)[:, None] * lean
        places = np.arange(columns) + np.round(steps).astype(int) + 3
        wide = np.pad(ink, ((0, 0), (3, 3)))
        expected = np.take_along_axis(wide, places, axis=1).mean(axis=0)
        found = shares_along(ink, np.array([lean, 3]))[0]
        assert np.allclose(found, expected)


def test_boxes_are_looked_for_once_however_often_a_page_is_read(
    alphabet: Alphabet,
) -> None:
    picture = make_boxed(alphabet, "204816", seed=3, layout="shared").picture
    [page] = prepare(picture)
    cleaned, turned = page.without_boxes(), np.diag([-1.0, -1.0, 1.0])
    again = replace(page, lines=(), back=turned).without_boxes()
    assert cleaned is not None
    assert again is not None
    assert again.soft is cleaned.soft
    assert again.lines == cleaned.lines
    assert again.back is turned
