"""The picture of a grid, decoded again."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.look.picture import picture, save_picture


def some(count: int) -> Digits:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits(images, (np.arange(count) % 10).astype(np.uint8))


def test_images_stand_on_the_sheet_pixel_for_pixel() -> None:
    digits = some(3)
    sheet = np.asarray(Image.open(io.BytesIO(picture(digits, columns=3, zoom=2))))
    height, width = sheet.shape
    tile = width // 3
    assert height > 56 + 16
    for place, (image, _) in enumerate(digits):
        left = place * tile + 8
        drawn = sheet[8 : 8 + 56, left : left + 56]
        assert np.array_equal(drawn[::2, ::2], 255 - image)
        assert np.array_equal(drawn[1::2, 1::2], 255 - image)


def test_labels_are_written_below() -> None:
    blank = Digits(np.zeros((2, 28, 28), np.uint8), np.array([1, 8], np.uint8))
    sheet = np.asarray(Image.open(io.BytesIO(picture(blank, columns=2))))
    words = sheet[8 + 4 * 28 :]
    one, eight = words[:, :124], words[:, 124:248]
    assert one.min() == 0 < 255
    assert (eight < 128).sum() > (one < 128).sum()  # an 8 takes more ink than a 1


def test_there_must_be_something_to_draw() -> None:
    with pytest.raises(UsageError, match="there are 0 digits to look at"):
        picture(some(0))


def test_the_file_is_the_picture(tmp_path: Path) -> None:
    save_picture(some(2), tmp_path / "grid.png")
    assert (tmp_path / "grid.png").read_bytes() == picture(some(2))
