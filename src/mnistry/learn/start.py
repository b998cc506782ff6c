"""Initial weights of a net: random, or those of a model."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnistry.errors import UsageError
from mnistry.inference.net import Net
from mnistry.learn.generator import OwnGenerator
from mnistry.learn.nets import packaged


def starting_net(net: Any) -> tuple[str, str | nn.Module]:
    """Return the name of a net, and its module, if it is given as one.

    Args:
        net: A name in `NETS`; a module; or a model to fine-tune: a `Model`, or the
            packaged one.

    Raises:
        UsageError: It is none of these.

    Example:
        >>> starting_net("fast"), starting_net(nn.Flatten())
        (('fast', 'fast'), ('Flatten', Flatten(start_dim=1, end_dim=-1)))
    """
    if isinstance(net, str):
        return net, net
    if isinstance(net, nn.Module):
        return type(net).__name__, net
    _refuse_class(net)
    weights = getattr(net, "net", None)
    name = str(getattr(net, "facts", {}).get("net", type(weights).__name__))
    if isinstance(weights, Net):
        return name, to_module(weights)
    if isinstance(weights, nn.Module):
        return name, weights
    message = (
        f"the net is a {type(net).__name__}; expected a name such as 'fast', a torch"
        " module, or a model to fine-tune, such as mnistry.load_model()."
    )
    raise UsageError(message)


def expect_module(net: Any) -> None:
    """Raise unless a net is a module into which weights can be loaded.

    Raises:
        UsageError: It is a class, or something else.
    """
    _refuse_class(net)
    if not isinstance(net, nn.Module):
        message = (
            f"the net is a {type(net).__name__}; expected a torch module built like the"
            " one that was trained. For a net in NETS leave net out."
        )
        raise UsageError(message)


def _refuse_class(net: Any) -> None:
    if isinstance(net, type):
        message = (
            f"the net is the class {net.__name__}; expected an instance of it, such as"
            f" {net.__name__}()."
        )
        raise UsageError(message)


def is_model(net: Any) -> bool:
    """Return whether a net is already trained, so that `train` fine-tunes it."""
    return not isinstance(net, str | nn.Module | type) and hasattr(net, "facts")


def origin_of(net: Any) -> dict[str, Any]:
    """Return facts of the model that a run starts from: its net, seed and digits.

    Example:
        >>> origin_of("fast")
        {}
    """
    if not is_model(net):
        return {}
    known = {name: net.facts.get(name) for name in ("net", "seed", "digits")}
    return {"fine_tuned_from": known}


def to_module(net: Net) -> nn.Module:
    """Convert the packaged model's net to a torch module, which can be trained.

    Args:
        net: A net with the layers of `mnistry.learn.nets.packaged`.

    Raises:
        UsageError: Its layers differ.
    """
    names = [layer[1] for layer in net.layers if layer[0] in {"convolve", "dense"}]
    with OwnGenerator(0):  # the weights are replaced
        module = packaged(len(net.weights[f"{names[-1]}.bias"]))
    layers = [layer for layer in module.children() if hasattr(layer, "weight")]
    if len(names) != len(layers):
        message = (
            f"the net has {len(names)} layers with weights; expected {len(layers)}, as"
            " the packaged model has. Train a net of NETS."
        )
        raise UsageError(message)
    for layer, name in zip(layers, names, strict=True):
        _fill(layer, net.weights[f"{name}.weight"], net.weights[f"{name}.bias"])
    return module


def _fill(
    layer: nn.Module, weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> None:
    """Fill a layer's weights from (rows, columns, inputs, outputs)."""
    turned = weight.T if weight.ndim == 2 else weight.transpose(3, 2, 0, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(turned)))  # type: ignore[operator]
        layer.bias.copy_(torch.from_numpy(bias))  # type: ignore[operator]
