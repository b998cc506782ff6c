"""Of boxes in a row it is known which are written in."""

import cv2
import numpy as np

from mnistry.box import Box
from mnistry.scan.page.boxes.cells import count_inked, count_written, find_cells
from mnistry.scan.page.boxes.sides import BoxRow, Side
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.synth.documents.boxes import LAYOUTS, make_boxed
from mnistry.synth.documents.scenes import Alphabet


def row(*columns: float, framed: bool = True) -> BoxRow:
    sides = tuple(Side(column, 0) for column in columns)
    last = round(columns[-1]) + 1
    return BoxRow(round(columns[0]), last, 40, 100, sides, framed)


def test_paper_between_boxes_is_no_cell() -> None:
    apart = find_cells(row(10, 50, 58, 98, 106, 146))
    assert [(cell.left, cell.right) for cell in apart] == [
        (10, 50),
        (58, 98),
        (106, 146),
    ]
    assert len(find_cells(row(10, 50, 90, 130))) == 3


def test_cells_for_several_digits_and_combs_are_not_counted() -> None:
    assert not find_cells(row(10, 80, 150, framed=False))
    assert not find_cells(row(10, 110, 210, 310))


def test_cells_with_ink_are_counted_dots_are_not() -> None:
    cells = (find_cells(row(10, 50, 90, 130)),)
    mask = np.zeros((120, 150), bool)
    mask[50:90, 28:32] = mask[50:90, 108:112] = True
    mask[94:98, 68:72] = True
    assert count_written(cells, mask, Box(28, 50, 112, 90)) == 2
    assert count_written(cells, mask, Box(28, 50, 32, 90)) == 1
    assert count_written(cells, mask, Box(0, 5, 60, 20)) == 0
    mask[50:90, 28:32] = False
    mask[50:90, 38:42] = True  # a one is nearer to the right side
    assert count_written(cells, mask, Box(38, 50, 112, 90)) == 2
    # what goes on beyond the boxes is no number in them
    assert count_written(cells, mask, Box(28, 50, 170, 90)) == 0


def test_low_ink_may_be_a_digit_and_a_dash_is_none() -> None:
    cells = tuple(Box(left, 20, left + 40, 80) for left in (0, 40, 80))
    mask = np.zeros((100, 120), bool)
    mask[30:70, 15:20] = mask[30:70, 55:60] = True
    assert count_inked(cells, mask) == 2
    mask[48:52, 92:108] = True  # a dash
    assert count_inked(cells, mask) == 2
    mask[44:56, 90:110] = True  # what a side has left of a six
    assert count_inked(cells, mask) == 3


def test_digits_in_generated_boxes_are_counted(alphabet: Alphabet) -> None:
    for seed, layout in enumerate(LAYOUTS):
        picture = make_boxed(alphabet, "407138", seed=seed, layout=layout).picture
        [page] = prepare(picture)
        cleaned = page.without_boxes()
        if cleaned is None:  # sides were faint, and are taken for paper already
            continue
        lines = [line.box for line in cleaned.lines]
        counts = [count_written(cleaned.cells, cleaned.mask, box) for box in lines]
        assert [len(cells) for cells in cleaned.cells] == [6]
        assert max(counts) == 6


def test_a_label_beside_boxes_is_in_no_line_with_the_digits_in_them(
    alphabet: Alphabet,
) -> None:
    scene = make_boxed(alphabet, "407138", seed=1, layout="shared", thickness=2)
    picture = np.pad(scene.picture, ((0, 0), (150, 0), (0, 0)), "edge")
    left, _, _, foot = map(int, scene.lines[0].boxes[0])
    cv2.putText(picture, "Number", (left + 10, foot), 0, 1.0, 0, 2, cv2.LINE_AA)
    (page,) = prepare(picture)
    cleaned = page.without_boxes()
    assert cleaned is not None
    counts = [
        count_written(cleaned.cells, cleaned.mask, line.box) for line in cleaned.lines
    ]
    assert max(counts) == 6


def test_a_reader_that_counts_keeps_to_the_digits_allowed() -> None:
    reader = LineReader(any_digits("17")).counting(3)
    accepts = reader.pattern.accepts
    assert [accepts(row) for row in ((1, 7, 1), (1, 7), (1, 2, 1))] == [
        True,
        False,
        False,
    ]
