"""Pictures: what we encode is read by others, what others encode by us."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from PIL import Image

from mnistry.arrays import Pixels
from mnistry.errors import FormatError
from mnistry.formats import png

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


@given(pixels=st_numpy.arrays(np.uint8, SHAPES))
def test_pixels_come_back_through_us_and_through_pillow(pixels: Pixels) -> None:
    data = png.encode(pixels)
    np.testing.assert_array_equal(png.decode(data), pixels)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


@given(pixels=st_numpy.arrays(np.uint8, SHAPES))
def test_pixels_that_pillow_saved_are_read(pixels: Pixels) -> None:
    for kind in ("PNG", "BMP", "TIFF", "GIF"):
        data = saved(Image.fromarray(pixels), kind)
        np.testing.assert_array_equal(png.decode(data), pixels)


@given(cut=st.integers(0, 100), junk=st.binary(max_size=9))
def test_a_cut_file_is_refused_or_still_gives_its_pixels(cut: int, junk: bytes) -> None:
    pixels = np.arange(784).astype(np.uint8).reshape(28, 28)
    data = png.encode(pixels)[:cut] + junk
    try:
        found = png.decode(data, name="seven")
    except FormatError as error:
        assert str(error).startswith("seven cannot be read as a picture")  # noqa: PT017
    else:
        np.testing.assert_array_equal(found, pixels)


@given(at=st.integers(37, 60), byte=st.integers(1, 255))
def test_a_changed_byte_is_never_accepted(at: int, byte: int) -> None:
    pixels = np.arange(784).astype(np.uint8).reshape(28, 28)
    data = bytearray(png.encode(pixels))
    data[at] ^= byte
    with pytest.raises(FormatError, match="cannot be read"):
        png.decode(bytes(data))


def test_a_picture_that_claims_to_be_huge_takes_no_memory() -> None:
    header = struct.pack(">II", 100_000, 100_000) + png.GREY
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    data = png.SIGNATURE + b"".join(
        struct.pack(">I4s", len(body), kind)
        + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    with pytest.raises(FormatError, match="it claims 100,000×100,000 pixels"):
        png.decode(data)
    bitmap = saved(Image.new("1", (5000, 5000)), "TIFF")
    with pytest.raises(FormatError, match="it claims 5,000×5,000 pixels"):
        png.decode(bitmap)


def test_what_is_no_picture_says_so() -> None:
    with pytest.raises(FormatError, match="its kind is unknown; expected a PNG"):
        png.decode(b"<html>")


def test_colours_become_grey_and_what_is_transparent_white() -> None:
    clear = Image.new("RGBA", (2, 2), (0, 0, 0, 0))
    red = Image.new("RGB", (2, 2), (255, 0, 0))
    wide = Image.fromarray(np.full((2, 2), 0x8000, np.uint16))
    levels = [int(png.decode(saved(of))[0, 0]) for of in (clear, red, wide)]
    assert levels == [255, 76, 128]  # 76 = 255 * 0.299, the luminance of red


@given(pixels=st_numpy.arrays(np.uint8, SHAPES))
def test_without_compression_the_shape_alone_decides_the_size(pixels: Pixels) -> None:
    data = png.encode(pixels, level=0)
    assert len(data) == len(png.encode(np.zeros_like(pixels), level=0))
    with Image.open(io.BytesIO(data)) as opened:
        np.testing.assert_array_equal(np.asarray(opened), pixels)
