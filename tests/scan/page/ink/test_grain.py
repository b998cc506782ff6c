"""Blank paper may be rough: nothing is read of it, and that is found soon."""

import time

import cv2
import numpy as np
import pytest

from mnistry.scan.page.ink.grain import is_grain
from mnistry.scan.read import read
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw


def rough(shape: tuple[int, ...], spread: float, light: int = 225) -> np.ndarray:
    grain = np.random.default_rng(shape[0]).normal(light, spread, shape)
    return grain.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("spread", [5, 8, 11])
@pytest.mark.parametrize("shape", [(300, 500), (180, 160, 3), (900, 700)])
def test_grain_is_blank_paper(
    shape: tuple[int, ...], spread: float, single: bool
) -> None:
    began = time.process_time()
    reading = read(rough(shape, spread), single=single)
    assert reading.reason.startswith("blank: ")
    assert time.process_time() - began < 2  # it took up to six seconds


def test_what_is_written_on_rough_paper_is_read() -> None:
    scene = make_string(Alphabet(*draw(200)), "2468", seed=3)
    grain = np.random.default_rng(0).normal(0, 8, scene.picture.shape)
    picture = (scene.picture + grain).clip(0, 255).astype(np.uint8)
    assert read(picture).text == "2468"


def test_a_faint_stroke_is_no_grain() -> None:
    dark = rough((400, 600), 8, light=20)
    assert is_grain(dark)
    dark[100:160, 300:303] += 45
    assert not is_grain(dark)


@pytest.mark.parametrize("number", [20, 26, 27, 30])
def test_ink_that_is_most_of_a_picture_is_no_grain(number: int) -> None:
    """As of a pale digit that is cut out along its box."""
    images, labels = draw(40)
    rows, columns = np.nonzero(images[number])
    part = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    large = cv2.resize(images[number][part], None, fx=5, fy=5)
    bold = cv2.dilate(large, np.ones((5, 5), np.uint8))
    pale = 200 - cv2.GaussianBlur(bold, (0, 0), 3) // 6
    assert read(pale, single=True).text == str(labels[number])
