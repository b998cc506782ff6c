import numpy as np
import pytest

from mnistry.synth.documents.camera import Camera, photograph, tilt_matrix
from mnistry.synth.documents.paper import (
    Paper,
    draw_lines,
    make_sheet,
    stain_ink,
    waves,
)


@pytest.mark.parametrize(
    "paper", [Paper(), Paper(waves=0.3), Paper(stains=3), Paper((0.5, 0.7, 0.9), 0.1)]
)
def test_sheets_are_light_from_0_to_1_and_repeat(paper: Paper) -> None:
    once, again = (
        make_sheet((40, 70), paper, generator=np.random.default_rng(3)) for _ in "ab"
    )
    assert once.shape == (40, 70, 3)
    assert once.min() >= 0
    assert once.max() <= 1
    assert np.array_equal(once, again)


def test_plain_paper_has_its_tint() -> None:
    sheet = make_sheet(
        (9, 9), Paper((0.9, 0.8, 0.7), 0), generator=np.random.default_rng()
    )
    assert np.allclose(sheet, [0.9, 0.8, 0.7])


def test_full_ink_takes_the_colour_and_none_leaves_the_paper() -> None:
    sheet = np.ones((2, 2, 3), np.float32)
    stain_ink(
        sheet, np.array([[0, 1], [0.5, 0]], np.float32), np.array([0.0, 0.0, 1.0])
    )
    assert sheet[0, 0].tolist() == [1, 1, 1]
    assert sheet[0, 1].tolist() == [0, 0, 1]
    assert sheet[1, 0].tolist() == [0.5, 0.5, 1]


def test_waves_run_from_0_to_1() -> None:
    drawn = waves((50, 60), generator=np.random.default_rng(1))
    assert drawn.min() >= 0
    assert 0.9 < drawn.max() <= 1


def test_thin_lines_are_drawn_faint() -> None:
    segment = np.array([[2, 10, 37, 10]])
    thin = draw_lines((20, 40), segment, thickness=0.5)
    thick = draw_lines((20, 40), segment, thickness=3)
    assert thin.max() == pytest.approx(0.5, abs=0.06)
    assert thick[9:12, 20].min() > 0.9


@pytest.mark.parametrize("quality", [0, 60])
def test_photographs_repeat_and_keep_their_shape(quality: int) -> None:
    sheet = np.full((30, 50, 3), 0.8, np.float32)
    camera = Camera(shade=0.2, noise=0.02, quality=quality)
    once, again = (
        photograph(sheet, camera, generator=np.random.default_rng(4)) for _ in "ab"
    )
    assert once.shape == (30, 50, 3)
    assert once.dtype == np.uint8
    assert np.array_equal(once, again)


def test_a_dark_corner_is_darker() -> None:
    sheet = np.ones((60, 60, 3), np.float32)
    flat = photograph(sheet, Camera(0, 0, 0, 0), generator=np.random.default_rng(0))
    shaded = photograph(sheet, Camera(0.5, 0, 0, 0), generator=np.random.default_rng(0))
    assert flat.min() >= 254
    assert shaded.min() < 200


def test_no_tilt_leaves_points_where_they_are() -> None:
    matrix = tilt_matrix((40, 60), 0.0, generator=np.random.default_rng(0))
    assert np.allclose(matrix, np.eye(3), atol=1e-6)
