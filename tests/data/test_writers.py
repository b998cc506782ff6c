import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistry import load
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog.family import QMNIST
from mnistry.data.catalog.mnist import MNIST
from mnistry.data.verify import file_sha256
from mnistry.data.writers import with_writers
from mnistry.digits import Digits
from mnistry.errors import ChecksumError
from mnistry.formats import idx
from tests.conftest import leave_out


@pytest.fixture
def train(real_mnist: Path) -> Digits:
    return load("mnist", split="train")


@pytest.fixture
def elsewhere(train: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of MNISTRY_DATA, and a cache, without any list."""
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path))
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "home"))
    return tmp_path


def put(folder: Path, **lists: np.ndarray) -> Path:
    np.savez(folder / "writers.npz", **lists)  # type: ignore[arg-type]
    return folder / "writers.npz"


def expect(monkeypatch: pytest.MonkeyPatch, writer: np.ndarray) -> None:
    """Let this be the expected list, for the real one is not ours to carry."""
    sha256 = hashlib.sha256(idx.encode(writer.astype(np.int32))).hexdigest()
    monkeypatch.setattr("mnistry.data.writers.WRITERS", {"train": sha256})


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.int64])
def test_the_known_list_in_the_folder_of_the_data_is_found(
    train: Digits, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, dtype: type
) -> None:
    writer: np.ndarray = (np.arange(60_000) // 100).astype(dtype)
    expect(monkeypatch, writer)
    put(elsewhere, train_writer=writer)
    assert with_writers(train).columns["writer"].tolist() == writer.tolist()


def test_the_real_list_is_known(real_mnist: Path) -> None:
    if not (real_mnist / "writers.npz").is_file():
        leave_out("the list of writers", "put writers.npz beside the MNIST files")
    people = {}
    for split in ("train", "test"):
        people[split] = set(with_writers(load("mnist", split=split)).columns["writer"])
    assert (len(people["train"]), len(people["test"])) == (539, 297)
    assert not people["train"] & people["test"]


def test_a_list_of_qmnists_in_the_cache_is_found(
    train: Digits, elsewhere: Path
) -> None:
    labels = np.zeros((60_000, 8), np.int32)
    labels[:, 2] = np.arange(60_000) // 7
    file = QMNIST.splits["train"].labels
    cached = CachedFile(QMNIST, file)
    path = cached.raw_path
    idx.write(path, labels)
    assert (
        "writer" not in with_writers(train).columns
    )  # its hash is not the expected one
    cached.accept_raw(file_sha256(path), path)
    assert file.raw_sha256 is None
    assert with_writers(train).columns["writer"].tolist() == labels[:, 2].tolist()


def test_without_a_list_nothing_is_added(train: Digits, elsewhere: Path) -> None:
    assert with_writers(train) is train


FALSE_LISTS: dict[str, dict[str, np.ndarray]] = {
    "another order": {"train_writer": np.arange(60_000)[::-1]},
    "too short": {"train_writer": np.arange(59_999)},
    "of fractions": {"train_writer": np.arange(60_000) / 1},
    "of words": {"train_writer": np.full(60_000, "ada")},
    "of lists": {"train_writer": np.zeros((60_000, 2), np.int32)},
    "another split": {"test_writer": np.arange(60_000)},
}


@pytest.mark.parametrize("fault", FALSE_LISTS)
def test_another_list_is_refused(
    train: Digits, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    expect(monkeypatch, np.arange(60_000))
    path = put(elsewhere, **FALSE_LISTS[fault])
    with pytest.raises(
        ChecksumError, match="does not have the writers of MNIST's train im"
    ):
        with_writers(train)
    assert path.is_file()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no zip", b"PK\5\6" + bytes(18)])
def test_a_list_that_cannot_be_read_is_refused(
    train: Digits, elsewhere: Path, content: bytes
) -> None:
    (elsewhere / "writers.npz").write_bytes(content)
    with pytest.raises(ChecksumError, match=r"Delete or rename it: .*split is random"):
        with_writers(train)


def test_other_images_or_another_order_get_no_writers(
    train: Digits, elsewhere: Path
) -> None:
    writer = np.arange(60_000, dtype=np.uint16)
    np.savez(elsewhere / "writers.npz", train_writer=writer, test_writer=writer)
    for other in (train[:100], train[::-1], replace(train, labels=train.labels[::-1])):
        assert with_writers(other) is other


def test_a_list_that_is_there_is_kept(train: Digits, elsewhere: Path) -> None:
    known = replace(train, columns={"writer": np.zeros(60_000, np.int64)})
    assert with_writers(known) is known


def test_both_splits_are_known_by_their_labels() -> None:
    assert {split.labels.raw_sha256 for split in MNIST.splits.values()} != {None}
