"""Silence is no answer: whatever has no digits says why."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import mnistry
from mnistry.box import Box
from mnistry.errors import FormatError
from mnistry.scan.pattern import parse_pattern
from mnistry.scan.reasons import REASONS, without_match
from mnistry.scan.results import ReadDigit, Reading, ReadLine
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.out_of_distribution import out_of_distribution

Picture = NDArray[np.uint8]


def paper(rows: int = 120, columns: int = 300, grey: int = 235) -> Picture:
    return np.full((rows, columns), grey, np.uint8)


def written(text: str, grey: int, on: Picture) -> Picture:
    picture = on.copy()
    cv2.putText(picture, text, (20, 80), 0, 2, grey, 4, cv2.LINE_AA)
    return picture


def specks() -> Picture:
    picture = paper()
    for left in range(20, 280, 40):
        picture[50:54, left : left + 3] = 40
    return picture


def grid(margin: int) -> Picture:
    picture = paper(300, 400)
    for at in range(margin, 301 - margin, 28):
        picture[at : at + 1, margin : 400 - margin] = 0
    for at in range(margin, 401 - margin, 28):
        picture[margin : 300 - margin, at : at + 1] = 0
    return picture


def dots() -> Picture:
    picture = paper()
    for top in (30, 60, 90):
        for left in range(20, 280, 40):
            picture[top : top + 3, left : left + 3] = 0
    return picture


MADE: dict[str, Picture] = {
    "blank": paper(),
    "only-lines": cv2.rectangle(paper(300, 600), (0, 0), (599, 299), 0, 4),
    "faint": written("123", 223, paper()),
    "too-dark": paper(grey=12),
    "too-small": specks(),
    "no-line": dots(),
    "no-digits": written("Xqwy Mzk", 30, paper(120, 420)),
}


def code_of(reading: Reading) -> str:
    return reading.reason.partition(": ")[0]


@pytest.mark.parametrize("code", MADE)
def test_a_picture_without_digits_has_its_reason(code: str) -> None:
    reading = mnistry.read(MADE[code])
    assert (reading.text, code_of(reading)) == ("", code)
    assert repr(reading) == f"<Reading without digits: {code}>"
    assert reading.pages[0].reason == reading.reason
    assert reading.reason.endswith(".")


@pytest.mark.parametrize(
    "picture",
    [grid(0), grid(10), cv2.line(paper(400, 400), (10, 200), (390, 200), 0, 2)],
)
def test_what_is_left_of_rules_is_not_called_small_writing(picture: Picture) -> None:
    assert code_of(mnistry.read(picture)) == "only-lines"


def test_where_digits_are_there_is_no_reason(alphabet: Alphabet) -> None:
    picture = make_string(alphabet, "40713", seed=3).picture
    reading = mnistry.read(picture)
    assert (reading.reason, code_of(reading)) == ("", "")
    assert repr(reading).startswith("<Reading '40713', confidence 0.")
    assert len(repr(reading.lines[0])) < 120


def test_digits_that_do_not_match_the_pattern_are_reported(alphabet: Alphabet) -> None:
    picture = make_string(alphabet, "407", seed=3).picture
    reading = mnistry.read(picture, pattern="[0-9]{64}")  # more than it has room for
    assert code_of(reading) == "no-match"
    assert "'407'" in reading.reason


def read_freely(*texts: str) -> tuple[ReadLine, ...]:
    place = Box(0, 0, 20, 30)
    digit = ReadDigit(7, 0.9, place)
    return tuple(ReadLine(text, 0.9, (digit,) * len(text), place) for text in texts)


def test_what_matches_though_it_was_given_up_by_the_pattern_is_unsure() -> None:
    pattern = parse_pattern("[0-9]{2}-[0-9]")
    lines, reason = without_match(read_freely("40", "407"), pattern)
    assert [(line.text, line.confidence) for line in lines] == [("40-7", 0.45)]
    assert reason == ""
    lines, reason = without_match(read_freely(*"1234567"), pattern)
    assert lines == []
    assert "'1, 2, 3, 4, 5 and 2 lines more' was read" in reason


@pytest.mark.parametrize("entries", [["40713"], ["407131", "852406", "13579"]])
def test_more_than_one_digit_is_not_taken_for_one(
    alphabet: Alphabet, entries: list[str]
) -> None:
    make = make_form(alphabet, entries, seed=4)
    reading = mnistry.read(make.picture, single=True)
    assert (reading.text, code_of(reading)) == ("", "not-single")
    assert [digit.rejected for digit in reading.digits] == [True]
    assert mnistry.read(paper(), single=True).reason == mnistry.read(paper()).reason


def test_what_looks_like_no_digit_is_not_one() -> None:
    letter = cv2.putText(paper(100, 100), "W", (20, 80), 0, 2.4, 0, 6, cv2.LINE_AA)
    reading = mnistry.read(letter, single=True)
    assert (reading.text, code_of(reading)) == ("", "non-digit")


def test_a_folder_is_read_as_pages_each_with_its_reason(
    alphabet: Alphabet, tmp_path: Path
) -> None:
    for name, picture in (
        ("a", paper()),
        ("c", make_string(alphabet, "40713", seed=3).picture),
    ):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    (tmp_path / "b.png").write_bytes(b"\x89PNG")
    reading = mnistry.read(tmp_path)
    codes = [page.reason.partition(": ")[0] for page in reading.pages]
    assert codes == ["blank", "broken", ""]
    assert set(codes) - {""} <= set(REASONS)
    assert list(reading.by_file()) == [str(tmp_path / f"{name}.png") for name in "abc"]
    assert [line.file for line in reading.lines] == [str(tmp_path / "c.png")]


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is a folder, and no picture in it"):
        mnistry.read(tmp_path)


def test_most_letters_are_rejected_and_no_digit_is(alphabet: Alphabet) -> None:
    letters = out_of_distribution("handwritten letters", 40, seed=5)
    assert sum(mnistry.read(image, single=True).text == "" for image in letters) >= 25
    texts = [mnistry.read(image, single=True).text for image in alphabet.images[:40]]
    assert texts == [str(label) for label in alphabet.labels[:40]]
