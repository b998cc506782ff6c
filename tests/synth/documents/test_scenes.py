import re
from collections.abc import Callable

import numpy as np
import pytest

from mnistry.errors import UsageError
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.scenes import Alphabet, Scene, make_envelope, make_string

MAKERS: list[Callable[..., Scene]] = [make_string, make_envelope, make_form]


def make(
    maker: Callable[..., Scene], alphabet: Alphabet, code: str, seed: int
) -> Scene:
    text = [code, code[::-1]] if maker is make_form else code
    return maker(alphabet, text, seed=seed)


@pytest.mark.parametrize("maker", MAKERS)
def test_the_same_seed_gives_the_same_picture(
    maker: Callable[..., Scene], alphabet: Alphabet
) -> None:
    once, again, other = (make(maker, alphabet, "3141", seed) for seed in (1, 1, 2))
    assert np.array_equal(once.picture, again.picture)
    assert once.lines == again.lines
    assert not np.array_equal(once.picture[:50, :50], other.picture[:50, :50])


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("seed", range(3))
def test_each_digit_has_a_box_within_the_picture_with_ink_in_it(
    maker: Callable[..., Scene], alphabet: Alphabet, seed: int
) -> None:
    scene = make(maker, alphabet, "271828", seed)
    assert scene.lines[0].text == "271828"
    rows, columns = scene.picture.shape[:2]
    for line in scene.lines:
        assert len(line.boxes) == len(line.text)
        for box in line.boxes:
            assert 0 <= box.left < box.right <= columns
            assert 0 <= box.top < box.bottom <= rows
            part = scene.picture[box.top : box.bottom, box.left : box.right]
            assert np.ptp(part.mean(axis=2)) > 40


@pytest.mark.parametrize("text", ["", "12a4", "--"])
def test_only_digits_and_signs_can_be_written(alphabet: Alphabet, text: str) -> None:
    message = f"cannot write {text!r}; expected digits, at least one, and signs out of"
    with pytest.raises(UsageError, match=re.escape(message)):
        make_string(alphabet, text)


def test_an_alphabet_must_have_the_digit(alphabet: Alphabet) -> None:
    few = Alphabet(alphabet.images[:3], alphabet.labels[:3])
    with pytest.raises(
        UsageError, match="the alphabet has no 7; expected images of all"
    ):
        make_string(few, "7")
