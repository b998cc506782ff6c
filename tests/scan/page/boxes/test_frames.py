"""Frames around a number are found by what they enclose, and taken out."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.boxes.frames import (
    Frame,
    find_frames,
    find_holes,
    frame_ink,
    split,
)
from mnistry.scan.page.ink.components import Component, find_components
from mnistry.scan.page.prepare import prepare
from mnistry.scan.read import read
from mnistry.synth.documents import scenes
from mnistry.synth.documents.paper import draw_lines


def framed(thickness: int, lean: float = 0.0) -> np.ndarray:
    ink = np.zeros((200, 420), np.float32)
    x0, y0, x1, y1 = 60.0, 70.0, 360.0, 140.0
    sides = [(x0, y0, x1, y0 + lean), (x0, y1, x1, y1 + lean)]
    sides += [(x0, y0, x0, y1), (x1, y0 + lean, x1, y1 + lean)]
    ink += draw_lines(ink.shape, np.array(sides, float), thickness=thickness)
    ink[90:125, 150:154] = 1
    ink[100:104, 20:40] = 1
    return ink


@pytest.mark.parametrize(
    ("thickness", "lean"), [(2, 0.0), (5, 0.0), (8, 0.0), (2, 9.0), (4, 9.0)]
)
def test_a_frame_is_taken_out_and_what_is_in_it_stays(
    thickness: int, lean: float
) -> None:
    ink = framed(thickness, lean)
    picture = np.repeat((255 * (1 - ink))[:, :, None], 3, axis=2).astype(np.uint8)
    (page,) = prepare(picture)
    assert len(find_frames(find_holes(page.inked))) == 1
    cleaned = page.without_boxes()
    assert cleaned is not None
    parts, _ = find_components(cleaned.mask)
    sizes = sorted((part.box.height, part.box.width) for part in parts)
    (dash, stroke) = sizes  # no side is left
    assert dash[0] <= 6
    assert 33 <= stroke[0] <= 38


def test_a_frame_that_is_open_or_round_is_none() -> None:
    open_frame = framed(3) > 0.5
    open_frame[60:150, 352:370] = False
    assert not find_frames(find_holes(open_frame))
    y, x = np.mgrid[:200, :420]
    far = np.hypot((x - 210) / 150, (y - 100) / 50)
    assert not find_frames(find_holes((far > 0.9) & (far <= 1)))


def test_an_amount_in_a_thick_frame_is_read_without_what_stands_before(
    alphabet: scenes.Alphabet,
) -> None:
    scene = scenes.make_string(alphabet, "4075", seed=2)
    high, wide = scene.picture.shape[:2]
    shape = 3 * high + 250, 3 * wide + 450
    paper = scene.picture[:3, :3].mean(axis=(0, 1))
    picture = np.ones((*shape, 3)) * paper
    left, top = 100 + wide, 100 + high
    picture[top : top + high, left : left + wide] = scene.picture
    x0, y0, x1, y1 = left - 12, top - 12, left + wide + 12, top + high + 12
    sides = [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
    ink = draw_lines(shape, np.array(sides, float), thickness=8)
    ink[top : top + high, left - 40 : left - 34] = 1  # a stroke before it is no digit
    picture = (picture * (1 - ink[:, :, None])).astype(np.uint8)
    assert "4075" in [line.text for line in read(picture).lines]


def test_a_frame_is_found_though_a_stroke_runs_from_side_to_side() -> None:
    (whole,) = find_frames(find_holes(framed(3) > 0.5))
    crossed = framed(3)
    crossed += draw_lines(crossed.shape, np.array([[290, 66, 262, 144.0]]), thickness=4)
    cv2.ellipse(crossed, (230, 105), (12, 20), 0, 0, 360, 1, 4)
    (frame,) = find_frames(find_holes(crossed > 0.5))
    assert np.abs(np.subtract(frame.inside, whole.inside)).max() <= 2
    two_cells = framed(3)
    side = np.array([[210, 70, 210, 140.0]])
    two_cells += draw_lines(two_cells.shape, side, thickness=3)
    # an upright side is no stroke
    assert len(find_frames(find_holes(two_cells > 0.5))) == 2


def boxes_of(frame: Frame, *boxes: tuple[int, int, int, int]) -> list[Component]:
    components = [Component(Box(*box), 99, of) for of, box in enumerate(boxes, 1)]
    return split(components, frame.inside)[0]


def test_words_that_run_into_a_frame_are_not_in_it() -> None:
    (frame,) = find_frames(find_holes(framed(3) > 0.5))
    inside = (90, 85, 110, 125)
    words = [(left, 85, left + 22, 125) for left in range(-100, 40, 25)]
    found = boxes_of(frame, *words, (25, 85, 70, 125), inside)
    assert [one.box for one in found] == [Box(*inside)]


def test_writing_goes_on_only_so_far_beyond_a_field() -> None:
    boxes = [Box(left, 10, left + 30, 50) for left in (80, 120, 300)]
    components = [Component(box, 99, number) for number, box in enumerate(boxes, 1)]
    field = Box(0, 0, 100, 60)  # the first component is on its right side
    assert len(split(components, field)[0]) == 3
    assert len(split(components, field, 60)[0]) == 2


@pytest.mark.parametrize("flip", [np.asarray, np.flipud, np.fliplr])
def test_a_frame_on_the_border_of_a_picture_is_taken_out(
    flip: Callable[[np.ndarray], np.ndarray],
) -> None:
    mask = np.zeros((120, 300), bool)
    mask[[0, 60], 20:281] = mask[:61, [20, 280]] = True
    mask[15:45, 148:152] = True
    mask = np.ascontiguousarray(flip(mask))
    (frame,) = find_frames(find_holes(mask))
    sides = frame_ink(frame, mask, np.where(mask, np.uint8(255), np.uint8(0)))
    rest = mask & ~sides
    assert rest.any(axis=0).sum() == 4
    assert rest.any(axis=1).sum() == 30


def test_cells_of_a_grid_are_no_frames() -> None:
    mask = np.zeros((1600, 1600), bool)
    mask[::25] = mask[:, ::32] = True
    assert find_frames(find_holes(mask)) == []
