"""Damage: any image, any kind; seeded, in range, and it does something."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.synth.damage import KINDS, damage
from mnistry.synth.drawn import draw

images, _ = draw(300)


@settings(max_examples=10)
@given(st.integers(0, 40), st.integers(0, 9))
def test_size_and_dtype_stay_and_the_generator_decides(count: int, seed: int) -> None:
    before = images[:count].copy()
    once, again = (damage(before, np.random.default_rng(seed)) for _ in range(2))
    assert once.shape == before.shape
    assert once.dtype == np.uint8
    assert np.array_equal(once, again)
    assert np.array_equal(before, images[:count])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_nearly_every_image_and_makes_real_numbers(kind: str) -> None:
    ink = (images / 255).astype(np.float32)
    made = np.clip(KINDS[kind](ink.copy(), np.random.default_rng(0)), 0, 1)
    assert made.shape == ink.shape
    assert np.isfinite(made).all()
    changed = (np.abs(made - ink).max(axis=(1, 2)) > 1 / 255).mean()
    assert changed > 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_images_need_not_be_square(kind: str) -> None:
    ink = (images[:8, 3:, :20] / 255).astype(np.float32)
    assert KINDS[kind](ink, np.random.default_rng(0)).shape == (8, 25, 20)


def test_an_outline_of_a_filled_box_is_its_border() -> None:
    box = np.zeros((200, 28, 28), np.float32)
    box[:, 6:22, 6:22] = 1
    drawn = KINDS["outline"](box, np.random.default_rng(0))
    assert (drawn[:, 11:17, 11:17] < 1e-5).all()
    assert (drawn[:, 4:24, 4:24].max(axis=(1, 2)) > 0.3).all()
