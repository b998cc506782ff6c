"""Files as others make and read them."""

import io
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import export, load
from mnistry.formats import idx


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 28, 28), np.uint8)
    return Digits(images, np.arange(12, dtype=np.uint8) % 10, "mnist", "train")


def test_npz_is_as_keras_has_it(some: Digits, tmp_path: Path) -> None:
    test = Digits(some.images[:3], some.labels[:3], "mnist", "test")
    (path,) = export((some, test), "npz", tmp_path)
    assert path.name == "mnist.npz"
    with np.load(path, allow_pickle=False) as arrays:
        assert set(arrays) == {"x_train", "y_train", "x_test", "y_test"}
        np.testing.assert_array_equal(arrays["x_test"], test.images)


@pytest.mark.parametrize(
    ("images", "labels", "split"),
    [
        ("train_images", "train_labels", "train"),
        ("images", "labels", "all"),
        ("data", "target", "all"),
        ("X", "y", "all"),
        ("val_images", "val_labels", "validation"),
    ],
)
def test_npz_of_other_names_and_shapes(
    images: str, labels: str, split: str, some: Digits, tmp_path: Path
) -> None:
    arrays: dict[str, Any] = {
        images: np.asfortranarray(some.images[..., None]),
        labels: some.labels[:, None].astype(np.int64),
    }
    np.savez(tmp_path / "a.npz", allow_pickle=False, **arrays)
    assert load(tmp_path / "a.npz") == {split: some}


def test_other_npz_in_the_folder_are_passed_over(some: Digits, tmp_path: Path) -> None:
    export(some, "npz", tmp_path)
    np.savez(tmp_path / "writers.npz", train_writer=np.zeros(12))
    assert load(tmp_path) == {"train": some}


def test_parquet_is_what_datasets_loads(some: Digits, tmp_path: Path) -> None:
    import datasets

    (path,) = export(some, "parquet-huggingface", tmp_path / "data")
    assert path.name == "train-00000-of-00001.parquet"
    loaded = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    assert isinstance(loaded.features["image"], datasets.Image)
    assert loaded.features["label"].names == list("0123456789")
    np.testing.assert_array_equal(np.asarray(loaded[5]["image"]), some.images[5])


def test_parquet_in_shards_is_read_together(some: Digits, tmp_path: Path) -> None:
    for at, part in enumerate((some[:5], some[5:])):
        (path,) = export(part, "parquet", tmp_path)
        path.rename(tmp_path / f"train-0000{at}-of-00002.parquet")
    assert load(tmp_path) == {"train": some}


def test_parquet_tensors_are_tensors_again(some: Digits, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (path,) = export(some, "parquet", tmp_path)
    kind = pa.fixed_shape_tensor(pa.uint8(), [28, 28])
    assert pq.read_table(path).schema.field("image").type == kind


def test_tars_in_shards_are_read_together(some: Digits, tmp_path: Path) -> None:
    for at, part in enumerate((some[:5], some[5:])):
        (path,) = export(part, "webdataset", tmp_path)
        path.rename(tmp_path / f"train-00000{at}.tar")
    assert load(tmp_path) == {"train": some}


@pytest.mark.parametrize("order", ["cls png json", "json cls png", "png json cls"])
def test_tars_with_facts_beside_each_picture_are_read(
    some: Digits, tmp_path: Path, order: str
) -> None:
    (path,) = export(some, "webdataset", tmp_path)
    with tarfile.open(path) as archive:
        members = {name: archive.extractfile(name) for name in archive.getnames()}
        files = {name: file.read() for name, file in members.items() if file}
    with tarfile.open(path, "w") as archive:
        for at in range(len(some)):
            for end in order.split():
                name = f"{at:05}.{end}"
                data = files.get(name, b'{"writer": 7}')
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    assert load(path) == {"train": some}


@pytest.mark.parametrize("to", ["csv", "idx", "parquet", "safetensors"])
def test_folders_and_hidden_files_of_such_names_are_passed_over(
    some: Digits, tmp_path: Path, to: str
) -> None:
    for path in export(some, to, tmp_path):
        (tmp_path / f"._{path.name}").write_bytes(b"as macOS leaves them")
        path.rename(tmp_path / path.name.replace("-idx", ".idx").replace("tr", "my-tr"))
        (tmp_path / path.name).mkdir()  # as Kaggle's zip has it
    assert list(load(tmp_path).values()) == [some]


def test_idx_pairs_of_any_name(some: Digits, tmp_path: Path) -> None:
    for kind in ("images.idx3-ubyte", "labels.idx1-ubyte.gz"):
        array = some.images if "images" in kind else some.labels
        idx.write(tmp_path / f"my-letters-train-{kind}", array)
    assert load(tmp_path) == {"train": some}
    assert load(tmp_path / "my-letters-train-labels.idx1-ubyte.gz") == {"train": some}


def test_idx_files_in_both_forms_are_one_pair(some: Digits, tmp_path: Path) -> None:
    export(some, "idx", tmp_path)
    export(some, "idx.gz", tmp_path)
    assert load(tmp_path) == {"train": some}
    shutil.copy(tmp_path / "train-images-idx3-ubyte", tmp_path / "b-images-idx3-ubyte")
    with pytest.raises(FormatError, match="has no labels beside it; expected b-labels"):
        load(tmp_path)


def test_idx_files_that_do_not_belong_together_are_refused(
    some: Digits, tmp_path: Path
) -> None:
    images, labels = export(some, "idx", tmp_path)
    idx.write(labels, some.labels[:5])
    with pytest.raises(
        FormatError, match=r"labels have shape \(5,\); expected \(12,\)"
    ):
        load(images)
