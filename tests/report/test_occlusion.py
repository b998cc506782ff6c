"""Where a model looked, of models that look where we say."""

from typing import Any

import numpy as np

from mnistry.predictions import Predictions
from mnistry.report.occlusion import coloured, occlusion_maps


class InkReader:
    """Reads 1 the more ink there is in one place, and 0 the more in another."""

    one, nought = (slice(4, 8), slice(4, 8)), (slice(20, 24), slice(18, 22))

    def predict(self, images: Any) -> Predictions:
        ink = images.astype(float) / 255
        logits = np.zeros((len(images), 3), np.float32)
        logits[:, 1] = 4 * ink[:, *self.one].mean(axis=(1, 2))
        logits[:, 0] = 2 * ink[:, *self.nought].mean(axis=(1, 2))
        return Predictions(logits)


def test_the_map_is_hot_where_ink_counted_and_cold_where_it_spoke_against() -> None:
    images = np.full((2, 28, 28), 255, np.uint8)
    images[1, 20:24, 18:22] = 0
    maps = occlusion_maps(InkReader(), images)
    assert maps.shape == images.shape
    assert maps.dtype == np.float32
    hottest = np.unravel_index(maps[0].argmax(), (28, 28))
    assert 4 <= hottest[0] < 8
    assert 4 <= hottest[1] < 8
    coldest = np.unravel_index(maps[0].argmin(), (28, 28))
    assert 20 <= coldest[0] < 24
    assert 18 <= coldest[1] < 22
    assert maps[0].min() < -0.1 < 0.1 < maps[0].max()
    assert maps[1, 18:26, 16:24].max() == 0  # no ink there: nothing to wipe out
    assert np.array_equal(maps[1], occlusion_maps(InkReader(), images[1:])[0])


def test_a_patch_counts_what_the_log_odds_fall_by() -> None:
    image = np.zeros((1, 6, 6), np.uint8)
    image[:, 4:, 4:] = 255
    (only,) = occlusion_maps(CornerInk(), image)
    with_ink = 1.0 - np.log(np.exp(0.0) + np.exp(0.5))
    without = 0.0 - np.log(np.exp(0.0) + np.exp(0.5))
    np.testing.assert_allclose(only, with_ink - without, rtol=1e-6)


class CornerInk:
    """Reads 1 if there is ink in the corner, and never quite forgets the others."""

    def predict(self, images: Any) -> Predictions:
        logits = np.tile(np.array([0.0, 0.0, 0.5], np.float32), (len(images), 1))
        logits[:, 1] = images[:, 5, 5] / 255
        return Predictions(logits)


def test_no_images_need_no_reading() -> None:
    assert occlusion_maps(InkReader(), np.zeros((0, 28, 28), np.uint8)).shape[0] == 0


def test_red_is_for_and_blue_against() -> None:
    maps = np.zeros((1, 2, 2), np.float32)
    maps[0, 0] = [2, -2]
    red, blue = coloured(np.zeros((1, 2, 2), np.uint8), maps)[0, 0].astype(int)
    assert red[0] > red[2] + 100
    assert blue[2] > blue[0] + 100
    blank = coloured(np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2, 2), np.float32))
    assert (blank == 255).all()
