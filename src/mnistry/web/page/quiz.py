"""The quiz: drawn digits that are hard to read."""

from base64 import b64encode
from functools import cache
from typing import Any

import numpy as np

from mnistry.models.packaged import load_model
from mnistry.synth.drawn import draw

DRAWN = 3000  # to choose from
PER_DIGIT = 2  # the hardest of each
SEED = 13  # no other digits of the project are drawn with it


@cache
def questions() -> dict[str, Any]:
    """Choose the drawn digits that are hardest for the packaged model, two of each.

    Returns:
        Plain values: `labels`, and `images` as base64, 784 bytes each.

    Example:
        >>> questions()["labels"]
        [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]
    """
    images, labels = draw(DRAWN, seed=SEED)
    probabilities = load_model().predict(images).probabilities
    hardest = np.argsort(probabilities[np.arange(DRAWN), labels], kind="stable")
    chosen = [
        place
        for digit in range(10)
        for place in hardest[labels[hardest] == digit][:PER_DIGIT]
    ]
    return {
        "labels": labels[chosen].tolist(),
        "images": b64encode(images[chosen].tobytes()).decode(),
    }
