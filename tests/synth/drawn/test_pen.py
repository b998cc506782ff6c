"""The hand: what varies, and that nothing else does."""

import numpy as np

from mnistry.synth.drawn.pen import HAND, THICKEST, THINNEST, write
from mnistry.synth.drawn.splines import build_allographs

STILL = dict.fromkeys(HAND, 0.0) | {"radius": 1.25}


def test_a_hand_without_variation_writes_the_way_as_it_stands() -> None:
    allographs = build_allographs()
    labels = np.arange(10).repeat(20)
    traces = write(labels, allographs, np.random.default_rng(0), hand=STILL)
    expected = allographs.smooth[traces.chosen] @ allographs.points[traces.chosen]
    np.testing.assert_allclose(traces.dots, expected, atol=1e-5)
    assert (traces.pressures == 1).all()
    np.testing.assert_allclose(traces.radii, 1.25)


def test_each_variation_changes_what_is_written() -> None:
    allographs = build_allographs()
    labels = np.arange(10).repeat(20)

    def written(hand: dict[str, float]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        traces = write(labels, allographs, np.random.default_rng(0), hand=hand)
        return np.concatenate([part.ravel() for part in traces])

    still = written(STILL)
    for name in HAND:
        base = STILL | ({"wave": 0.1} if name == "wave_turns" else {})
        assert not np.array_equal(written(base | {name: 0.5}), written(base)), name
    np.testing.assert_array_equal(written(STILL), still)


def test_ways_are_chosen_among_the_digits_own_and_all_are_used() -> None:
    allographs = build_allographs()
    labels = np.arange(10).repeat(500)
    traces = write(labels, allographs, np.random.default_rng(1))
    assert (traces.chosen >= allographs.first[labels]).all()
    assert (traces.chosen < allographs.first[labels + 1]).all()
    shares = np.bincount(traces.chosen, minlength=len(allographs.chance)) / 500
    # Six standard deviations of a share among 500 draws.
    spread = np.sqrt(allographs.chance * (1 - allographs.chance) / 500)
    assert (np.abs(shares - allographs.chance) <= 6 * spread).all()


def test_the_pen_is_never_thinner_or_thicker_than_its_limits() -> None:
    hand = dict(HAND) | {"radius_spread": 5.0}
    traces = write(
        np.zeros(500, np.intp), build_allographs(), np.random.default_rng(2), hand=hand
    )
    assert traces.radii.min() == np.float32(THINNEST)
    assert traces.radii.max() == np.float32(THICKEST)
