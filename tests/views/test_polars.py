"""The Polars frame has the digits' own memory."""

import numpy as np
import polars as pl

from mnistry.digits import Digits
from mnistry.views.polars import from_polars, to_polars


def test_images_are_the_digits_own_memory_there_and_back() -> None:
    digits = Digits(
        np.arange(3 * 784).astype(np.uint8).reshape(3, 28, 28),
        np.array([7, 2, 1], np.uint8),
    )
    frame = to_polars(digits)
    assert frame.schema == {"image": pl.Array(pl.UInt8, (28, 28)), "label": pl.UInt8}
    assert np.shares_memory(frame["image"].to_numpy(), digits.images)
    assert np.shares_memory(from_polars(frame).images, digits.images)


def test_a_frame_after_work_in_polars_comes_back() -> None:
    digits = Digits(
        np.arange(3 * 784).astype(np.uint8).reshape(3, 28, 28),
        np.array([7, 2, 1], np.uint8),
    )
    frame = to_polars(digits)
    assert from_polars(frame.filter(pl.col("label") != 2)) == digits[[0, 2]]
    assert from_polars(pl.concat([frame, frame], rechunk=False)).labels.tolist() == [
        *(7, 2, 1, 7, 2, 1)
    ]


def test_a_frame_of_pixel_columns_is_read() -> None:
    frame = pl.DataFrame({"label": [7], **{f"pixel{n}": [n] for n in range(4)}})
    images = np.arange(4, dtype=np.uint8).reshape(1, 2, 2)
    assert from_polars(frame) == Digits(images, np.array([7], np.uint8))
