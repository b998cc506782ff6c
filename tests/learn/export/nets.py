"""Small nets that together use every layer, and every function, that can be taken away.

`LAWS` is what a file of another library must say the same of; `REFUSED` is what cannot
be written, with the layer at fault.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional


def ending(*layers: nn.Module) -> nn.Module:
    """Add a flattening and ten logits, whatever the layers before give."""
    seen = nn.Sequential(*layers, nn.Flatten())
    with torch.inference_mode():
        features = seen.eval()(torch.zeros(2, 1, 28, 28)).shape[1]
    return unsettled(nn.Sequential(*seen, nn.Linear(features, 10)))


def unsettled(net: nn.Module) -> nn.Module:
    """Give normalisations other numbers than their first ones, which do nothing."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            for array in (module.weight, module.bias, module.running_mean):
                if array is not None:
                    nn.init.normal_(array)
            if module.running_var is not None:
                nn.init.uniform_(module.running_var, 0.5, 2)
    return net.eval()


class Tutorial(nn.Module):
    """As people write them: layers in `__init__`, functions in `forward`."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Conv2d(1, 4, 5)  # a name that files use for something else
        self.image = nn.Linear(4 * 12 * 12, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(functional.max_pool2d(self.logits(x), 2))
        x = functional.dropout(x.view(x.size(0), -1), training=self.training)
        return functional.log_softmax(self.image(x), dim=1)


class Residual(nn.Module):
    """A path around a block, and a layer used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 6, 3, stride=2)
        self.norm = nn.BatchNorm2d(6)
        self.block = nn.Conv2d(6, 6, 3, padding=1)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(6 * 13 * 13, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.first(x)))
        x = x + self.block(torch.relu(self.block(x)))
        x += x
        _unused = x.relu()
        logits: torch.Tensor = self.head(x)
        return logits


LAWS: dict[str, Callable[[], nn.Module]] = {
    "kernel, step and rim of two sizes": lambda: ending(
        nn.Conv2d(1, 4, (3, 5), stride=(2, 1), padding=(1, 2)), nn.ReLU()
    ),
    "an even kernel with the same size": lambda: ending(
        nn.Conv2d(1, 3, 4, padding="same"), nn.Tanh(), nn.Conv2d(3, 2, 3, dilation=2)
    ),
    "groups": lambda: ending(
        nn.Conv2d(1, 4, 3, padding="valid"),
        nn.GELU(),
        nn.Conv2d(4, 8, 3, groups=4, bias=False),
        nn.Identity(),
    ),
    "norms": lambda: ending(
        nn.Conv2d(1, 4, 3, stride=3),
        nn.BatchNorm2d(4, eps=0.1),
        nn.Sigmoid(),
        nn.BatchNorm2d(4, affine=False),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(4 * 81, 12, bias=False),
        nn.BatchNorm1d(12),
        nn.LeakyReLU(0.2),
    ),
    "pools": lambda: ending(
        nn.Conv2d(1, 4, 3),
        nn.MaxPool2d(3, 2),
        nn.Hardswish(),
        nn.Dropout2d(),
        nn.AvgPool2d((2, 1)),
        nn.AdaptiveAvgPool2d((3, 4)),
    ),
    "probabilities": lambda: nn.Sequential(ending(), nn.Softmax(dim=-1)),
    "blocks of pixels": lambda: ending(
        nn.PixelUnshuffle(2), nn.Conv2d(4, 3, 1), nn.PixelUnshuffle(7)
    ),
    "mean of all": lambda: ending(nn.Conv2d(1, 5, 3), nn.AdaptiveAvgPool2d(1)),
    "tutorial": Tutorial,
    "residual": lambda: unsettled(Residual()),
}

REFUSED: dict[str, Callable[[], nn.Module]] = {
    "'1' of the net, Softplus": lambda: ending(nn.ReLU(), nn.Softplus()),
    "'0' of the net, Conv2d": lambda: ending(
        nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")
    ),
    "'0' of the net, MaxPool2d": lambda: ending(nn.MaxPool2d(3, padding=1)),
    "'0' of the net, AvgPool2d": lambda: ending(nn.AvgPool2d(3, ceil_mode=True)),
    "'0' of the net, AdaptiveAvgPool2d": lambda: ending(nn.AdaptiveAvgPool2d(3)),
    "'0' of the net, BatchNorm2d": lambda: ending(
        nn.BatchNorm2d(1, track_running_stats=False)
    ),
    "'0' of the net, Linear": lambda: ending(nn.Linear(28, 3)),
    "'0' of the net, Softmax": lambda: ending(nn.Softmax(dim=3)),
}
