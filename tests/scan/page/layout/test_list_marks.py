"""Marks of a list are apart from its entries; a gap within a number parts nothing."""

import cv2
import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout import lines
from mnistry.scan.read import read
from mnistry.synth.documents.rows import make_rows
from mnistry.synth.documents.scenes import Alphabet

HEIGHT, PITCH = 30, 80


def page(
    starts: list[tuple[int, int, int]], widths: tuple[int, ...] = (18, 18, 18)
) -> list[int]:
    """Find lines in rows, each a left edge, a width, a gap, and digits close together.

    Returns:
        How many pieces of ink each line has, from top to bottom and left to right.
    """
    ink: list[Component] = []
    for number, (left, wide, gap) in enumerate(starts):
        top, first = 20 + PITCH * number, left + wide + gap
        edges = first + np.cumsum([0, *widths]) + 4 * np.arange(len(widths) + 1)
        spans = [(left, left + wide)]
        spans += [(x, x + of) for x, of in zip(edges.tolist(), widths, strict=False)]
        for x, end in spans:
            box = Box(x, top, end, top + HEIGHT)
            ink.append(Component(box, box.width * HEIGHT, len(ink) + 1))
    return [len(line.components) for line in lines.find_lines(ink)]


def test_wide_marks_in_one_column_are_apart() -> None:
    assert sorted(page([(20, 28, 20), (25, 30, 16), (18, 28, 24)])) == [
        1,
        1,
        1,
        3,
        3,
        3,
    ]


def test_a_mark_among_marks_is_apart_though_it_is_narrow() -> None:
    rows = [(20, 28, 20), (20, 28, 20), (20, 28, 20), (22, 15, 14)]
    assert sorted(page(rows)) == [1] * 4 + [3] * 4


@pytest.mark.parametrize(
    "rows",
    [
        [(20, 28, 20)] * 2,
        [(20, 18, 20)] * 4,
        [(20, 28, 10)] * 4,
        [(20, 28, 20), (60, 28, 20), (100, 28, 20), (140, 28, 20)],
        [(20, 28, 20)] * 3 + [(20, 18, 4)] * 3,
    ],
    ids=["two rows", "as narrow as digits", "close", "in no column", "few of many"],
)
def test_what_is_no_column_of_marks_is_whole(rows: list[tuple[int, int, int]]) -> None:
    assert page(rows) == [4] * len(rows)


@pytest.mark.parametrize("edges", [(20, 34, 37, 51), (20, 48)])
@pytest.mark.parametrize("point", [True, False])
def test_amounts_below_each_other_are_whole(
    edges: tuple[int, ...], *, point: bool
) -> None:
    ink: list[Component] = []
    for top in range(20, 4 * PITCH, PITCH):
        spans = [*zip(edges[::2], edges[1::2], strict=True), (71, 85), (88, 102)]
        boxes = [Box(x, top, end, top + HEIGHT) for x, end in spans]
        if point:
            boxes.append(Box(60, top + HEIGHT - 3, 64, top + HEIGHT + 1))
        ink += [Component(box, 90, len(ink) + n) for n, box in enumerate(boxes)]
    whole = len(lines.find_lines(ink)) == 4
    assert whole == (point or len(edges) > 2)


def test_entries_after_ticks_are_read(alphabet: Alphabet) -> None:
    texts = ["4725", "36092", "817"]
    scene = make_rows(alphabet, [[text] for text in texts], seed=7)
    boxes = [Box.around(line.boxes) for line in scene.lines]
    assert [line.text for line in read(scene.picture).lines] == texts
    room = 100
    picture = cv2.copyMakeBorder(scene.picture, 0, 0, room, 0, cv2.BORDER_REPLICATE)
    left = room + min(box.left for box in boxes)
    for box in boxes:
        high, middle = box.height, box.top + box.height // 2
        start = left - round(1.5 * high)
        tick = (start, middle), (start + high // 4, box.bottom), (start + high, box.top)
        cv2.polylines(picture, [np.array(tick)], False, (40, 30, 30), 3, cv2.LINE_AA)
    found = [line.text for line in read(picture).lines]
    assert [text for text in found if len(text) > 1] == texts
