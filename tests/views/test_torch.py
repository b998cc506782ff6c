"""The torch data set: whose memory it has, and that its numbers are ours."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from mnistry.augment import shift
from mnistry.batches import normalise
from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.views.torch import from_torch, to_torch


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    return Digits(
        rng.integers(0, 256, (10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)
    )


def test_images_are_the_digits_own_memory_without_a_warning(some: Digits) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = to_torch(some)
    assert dataset.images.data_ptr() == some.images.ctypes.data
    assert dataset.images.dtype == torch.uint8
    assert dataset.labels.dtype == torch.int64


def test_memory_lives_as_long_as_the_tensor() -> None:
    dataset = to_torch(
        Digits(np.full((2, 28, 28), 7, np.uint8), np.array([1, 2], np.uint8))
    )
    images = dataset.images
    del dataset
    assert bool((images == 7).all())


def test_an_item_is_a_normalised_image_and_its_label(some: Digits) -> None:
    image, label = to_torch(some)[3]
    assert image.shape == (1, 28, 28)
    assert image.dtype == torch.float32
    assert (label.item(), label.dtype) == (3, torch.int64)
    np.testing.assert_array_equal(image.numpy(), normalise(some.images)[3])


def test_walking_over_all_ends(some: Digits) -> None:
    assert [int(label) for _, label in to_torch(some)] == list(range(10))


def test_all_ways_to_a_batch_give_the_same_numbers(some: Digits) -> None:
    dataset = to_torch(some)
    wanted = torch.from_numpy(normalise(some.images))
    together = torch.cat([images for images, _ in dataset.batches(4)])
    loaded = torch.cat([images for images, _ in DataLoader(dataset, batch_size=4)])
    one_by_one = torch.stack([image for image, _ in dataset])
    for images in (together, loaded, one_by_one, dataset.tensors[0], dataset[:][0]):
        torch.testing.assert_close(images, wanted, rtol=0, atol=0)


def test_batches_are_those_of_the_digits(some: Digits) -> None:
    ours = list(some.batches(4, shuffle=True, seed=3, augment=shift))
    theirs = list(to_torch(some).batches(4, shuffle=True, seed=3, augment=shift))
    assert len(ours) == len(theirs) == 3
    for (images, labels), (tensors, targets) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(images, tensors.numpy())
        np.testing.assert_array_equal(labels, targets.numpy())


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64, torch.bfloat16])
def test_batches_come_in_any_dtype(dtype: torch.dtype, some: Digits) -> None:
    images, labels = next(to_torch(some).batches(4, dtype=dtype))
    assert (images.dtype, labels.dtype) == (dtype, torch.int64)
    wanted = torch.from_numpy(normalise(some.images[:4]))
    torch.testing.assert_close(images.float(), wanted, rtol=0.01, atol=0.01)


def test_batches_of_whole_numbers_are_refused(some: Digits) -> None:
    with pytest.raises(UsageError, match="dtype is int64; expected a floating-point"):
        to_torch(some).batches(4, dtype=torch.int64)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_loader_processes_get_the_same(some: Digits, start: str) -> None:
    loader = DataLoader(
        to_torch(some), batch_size=5, num_workers=1, multiprocessing_context=start
    )
    labels = torch.cat([labels for _, labels in loader])
    assert labels.tolist() == list(range(10))


def test_data_sets_that_others_make_are_read(some: Digits) -> None:
    images, labels = torch.tensor(some.images), torch.tensor(some.labels)

    class Torchvision:
        data, targets = images, labels.long()

    assert from_torch(TensorDataset(images[:, None], labels)) == some
    assert from_torch((images, labels)) == some
    assert from_torch(Torchvision()) == some


def test_a_data_set_without_its_images_at_hand_is_refused(some: Digits) -> None:
    loader: Any = DataLoader(to_torch(some))
    wrong: Any
    for wrong in (object(), [1, 2], "ab", torch.zeros(2, 28, 28), loader):
        with pytest.raises(ShapeError, match="has no images and labels in memory"):
            from_torch(wrong)


def test_normalised_images_are_refused_with_the_way_out(some: Digits) -> None:
    with pytest.raises(ShapeError, match="To undo normalisation, use"):
        from_torch(to_torch(some).tensors)
