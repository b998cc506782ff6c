from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistry import folders, idx, load
from mnistry.catalog.family import QMNIST
from mnistry.catalog.mnist import MNIST
from mnistry.digits import Digits
from mnistry.known import record
from mnistry.stamps import sha256_of
from mnistry.writers import with_writers


@pytest.fixture
def train(real_mnist: Path) -> Digits:
    return load("mnist", split="train")


@pytest.fixture
def elsewhere(train: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of MNISTRY_DATA, and a cache, without any list."""
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path))
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "home"))
    return tmp_path


def test_a_list_in_the_folder_of_the_data_is_found(
    train: Digits, elsewhere: Path
) -> None:
    writer = np.arange(60_000, dtype=np.uint16) // 100
    np.savez(
        elsewhere / "writers.npz", train_writer=writer, test_writer=writer[:10_000]
    )
    assert with_writers(train).columns["writer"].tolist() == writer.tolist()


def test_a_list_of_qmnists_in_the_cache_is_found(
    train: Digits, elsewhere: Path
) -> None:
    labels = np.zeros((60_000, 8), np.int32)
    labels[:, 2] = np.arange(60_000) // 7
    file = QMNIST.splits["train"].labels
    path = folders.kept(QMNIST, file.raw_name)
    idx.write(path, labels)
    assert "writer" not in with_writers(train).columns  # its hash is not the known one
    record(QMNIST, file.raw_name, sha256_of(path, folders.stamps()))
    assert file.raw_sha256 is None
    assert with_writers(train).columns["writer"].tolist() == labels[:, 2].tolist()


def test_without_a_list_nothing_is_added(train: Digits, elsewhere: Path) -> None:
    assert with_writers(train) is train


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no zip"])
def test_a_list_that_cannot_be_read_is_no_list(
    train: Digits, elsewhere: Path, content: bytes
) -> None:
    (elsewhere / "writers.npz").write_bytes(content)
    assert with_writers(train) is train


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
