"""The data frame that people know from Azure, Kaggle and OpenML."""

import numpy as np
import pandas as pd
import pytest

from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.views.pandas import from_pandas, to_pandas


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 28, 28), np.uint8)
    return Digits(
        images, np.array([7, 2, 1, 0, 4, 1], np.uint8), columns={"writer": np.arange(6)}
    )


def test_pixels_come_first_and_the_label_last(some: Digits) -> None:
    frame = to_pandas(some)
    assert list(frame.columns) == [*map(str, range(784)), "writer", "label"]
    assert frame.iloc[:, :784].to_numpy().tolist() == (
        some.images.reshape(6, 784).tolist()
    )
    assert frame["label"].tolist() == some.labels.tolist()


def test_pixels_and_labels_are_one_block_that_may_be_written(some: Digits) -> None:
    frame = to_pandas(Digits(some.images, some.labels))
    assert np.shares_memory(frame.to_numpy(), frame["0"].to_numpy())
    assert frame.to_numpy().dtype == np.uint8
    frame.iloc[0, 0] = 9
    assert frame.iloc[0, 0] == 9


def test_digits_share_the_frames_memory(some: Digits) -> None:
    frame = to_pandas(Digits(some.images, some.labels))
    assert np.shares_memory(from_pandas(frame).images, frame.to_numpy())


def test_frames_that_others_make_are_read(some: Digits) -> None:
    flat = some.images.reshape(6, 784)
    wanted = Digits(some.images, some.labels)
    openml = pd.DataFrame(flat, columns=[f"pixel{n}" for n in range(1, 785)])
    openml["class"] = some.labels.astype(str)
    kaggle = pd.DataFrame({"label": some.labels})
    kaggle = kaggle.join(pd.DataFrame(flat).add_prefix("pixel"))
    assert from_pandas(openml) == wanted
    assert from_pandas(openml.astype({"class": "category"})) == wanted
    assert from_pandas(kaggle) == wanted
    assert from_pandas(to_pandas(wanted).astype(float)) == wanted


def test_a_frame_with_the_label_among_the_pixels_is_read(some: Digits) -> None:
    frame = to_pandas(some)
    names = list(frame.columns)
    mixed = frame[[*names[:5], "label", "writer", *names[5:784]]]
    assert from_pandas(mixed) == some


def test_a_frame_with_whole_images_in_a_column_is_refused(some: Digits) -> None:
    frame = pd.DataFrame({"image": list(some.images), "label": some.labels})
    with pytest.raises(ShapeError, match="expected a column for each pixel, '0'"):
        from_pandas(frame)
    with pytest.raises(ShapeError, match="the table has no column for the images"):
        from_pandas(frame[["label"]])


def test_pixels_from_nought_to_one_are_refused_with_the_way_out(some: Digits) -> None:
    with pytest.raises(ShapeError, match=r"expected integers.*\(x \* 255\)"):
        from_pandas(to_pandas(some).astype(float) / 255)
