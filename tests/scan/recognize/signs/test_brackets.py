"""Round brackets around an amount are signs; ones at both ends stay digits."""

import pytest

from mnistry.scan.read import read
from mnistry.scan.results import Reading
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

SURE = 0.95


@pytest.fixture(scope="module")
def drawn() -> Alphabet:
    return Alphabet(*draw(300, seed=11))


def readings(
    alphabet: Alphabet, text: str, pattern: str | None = None
) -> list[Reading]:
    return [
        read(make_string(alphabet, text, seed=seed).picture, pattern=pattern)
        for seed in range(5)
    ]


@pytest.mark.parametrize("text", ["(728)", "(4,560.93)"])
def test_brackets_are_signs_and_no_ones(drawn: Alphabet, text: str) -> None:
    found = readings(drawn, text)
    assert [one.signed_text for one in found].count(text) >= 4
    digits = "".join(filter(str.isdigit, text))
    assert all(one.text == digits or one.confidence < SURE for one in found)


def test_a_pattern_may_write_them(drawn: Alphabet) -> None:
    found = readings(drawn, "(728)", pattern=r"\([0-9]+\)|[0-9]+")
    assert [one.text for one in found].count("(728)") >= 4


@pytest.mark.parametrize("text", ["(65", "65)"])
def test_a_bracket_without_the_other_is_no_sure_one(drawn: Alphabet, text: str) -> None:
    found = readings(drawn, text)
    assert all(one.text == "65" or one.confidence < SURE for one in found)


@pytest.mark.parametrize("text", ["8)", "10)"])
def test_a_bracket_after_the_number_of_a_list_is_a_sign(
    drawn: Alphabet, text: str
) -> None:
    found = readings(drawn, text)
    assert [one.signed_text for one in found].count(text) >= 3
    assert all(one.text == text[:-1] or one.confidence < SURE for one in found)


def test_ones_at_both_ends_are_ones(drawn: Alphabet) -> None:
    found = readings(drawn, "1861")
    assert not any(set("()") & set(one.signed_text) for one in found)
    assert [one.text for one in found].count("1861") >= 4
