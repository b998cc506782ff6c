"""The numbers of a list are lines of their own, where the rows show that it is one."""

import numpy as np
import pytest

from mnistry.scan.read import read
from mnistry.synth.documents.handwriting import Hand, to_fine_field, write_line
from mnistry.synth.documents.signs import SIGNS
from mnistry.synth.drawn import draw

ENTRIES = "285", "7360", "96"
HAND = Hand(height=40.0, thickness=0.1, kerned=True)


def picture(numbers: list[str]) -> np.ndarray:
    """Write a number, a gap of 0.7 heights and an entry in each row."""
    images, labels = draw(300, seed=11)
    generator = np.random.default_rng(0)

    def written(text: str) -> np.ndarray:
        fields = [
            SIGNS[of] if of in SIGNS else to_fine_field(images[labels == int(of)][2])
            for of in text
        ]
        ink = write_line(fields, HAND, generator=generator).ink
        columns = np.flatnonzero(ink.max(axis=0) > 0.2)
        return ink[:, columns[0] : columns[-1] + 1]

    page = np.zeros((90 * len(numbers) + 40, 360), np.float32)
    for row, texts in enumerate(zip(numbers, ENTRIES, strict=True)):
        left = 30
        for ink in map(written, texts):
            page[90 * row :, left : left + ink.shape[1]][: len(ink)] += ink
            left += ink.shape[1] + 28
    return (255 * (1 - page.clip(0, 1))).astype(np.uint8)


@pytest.mark.parametrize("mark", [")", "."])
def test_numbers_of_a_list_are_no_part_of_its_entries(mark: str) -> None:
    found = read(picture([f"{number}{mark}" for number in (1, 2, 3)]))
    assert [line.text for line in found.lines if line.text in ENTRIES] == [*ENTRIES]
    assert {line.text for line in found.lines} <= {*ENTRIES, "1", "2", "3"}


def test_what_is_not_numbered_is_no_list() -> None:
    found = read(picture(["3", "2", "7"]))
    assert [line.text for line in found.lines] == ["3285", "27360", "796"]
