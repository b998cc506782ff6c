"""Find the one digit, and read it: thin, faint, tiny, broken, with lines and dust."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

import mnistry
from mnistry.box import Box
from mnistry.inference.net import run
from mnistry.scan.page.ink.binarize import soft_ink
from mnistry.scan.page.ink.components import Component, find_components
from mnistry.scan.read import read
from mnistry.scan.recognize import models
from mnistry.scan.recognize.digit import read_single_digit
from mnistry.scan.recognize.isolate import (
    PAPER,
    candidates_of,
    darkness,
    find_ink,
    join_pieces,
    paper_level,
    work_size,
)
from mnistry.scan.recognize.pieces import gather_pieces, is_box_line
from mnistry.synth.documents.scenes import Alphabet

Picture = NDArray[np.uint8]


def faint_three() -> Picture:
    """A digit in a scan of few pixels, written by a hair's breadth, hardly pressed."""
    large = np.zeros((112, 112), np.uint8)
    cv2.putText(large, "3", (36, 84), 0, 2.0, 255, 2, cv2.LINE_AA)
    press = np.linspace(1.0, 0.35, 112)[:, None]
    small = cv2.resize(large * press, (28, 28), interpolation=cv2.INTER_AREA)
    picture: Picture = (250 - 0.7 * small).astype(np.uint8)
    return picture


def test_a_faint_thin_digit_is_found_whole() -> None:
    picture = faint_three()
    assert picture.min() > 90
    dark = darkness(work_size(np.dstack([picture] * 3)), len(picture))
    best = candidates_of(find_ink(dark), soft_ink(dark))[0]
    assert best.box.height > 40  # of 112 rows; the digit has 46
    assert read(picture, single=True).text == "3"


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("side", [16, 28])
def test_tiny_pictures_of_either_polarity_are_read(
    alphabet: Alphabet, digit: int, side: int
) -> None:
    image = alphabet.images[3 * digit]
    rows, columns = np.nonzero(image)
    tight = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    inner = round(0.8 * side)
    wide = max(3, round(inner * tight.shape[1] / tight.shape[0]))
    small = np.zeros((side, side), np.uint8)
    at = (side - inner) // 2, (side - wide) // 2
    shrunk = cv2.resize(tight, (wide, inner), interpolation=cv2.INTER_AREA)
    small[at[0] : at[0] + inner, at[1] : at[1] + wide] = shrunk
    assert read(small, single=True).text == str(digit)
    assert read(255 - small, single=True).text == str(digit)


def test_pieces_of_a_skipping_pen_are_one_digit_and_a_box_line_is_none() -> None:
    mask = np.zeros((112, 112), bool)
    mask[20:50, 50:55] = mask[58:90, 50:55] = True  # one stroke, the pen skipped
    mask[4:7, :] = True  # a line of the box
    mask[100, 100] = True  # dust
    joined = join_pieces(*find_components(mask))
    assert joined[30, 52]
    assert joined[70, 52]
    assert not joined[5].any()
    assert not joined[100, 100]


def test_a_mask_of_nothing_but_box_lines_leaves_no_ink() -> None:
    mask = np.zeros((112, 112), bool)
    mask[4:7, :] = True
    assert not join_pieces(*find_components(mask)).any()


boxes = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    st.integers(0, 80), st.integers(0, 80), st.integers(3, 30), st.integers(3, 30),
)  # fmt: skip


@given(st.lists(boxes, min_size=1, max_size=8))
def test_gathered_pieces_are_there_once_with_the_main_one_first(
    found: list[Box],
) -> None:
    pieces = [
        Component(box, box.width * box.height, n) for n, box in enumerate(found, 1)
    ]
    chosen = gather_pieces(pieces[0], pieces[1:], (112, 112))
    component_map = [piece.number for piece in chosen]
    assert component_map[0] == 1
    assert len(set(component_map)) == len(component_map)
    assert set(component_map) <= set(range(1, len(pieces) + 1))


def test_an_upright_stroke_in_the_middle_is_no_box_line() -> None:
    assert not is_box_line(Component(Box(54, 10, 60, 100), 540, 1), (112, 112))
    assert is_box_line(Component(Box(2, 10, 8, 100), 540, 1), (112, 112))


def test_blank_paper_holds_no_only_digit() -> None:
    assert read_single_digit(np.zeros((112, 112), np.uint8)) is None


def test_nets_say_the_same_with_and_without_onnxruntime(
    alphabet: Alphabet, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = np.random.default_rng(0).integers(0, 256, (32, 44), np.uint8)

    def all_three() -> list[NDArray[np.float32]]:
        images = alphabet.images
        say = (
            models.line_log_probs([strip])[0],
            models.digit_log_probs(images),
            models.packaged_log_probs(images),
        )
        return list(say)

    first = all_three()
    monkeypatch.setattr(models, "_run", lambda of, images: run(of.net, images))
    again = all_three()
    for one, two in zip(first, again, strict=True):
        assert np.abs(one - two).max() < 1e-3


def test_the_plain_net_is_the_packaged_model(alphabet: Alphabet) -> None:
    wanted = mnistry.load_model().predict(alphabet.images).probabilities
    assert np.allclose(
        np.exp(models.packaged_log_probs(alphabet.images)), wanted, atol=1e-4
    )


@given(st.binary(min_size=4, max_size=60))
@example(b"\x00M\xb1\xb1\xb1\xb1\xb1")  # 157, of which NumPy's floats lose a little
def test_paper_is_a_percentile(pixels: bytes) -> None:
    dark = np.frombuffer(pixels, np.uint8)[None]
    assert paper_level(dark) == int(np.percentile(dark, PAPER) + 1e-9)
