"""Nets of others: those that can learn do, the rest are refused before training."""

from typing import Any

import pytest
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.learn.train import train


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))

    def forward(self, images: torch.Tensor) -> Any:
        return self.inner(images), images


class Cut(Pair):
    def forward(self, images: torch.Tensor) -> Any:
        return self.inner(images).detach()


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize(
    "net",
    [
        nn.Sequential(nn.Flatten(), nn.LazyLinear(10)),
        nn.Sequential(nn.LazyConv2d(4, 5, stride=4), nn.Flatten(), nn.LazyLinear(10)),
    ],
)
def test_lazy_nets_learn(bars: Digits, net: Any) -> None:
    model = train(bars, net, epochs=6, learning_rate=0.01, watch=False)
    assert model.facts["history"][-1]["accuracy"] > 0.8


@pytest.mark.parametrize(
    ("net", "error", "words"),
    [
        (nn.Conv2d(3, 10, 28), ShapeError, "cannot take images"),
        (nn.Linear(784, 10), ShapeError, "Expected one channel first"),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(99, 10)),
            ShapeError,
            "cannot take images of shape",
        ),
        (Pair(), ShapeError, "tuple"),
        (Cut(), UsageError, "do not depend on trainable"),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).double(), UsageError, "64"),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).bfloat16(), UsageError, "16"),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).requires_grad_(False),
            UsageError,
            "none of the net's weights is",
        ),
    ],
)
def test_a_net_that_cannot_learn_is_refused_before_training(
    bars: Digits, net: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        train(bars, net, epochs=1)


def test_a_batch_norm_of_one_image_is_refused(bars: Digits) -> None:
    net = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784), nn.Linear(784, 10))
    with pytest.raises(ShapeError, match="a batch norm needs a larger"):
        train(bars, net, epochs=1, batch_size=1)


def test_a_net_that_learned_nothing_is_named(bars: Digits) -> None:
    with pytest.warns(UserWarning, match="nothing was learned. Common causes"):
        train(bars, "linear", steps=300, learning_rate=0, batch_size=60)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_scripted_net_is_refused_as_its_copies_do_not_learn(bars: Digits) -> None:
    net = torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)))
    with pytest.raises(UsageError, match="the net is scripted"):
        train(bars, net, epochs=1)
