"""What export needs of a trained model: it knows no more of `learn.model`."""

from collections.abc import Mapping
from typing import Any, Protocol

from torch import nn

from mnistry.errors import UsageError


class Trained(Protocol):
    """A net with its facts; `mnistry.Model` is one."""

    @property
    def net(self) -> nn.Module:
        """The module, in evaluation mode."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of it, as JSON can hold it."""
        ...

    @property
    def temperature(self) -> float:
        """What its logits are divided by before softmax."""
        ...


def module_of(model: Trained) -> nn.Module:
    """Return the net of a model.

    Raises:
        UsageError: It has none of torch: it came from an ONNX file or another library,
            or is the packaged one.
    """
    net = getattr(model, "net", None)
    if isinstance(net, nn.Module):
        return net
    message = (
        f"the model is a {type(model).__name__}, whose layers are not known to torch;"
        " expected one that mnistry trained, such as"
        " load_model('run/model.safetensors'), or load_model().to_torch(). A file of"
        " ONNX can only be asked for predictions."
    )
    raise UsageError(message)
