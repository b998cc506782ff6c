"""What these tests share: drawn digits, and a model that wants them in one way only."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnistry import Digits
from mnistry.predictors.inputs import Input, prepare
from mnistry.synth.drawn import draw

LEARNED = Digits(*draw(1500, split="train"), "drawn", "train")
TEST = Digits(*draw(300, split="test"), "drawn", "test")


def nearest(how: Input) -> Callable[[Any], Any]:
    """Make a function that reads images prepared so, and images of no other layout."""
    pixels = prepare(LEARNED.images, how)
    means = np.stack([pixels[LEARNED.labels == label].mean(0) for label in range(10)])

    def logits(images: Any) -> Any:
        if images.shape[1:] != means.shape[1:]:
            message = f"images are {images.shape[1:]}"
            raise ValueError(message)
        flat, centres = (x.reshape(len(x), -1) for x in (images, means))
        scale = centres.std()  # so that a hundredth of the range is no certainty
        squares = ((flat[:, None] - centres) ** 2).mean(2)
        return -20 * squares / scale**2

    return logits


@pytest.fixture(scope="session")
def test_digits() -> Digits:
    return TEST


@pytest.fixture(scope="session")
def learned() -> Digits:
    return LEARNED
