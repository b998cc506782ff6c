"""`torchvision.datasets.MNIST` and the transforms people use with it.

    >>> from mnistry.dropin import torchvision
    >>> to_tensor = torchvision.transforms.ToTensor()
    >>> train = torchvision.datasets.MNIST("data", download=True)  # doctest: +SKIP

torchvision itself is not needed. The folder has torchvision's layout, so both can read
what either has written.
"""

from mnistry.dropin.missing import not_covered
from mnistry.dropin.torchvision import datasets, transforms, utils
from mnistry.dropin.torchvision.datasets import (
    EMNIST,
    KMNIST,
    MNIST,
    QMNIST,
    USPS,
    FashionMNIST,
)

__all__ = [
    "EMNIST",
    "KMNIST",
    "MNIST",
    "QMNIST",
    "USPS",
    "FashionMNIST",
    "datasets",
    "transforms",
    "utils",
]

__getattr__ = not_covered(
    "torchvision", __all__, "Others are torchvision's own: import them there."
)
