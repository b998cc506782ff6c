"""A net as rows: which layer takes what, and the shape it gives.

Rule of the file: every row is a layer of torch with its settings, or `Add`; what a net
computes by functions is listed as the layer that does the same.
"""

import contextlib
import copy
import io
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp
from torch.nn import functional

from mnistry.errors import UsageError

IMAGE = "normalised"
"""What the rows call the normalised images, (n, 1, rows, columns)."""

Made = TypeVar("Made")  # what a layer becomes in a file of another library

WAY_OUT = "Use layers of torch.nn that have one, or keep the model as safetensors."


class Add(nn.Module):
    """The sum of two, such as of a block and what goes past it."""

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Add them."""
        return first + second


@dataclass(frozen=True, slots=True)
class Node:
    """One layer of a net, in its place."""

    name: str
    """Of what it gives: layer_1, layer_2 …"""
    place: str
    """Where it stands in the net, such as "3" or "head.convolution"."""
    module: nn.Module
    """A layer of torch, in evaluation mode, or `Add`."""
    inputs: tuple[str, ...]
    """Names of earlier rows, or `IMAGE`."""
    given: tuple[int, ...]
    """Shape of its first input for one image."""
    shape: tuple[int, ...]
    """Of what it gives for one image, such as (32, 24, 24)."""


FUNCTIONS: dict[Any, Callable[..., nn.Module]] = {
    operator.add: Add,
    torch.add: Add,
    torch.relu: nn.ReLU,
    functional.relu: nn.ReLU,
    "relu": nn.ReLU,
    torch.tanh: nn.Tanh,
    torch.sigmoid: nn.Sigmoid,
    functional.gelu: nn.GELU,
    functional.hardswish: nn.Hardswish,
    functional.leaky_relu: nn.LeakyReLU,
    functional.max_pool2d: nn.MaxPool2d,
    functional.avg_pool2d: nn.AvgPool2d,
    functional.adaptive_avg_pool2d: nn.AdaptiveAvgPool2d,
    functional.dropout: lambda p=0.5, **_: nn.Dropout(p),
    functional.dropout2d: lambda p=0.5, **_: nn.Dropout2d(p),
    functional.log_softmax: lambda dim, **_: nn.LogSoftmax(dim),
    torch.flatten: nn.Flatten,
    "flatten": nn.Flatten,
    "view": lambda *_: nn.Flatten(),
    "reshape": lambda *_: nn.Flatten(),
}
"""Functions, and methods by name, with the layer that does the same. Its arguments are
theirs after the tensors."""


def nodes_of(net: nn.Module, rows: int, columns: int) -> list[Node]:
    """List what a net does with images, in an order in which it can be done.

    The net is followed with torch.fx: a net of your own may branch and add, but not
    decide by what it sees.

    Args:
        net: In evaluation mode; takes (n, 1, rows, columns) float32.
        rows: Height of an image, in pixels.
        columns: Width of an image, in pixels.

    Returns:
        The last one gives the logits.

    Raises:
        UsageError: The net cannot be followed, or does something that no row describes.

    Example:
        >>> from mnistry.learn.nets import build
        >>> for node in nodes_of(build("linear").eval(), 28, 28):
        ...     print(type(node.module).__name__, node.inputs, node.shape)
        Flatten ('normalised',) (784,)
        Linear ('layer_1',) (10,)
    """
    net = copy.deepcopy(net).cpu().eval()
    try:
        graph = fx.symbolic_trace(copy.deepcopy(net))
        graph.graph.eliminate_dead_code()
        # it prints a traceback of its own, beside the error
        with torch.inference_mode(), contextlib.redirect_stderr(io.StringIO()):
            ShapeProp(graph).propagate(torch.zeros(2, 1, rows, columns))
    except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
        message = (
            f"the net {type(net).__name__} cannot be followed ({error}); expected one"
            " that does the same with every image, whatever is in it and however many"
            f" there are. {WAY_OUT}"
        )
        raise UsageError(message) from error
    called = [of for of in graph.graph.nodes if of.op[:4] == "call" and _is_tensor(of)]
    names = {of: f"layer_{number}" for number, of in enumerate(called, 1)}
    nodes = [_node(of, graph, names) for of in called]
    _check(net, nodes, rows, columns)
    return nodes


def counterparts_of(
    node: Node,
    known: Mapping[type[nn.Module], Callable[[Any, Node], list[Made] | None]],
    where: str,
) -> list[Made]:
    """Return what a layer becomes in a file of another library.

    Args:
        node: The layer.
        known: What makes the counterparts of each kind of layer; None if it cannot.
        where: "ONNX", "Keras".

    Raises:
        UsageError: It has no counterpart there.
    """
    make = known.get(type(node.module))
    made = make(node.module, node) if make else None
    if made is not None:
        return made
    listed = ", ".join(sorted(kind.__name__ for kind in known))
    message = (
        f"the layer {node.place!r} of the net, {node.module}, has no"
        f" counterpart in {where} here; expected, with plain settings: {listed}."
        f" {WAY_OUT}"
    )
    raise UsageError(message)


def _node(node: fx.Node, graph: fx.GraphModule, names: dict[fx.Node, str]) -> Node:
    if node.op == "call_module":
        module: nn.Module = graph.get_submodule(str(node.target))
    else:
        module = _layer(node)
    inputs = [of for of in (*node.args, *node.kwargs.values()) if _is_tensor(of)]
    given, shape = [_shape(of) for of in inputs], _shape(node)
    if isinstance(module, Add):
        fits = given == [shape, shape] and not node.kwargs
    else:
        fits = len(given) == 1
    if isinstance(module, nn.Flatten):
        fits = fits and shape[1:] == (math.prod(given[0][1:]),)
    if not fits:
        message = (
            f"the net computes {node.format_node()}; expected layers of one output,"
            " sums of two of one shape, and flattening of all but the images' own axis."
            f" {WAY_OUT}"
        )
        raise UsageError(message)
    return Node(
        name=names[node],
        place=_called(node.target),
        module=module,
        inputs=tuple(names.get(of, IMAGE) for of in inputs),
        given=given[0][1:],
        shape=shape[1:],
    )


def _check(net: nn.Module, nodes: list[Node], rows: int, columns: int) -> None:
    """See that the rows, done one after the other, give what the net gives."""
    chance = torch.Generator().manual_seed(0)
    images = torch.randn(2, 1, rows, columns, generator=chance)
    known = {IMAGE: images}
    with torch.inference_mode():
        for node in nodes:
            if hasattr(node.module, "inplace"):
                node.module.__dict__["inplace"] = False
            known[node.name] = node.module(*(known[name] for name in node.inputs))
        expected = net(images.clone())
    if not torch.allclose(known[nodes[-1].name], expected, rtol=1e-4, atol=1e-4):
        message = (
            f"the net {type(net).__name__} gives other logits than its layers one after"
            " the other; expected the same. Perhaps a layer changes in place what"
            " another one needs, or a dropout is always on."
        )
        raise UsageError(message)


def _layer(node: fx.Node) -> nn.Module:
    """Make the layer that does what a function does."""
    make = FUNCTIONS.get(node.target)
    if make is None:
        known = sorted({_called(of) for of in FUNCTIONS})
        message = (
            f"the net computes {_called(node.target)!r} outside of a layer; expected"
            f" one of: {', '.join(known)}. {WAY_OUT}"
        )
        raise UsageError(message)
    if make is Add:
        return Add()
    settings = {name: of for name, of in node.kwargs.items() if name != "input"}
    return make(*node.args[1:], **settings).eval()


def _called(target: Any) -> str:
    return str(getattr(target, "__name__", target))


def _is_tensor(argument: Any) -> TypeGuard[fx.Node]:
    is_node = isinstance(argument, fx.Node) and argument.op != "get_attr"
    return is_node and "tensor_meta" in argument.meta


def _shape(node: fx.Node) -> tuple[int, ...]:
    # a layer that gives several tensors has none, and no counterpart either
    return tuple(getattr(node.meta["tensor_meta"], "shape", ()))
