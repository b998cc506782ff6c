"""PNG without compression: what Pillow reads of it, and how long it is."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from mnistry import plain_png

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(PICTURES)
def test_pillow_reads_the_very_pixels(picture: np.ndarray) -> None:
    data = plain_png.encode(picture)
    with Image.open(io.BytesIO(data)) as opened:
        opened.verify()
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.format == "PNG"
        assert opened.mode == "L"
        np.testing.assert_array_equal(np.asarray(opened), picture)


@given(PICTURES)
def test_the_size_is_known_from_the_shape(picture: np.ndarray) -> None:
    assert len(plain_png.encode(picture)) == plain_png.size_bytes(*picture.shape)


@pytest.mark.parametrize("columns", [254, 255, 256])
@pytest.mark.parametrize("rows", [255, 256, 257, 514])
def test_pictures_longer_than_one_block_are_read_too(rows: int, columns: int) -> None:
    assert rows * (columns + 1) > plain_png.BLOCK_BYTES - 1000
    numbers = np.arange(rows * columns, dtype=np.uint32).astype(np.uint8)
    picture = numbers.reshape(rows, columns)
    data = plain_png.encode(picture)
    assert len(data) == plain_png.size_bytes(rows, columns)
    with Image.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(np.asarray(opened), picture)


def test_pictures_that_are_views_of_others_are_encoded_as_seen() -> None:
    picture = np.arange(28 * 28, dtype=np.uint32).astype(np.uint8).reshape(28, 28)
    turned = picture.T[::-1]
    assert plain_png.encode(turned) == plain_png.encode(turned.copy())
