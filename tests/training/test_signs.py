"""Signs beside composed numbers: none may look like a digit, none covers one."""

import numpy as np
import pytest

from mnistry.box import Box
from training.reading import signs
from training.reading.canvas import Canvas

HEIGHT, TOP, BASE = 40.0, 60.0, 100.0
SEEDS = range(20)


def canvas(seed: int) -> Canvas:
    """Give a canvas with room for numbers whose digits are 40 rows tall."""
    ink = np.zeros((160, 400), np.uint8)
    return Canvas(ink, HEIGHT, 4.0, np.random.default_rng(seed))


def boxes(gap: float) -> tuple[Box, ...]:
    """Give three digits, so many heights apart."""
    lefts = [120 + round(number * (24 + gap * HEIGHT)) for number in range(3)]
    return tuple(Box(left, int(TOP), left + 24, int(BASE)) for left in lefts)


@pytest.mark.parametrize("slant", [-0.2, 0.0, 0.4])
def test_a_slash_leans_more_than_the_ones_of_its_writer(slant: float) -> None:
    for seed in SEEDS:
        drawn = canvas(seed)
        signs.slash_between(drawn, 200.0, (TOP, BASE), slant)
        rows, columns = np.nonzero(drawn.ink > 128)
        lean = -np.polyfit(rows, columns, 1)[0]
        assert lean > max(0.0, slant) + 0.3


def test_slashes_stand_in_gaps_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "BRACKETS", 0.0)
    monkeypatch.setattr(signs, "SLASHES", 1.0)
    for seed in SEEDS:
        close, apart = canvas(seed), canvas(seed)
        signs.draw_signs(close, boxes(0.2), (TOP, BASE), 0.0)
        signs.draw_signs(apart, boxes(0.6), (TOP, BASE), 0.0)
        assert not close.ink.any()
        assert apart.ink.any()


def test_brackets_stand_outside_and_reach_above_and_below() -> None:
    seen = set()
    for seed in SEEDS:
        drawn = canvas(seed)
        signs.brackets(drawn, 120, 240, (TOP, BASE))
        assert not drawn.ink[:, 122:238].any()
        rows = np.flatnonzero(drawn.ink.any(axis=1))
        assert rows[0] < TOP
        assert rows[-1] > BASE
        seen.add((bool(drawn.ink[:, :122].any()), bool(drawn.ink[:, 238:].any())))
    assert seen == {(True, True), (True, False), (False, True)}


@pytest.mark.parametrize("side", [-1, 1])
def test_a_pound_stands_on_its_side_of_the_number(side: int) -> None:
    for seed in SEEDS:
        drawn = canvas(seed)
        signs.pound(drawn, 200.0, side, (TOP, BASE))
        columns = np.nonzero(drawn.ink > 128)[1]
        assert (side * (columns - 200.0) > -0.15 * HEIGHT).all()
        assert len(columns) > HEIGHT
