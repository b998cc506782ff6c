"""One law for all formats: what was written is read back as it was."""

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from mnistry.digits import Digits
from mnistry.errors import (
    CacheError,
    FetchError,
    FormatError,
    UnknownNameError,
    UsageError,
)
from mnistry.files import FORMATS, export, load

SPLITS = st.sampled_from(["train", "test", "validation", "letters", "test50k", ""])
NAMES_KEPT = {"parquet", "parquet-pixels", "parquet-huggingface", "safetensors"}
EMPTY_REFUSED = {"png"}
SHAPE_OF_NONE_LOST = {"parquet-huggingface", "webdataset"}


@st.composite
def some_digits(draw: st.DrawFn, shape: tuple[int, int], split: str) -> Digits:
    count = draw(st.integers(0, 5))
    images = draw(st_numpy.arrays(np.uint8, (count, *shape), fill=st.integers(0, 255)))
    labels = draw(st_numpy.arrays(np.uint8, count))
    column = np.arange(count) * 1000
    return Digits(images, labels, "toy", split, columns={"writer": column})


@st.composite
def some_splits(draw: st.DrawFn) -> list[Digits]:
    shape = draw(st.sampled_from([(28, 28), (16, 16), (1, 1)]))
    names = draw(st.lists(SPLITS, min_size=1, max_size=3, unique=True))
    return [draw(some_digits(shape, name)) for name in names]


@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(parts=some_splits())
def test_what_was_written_is_read_back(to: str, parts: list[Digits]) -> None:
    if to in EMPTY_REFUSED:
        parts = [part for part in parts if len(part)]
    if to in SHAPE_OF_NONE_LOST:
        none = np.zeros((0, 28, 28), np.uint8)
        parts = [p if len(p) else replace(p, images=none) for p in parts]
    if not FORMATS[to].keeps_columns:
        parts = [replace(part, columns={}) for part in parts]
    if not parts:
        return
    with TemporaryDirectory() as folder:
        export(parts, to, folder)
        back = load(folder)
        assert back == {part.split_name or "all": part for part in parts}
        for part in parts:
            found = back[part.split_name or "all"]
            assert found.split_name == part.split_name
            assert found.source == folder
            assert found.name == ("toy" if to in NAMES_KEPT else Path(folder).name)
        assert not list(Path(folder).rglob("*.part"))


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 28, 28), np.uint8)
    return Digits(images, np.arange(12, dtype=np.uint8) % 10, "toy", "train")


@pytest.mark.parametrize("to", FORMATS)
def test_each_file_can_be_loaded_alone(to: str, some: Digits, tmp_path: Path) -> None:
    for path in export(some, to, tmp_path):
        assert list(load(path).values()) == [some]


@pytest.mark.parametrize("to", sorted(set(FORMATS) - {"idx.gz"}))
def test_the_same_digits_give_the_same_bytes(
    to: str, some: Digits, tmp_path: Path
) -> None:
    one, two = (export(some, to, tmp_path / name) for name in "ab")
    for first, second in zip(one, two, strict=True):
        for file in [first, *first.rglob("*")]:
            if file.is_file() and to != "npz":  # whose zip keeps the time
                other = second / file.relative_to(first)
                assert file.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("to", sorted(set(FORMATS) - {"png", "npz"}))
def test_what_the_disk_refuses_is_one_clear_error(
    to: str, some: Digits, tmp_path: Path
) -> None:
    too_long = replace(some, split_name="x" * 240)  # as a name beside it is longer yet
    with pytest.raises(CacheError, match=r"cannot be written: .* Choose another place"):
        export(too_long, to, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("to", sorted(set(FORMATS) - {"png"}))
def test_a_write_that_fails_leaves_what_was_there(
    to: str, some: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = export(some, to, tmp_path)
    before = [path.read_bytes() for path in written]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        export(some[:3], to, tmp_path)
    assert [path.read_bytes() for path in written] == before
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_folders_of_pictures_are_never_overwritten(
    some: Digits, tmp_path: Path
) -> None:
    export(some, "png", tmp_path)
    with pytest.raises(UsageError, match="train exists already"):
        export(some[:3], "png", tmp_path)
    with pytest.raises(UsageError, match="split 'train' has no images"):
        export(some[:0], "png", tmp_path / "b")
    assert load(tmp_path)["train"] == some


def test_two_splits_of_one_name_are_refused(some: Digits, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two of the digits are of split 'train'"):
        export((some, some), "idx", tmp_path)


@pytest.mark.parametrize("name", ["a/b", "..", "test_50k", "Test", "a b"])
def test_split_names_that_would_be_misread_are_refused(
    name: str, some: Digits, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"split '{name}' cannot be the name"):
        export(replace(some, split_name=name), "csv", tmp_path)


def test_unknown_formats_are_refused(some: Digits, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"no format 'parket'.*'parquet'"):
        export(some, "parket", tmp_path)


def test_what_is_not_there_or_of_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="there is no file or folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(FormatError, match="the folder .* has no digits in it, 3 fol"):
        load(tmp_path)
    os.mkfifo(tmp_path / "pipe.csv")  # reading it would never end
    with pytest.raises(FetchError, match=r"there is no file or folder .*pipe\.csv"):
        load(tmp_path / "pipe.csv")
    (tmp_path / "notes.txt").write_text("seven")
    with pytest.raises(FormatError, match=r"notes\.txt is of no supported format"):
        load(tmp_path / "notes.txt")


def test_a_column_of_text_is_refused_by_safetensors_and_kept_by_parquet(
    some: Digits, tmp_path: Path
) -> None:
    digits = replace(some, columns={"who": np.array(list("abcdefghijkl"))})
    with pytest.raises(UsageError, match="column 'who' is <U1, which safetensors"):
        export(digits, "safetensors", tmp_path)
    assert not list(tmp_path.iterdir())
    export(digits, "parquet", tmp_path)
    assert load(tmp_path)["train"] == digits
