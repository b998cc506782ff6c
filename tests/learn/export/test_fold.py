import numpy as np
import pytest
import torch
from torch import nn

from mnistry.batches import normalise
from mnistry.errors import UsageError
from mnistry.inference.net import run
from mnistry.learn.export.fold import fold
from mnistry.learn.model import predict_logits
from mnistry.learn.nets import NETS, build
from mnistry.synth.drawn import draw


def unsettled(net: nn.Module) -> nn.Module:
    """Give batch norms numbers as training does, other than 0 and 1."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            with torch.no_grad():
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
                module.weight.uniform_(0.5, 2)
                module.bias.normal_()
    return net


def logits_of(net: nn.Module, images: np.ndarray) -> np.ndarray:
    pixels = normalise(images).reshape(-1, 28, 28, 1)
    return run(fold(net), pixels).reshape(len(images), -1)


@pytest.mark.parametrize("name", NETS)
def test_a_folded_net_says_the_same_without_torch(name: str) -> None:
    torch.manual_seed(0)
    images, _ = draw(40)
    net = unsettled(build(name))
    wanted = predict_logits(net.eval(), images)
    assert np.abs(logits_of(net, images) - wanted).max() < 1e-3


def test_folding_leaves_the_net_as_it_is() -> None:
    net = unsettled(build("fast")).train()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    fold(net)
    assert net.training
    assert all(torch.equal(before[name], now) for name, now in net.state_dict().items())


def test_layers_without_numbers_of_their_own_fold_too() -> None:
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(3, affine=False)
    net = nn.Sequential(
        nn.Conv2d(1, 3, 5, stride=2, bias=False),
        norm,
        nn.Flatten(),
        nn.Linear(432, 7, bias=False),
    )
    images, _ = draw(5)
    wanted = predict_logits(unsettled_running(net).eval(), images)
    assert np.abs(logits_of(net, images) - wanted).max() < 1e-3


def unsettled_running(net: nn.Sequential) -> nn.Sequential:
    norm = net[1]
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    return net


@pytest.mark.parametrize(
    "layer",
    [
        nn.Sigmoid(),
        nn.Conv2d(1, 2, 3, dilation=2),
        nn.BatchNorm2d(1),
        nn.MaxPool2d(3, stride=2),
    ],
)
def test_a_layer_that_it_does_not_know_is_named(layer: nn.Module) -> None:
    with pytest.raises(UsageError, match="layer '0' is .*; expected one of"):
        fold(nn.Sequential(layer))
