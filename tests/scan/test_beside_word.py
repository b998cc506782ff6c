"""A word before a number is none, though some letters are like digits."""

import numpy as np
import pytest

from mnistry.scan.read import read
from mnistry.synth.documents.handwriting import Hand, to_fine_field, write_line
from mnistry.synth.documents.words import foot_of, write_words
from mnistry.synth.drawn import draw

HAND = Hand(height=48.0, thickness=0.08, kerned=True)


def picture(word: str, number: str, space: float = 0.5) -> np.ndarray:
    """Write a word, a space in heights of a digit, and a number."""
    images, labels = draw(300, seed=11)
    generator = np.random.default_rng(0)
    fields = [to_fine_field(images[labels == int(of)][2]) for of in number]
    digits = write_line(fields, HAND, generator=generator).ink
    letters = write_words(word, HAND, generator=generator)
    rise = foot_of(HAND) - round(1.7 * HAND.height)
    columns = letters.shape[1] + digits.shape[1] + round(HAND.height * (space + 0.75))
    page = np.zeros((190, columns), np.float32)
    page[40 - rise :, 30 : 30 + letters.shape[1]][: len(letters)] += letters
    left = letters.shape[1] + 30 - round((0.9 - space) * HAND.height)  # margins
    page[40:, left : left + digits.shape[1]][: len(digits)] += digits
    return (255 * (1 - page.clip(0, 1))).astype(np.uint8)


@pytest.mark.parametrize("word", ["No", "Room", "Code"])
def test_a_word_is_no_part_of_the_number_after_it(word: str) -> None:
    found = read(picture(word, "285"))
    assert [line.text for line in found.lines] == ["285"]


def test_what_is_rather_a_letter_than_a_digit_is_no_part_of_the_number() -> None:
    found = read(picture("Sum", "2857", space=0.9))
    assert [line.text for line in found.lines] == ["2857"]
