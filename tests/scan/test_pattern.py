import itertools
import re

import pytest

from mnistry.errors import UsageError
from mnistry.scan.pattern import any_digits, parse_pattern

PATTERNS = ["[0-9]{3}", r"\d{1,3}", "[12]*", "1[0-9]?2", "(12|21)+", "[^3-9]{2}",
            "(0|1{2})?2", ".{2}", "[0-9]{2}(-[0-9])?"]  # fmt: skip


@pytest.mark.parametrize("text", PATTERNS)
def test_digits_match_as_in_pythons_own_expressions(text: str) -> None:
    pattern = parse_pattern(text)
    separators_optional = text.replace("-", "-?")
    for length in range(4):
        for digits in itertools.product((0, 1, 2, 3, 9), repeat=length):
            row = "".join(map(str, digits))
            wanted = re.fullmatch(separators_optional, row) is not None
            assert pattern.accepts(digits) is wanted, row


@pytest.mark.parametrize(
    ("text", "digits", "form"),
    [
        ("[0-9]{5}(-[0-9]{4})?", "941033021", "94103-3021"),
        ("[0-9]{5}(-[0-9]{4})?", "94103", "94103"),
        (r"\(\d{3}\) \d{4}", "5551234", "(555) 1234"),
        (r"\d+\.\d{2}", "129", "1.29"),
        ("[0-9]{2}", "123", "123"),  # does not match: left as it is
    ],
)
def test_separators_of_the_pattern_come_into_the_text(
    text: str, digits: str, form: str
) -> None:
    assert parse_pattern(text).put_in_form(digits) == form


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[0-9", "cannot be read: unterminated character set"),
        ("[0-9]{99}", "repeats 99 times; expected at most 64"),
        ("(?=1)2", "pattern uses assert, which digits need not"),
        ("([0-9]{60}){60}|([0-9]{60}){60}", "pattern is too long"),
    ],
)
def test_patterns_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        parse_pattern(text)


@pytest.mark.parametrize("allowed", ["", "12a"])
def test_allowed_are_digits_only(allowed: str) -> None:
    with pytest.raises(UsageError, match="allowed is .*; expected some of the digits"):
        any_digits(allowed)


def test_any_number_of_the_digits_allowed_may_come() -> None:
    pattern = any_digits("17")
    assert pattern.accepts(())
    assert pattern.accepts((1, 7, 7))
    assert not pattern.accepts((1, 2))
