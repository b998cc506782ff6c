"""How likely signs are right: those of no amount, date or time are hardly ever."""

from dataclasses import replace

import pytest

from mnistry.box import Box
from mnistry.cli.reading import _format_reading
from mnistry.scan.results import ReadDigit, Reading, ReadLine, ReadSign
from mnistry.scan.sign_forms import FITTING, UNFITTING, share_right

NUMBERS = (
    "1,234.50 1.234,50 1'234.50 12,34,567.00 443377,01 -52 25.- 250/- 5,- 60% 12.5%"
    " +352 2:30 11:05:20 28/06/2023 6-5-25 2023-06-30 (4,560.93) $5.00 -(12) 3/4"
    " 94103-1234 7 5,000/- ₹1,50,000/- 12.50/- 1.500,00/- 53+ 1,234.50+"
)
NO_NUMBERS = (
    "3.77968 245,38569 4.-5-23,51 23,.8.5331 4'73.75 24-.15 128..324,40 56/8-8979"
    " 1,23,45.6 1,2345.60 12:345 12/5/"
)


def line_of(text: str, confidence: float) -> ReadLine:
    """Write a line with a box for each of its digits and signs."""
    marks = [(char, Box(10 * at, 0, 10 * at + 8, 20)) for at, char in enumerate(text)]
    digits = tuple(ReadDigit(int(c), 0.99, box) for c, box in marks if c.isdigit())
    signs = tuple(ReadSign(c, box) for c, box in marks if not c.isdigit())
    plain = "".join(filter(str.isdigit, text))
    return ReadLine(plain, confidence, digits, marks[0][1], signs=signs)


def turned(box: Box, degrees: int) -> Box:
    """Give a box of an upright picture of 200 pixels a side in one turned clockwise."""
    left, top, right, bottom = box
    return {
        90: Box(200 - bottom, left, 200 - top, right),
        180: Box(200 - right, 200 - bottom, 200 - left, 200 - top),
        270: Box(top, 200 - right, bottom, 200 - left),
    }[degrees]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_signs_stand_where_they_are_read_in_a_turned_picture(degrees: int) -> None:
    one = line_of("-1,234.50", 0.9)
    digits = tuple(replace(of, box=turned(of.box, degrees)) for of in one.digits)
    signs = tuple(replace(of, box=turned(of.box, degrees)) for of in one.signs)
    other = replace(one, digits=digits, signs=signs, turned=degrees)
    assert other.signed_text == "-1,234.50"


@pytest.mark.parametrize("text", NUMBERS.split())
def test_signs_of_amounts_dates_and_times_are_mostly_right(text: str) -> None:
    assert share_right(text) == FITTING


@pytest.mark.parametrize("text", NO_NUMBERS.split())
def test_signs_that_nobody_writes_so_are_hardly_right(text: str) -> None:
    assert share_right(text) == UNFITTING


def test_a_line_with_a_lost_point_is_unsure_where_signs_are_asked_for() -> None:
    lost = line_of("3.77968", 0.98)
    assert (lost.signed_text, lost.confidence) == ("3.77968", 0.98)
    assert lost.signed_confidence < 0.05
    facts = line_of("3,779.68", 0.98).to_dict()
    assert (facts["text"], facts["confidence"]) == ("377968", 0.98)
    assert facts["signed_text"] == "3,779.68"
    assert 0.9 < facts["signed_confidence"] < 0.98
    reading = Reading((lost, line_of("3,779.68", 0.98)))
    assert _format_reading("a.png", reading, "signs").splitlines() == [
        "a.png  3.77968  0.05 unsure",
        "a.png  3,779.68",
    ]
    assert "unsure" not in _format_reading("a.png", reading, "text")
