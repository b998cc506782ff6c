"""What is upside down, and what only looks like it."""

from mnistry.box import Box
from mnistry.scan.read_lines import Way
from mnistry.scan.results import ReadDigit, ReadLine


def way(text: str) -> Way:
    box = Box(0, 0, 9, 9)
    digits = tuple(ReadDigit(int(value), 0.9, box, ()) for value in text)
    line = ReadLine(text, 0.9, digits, box)
    return Way(None, (line,), (0.9,), (), is_sampled=False)  # type: ignore[arg-type]


def test_digits_that_are_digits_upside_down_too_prove_nothing() -> None:
    assert way("2347").tells_upright
    assert way("600019862").tells_upright is False
    assert way("90").tells_upright is False


def test_two_digits_prove_nothing() -> None:
    assert way("47").tells_upright is False  # a leaning 17 is a 4 upside down
    assert way("475").tells_upright
