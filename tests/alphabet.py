"""Digits to write with, drawn by OpenCV's stroke fonts: no file is needed."""

import cv2
import numpy as np
import pytest

from mnistry.frame import to_frame
from mnistry.synth.documents.scenes import Alphabet


def draw_digit(digit: int, face: int = 0, thickness: int = 5) -> np.ndarray:
    """Draw a digit large, white on black."""
    canvas = np.zeros((100, 100), np.uint8)
    cv2.putText(canvas, str(digit), (25, 80), face, 2.6, 255, thickness, cv2.LINE_AA)
    return canvas


@pytest.fixture(scope="session")
def alphabet() -> Alphabet:
    """Ten digits in three faces, framed as MNIST's are."""
    pairs = [(digit, face) for digit in range(10) for face in (0, 2, 3)]
    images = np.stack([to_frame(draw_digit(digit, face)) for digit, face in pairs])
    return Alphabet(images, np.array([digit for digit, _ in pairs], np.uint8))
