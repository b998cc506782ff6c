"""Laws of the drawn digits."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.errors import UsageError
from mnistry.frame import BOX, SIDE
from mnistry.synth import drawn
from mnistry.synth.drawn import BLOCK, draw, trace


def test_images_and_labels_have_the_shape_and_type_of_mnist() -> None:
    images, labels = draw(30)
    assert images.shape == (30, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert labels.shape == (30,)


def test_no_digits_can_be_drawn() -> None:
    images, labels = draw(0)
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)


@settings(max_examples=10)
@given(st.integers(0, 2 * BLOCK + 10), st.integers(0, 2**70))
def test_fewer_digits_are_the_first_of_more(count: int, seed: int) -> None:
    images, labels = draw(2 * BLOCK + 10, seed=seed)
    fewer_images, fewer_labels = draw(count, seed=seed)
    np.testing.assert_array_equal(fewer_images, images[:count])
    np.testing.assert_array_equal(fewer_labels, labels[:count])


def test_the_number_of_threads_changes_nothing() -> None:
    for one, many in zip(
        draw(3 * BLOCK, threads=1), draw(3 * BLOCK, threads=3), strict=True
    ):
        np.testing.assert_array_equal(one, many)


def test_no_more_threads_draw_than_cores_may_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def pool(threads: int) -> ThreadPoolExecutor:
        asked.append(threads)
        return ThreadPoolExecutor(threads)

    monkeypatch.setattr(drawn, "ThreadPoolExecutor", pool)
    monkeypatch.setattr(drawn, "usable_cores", lambda: 3)
    draw(1)
    assert asked == [3]


def test_seeds_splits_and_blocks_share_no_image() -> None:
    parts = [
        draw(2 * BLOCK, seed=seed, split=split)[0]
        for seed in (0, 1, 2**32)
        for split in ("train", "test")
    ]
    images = np.concatenate(parts).reshape(-1, SIDE * SIDE)
    assert len(np.unique(images, axis=0)) == len(images)


def test_every_hundred_digits_hold_each_label_ten_times() -> None:
    _, labels = draw(BLOCK, seed=3)
    for hundred in labels.reshape(-1, 100):
        assert np.bincount(hundred).tolist() == [10] * 10


def test_labels_come_in_an_order_that_differs_from_hundred_to_hundred() -> None:
    _, labels = draw(BLOCK)
    assert len(np.unique(labels.reshape(-1, 100), axis=0)) == BLOCK // 100


def test_every_digit_fits_the_box_and_reaches_its_darkest() -> None:
    images, _ = draw(BLOCK, seed=4)
    for axis in (1, 2):
        inked = np.asarray(images.any(axis))
        extent = SIDE - inked.argmax(1) - inked[:, ::-1].argmax(1)
        assert extent.max() <= BOX
    assert (images.max((1, 2)) == 255).all()


def test_the_centre_of_mass_lies_where_mnist_has_it() -> None:
    images, _ = draw(BLOCK, seed=5)
    mass = images.sum((1, 2), dtype=np.float64)
    places = np.arange(SIDE)
    touches = images[:, [0, -1]].any((1, 2)) | images[:, :, [0, -1]].any((1, 2))
    assert touches.mean() < 0.05
    for axis in (1, 2):
        centre = images.sum(axis, dtype=np.float64) @ places / mass
        # Ink cut off at the border moves the centre of what is left.
        assert centre[~touches].min() > 13.5 - 1e-9
        assert centre[~touches].max() <= 14.5 + 1e-9


def test_digits_of_one_label_differ_from_each_other() -> None:
    images, labels = draw(BLOCK)
    for label in range(10):
        mine = images[labels == label].reshape(-1, SIDE * SIDE)
        assert len(np.unique(mine, axis=0)) == len(mine)


def test_the_nearest_drawn_digit_mostly_has_the_same_label() -> None:
    images, labels = draw(6 * BLOCK)
    probes, truth = draw(BLOCK, split="test")
    known = images.reshape(-1, SIDE * SIDE).astype(np.float32)
    asked = probes.reshape(-1, SIDE * SIDE).astype(np.float32)
    distances = np.square(known).sum(1) - 2 * asked @ known.T
    # By chance 10 of 100 would agree.
    assert (labels[distances.argmin(1)] == truth).mean() > 0.7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": -1}, "count: -1; expected 0 or more."),
        ({"count": 1, "seed": -2}, "seed: -2; expected 0 or more."),
        ({"count": 1, "split": "all"}, "split: 'all'; expected one of train, test."),
    ],
)
def test_bad_options_are_reported(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace(".", r"\.")):
        draw(**options)  # type: ignore[arg-type]


def test_a_trace_is_the_same_again_and_touches_the_unit_square() -> None:
    labels = np.arange(10)
    for one, again in zip(trace(labels, seed=1), trace(labels, seed=1), strict=True):
        dots = np.concatenate(one.strokes)
        np.testing.assert_array_equal(dots, np.concatenate(again.strokes))
        low, high = dots.min(0) - one.radius, dots.max(0) + one.radius
        assert low.min() == pytest.approx(0, abs=1e-5)
        assert high.max() == pytest.approx(1, abs=1e-5)


def test_a_label_that_is_no_digit_cannot_be_traced() -> None:
    with pytest.raises(UsageError, match=r"labels: 4 \.\. 10; expected digits"):
        trace(np.array([4, 10]))
