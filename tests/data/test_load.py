import mmap
import os
from dataclasses import replace
from inspect import unwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnistry
from mnistry.cli.progress import amount
from mnistry.data import load as load_room
from mnistry.data.load import load, load_there
from mnistry.errors import UnknownNameError
from mnistry.files import export
from mnistry.synth.drawn import draw


def test_drawn_digits_need_no_file() -> None:
    train, test = load("drawn")
    assert train.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    assert train.counts().tolist() == [6000] * 10
    assert train.split_name == "train"
    assert train.classes == tuple("0123456789")
    images, labels = draw(10_000, split="test")  # again
    assert np.array_equal(test.images, images)
    assert np.array_equal(test.labels, labels)
    known = {image.tobytes() for image in train.images}
    assert not any(image.tobytes() in known for image in test.images)


@pytest.mark.parametrize("name", ["Drawn", "DRAWN"])
def test_capitals_in_a_name_do_not_matter(name: str) -> None:
    assert load(name, split="test").name == "drawn"


def test_how_far_drawing_is_can_be_seen() -> None:
    seen: list[tuple[str, int, int]] = []
    draw_split = unwrap(load_room._drawn)  # which tests call once
    draw_split("test", lambda *now: seen.append(now))
    name, done, total = seen[-1]
    assert (done, total) == (10_000, 10_000)
    assert amount(name, done, total) == "10,000 of 10,000"
    assert 1 < len({done for _, done, _ in seen}) == len(seen)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no data set 'minst'.*mean 'mnist'\?"):
        load("minst")


@pytest.mark.parametrize("name", ["mnist", "drawn"])
def test_an_unknown_split_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"no split 'tset' of {name};.*'test'"):
        load(name, split="tset")


@pytest.mark.usefixtures("real_mnist")
def test_real_mnist_is_mapped_read_only_and_has_its_mean() -> None:
    train = mnistry.load(split="train")
    assert not train.images.flags.writeable
    assert not train.images.flags.owndata
    assert np.mean(train.images) / 255 == pytest.approx(0.1307, abs=5e-5)
    assert np.std(train.images) / 255 == pytest.approx(0.3081, abs=5e-5)


def test_digits_of_ones_own_come_through_the_same_load(
    toy: mnistry.Digits, tmp_path: Path
) -> None:
    export((toy[:20], replace(toy[20:], split_name="test")), "png", tmp_path / "mine")
    train, test = load(str(tmp_path / "mine"))
    assert sorted(train.labels) == sorted(toy[:20].labels)
    assert len(test) == 10
    with pytest.raises(UnknownNameError, match="no split 'tset' of .*mine; .*'test'"):
        load(str(tmp_path / "mine"), split="tset")


def test_digits_without_splits_are_parted_as_mnist_is(
    toy: mnistry.Digits, tmp_path: Path
) -> None:
    export(replace(toy, split_name=""), "png", tmp_path / "mine")
    train, test = load(tmp_path / "mine")
    assert train.counts().tolist() == [2] * 10  # 6 in 7, and each class in both
    assert test.counts().tolist() == [1] * 10
    assert "each class parted at random with seed 0" in train.source
    assert load(tmp_path / "mine", split="all").counts().tolist() == [3] * 10


def test_a_single_file_of_any_name_is_parted_too(
    toy: mnistry.Digits, tmp_path: Path
) -> None:
    (path,) = export(replace(toy, split_name=""), "csv", tmp_path)
    path = path.rename(tmp_path / "letters of my aunt.csv")
    train, test = load(path)
    assert [len(train), len(test)] == [20, 10]
    assert len(load(path, split="letters of my aunt")) == 30


def test_what_is_there_of_train_and_test_is_loaded(
    toy: mnistry.Digits, tmp_path: Path
) -> None:
    export(toy[:20], "idx", tmp_path)
    assert [split.split_name for split in load_there(tmp_path)] == ["train"]
    with pytest.raises(UnknownNameError, match="no split 'test' of .*; there are: tr"):
        load(tmp_path)
    export(replace(toy[:20], split_name="validation"), "idx", tmp_path / "other")
    with pytest.raises(UnknownNameError, match="no split 'test' of .*; there are: va"):
        load_there(tmp_path / "other")


def test_a_copy_maps_no_file(tmp_path: Path) -> None:
    digits = load("drawn", split="test")[:20]
    export(digits, "idx", tmp_path)
    mapped = load(tmp_path, split="test")
    copied = load(tmp_path, split="test", copy=True)
    assert copied == mapped
    assert isinstance(_root(mapped.images), np.memmap | mmap.mmap)
    assert not isinstance(_root(copied.images), np.memmap | mmap.mmap)
    (path,) = tmp_path.glob("*images*")
    os.truncate(path, 16)  # the mapped images would end this process now
    assert copied.images.sum() == digits.images.sum()


def _root(array: Any) -> Any:
    while getattr(array, "base", None) is not None:
        array = array.base
    return array.obj if isinstance(array, memoryview) else array
