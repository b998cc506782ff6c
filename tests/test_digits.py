import copy
import dataclasses
import pickle
import re
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry import Digits
from mnistry.errors import ShapeError, UsageError


@st.composite
def digits(draw: st.DrawFn) -> Digits:
    count = draw(st.integers(0, 20))
    side = draw(st.sampled_from([16, 28]))
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    images = generator.integers(0, 256, (count, side, side), np.uint8)
    labels = generator.integers(0, 10, count, np.uint8)
    return Digits(images, labels, columns={"writer": np.arange(count)})


@given(digits(), st.floats(0, 1), st.integers(0, 9))
def test_a_split_has_every_image_once(all_of: Digits, part: float, seed: int) -> None:
    first, second = all_of.split(part, seed=seed)
    assert len(first) == round(part * len(all_of))
    writers = np.concatenate([first.columns["writer"], second.columns["writer"]])
    assert sorted(writers) == list(range(len(all_of)))
    together = np.concatenate([first.images, second.images])
    assert np.array_equal(together[np.argsort(writers)], all_of.images)


def test_the_same_seed_splits_the_same_way(toy: Digits) -> None:
    assert toy.split(0.5, seed=3)[0] == toy.split(0.5, seed=3)[0]
    assert toy.split(0.5, seed=3)[0] != toy.split(0.5, seed=4)[0]


@given(digits())
def test_counts_sum_to_the_number_of_images(all_of: Digits) -> None:
    counts = all_of.counts()
    assert counts.sum() == len(all_of)
    assert counts.tolist() == [list(all_of.labels).count(label) for label in range(10)]


@given(digits(), st.integers(-5, 25), st.integers(-5, 25))
def test_a_slice_is_what_numpy_slices(all_of: Digits, start: int, stop: int) -> None:
    part = all_of[start:stop]
    assert np.array_equal(part.images, all_of.images[start:stop])
    assert np.array_equal(part.labels, all_of.labels[start:stop])
    assert np.array_equal(part.columns["writer"], all_of.columns["writer"][start:stop])


def test_masks_and_lists_choose_rows(toy: Digits) -> None:
    sevens = toy[toy.labels == 7]
    assert set(sevens.labels.tolist()) == {7}
    assert toy[[3, 1]].labels.tolist() == [3, 1]
    assert len(toy[[]]) == len(toy[np.zeros(0, np.intp)]) == 0
    assert sevens.name == toy.name
    assert sevens.split_name == toy.split_name


def test_a_number_gives_one_image_and_its_label(toy: Digits) -> None:
    image, label = toy[np.int64(13)]
    assert image.shape == (28, 28)
    assert label == 3
    with pytest.raises(IndexError):
        toy[30]


def test_walking_through_gives_images_with_labels(toy: Digits) -> None:
    assert [label for _, label in toy] == toy.labels.tolist()


def test_nothing_in_it_changes(toy: Digits) -> None:
    for array in (toy.images, toy.labels, toy[:3].images, toy[[1, 2]].labels):
        assert not array.flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        toy.name = "other"  # type: ignore[misc]


def test_the_callers_own_array_stays_writable() -> None:
    mine = np.zeros((2, 28, 28), np.uint8)
    made = Digits(mine, np.array([0, 1], np.uint8))
    assert mine.flags.writeable
    assert np.shares_memory(mine, made.images)


def test_equal_means_equal_pictures_labels_and_columns(toy: Digits) -> None:
    assert toy == dataclasses.replace(toy, name="other", source="elsewhere")
    assert toy != dataclasses.replace(toy, labels=toy.labels[::-1])
    assert toy != dataclasses.replace(toy, columns={"writer": np.arange(30)})
    assert toy != "digits"


def test_repr_says_what_it_is(toy: Digits) -> None:
    assert repr(toy) == "<Digits toy train: 30 images of 28x28, 10 classes>"


def test_a_notebook_shows_thumbnails_that_are_a_png(toy: Digits) -> None:
    html = toy._repr_html_()
    assert "30 images of 28x28" in html
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", html)
    assert found
    assert b64decode(found[1]).startswith(b"\x89PNG")
    assert "<figure>" in toy[:0]._repr_html_()


FAULTS: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "flat images": (
        np.zeros((2, 783), np.uint8),
        [0, 1],
        {},
        r"\(2, 783\); expected \(n, rows",
    ),
    "normalised": (np.full((2, 28, 28), -0.4), [0, 1], {}, "from -0.4 to -0.4"),
    "too few labels": (
        np.zeros((2, 28, 28), np.uint8),
        [0],
        {},
        r"\(1,\); expected \(2,\)",
    ),
    "one-hot": (np.zeros((2, 28, 28), np.uint8), np.eye(2), {}, r"\(2, 2\); expected"),
    "float labels": (np.zeros((2, 28, 28), np.uint8), [0.5, 1], {}, "dtype float64"),
    "too large": (np.zeros((2, 28, 28), np.uint8), [0, 256], {}, "from 0 to 256"),
    "column": (
        np.zeros((2, 28, 28), np.uint8),
        [0, 1],
        {"writer": [1]},
        r"'writer' has shape \(1,\); expected \(2,\)",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_digits_is_refused(fault: str) -> None:
    images, labels, columns, message = FAULTS[fault]
    with pytest.raises(ShapeError, match=message):
        Digits(images, labels, columns=columns)


@pytest.mark.parametrize("wrong", [1.5, -1, 900, [20, 10], (0.5, 0.5), "0.5", None])
def test_a_fraction_is_a_number_from_0_to_1(toy: Digits, wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"fraction is .*; expected 0 to 1, such as"):
        toy.split(wrong)


def test_a_name_cannot_write_into_the_page(toy: Digits) -> None:
    assert "<b" not in dataclasses.replace(toy, name="<b onclick=x>")._repr_html_()


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_a_seed_is_a_whole_number(toy: Digits, seed: Any) -> None:
    with pytest.raises(UsageError, match="seed is .*; expected an integer"):
        toy.split(0.5, seed=seed)


def test_copies_and_other_processes_get_the_same(toy: Digits) -> None:
    with_columns = dataclasses.replace(toy, columns={"writer": np.arange(len(toy))})
    sent = pickle.loads(pickle.dumps(with_columns))  # noqa: S301 - as processes do
    for again in (sent, copy.deepcopy(with_columns)):
        assert again == with_columns
        assert repr(again) == repr(with_columns)
        assert not again.images.flags.writeable


def test_columns_cannot_be_set(toy: Digits) -> None:
    columns: Any = dataclasses.replace(toy, columns={"writer": np.arange(30)}).columns
    with pytest.raises(TypeError):
        columns["writer"] = np.zeros(30)


@pytest.mark.parametrize("wrong", [-1, 2.5, "3", [3], None])
def test_a_number_of_images_is_a_whole_number(toy: Digits, wrong: Any) -> None:
    assert len(toy.choose(0)) == 0
    with pytest.raises(UsageError, match="count is .*; expected 0 or more, a whole"):
        toy.choose(wrong)
    with pytest.raises(UsageError, match="batch_size is .*; expected 1 or more"):
        toy.batches(wrong)
