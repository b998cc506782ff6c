"""Where per cent may have been read as two digits."""

import pytest

from mnistry.box import Box
from mnistry.scan.recognize.like_digits import may_be_percent
from mnistry.scan.recognize.separate import Sign


@pytest.mark.parametrize(
    ("text", "box", "is_percent"),
    [
        ("%", Box(52, 30, 100, 70), True),
        ("%", Box(82, 30, 100, 70), False),  # of one digit, an 8
        ("%", Box(130, 30, 170, 70), False),  # no digit was read there
        ("/", Box(52, 30, 100, 70), False),
    ],
)
def test_two_digits_where_per_cent_may_be(
    text: str, box: Box, is_percent: bool
) -> None:
    boxes = Box(10, 30, 40, 70), Box(52, 30, 72, 70), Box(80, 30, 100, 70)
    assert may_be_percent((Sign(text, box),), boxes) == is_percent
