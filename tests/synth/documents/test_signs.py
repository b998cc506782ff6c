import numpy as np
import pytest

from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.documents.signs import SIGNS, write_sign
from mnistry.synth.drawn import draw


@pytest.fixture(scope="module")
def alphabet() -> Alphabet:
    return Alphabet(*draw(200, seed=1))


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_has_a_box_with_ink_between_those_of_its_digits(
    alphabet: Alphabet, sign: str
) -> None:
    scene = make_string(alphabet, f"4{sign}2", seed=5)
    (line,) = scene.lines
    assert line.text == f"4{sign}2"
    (before, after), (box,) = line.boxes, line.signs
    assert before.left < box.left < after.left
    ink = scene.picture[box.top : box.bottom, box.left : box.right].mean(axis=2)
    assert ink.min() < scene.picture.mean() - 40


@pytest.mark.parametrize(
    ("sign", "top", "bottom"),
    [(".", 0.7, 1.2), (",", 0.6, 1.5), ("'", -0.4, 0.5), ("-", 0.2, 0.8)],
)
def test_a_sign_stands_where_people_write_it(
    sign: str, top: float, bottom: float
) -> None:
    for seed in range(20):
        written = write_sign(
            SIGNS[sign],
            height=40,
            slant=0.1,
            thickness=0.1,
            generator=np.random.default_rng(seed),
        )
        last = 1 + written.below / 40
        assert last <= bottom
        assert last - len(written.ink) / 40 >= top


def test_the_thinnest_pen_still_writes() -> None:
    written = write_sign(
        SIGNS["-"],
        height=1,
        slant=0,
        thickness=0.01,
        generator=np.random.default_rng(0),
    )
    assert written.ink.max() == 1


def test_signs_are_written_as_the_seed_decides(alphabet: Alphabet) -> None:
    one, two = (make_string(alphabet, "-1,234.50%", seed=9) for _ in "ab")
    np.testing.assert_array_equal(one.picture, two.picture)
    assert one.lines == two.lines
