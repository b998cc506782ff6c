"""Threads, and whatever else goes on, decide how long it takes and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.device import THREADS, thread_count
from mnistry.learn.generator import OwnGenerator
from mnistry.learn.model import Model, predict_logits
from mnistry.learn.nets import build
from mnistry.learn.shards import merge_counts, replicas, side_by_side
from mnistry.learn.train import train

SMALL: dict[str, Any] = {"epochs": 1, "batch_size": 60, "watch": False}


def saved(model: Model, path: Path) -> bytes:
    model.save(path)
    return path.read_bytes()


@pytest.mark.parametrize("net", ["linear", "tutorial", "fast"])
def test_any_number_of_threads_makes_the_same_file(
    bars: Digits, net: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = set()
    for threads in ("1", "2", "5"):
        monkeypatch.setenv(THREADS, threads)
        model = train(bars[:200], net, shards=4, **SMALL)
        files.add(saved(model, tmp_path / f"{threads}.safetensors"))
    assert len(files) == 1


def test_torchs_own_threads_change_nothing(bars: Digits, tmp_path: Path) -> None:
    alone = saved(train(bars[:140], "fast", **SMALL), tmp_path / "a.safetensors")
    torch.set_num_threads(2)
    try:
        two = saved(train(bars[:140], "fast", **SMALL), tmp_path / "b.safetensors")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert alone == two


def test_trainings_in_threads_learn_what_each_learns_alone(bars: Digits) -> None:
    def learn(seed: int) -> bytes:
        model = train(bars[:200], "tutorial", seed=seed, **SMALL)
        return b"".join(of.tobytes() for of in model.weights.values())

    alone = [learn(seed) for seed in (0, 1, 2)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(learn, (0, 1, 2))) == alone


def test_the_number_of_shards_is_the_recipes(bars: Digits) -> None:
    weights = {
        train(bars[:200], "fast", shards=shards, **SMALL).weights["0.weight"].tobytes()
        for shards in (1, 2)
    }
    assert len(weights) == 2


def test_logits_do_not_depend_on_threads(bars: Digits) -> None:
    net = build("fast").eval()
    images = np.tile(bars.images, (2, 1, 1))
    one, three = (predict_logits(net, images, threads) for threads in (1, 3))
    assert np.array_equal(one, three)


def test_shards_add_up_to_the_gradient_of_the_batch(bars: Digits) -> None:
    # without batch norms a cut changes nothing but the rounding
    whole, cut = (
        train(
            bars[:100],
            "linear",
            optimizer="sgd",
            momentum=0,
            learning_rate=1,
            steps=1,
            shards=n,
        )
        for n in (1, 3)
    )
    for name, weight in whole.weights.items():
        assert np.allclose(weight, cut.weights[name], atol=1e-6)


def test_a_call_that_nobody_began_is_made_by_the_one_that_waits() -> None:
    with side_by_side(2) as call_all:
        assert call_all([partial(int, n) for n in range(9)]) == list(range(9))


def test_replicas_share_weights_and_count_for_themselves() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.BatchNorm1d(2))
    nets = replicas(net, 3)
    assert nets[0] is net
    for pair in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert pair[0] is pair[1]
    for each, mean in zip(nets[:2], (1, 4), strict=True):
        buffers = dict(each.named_buffers())
        buffers["1.running_mean"].fill_(mean)
        buffers["1.num_batches_tracked"].fill_(1)
    merge_counts([list(each.buffers()) for each in nets], 2)
    for each in nets:
        buffers = dict(each.named_buffers())
        assert buffers["1.running_mean"].tolist() == [2.5, 2.5]
        assert buffers["1.num_batches_tracked"].item() == 1
        assert buffers["2.running_mean"].tolist() == [0, 0]


@pytest.mark.parametrize("wrong", ["0", "two", "-1", "5000"])
def test_a_number_of_threads_is_a_number(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv(THREADS, wrong)
    with pytest.raises(UsageError, match=f"MNISTRY_THREADS is '{wrong}'; expected"):
        thread_count()


def test_the_own_generator_is_torchs_stream_and_leaves_torchs_alone() -> None:
    def draw() -> list[torch.Tensor]:
        dropped = nn.Sequential(nn.Dropout(0.5), nn.Dropout1d(0.3))(torch.ones(4, 3, 2))
        return [torch.rand(3), torch.randperm(5), dropped, nn.Linear(3, 2).weight]

    before = torch.get_rng_state()
    with OwnGenerator(5) as own:
        mine = draw()
    assert own.draws >= 5
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        theirs = draw()
    assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))
