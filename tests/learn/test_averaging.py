import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mnistry.digits import Digits
from mnistry.learn.averaging import frozen_copy, update_average
from mnistry.learn.train import train


@given(
    averaging=st.floats(0, 0.99999),
    weights=st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=40),
)
def test_the_average_lies_among_the_weights_that_it_follows(
    averaging: float, weights: list[float]
) -> None:
    net = nn.Linear(1, 1, bias=False)
    average = frozen_copy(net)
    seen = [net.weight.item()]
    for step, weight in enumerate(weights, start=1):
        nn.init.constant_(net.weight, weight)
        seen.append(weight)
        update_average(average, net, averaging=averaging, step=step)
    shown = float(average.state_dict()["weight"])
    assert min(seen) - 1e-4 <= shown <= max(seen) + 1e-4


def test_after_many_steps_old_weights_fade_as_averaging_says() -> None:
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 1)
    average = frozen_copy(net)
    nn.init.constant_(net.weight, 0)
    for step in range(1000, 1003):
        update_average(average, net, averaging=0.9, step=step)
    assert float(average.state_dict()["weight"]) == pytest.approx(0.9**3)


def test_counts_and_statistics_of_batch_norms_follow_too() -> None:
    net = nn.BatchNorm2d(3)
    average = frozen_copy(net)
    net.train()(torch.full((2, 3, 4, 4), 5.0))
    update_average(average, net, averaging=0.5, step=1)
    mine, theirs = average.state_dict(), net.state_dict()
    assert mine["num_batches_tracked"] == theirs["num_batches_tracked"] == 1
    assert 0 < mine["running_mean"][0] < theirs["running_mean"][0]


def test_weights_that_two_layers_share_follow_once() -> None:
    first, second = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    second.weight = first.weight
    net = nn.Sequential(first, second)
    nn.init.constant_(first.weight, 1)
    average = frozen_copy(net)
    nn.init.constant_(first.weight, 0)
    update_average(average, net, averaging=0.5, step=1000)
    assert float(average.state_dict()["0.weight"]) == pytest.approx(0.5)


def test_a_copy_does_not_learn_and_is_not_the_net() -> None:
    net = nn.Linear(2, 2)
    copied = frozen_copy(net)
    assert not any(weight.requires_grad for weight in copied.parameters())
    assert all(weight.requires_grad for weight in net.parameters())
    nn.init.zeros_(net.weight)
    assert copied.state_dict()["weight"].any()


def test_the_averaged_net_is_the_one_that_is_validated_and_returned(
    bars: Digits,
) -> None:
    plain = train(bars, "fast", epochs=2, batch_size=60)
    averaged = train(bars, "fast", epochs=2, batch_size=60, averaging=0.9)
    # the steps are the same; what is kept of them is not
    losses = [model.facts["history"][-1]["loss"] for model in (plain, averaged)]
    seen = [
        model.facts["history"][-1]["validation_loss"] for model in (plain, averaged)
    ]
    assert losses[0] == losses[1]
    assert seen[0] != seen[1]
    name = "0.weight"
    assert not np.array_equal(plain.weights[name], averaged.weights[name])
