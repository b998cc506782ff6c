import operator
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from mnistry.errors import UsageError
from mnistry.learn.export.nodes import FUNCTIONS, IMAGE, nodes_of
from mnistry.learn.nets import NETS, build
from tests.learn.export.nets import LAWS

pytestmark = pytest.mark.filterwarnings(
    "ignore:Using padding='same' with even kernel"  # torch, of its own slowness
)

MADE: dict[str, Callable[[], nn.Module]] = {
    **{name: partial(build, name) for name in NETS},
    **LAWS,
}

CALLS: dict[Any, Callable[[Any], Any]] = {
    operator.add: lambda x: x + x,
    torch.add: lambda x: torch.add(x, x),
    torch.relu: torch.relu,
    functional.relu: functional.relu,
    "relu": lambda x: x.relu(),
    torch.tanh: torch.tanh,
    torch.sigmoid: torch.sigmoid,
    functional.gelu: lambda x: functional.gelu(x, approximate="tanh"),
    functional.hardswish: functional.hardswish,
    functional.leaky_relu: lambda x: functional.leaky_relu(x, 0.3),
    functional.max_pool2d: lambda x: functional.max_pool2d(x, 3, stride=2),
    functional.avg_pool2d: lambda x: functional.avg_pool2d(x, (2, 3)),
    functional.adaptive_avg_pool2d: lambda x: functional.adaptive_avg_pool2d(x, 4),
    functional.dropout: lambda x: functional.dropout(x, 0.2, training=False),
    functional.dropout2d: lambda x: functional.dropout2d(x, training=False),
    functional.log_softmax: lambda x: functional.log_softmax(x, dim=-1),
    torch.flatten: lambda x: torch.flatten(x, 1),
    "flatten": lambda x: x.flatten(start_dim=1),
    "view": lambda x: x.view(x.size(0), -1),
    "reshape": lambda x: x.reshape(-1, 784),
}


class Computing(nn.Module):
    def __init__(self, compute: Callable[[Any], Any]) -> None:
        super().__init__()
        self.compute = compute
        self.weight = nn.Parameter(torch.ones(2, 1, 28, 28))

    def forward(self, x: torch.Tensor) -> Any:
        return self.compute(x)


class Adding(Computing):
    def forward(self, x: torch.Tensor) -> Any:
        return x + self.weight


class Unpacking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Flatten(), nn.LSTM(784, 10)

    def forward(self, x: torch.Tensor) -> Any:
        return self.second(self.first(x))[0]


def run(net: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Do with torch what the rows say."""
    known = {IMAGE: images}
    for node in nodes_of(net, 28, 28):
        given = [known[name] for name in node.inputs]
        assert tuple(given[0].shape[1:]) == node.given
        known[node.name] = node.module(*given)
        assert tuple(known[node.name].shape[1:]) == node.shape
    return known[node.name]


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", MADE)
def test_the_rows_do_what_the_net_does(name: str, images: torch.Tensor) -> None:
    net = MADE[name]().eval()
    with torch.inference_mode():
        torch.testing.assert_close(run(net, images), net(images), rtol=0, atol=0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_listed_as_the_layer_that_does_the_same(
    function: Any, images: torch.Tensor
) -> None:
    net = Computing(CALLS[function]).eval()
    expected = net(images.clone())
    torch.testing.assert_close(run(net, images), expected, rtol=0, atol=0)


def test_the_net_stays_as_it_is() -> None:
    net = build("fast").train()
    before = {name: array.clone() for name, array in net.state_dict().items()}
    nodes_of(net, 28, 28)
    assert net.training
    assert all(array.equal(before[name]) for name, array in net.state_dict().items())


def test_layers_are_named_in_their_order_and_know_their_place() -> None:
    nodes = nodes_of(LAWS["residual"](), 28, 28)
    assert [node.name for node in nodes] == [
        f"layer_{n + 1}" for n in range(len(nodes))
    ]
    assert [node.place for node in nodes][-2:] == ["head.0", "head.1"]
    assert [node.place for node in nodes].count("block") == 2
    assert nodes[0].inputs == (IMAGE,)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda x: x if x.sum() > 0 else -x, "Computing cannot be followed (symbolic"),
        (
            lambda x: torch.stack([x[n] for n in range(x.shape[0])]),
            "be followed",
        ),
        (lambda x: x[: len(x)], "be followed"),
        (lambda x: x * 2, "the net computes 'mul' outside of a layer; expected"),
        (lambda x: x.mean((2, 3)), "the net computes 'mean' outside of a layer"),
        (lambda x: x + 1, "add](args = (%x, 1)"),
        (
            lambda x: torch.add(x, x, alpha=2),
            "sums of two of one shape",
        ),
        (
            lambda x: functional.avg_pool2d(x, 28) + x,
            "sums of two of one shape",
        ),
        (lambda x: x.view(-1, 28, 28), "flattening of all but the images' own axis"),
    ],
)
def test_what_is_no_plain_net_is_reported(
    compute: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        nodes_of(Computing(compute), 28, 28)
    assert "keep the model as safetensors" in str(caught.value)


def test_a_weight_outside_of_a_layer_is_reported_even_if_it_fits_by_chance() -> None:
    with pytest.raises(UsageError, match="sums of two of"):
        nodes_of(Adding(torch.relu), 28, 28)


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: functional.dropout(x, training=True),
        lambda x: (y := x + x) + functional.relu(y, inplace=True) + y,
    ],
)
def test_chance_and_changes_in_place_are_noticed(compute: Callable[[Any], Any]) -> None:
    with pytest.raises(UsageError, match="gives other logits than its layers one"):
        nodes_of(Computing(compute), 28, 28)


def test_what_is_computed_of_weights_alone_is_reported() -> None:
    with pytest.raises(UsageError, match="expected layers of one output"):
        nodes_of(Adding(lambda x: x), 28, 28)


def test_a_layer_that_gives_more_than_one_tensor_is_reported() -> None:
    with pytest.raises(UsageError, match="computes 'getitem' outside of a layer"):
        nodes_of(Unpacking(), 28, 28)


def test_images_of_another_size_than_the_nets_are_refused() -> None:
    with pytest.raises(UsageError, match=r"Sequential cannot be followed \(ShapeProp"):
        nodes_of(build("linear").eval(), 28, 29)
