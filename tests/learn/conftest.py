"""Tiny made digits: class k is a grey bar in column block k, on noise."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from mnistry.digits import Digits


def make_bars(count: int, seed: int) -> Digits:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    images = rng.integers(0, 60, (count, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 4 + 2 * label : 6 + 2 * label] = rng.integers(150, 255)
    return Digits(images, labels, name="bars", split_name="train")


@pytest.fixture(scope="session")
def bars() -> Digits:
    return make_bars(600, seed=0)


@pytest.fixture(scope="session")
def other_bars() -> Digits:
    return make_bars(200, seed=1)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tiny nets: a second thread only waits
    yield
    torch.set_num_threads(threads)
