"""What the tests of reports share: images that say themselves how they will be read."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.predictions import Predictions
from mnistry.report.evaluate import evaluate
from mnistry.report.evaluation import Evaluation


class CornerReader:
    """A model that reads what the first pixel says, as surely as the second says."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts

    def predict(self, images: Any) -> Predictions:
        read, sure = images[:, 0, 0] % 10, images[:, 0, 1] / 16
        logits = np.zeros((len(images), 10), np.float32)
        logits[np.arange(len(images)), read] = 0.5 + sure
        logits[np.arange(len(images)), (read + 3) % 10] = 0.4  # the second likeliest
        return Predictions(logits)


FACTS = {
    "net": "corner",
    "seed": 3,
    "recipe": {"epochs": 2, "learning_rate": 0.01},
    "versions": {"mnistry": "0.1.0"},
    "digits": {"name": "noise", "source": "/home/me/noise, parted at random"},
    "layers": [["dense", "1"]],
    "measured": {"held back": {"errors": 3, "stress": {"blur": [1.0, 0.5]}}},
    "history": [
        {"epoch": 1, "loss": 0.5, "accuracy": 0.9, "validation_loss": 0.6},
        {"epoch": 2, "loss": 0.2, "accuracy": 0.95, "validation_loss": 0.3},
    ],
}


@pytest.fixture
def model() -> CornerReader:
    return CornerReader(FACTS)


@pytest.fixture(scope="session")
def digits() -> Digits:
    """300 images, of which every tenth says another digit than its label."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (300, 28, 28), dtype=np.uint8)
    labels = generator.integers(0, 10, 300, dtype=np.uint8)
    images[:, 0, 0] = labels
    images[::10, 0, 0] = (labels[::10] + 1 + np.arange(30) % 3) % 10
    return Digits(images, labels, name="noise", split_name="test", source="seed 0")


@pytest.fixture(scope="session")
def evaluation(digits: Digits) -> Evaluation:
    return evaluate(CornerReader(FACTS), digits, maps=3, stress=True, coverage=0.9)
