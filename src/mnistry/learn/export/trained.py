"""What export needs of a trained model: it knows no more of `learn.model`."""

from collections.abc import Mapping
from typing import Any, Protocol

from torch import nn


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
