"""What lies around a number, or over it, in pictures that people take."""

import cv2
import numpy as np
from numpy.typing import NDArray

import mnistry


def write(picture: NDArray[np.uint8], text: str, foot: int, left: int = 180) -> None:
    """Write digits 50 pixels tall."""
    for place, digit in enumerate(text):
        at = left + 60 * place, foot
        cv2.putText(picture, digit, at, 0, 2.3, (40, 40, 60), 5, cv2.LINE_AA)


def test_a_number_is_read_beside_what_is_far_taller() -> None:
    picture = np.full((900, 700, 3), 235, np.uint8)
    write(picture, "4257", 300)
    for column in (60, 640):  # the torn edges of a sheet
        rows = np.arange(100, 800, 20)
        ragged = np.stack([column + 8 * (rows // 20 % 2), rows], axis=1)
        cv2.polylines(picture, [ragged], False, (40, 40, 40), 14)
    assert mnistry.read(picture).text == "4257"
