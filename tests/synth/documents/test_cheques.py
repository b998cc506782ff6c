"""Cheques: what is written on them is known, and lies where the truth says."""

import numpy as np
import pytest

from mnistry.synth.documents.cheques import make_cheque
from mnistry.synth.documents.handwriting import Hand
from mnistry.synth.documents.scenes import Alphabet
from mnistry.synth.documents.words import foot_of, write_words


@pytest.mark.parametrize("on_table", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_amount_is_darker_than_what_is_around_it(
    alphabet: Alphabet, seed: int, on_table: bool
) -> None:
    scene = make_cheque(alphabet, "#7,480.50", seed=seed, on_table=on_table)
    (line,) = scene.lines
    assert line.text == "748050"
    for box in line.boxes:
        inside = scene.picture[box.top : box.bottom, box.left : box.right]
        grey = inside.mean(axis=2)
        assert grey.min() < 0.8 * np.percentile(grey, 95)


def test_a_date_and_printed_numbers_are_separated_from_the_amount(
    alphabet: Alphabet,
) -> None:
    scene = make_cheque(alphabet, "15", seed=1)
    assert len(scene.others) == 5
    assert all(map(str.isdigit, scene.others))


def test_the_same_seed_gives_the_same_cheque(alphabet: Alphabet) -> None:
    one, two, other = (make_cheque(alphabet, "903/-", seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(one.picture, two.picture)
    assert one.picture.shape != other.picture.shape


def test_words_stand_on_their_foot_and_tails_below_it() -> None:
    generator = np.random.default_rng(0)
    hand = Hand(40.0, thickness=0.1)
    for word, is_below in (("mix", False), ("gypy", True)):
        rows = np.flatnonzero(write_words(word, hand, generator=generator).any(axis=1))
        assert (rows.max() > foot_of(hand) + 8) == is_below


def test_a_long_amount_stays_on_its_cheque(alphabet: Alphabet) -> None:
    for seed in (3, 4):
        scene = make_cheque(alphabet, "#80,808,080.00#", seed=seed)
        (line,) = scene.lines
        assert max(box.right for box in line.signs) < scene.picture.shape[1]
