import numpy as np
import pytest
import torch

from mnistry.errors import UnknownNameError, UsageError
from mnistry.learn.layers import parameter_count, summary
from mnistry.learn.nets import NETS, build
from mnistry.recipes import RECIPES


@pytest.mark.parametrize("net", NETS)
def test_a_net_gives_one_logit_for_each_image_and_class(net: str) -> None:
    module = build(net, classes=26).eval()
    assert module(torch.zeros(3, 1, 28, 28)).shape == (3, 26)


@pytest.mark.parametrize("net", NETS)
def test_the_table_of_layers_accounts_for_every_parameter(net: str) -> None:
    module = build(net)
    rows = summary(module)
    assert sum(row["parameters"] for row in rows) == parameter_count(module)
    assert rows[-1]["shape"] == (10,)


def test_nets_and_recipes_are_the_same_in_the_same_order() -> None:
    assert list(NETS) == list(RECIPES)


@pytest.mark.parametrize(
    ("net", "parameters"),
    [
        ("linear", 7_850),
        ("mlp", 669_706),
        ("lenet", 61_706),
        ("tutorial", 21_840),
        ("cnn", 155_606),
        ("fast", 26_394),
        ("balanced", 107_050),
        ("accurate", 287_226),
    ],
)
def test_nets_have_the_size_their_docstrings_tell(net: str, parameters: int) -> None:
    assert parameter_count(build(net)) == parameters


def test_the_table_of_the_cnn_is_the_one_of_the_keras_tutorial() -> None:
    rows = [
        (row["shape"], row["parameters"])
        for row in summary(build("cnn"))
        if row["layer"] != "ReLU"  # Keras counts it to the layer before
    ]
    assert rows == [
        ((32, 24, 24), 832),
        ((32, 12, 12), 0),
        ((64, 8, 8), 51_264),
        ((64, 4, 4), 0),
        ((1024,), 0),
        ((1024,), 0),
        ((100,), 102_500),
        ((10,), 1_010),
    ]


def test_looking_at_the_layers_leaves_the_net_as_it_was() -> None:
    module = build("fast")
    module[2].eval()  # type: ignore[index]
    modes = [part.training for part in module.modules()]
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    summary(module)
    assert [part.training for part in module.modules()] == modes
    for name, tensor in module.state_dict().items():
        np.testing.assert_array_equal(tensor, before[name])


def test_an_unknown_net_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match=r"'lenett'.*Did you mean 'lenet'"):
        build("lenett")


def test_one_class_is_nothing_to_tell_apart() -> None:
    with pytest.raises(UsageError, match="classes is 1; expected 2 or more"):
        build("linear", classes=1)
