"""Several digits where exactly one was to be: none of them is given as the one."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from mnistry.arrays import Pixels
from mnistry.scan.read import read
from mnistry.scan.recognize import strips
from mnistry.scan.recognize.models import LogProbs, line_log_probs
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw


def image_of(alphabet: Alphabet, digit: int) -> np.ndarray:
    """Give an image of a digit, three times as large, dark on light."""
    row = np.flatnonzero(alphabet.labels == digit)[0]
    image: np.ndarray = 255 - alphabet.images[row]
    return image.repeat(3, axis=0).repeat(3, axis=1)


@pytest.mark.parametrize("text", ["29", "408", "66", "3547"])
def test_digits_side_by_side_are_not_one(text: str, alphabet: Alphabet) -> None:
    picture = np.hstack([image_of(alphabet, int(digit)) for digit in text])
    reading = read(picture, single=True)
    assert (reading.text, reading.confidence < 0.05) == ("", True)
    message = (
        f"not-single: {len(text)} digits stand side by side, and exactly one digit"
    )
    assert reading.reason.startswith(message)
    assert "Leave out single (--single)" in reading.reason
    assert read(picture).text == text  # as it says


def test_a_string_is_no_digit_though_its_digits_touch() -> None:
    drawn = Alphabet(*draw(200))
    for seed in range(4):
        scene = make_string(drawn, "85", seed=seed)
        assert read(scene.picture, single=True).confidence < 0.5


def test_a_wide_digit_is_no_more_work_than_a_narrow_one(
    monkeypatch: pytest.MonkeyPatch, alphabet: Alphabet
) -> None:
    runs: list[int] = []

    def run(some: Sequence[Pixels]) -> list[LogProbs]:
        runs.append(len(some))
        return line_log_probs(some)

    monkeypatch.setattr(strips, "line_log_probs", run)
    assert read(image_of(alphabet, 0), single=True).text == "0"
    assert sum(runs) == 1  # the view by which it is read tells that it is alone


@pytest.mark.parametrize("digit", [4, 5, 7, 0])
def test_what_is_left_of_neighbours_at_the_border_does_not_count(
    digit: int, alphabet: Alphabet
) -> None:
    neighbour = image_of(alphabet, 8)
    before, after = neighbour[:, 50:], neighbour[:, :36]
    picture = np.hstack([before, image_of(alphabet, digit), after])
    reading = read(picture, single=True)
    assert (reading.text, reading.reason) == (str(digit), "")


def test_strokes_of_one_digit_and_sides_of_a_box_are_not_several() -> None:
    five = np.full((120, 120), 255, np.uint8)
    for ends in (((44, 30), (44, 56)), ((52, 28), (84, 26))):  # its bar stands apart
        cv2.line(five, *ends, 0, 6)
    cv2.ellipse(five, (52, 76), (24, 22), 0, -100, 130, 0, 6)
    assert read(five, single=True).text == "5"
    cv2.rectangle(five, (8, 8), (112, 112), 0, 3)
    assert read(five, single=True).text == "5"
