"""The tree of files that are not there: every path, every size, every byte."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry import Digits
from mnistry.errors import UsageError
from mnistry.formats import idx, png
from mnistry.mount import tree


def _all_files(folder: tree.Folder, at: str = "") -> dict[str, tree.File]:
    found: dict[str, tree.File] = {}
    for name in folder.names():
        inside = folder.find(name)
        assert inside is not None
        assert isinstance(inside, tree.Folder) is folder.holds_folders
        if isinstance(inside, tree.Folder):
            found |= _all_files(inside, f"{at}/{name}")
        else:
            found[f"{at}/{name}"] = inside
    return found


def test_every_image_is_at_one_path_under_its_split_and_label(toy: Digits) -> None:
    pngs = [path for path in _all_files(tree.of_digits([toy])) if path.endswith(".png")]
    assert sorted(pngs) == sorted(
        f"/train/{label}/{index:05}.png" for index, label in enumerate(toy.labels)
    )


def test_every_listed_file_has_the_size_it_says_and_its_image(toy: Digits) -> None:
    root = tree.of_digits([toy])
    for path, file in _all_files(root).items():
        data = file.read(0, 1 << 20)
        assert len(data) == file.size_bytes
        same = tree.look_up(root, path)
        assert isinstance(same, tree.File)
        assert same.read(0, 1 << 20) == data
        if path.endswith(".png"):
            assert data == png.encode(toy.images[int(path[-9:-4])], level=0)


def test_the_raw_files_are_the_idx_of_the_arrays(toy: Digits) -> None:
    files = _all_files(tree.of_digits([toy]))
    for kind, array in (("images-idx3", toy.images), ("labels-idx1", toy.labels)):
        file = files[f"/raw/train-{kind}-ubyte"]
        assert file.read(0, file.size_bytes) == idx.encode(array)


@given(at=st.integers(0, 30_000), most=st.integers(0, 30_000))
def test_a_part_of_a_file_is_that_part_of_the_whole(at: int, most: int) -> None:
    images = np.random.default_rng(1).integers(0, 256, (30, 28, 28), np.uint8)
    root = tree.of_digits([Digits(images, np.full(30, 7), split_name="test")])
    for path, file in _all_files(root).items():
        if path.endswith(("ubyte", "00029.png")):
            assert file.read(at, most) == file.read(0, 1 << 20)[at : at + most], path


@pytest.mark.parametrize(
    "path",
    [
        "/train/1/00000.png",  # the first image is a 0
        "/train/0/0.png",
        "/train/0/000000.png",
        "/train/0/00030.png",  # there are 30
        "/train/0/-0010.png",
        "/train/0/٠٠٠١٠.png",  # decimal digits, but not these
        "/train/0/00010.jpg",
        "/train/0/00010.png.png",
        "/train/0/00010",
        "/train/10",
        "/test",
        "/raw/train-images-idx3-ubyte/more",
        "/train/0/00010.png/more",
    ],
)
def test_nothing_is_at_other_paths(toy: Digits, path: str) -> None:
    assert tree.look_up(tree.of_digits([toy]), path) is None


def test_numbers_are_as_wide_as_the_largest_needs() -> None:
    images = np.broadcast_to(np.zeros((1, 2, 2), np.uint8), (100_001, 2, 2))
    root = tree.of_digits([Digits(images, np.zeros(100_001, np.uint8), name="many")])
    folder = tree.look_up(root, "/many/0")
    assert isinstance(folder, tree.Folder)
    assert folder.names()[0] == "000000.png"
    assert folder.find("100000.png") is not None
    assert folder.find("00000.png") is None


def test_raw_files_have_the_data_sets_own_names(toy: Digits) -> None:
    mnist = replace(toy, name="mnist", split_name="test")
    assert tree.raw_names(mnist) == ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def test_raw_files_that_are_not_the_data_sets_own_are_not_called_so(
    toy: Digits,
) -> None:
    upright = replace(toy, name="emnist-letters", split_name="test")
    assert tree.raw_names(upright)[0] == "test-images-idx3-ubyte"


def test_files_of_the_disk_are_shown_under_their_names(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in (b"0123456789", b""):
        path.write_bytes(content)
        file = tree.look_up(tree.of_files({"b.gz": path}), "/b.gz")
        assert isinstance(file, tree.File)
        assert file.size_bytes == len(content)
        assert file.read(3, 4) == content[3:7]


@pytest.mark.parametrize("name", ["train", "raw", "..", "a/b", "a\0b"])
def test_names_that_no_folder_can_have_are_refused(toy: Digits, name: str) -> None:
    other = replace(toy, split_name=name)
    with pytest.raises(UsageError, match="cannot be a folder beside.*split_name="):
        tree.of_digits([toy, other])
