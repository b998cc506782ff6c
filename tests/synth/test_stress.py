"""Stress: seeded, in range, the worse the higher, and what its name says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.arrays import Images
from mnistry.errors import UnknownNameError, UsageError
from mnistry.synth.stress import KINDS, SEVERITIES, disturb

kinds = st.sampled_from(list(KINDS))
severities = st.sampled_from(SEVERITIES)


def strokes(count: int = 6) -> Images:
    """Draw a thick slanted stroke on each image, somewhere in the middle."""
    images = np.zeros((count, 28, 28), np.uint8)
    for place, image in enumerate(images):
        for row in range(6, 22):
            left = 8 + place + row // 4
            image[row, left : left + 4] = 255 - 10 * place
    return images


@settings(max_examples=40)
@given(kinds, severities, st.integers(0, 5))
def test_size_and_dtype_stay_and_the_seed_decides(
    kind: str, severity: int, seed: int
) -> None:
    images = strokes()
    before = images.copy()
    made = disturb(images, kind, severity, seed=seed)
    assert made.shape == images.shape
    assert made.dtype == np.uint8
    assert np.array_equal(images, before)
    assert np.array_equal(made, disturb(images, kind, severity, seed=seed))


@settings(max_examples=40)
@given(kinds, severities, st.integers(1, 5))
def test_an_image_does_not_depend_on_how_many_there_are(
    kind: str, severity: int, count: int
) -> None:
    images = strokes()
    few = disturb(images[:count], kind, severity)
    assert np.array_equal(few, disturb(images, kind, severity)[:count])


@pytest.mark.parametrize("kind", KINDS)
def test_each_severity_changes_more_than_the_one_before(kind: str) -> None:
    images = np.repeat(strokes(1), 40, axis=0)
    changed = [
        np.abs(disturb(images, kind, severity).astype(float) - images).mean()
        for severity in SEVERITIES
    ]
    assert changed[0] > 0
    assert changed == sorted(changed)


def test_images_that_need_not_be_square_or_of_28_pixels() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 17), dtype=np.uint8)
    for kind in KINDS:
        assert disturb(images, kind, 3).shape == images.shape


def test_a_shift_moves_the_ink_by_as_many_pixels() -> None:
    images = np.zeros((50, 41, 41), np.uint8)
    images[:, 19:22, 19:22] = 255
    rows, columns = np.mgrid[:41, :41]
    for severity in SEVERITIES:
        ink = disturb(images, "shift", severity).astype(float)
        weight = ink.sum(axis=(1, 2))
        down = (ink * rows).sum(axis=(1, 2)) / weight - 20
        across = (ink * columns).sum(axis=(1, 2)) / weight - 20
        np.testing.assert_allclose(np.hypot(down, across), severity, atol=0.05)
        np.testing.assert_allclose(weight, weight[0], rtol=0.02)
    assert down.min() < -3 < 3 < down.max()  # in all directions


def test_a_rotation_turns_a_bar_by_ten_degrees_a_step_either_way() -> None:
    images = np.zeros((20, 41, 41), np.uint8)
    images[:, 8:33, 19:22] = 255
    rows, columns = np.mgrid[:41, :41] - 20
    turned = set()
    for image in disturb(images, "rotation", 3).astype(float):
        spread = [
            [(image * rows * rows).sum(), (image * rows * columns).sum()],
            [(image * rows * columns).sum(), (image * columns * columns).sum()],
        ]
        axis = np.linalg.eigh(np.array(spread))[1][:, 1]
        turned.add(round(np.degrees(np.arctan(axis[1] / axis[0]))))
    assert turned == {-30, 30}


def test_a_scale_makes_the_ink_smaller_about_the_middle() -> None:
    image = np.zeros((1, 41, 41), np.uint8)
    image[:, 10:31, 10:31] = 255
    for severity in SEVERITIES:
        share = disturb(image, "scale", severity).sum() / image.sum()
        assert share == pytest.approx((1 - 0.1 * severity) ** 2, abs=0.03)


def test_pens_grow_and_shrink_the_ink() -> None:
    images = strokes()
    ink = images.astype(int).sum()
    assert disturb(images, "thick pen", 2).astype(int).sum() > 1.3 * ink
    assert disturb(images, "thin pen", 2).astype(int).sum() < 0.8 * ink
    dot = np.zeros((1, 9, 9), np.uint8)
    dot[0, 4, 4] = 255
    plus = [[0, 255, 0], [255, 255, 255], [0, 255, 0]]
    grown = disturb(dot, "thick pen", 2)[0, 3:6, 3:6]  # by one pixel
    corner = round(255 * (2 - np.sqrt(2)))  # a step of 1.41 is more than one
    assert grown.tolist() == np.where(plus, 255, corner).tolist()


def test_blur_keeps_the_ink_and_spreads_it_as_a_gaussian() -> None:
    dot = np.zeros((1, 41, 41), np.uint8)
    dot[0, 19:22, 19:22] = 255
    columns = np.arange(41) - 20
    for severity in (2, 3, 4):
        ink = disturb(dot, "blur", severity).astype(float)
        assert ink.sum() == pytest.approx(dot.sum(), rel=0.1)
        variance = (ink.sum(axis=(0, 1)) * columns**2).sum() / ink.sum()
        # that of three pixels, and that of the blur
        assert variance == pytest.approx(2 / 3 + (severity / 2) ** 2, rel=0.1)


def test_noise_has_its_deviation() -> None:
    grey = np.full((50, 28, 28), 128, np.uint8)
    for severity in (1, 2):
        noise = disturb(grey, "noise", severity).astype(float) - 128
        assert noise.std() / 255 == pytest.approx(0.1 * severity, rel=0.02)


def test_contrast_fades_and_the_negative_is_whole_at_last() -> None:
    images = strokes()
    faint = disturb(images, "low contrast", 3)
    np.testing.assert_allclose(faint, images * 0.4, atol=0.51)
    assert np.array_equal(disturb(images, "inverted", 5), 255 - images)


def test_occlusion_covers_a_square_and_nothing_else() -> None:
    full = np.full((30, 28, 28), 255, np.uint8)
    for severity in SEVERITIES:
        for image in disturb(full, "occlusion", severity):
            covered = np.argwhere(image == 0)
            sides = np.ptp(covered, axis=0) + 1
            assert sides.prod() == len(covered)  # a full rectangle
            assert (np.abs(sides - (2 + 2 * severity)) <= 1).all()


def test_lines_and_stripes_only_add_ink() -> None:
    images = strokes()
    for kind in ("lines across", "stripes", "thick pen"):
        assert (disturb(images, kind, 4) >= images).all()


def test_an_unknown_kind_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no kind of stress 'blurr'; .*'blur'"):
        disturb(strokes(), "blurr", 1)


@pytest.mark.parametrize("severity", [0, 6])
def test_a_severity_beyond_the_scale_is_an_error(severity: int) -> None:
    with pytest.raises(UsageError, match=f"severity is {severity}; expected 1, 2, 3"):
        disturb(strokes(), "blur", severity)
