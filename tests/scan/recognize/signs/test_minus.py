"""A minus that touches the first digit is a sign, and the digit is read as it is."""

import cv2
import numpy as np
import pytest

from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits
from mnistry.scan.recognize.signs.separate import separations


def signs_of(dash: tuple[int, int, int] | None) -> list[str]:
    """Find the signs before two rings; of the dash: columns, its row."""
    picture = np.full((100, 220, 3), 255, np.uint8)
    for middle in (90, 150):
        cv2.ellipse(picture, (middle, 50), (18, 24), 0, 0, 360, (0, 0, 0), 5)
    if dash:
        cv2.line(picture, (dash[0], dash[2]), (dash[1], dash[2]), (0, 0, 0), 5)
    (page,) = prepare(picture)
    line = page.only_line
    assert line is not None
    ends = 0.0, float(page.mask.shape[1])
    first, *_ = separations(page, line, ends, any_digits())
    return [sign.text for sign in first.signs]


@pytest.mark.parametrize(
    ("dash", "signs"),
    [
        (None, []),
        ((45, 72, 52), ["-"]),  # it touches
        ((40, 60, 52), ["-"]),  # it stands apart
        ((66, 72, 52), []),  # too short
        ((45, 84, 27), []),  # a bar at the top
    ],
)
def test_a_flat_stroke_in_the_middle_that_leads_to_the_first_digit_is_a_minus(
    dash: tuple[int, int, int] | None, signs: list[str]
) -> None:
    assert signs_of(dash) == signs
