"""The scripts that train the packaged model, each in small."""

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.formats.tensors import read_weights
from mnistry.inference.net import to_net
from mnistry.learn.checkpoint import HISTORY
from mnistry.models.packaged import PackagedModel
from mnistry.synth.drawn import draw
from training.digit import batches, train

AMOUNTS = batches.Amounts(steps=10, synthetic=80, pool=3, larger_pools={}, measured=4)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def digits() -> Digits:
    return Digits(*draw(300, seed=3), name="drawn")


def test_ten_steps_make_a_packaged_model(digits: Digits, tmp_path: Path) -> None:
    path = train.make(digits, digits, tmp_path, AMOUNTS)
    weights, facts = read_weights(path)
    model = PackagedModel(to_net(facts["layers"], weights), facts)
    predictions = model.predict(digits.images)
    assert predictions.logits.shape == (300, 10)
    assert facts["measured"]["held back"]["images"] == 30
    lines = (tmp_path / HISTORY).read_text().splitlines()
    assert [line.split(",")[1] for line in lines] == ["step", "8", "10"]


def test_the_learning_rate_falls_twice(digits: Digits, tmp_path: Path) -> None:
    train.learn(batches.Source(digits, digits, AMOUNTS), digits[:10], tmp_path)
    rows = (tmp_path / HISTORY).read_text().splitlines()
    rates = [
        float(
            dict(zip(rows[0].split(","), row.split(","), strict=True))["learning_rate"]
        )
        for row in rows[1:]
    ]
    # the last of 8 steps, and of 2 that begin with a fifth of the rate
    assert rates == pytest.approx([train.RECIPE.learning_rate_at(7, 8), 0.0006])


def test_a_batch_depends_on_its_number_alone(digits: Digits) -> None:
    source = batches.Source(digits, digits, AMOUNTS)
    several = list(itertools.islice(source.batches(0), 10))
    for step in (3, 8):
        batch = next(source.batches(step))
        for mine, theirs in zip(batch, several[step], strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert several[0].digits.shape == (batches.DIGITS, 28, 28)
    assert several[0].non_digits.shape == (batches.NON_DIGITS, 28, 28)


@pytest.mark.parametrize("script", ["train", "measure"])
def test_scripts_have_help(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"training.digit.{script}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout
