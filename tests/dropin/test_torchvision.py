"""torchvision's MNIST of ours: what torchvision's users do with it."""

import bz2
import gzip
import hashlib
import math
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Subset

from mnistry import arrays
from mnistry.data.catalog import DATASETS
from mnistry.data.catalog.rows import Split
from mnistry.dropin import torchvision
from mnistry.dropin.torchvision import MNIST
from mnistry.dropin.torchvision.datasets import mnist, qmnist, usps
from mnistry.dropin.torchvision.transforms import (
    Compose,
    Lambda,
    Normalize,
    PILToTensor,
    ToTensor,
    v2,
)
from mnistry.dropin.torchvision.transforms.tensors import for_batches
from mnistry.errors import (
    ChecksumError,
    FetchError,
    NotCoveredError,
    ShapeError,
    UnknownNameError,
    UsageError,
)
from mnistry.formats import idx
from tests.dropin.conftest import Tiny

USUAL = Compose([ToTensor(), Normalize((0.1307,), (0.3081,))])


def test_the_names_people_write_are_there() -> None:
    assert torchvision.datasets.MNIST is MNIST
    assert torchvision.transforms.Compose is Compose


def test_download_lays_the_files_out_as_torchvision_does(
    tiny: Tiny, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    data = MNIST(root, download=True)
    raw = root / "MNIST" / "raw"
    assert data.raw_folder == str(raw)
    assert sorted(path.name for path in raw.iterdir()) == sorted(
        name for file in tiny.row.files for name in (file.name, file.raw_name)
    )
    for file in tiny.row.files:
        packed = (tiny.folder / file.name).read_bytes()
        assert (raw / file.name).read_bytes() == packed
        np.testing.assert_array_equal(
            idx.read(raw / file.raw_name), idx.read(raw / file.name)
        )


def test_a_tilde_is_the_users_own_folder(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    data = MNIST("~/digits", download=True)
    assert data.raw_folder == str(tmp_path / "digits" / "MNIST" / "raw")


def test_each_split_is_there_as_tensors(tiny: Tiny, tmp_path: Path) -> None:
    for train, expected in ((True, tiny.train), (False, tiny.test)):
        data = MNIST(tmp_path, train, download=True)
        assert data.train is train
        assert len(data) == len(expected)
        assert (data.data.dtype, data.targets.dtype) == (torch.uint8, torch.int64)
        np.testing.assert_array_equal(data.data, expected.images)
        np.testing.assert_array_equal(data.targets, expected.labels)


def test_what_was_downloaded_is_enough_the_next_time(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    MNIST(tmp_path / "root", download=True)
    monkeypatch.delenv("MNISTRY_DATA")
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "another"))
    for download in (False, True):
        data = MNIST(str(tmp_path / "root"), download=download)
        np.testing.assert_array_equal(data.data, tiny.train.images)


def test_without_the_files_the_error_says_download(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(
        FetchError, match="Dataset not found: .* You can use download=True to download"
    ):
        MNIST(tmp_path)
    assert not (tmp_path / "MNIST").exists()


def test_a_damaged_file_is_refused_and_download_puts_it_right(
    tiny: Tiny, tmp_path: Path
) -> None:
    raw = Path(MNIST(tmp_path, download=True).raw_folder)
    (raw / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    with pytest.raises(ChecksumError, match="train-images-idx3-ubyte is not"):
        MNIST(tmp_path)
    data = MNIST(tmp_path, download=True)
    np.testing.assert_array_equal(data.data, tiny.train.images)


def test_an_item_is_a_grey_picture_and_an_int(tiny: Tiny, tmp_path: Path) -> None:
    picture, target = MNIST(tmp_path, download=True)[3]
    assert isinstance(picture, Image.Image)
    assert (picture.mode, picture.size) == ("L", (28, 28))
    np.testing.assert_array_equal(np.asarray(picture), tiny.train.images[3])
    assert type(target) is int
    assert target == tiny.train.labels[3]


def test_items_are_walked_through_and_then_there_are_no_more(
    tiny: Tiny, tmp_path: Path
) -> None:
    data = MNIST(tmp_path, train=False, download=True)
    everything: Any = data  # PyTorch's Dataset promises no __iter__
    assert [target for _, target in everything] == tiny.test.labels.tolist()
    with pytest.raises(IndexError):
        data[len(data)]


def test_transforms_are_applied_to_both(tiny: Tiny, tmp_path: Path) -> None:
    data = MNIST(
        tmp_path,
        transform=lambda picture: picture.size,
        target_transform=lambda target: -target,
        download=True,
    )
    assert data[4] == ((28, 28), -int(tiny.train.labels[4]))
    assert data.__getitems__([4, 5]) == [data[4], data[5]]


def test_classes_are_named_as_torchvision_names_them(
    tiny: Tiny, tmp_path: Path
) -> None:
    data = MNIST(tmp_path, download=True)
    assert data.classes[0] == "0 - zero"
    assert data.classes[9] == "9 - nine"
    assert data.class_to_idx["7 - seven"] == 7
    assert len(data.class_to_idx) == 10


def test_the_text_of_a_data_set_says_what_is_in_it(tiny: Tiny, tmp_path: Path) -> None:
    text = repr(MNIST(tmp_path, train=False, transform=USUAL, download=True))
    assert "Number of datapoints: 20" in text
    assert "Split: Test" in text
    assert "Normalize(mean=(0.1307,), std=(0.3081,))" in text


def test_what_people_do_to_data_and_targets_is_seen_in_the_items(
    tiny: Tiny, tmp_path: Path
) -> None:
    data = MNIST(tmp_path, transform=USUAL, download=True)
    keep = data.targets < 5
    data.data, data.targets = data.data[keep], data.targets[keep]
    data.targets[:] = 3
    data.data[0] = 255
    assert len(data) == int((tiny.train.labels < 5).sum())
    assert {data[at][1] for at in range(len(data))} == {3}
    ((first, _),) = data.__getitems__([0])
    assert first.unique().numel() == 1


TRANSFORMS = [
    ToTensor(),
    USUAL,
    Compose([ToTensor()]),
    Compose([ToTensor(), Normalize((0.5,), (0.5,)), Normalize([0.1], [2.0])]),
    Compose([ToTensor(), Lambda(torch.flatten)]),
    PILToTensor(),
    np.asarray,
]


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_many_items_are_the_same_as_one_by_one(
    tiny: Tiny, tmp_path: Path, transform: Any
) -> None:
    data = MNIST(tmp_path, transform=transform, download=True)
    rows = [7, 0, 7, 49]
    for (many, target), row in zip(data.__getitems__(rows), rows, strict=True):
        one, expected = data[row]
        np.testing.assert_array_equal(np.asarray(many), np.asarray(one))  # to the bit
        assert type(many) is type(one)
        assert many.shape == one.shape
        assert (target, type(target)) == (expected, int)


@pytest.mark.parametrize("transform", TRANSFORMS[:4], ids=str)
def test_usual_transforms_work_on_whole_batches(transform: Any) -> None:
    assert for_batches(transform) is not None


class _Louder(ToTensor):
    def __call__(self, picture: Any) -> torch.Tensor:
        return 2 * super().__call__(picture)


@pytest.mark.parametrize(
    "transform",
    [
        None,
        Compose([]),
        Compose([Normalize((0.1,), (0.3,)), ToTensor()]),
        Compose([_Louder()]),
        _Louder(),
    ],
    ids=str,
)
def test_others_do_not(transform: Any) -> None:
    assert for_batches(transform) is None


def test_the_usual_transform_is_the_houses_own_normalisation(
    tiny: Tiny, tmp_path: Path
) -> None:
    data = MNIST(tmp_path, transform=USUAL, download=True)
    ours, _ = next(tiny.train.batches(len(data)))
    theirs = torch.stack([data[at][0] for at in range(len(data))])
    np.testing.assert_allclose(theirs.numpy(), ours, atol=1e-6)
    assert (arrays.MEAN, arrays.STANDARD_DEVIATION) == (0.1307, 0.3081)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_data_loader_gives_every_image_once(
    tiny: Tiny, tmp_path: Path, workers: int
) -> None:
    data = MNIST(tmp_path, transform=ToTensor(), download=True)
    loader = DataLoader(data, batch_size=8, shuffle=True, num_workers=workers)
    batches = list(loader)
    assert [len(targets) for _, targets in batches] == [8] * 6 + [2]
    assert batches[0][0].shape == (8, 1, 28, 28)
    assert batches[0][1].dtype == torch.int64
    seen = torch.cat([images for images, _ in batches]).mul(255).round().byte()
    rows = {image.numpy().tobytes(): int(at) for at, image in enumerate(data.data)}
    order = [rows[image.numpy().tobytes()] for image in seen]
    assert sorted(order) == list(range(len(data)))
    targets = torch.cat([targets for _, targets in batches])
    assert torch.equal(targets, data.targets[order])


def test_subsets_ask_for_many_at_once_too(tiny: Tiny, tmp_path: Path) -> None:
    part = Subset(MNIST(tmp_path, transform=USUAL, download=True), [5, 1, 30])
    ((images, targets),) = DataLoader(part, batch_size=3)
    np.testing.assert_array_equal(targets, tiny.train.labels[[5, 1, 30]])
    assert images.shape == (3, 1, 28, 28)


def test_a_loader_gives_the_items_of_a_subclass(tiny: Tiny, tmp_path: Path) -> None:
    class Numbered(MNIST):
        def __getitem__(self, index: int) -> tuple[Any, Any]:
            picture, target = super().__getitem__(index)
            return picture, (target, index)

    data = Numbered(tmp_path, transform=ToTensor(), download=True)
    _, (targets, places) = next(iter(DataLoader(data, batch_size=4)))
    assert targets.tolist() == tiny.train.labels[:4].tolist()
    assert places.tolist() == [0, 1, 2, 3]


def test_a_data_set_survives_the_way_to_another_process(
    tiny: Tiny, tmp_path: Path
) -> None:
    data = MNIST(tmp_path, transform=USUAL, download=True)
    again = pickle.loads(pickle.dumps(data))  # noqa: S301 - as PyTorch's workers do
    assert torch.equal(again[1][0], data[1][0])


def test_to_tensor_takes_pictures_and_arrays_of_any_channels() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    tensor = ToTensor()(array)
    assert (tensor.shape, tensor.dtype) == ((3, 2, 4), torch.float32)
    np.testing.assert_array_equal(tensor, array.transpose(2, 0, 1) / np.float32(255))
    assert torch.equal(ToTensor()(Image.fromarray(array)), tensor)
    assert ToTensor()(array.astype(np.float64)).dtype == torch.float64
    with pytest.raises(ShapeError, match=r"array of shape \(3,\); expected"):
        ToTensor()(np.zeros(3))


def test_normalize_leaves_its_argument_alone_unless_inplace() -> None:
    ones = torch.ones(1, 2, 2)
    assert torch.equal(Normalize((0.5,), (0.5,))(ones), ones)
    assert torch.equal(ones, torch.ones(1, 2, 2))
    Normalize((1.0,), (1.0,), inplace=True)(ones)
    assert torch.equal(ones, torch.zeros(1, 2, 2))


def test_normalize_takes_one_number_for_all_channels() -> None:
    ones = torch.ones(3, 2, 2)
    assert torch.equal(Normalize(0.5, 0.25)(ones), 2 * ones)
    assert for_batches(Compose([ToTensor(), Normalize(0.5, 0.25)])) is not None


def test_normalize_says_what_it_cannot_take() -> None:
    with pytest.raises(UsageError, match=r"std is \(0,\); expected numbers other than"):
        Normalize((0.5,), (0,))
    with pytest.raises(ShapeError, match="got torch.uint8.*Put ToTensor"):
        Normalize((0.5,), (0.5,))(torch.zeros(1, 2, 2, dtype=torch.uint8))
    with pytest.raises(ShapeError, match="Normalize got Image; expected a tensor"):
        Compose([Normalize((0.5,), (0.5,))])(Image.new("L", (2, 2)))


def test_lambda_wants_a_function() -> None:
    not_a_function: Any = 3
    with pytest.raises(UsageError, match="Lambda got 3; expected a function"):
        Lambda(not_a_function)


def test_a_transform_that_is_not_here_says_which_are() -> None:
    with pytest.raises(AttributeError, match="has no ColorJitter; there are: Compose"):
        _ = torchvision.transforms.ColorJitter
    with pytest.raises(AttributeError, match=r"transforms\.v2 has no MixUp; there are"):
        _ = v2.MixUp
    assert not hasattr(torchvision.datasets, "CIFAR10")


@pytest.mark.parametrize(
    "line",
    [
        "from mnistry.dropin.torchvision.transforms import ColorJitter",
        "from mnistry.dropin.torchvision.transforms.v2 import ColorJitter",
        "from mnistry.dropin.torchvision.datasets import CIFAR10",
        "from mnistry.dropin.torchvision import models",
        "from mnistry.dropin.keras import layers",
        "from mnistry.dropin.keras.datasets import cifar10",
    ],
)
def test_an_import_that_is_not_here_says_what_is(line: str) -> None:
    with pytest.raises(NotCoveredError, match=r"has no \w+; there are: "):
        exec(line)  # noqa: S102 - lines that people write


def bz2_of(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> bytes:
    """Write USPS as LIBSVM does: labels from 1, pixels -1 to 1."""
    lines = (
        f"{label + 1} "
        + " ".join(f"{at}:{2 * pixel / 255 - 1:.6f}" for at, pixel in enumerate(row, 1))
        for label, row in zip(labels, images.reshape(-1, 256).tolist(), strict=True)
    )
    return bz2.compress("\n".join(lines).encode() + b"\n")


def test_usps_lies_in_its_folder_as_one_packed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 16, 16), np.uint8)
    labels = generator.integers(0, 10, 30).astype(np.uint8)
    packed = bz2_of(images, labels)
    row, split = DATASETS["usps"], DATASETS["usps"].splits["test"]
    sizes = {"images": 16 + 30 * 256, "labels": 8 + 30}
    files = {
        name: replace(
            getattr(split, name),
            md5=None,
            sha256=hashlib.sha256(packed).hexdigest(),
            raw_size_bytes=size,
        )
        for name, size in sizes.items()
    }
    row = replace(row, splits={"test": Split(**files)}, mirrors=())
    monkeypatch.setattr(usps, "DATASETS", {"usps": row})
    with pytest.raises(FetchError, match="You can use download=True"):
        torchvision.datasets.USPS(tmp_path / "root", train=False)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "usps.t.bz2").write_bytes(packed)
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "there"))
    data = torchvision.USPS(
        tmp_path / "root",
        train=False,
        transform=ToTensor(),
        target_transform=str,
        download=True,
    )
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["usps.t.bz2"]
    assert (len(data), data.data.shape) == (30, (30, 16, 16))
    np.testing.assert_array_equal(data.data, images)
    assert data.targets == labels.tolist()
    picture, label = data[3]
    assert (picture.shape, label) == ((1, 16, 16), str(labels[3]))


def test_qmnist_gives_labels_or_all_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (20, 28, 28), np.uint8)
    known = generator.integers(0, 10, (20, 8)).astype(np.int32)
    row = DATASETS["qmnist"]
    packed = {
        name: gzip.compress(idx.encode(array), mtime=0)
        for name, array in (("images", images), ("labels", known))
    }
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path))
    files = {
        name: replace(
            getattr(row.splits["test"], name),
            md5=None,
            size_bytes=None,
            sha256=hashlib.sha256(data).hexdigest(),
            raw_size_bytes=None,
        )
        for name, data in packed.items()
    }
    for name, data in packed.items():
        (tmp_path / files[name].name).write_bytes(data)
    splits = {"test": Split(**files), "test50k": Split(**files, rows=(5, 20))}
    row = replace(row, splits=splits, mirrors=())
    for module in (qmnist, mnist):
        monkeypatch.setattr(module, "DATASETS", {"qmnist": row})
    labels = torchvision.QMNIST(tmp_path / "root", train=False, download=True)
    assert labels.targets.tolist() == known.tolist()
    assert [label for _, label in labels.__getitems__([2, 3])] == known[2:4, 0].tolist()
    assert "Split: Test" in repr(labels)
    all_of = torchvision.QMNIST(tmp_path / "root", "test50k", compat=False)
    assert all_of[0][1].tolist() == known[5].tolist()
    assert len(all_of) == 15
    with pytest.raises(UnknownNameError, match="no part 'nist' of QMNIST; there are"):
        torchvision.QMNIST(tmp_path, "nist")


def test_v2_makes_the_same_numbers_of_pictures_and_of_tensors() -> None:
    picture = Image.fromarray(np.arange(784, dtype=np.uint8).reshape(28, 28))
    norm = Normalize((0.1307,), (0.3081,))
    usual = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True), norm])
    expected = USUAL(picture)
    assert torch.equal(usual(picture), expected)
    batch = for_batches(usual)
    assert batch is not None
    pixels = torch.from_numpy(np.array(picture))
    assert torch.equal(batch(pixels[None])[0], expected)
    assert torch.equal(usual(pixels), expected)
    half = v2.ToDtype(torch.uint8, scale=True)(torch.tensor([0.0, 0.5, 1.0]))
    assert half.tolist() == [0, 127, 255]
    assert v2.ToDtype(torch.int64)(pixels).dtype == torch.int64
    assert "ToImage()" in repr(usual)
    assert "scale=True" in repr(usual)
    with pytest.raises(ShapeError, match=r"ToDtype got Image; expected .* ToImage\(\)"):
        v2.Compose([v2.ToDtype(torch.float32)])(picture)


@pytest.mark.parametrize(
    "transform",
    [
        v2.Resize(32),
        v2.RandomRotation((20, 20)),
        v2.RandomAffine(0, scale=(0.8, 0.8), shear=(15, 15)),
    ],
)
def test_a_tensor_is_moved_as_its_picture_is(transform: Any) -> None:
    picture = Image.fromarray(np.arange(784, dtype=np.uint8).reshape(28, 28))
    tensor = v2.ToImage()(picture)
    moved = v2.ToImage()(transform(picture))
    assert torch.equal(transform(tensor), moved)
    assert torch.equal(transform(tensor.expand(3, -1, -1))[2], moved[0])


def test_shear_leaves_the_middle_and_leans_the_rest() -> None:
    picture = np.zeros((28, 28), np.uint8)
    picture[:, 14] = 255
    sheared = v2.RandomAffine(0, shear=(20, 20))(Image.fromarray(picture))
    places = np.asarray(sheared).argmax(axis=1)
    assert places[14] == 14
    lean = np.polyfit(np.arange(28), places, 1)[0]
    assert lean == pytest.approx(-math.tan(math.radians(20)), abs=0.02)


def test_a_grid_is_saved(tmp_path: Path) -> None:
    pictures = torch.linspace(0, 1, 8).reshape(2, 1, 2, 2)
    torchvision.utils.save_image(pictures, tmp_path / "grid.png", nrow=2, padding=0)
    with Image.open(tmp_path / "grid.png") as saved:
        grey = np.asarray(saved)[..., 0]
    expected = torchvision.utils.make_grid(pictures, nrow=2, padding=0)[0]
    np.testing.assert_array_equal(grey, (expected.numpy() * 255 + 0.5).astype(np.uint8))


def test_real_mnist_is_downloaded_from_the_users_folder(
    real_mnist: Path, tmp_path: Path
) -> None:
    data = torchvision.datasets.MNIST(tmp_path, train=False, download=True)
    assert (len(data), data[0][1]) == (10_000, 7)
    packed = Path(data.raw_folder, "t10k-images-idx3-ubyte.gz").read_bytes()
    assert packed == (real_mnist / "t10k-images-idx3-ubyte.gz").read_bytes()
    assert os.fspath(tmp_path) in data.raw_folder


def test_what_is_no_picture_is_a_type_error_too() -> None:
    with pytest.raises(TypeError, match="the picture is a list; expected a PIL"):
        torchvision.transforms.ToTensor()([[1, 2]])


def test_tensors_are_of_torchs_default_dtype() -> None:
    try:
        torch.set_default_dtype(torch.float16)
        picture = np.full((2, 2), 255, np.uint8)
        assert torchvision.transforms.ToTensor()(picture).dtype == torch.float16
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("kind", [RuntimeError, FileNotFoundError])
def test_missing_files_are_caught_as_people_catch_them(
    kind: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(kind, match="You can use download=True"):
        torchvision.datasets.MNIST(tmp_path)


def test_pictures_are_resized_turned_and_moved() -> None:
    picture = Image.fromarray(np.arange(784, dtype=np.uint8).reshape(28, 28))
    transforms = torchvision.transforms
    assert transforms.Resize(32)(picture).size == (32, 32)
    assert transforms.Resize((20, 10))(picture).size == (10, 20)
    moved = transforms.RandomAffine(10, translate=(0.1, 0.1), scale=(0.9, 1.1))
    torch.manual_seed(0)
    first, second = np.asarray(moved(picture)), np.asarray(moved(picture))
    assert (first != second).any()
    torch.manual_seed(0)
    assert (np.asarray(moved(picture)) == first).all()
    assert (
        np.asarray(transforms.RandomRotation(0)(picture)) == np.asarray(picture)
    ).all()
    assert "degrees=[-5.0, 5.0]" in repr(transforms.RandomRotation((-5, 5)))


def test_a_grid_has_each_picture_in_its_place() -> None:
    pictures = torch.arange(5.0).reshape(5, 1, 1, 1).expand(5, 1, 4, 4)
    grid = torchvision.utils.make_grid(pictures, nrow=3, padding=1)
    assert grid.shape == (3, 11, 16)
    assert grid[0, 1::5, 1::5].tolist() == [[0, 1, 2], [3, 4, 0]]
    listed = torchvision.utils.make_grid(list(pictures), nrow=3, padding=1)
    assert (listed == grid).all()
    assert torchvision.utils.make_grid(pictures, normalize=True).max() == 1


def test_a_split_of_emnist_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no split 'letter' of EMNIST"):
        torchvision.EMNIST(tmp_path, "letter")
    with pytest.raises(FetchError, match="emnist-letters-train-images"):
        torchvision.EMNIST(tmp_path, "letters")
