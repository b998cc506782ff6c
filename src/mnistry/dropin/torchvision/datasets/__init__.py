"""`torchvision.datasets`: MNIST and its family, by their behaviour; fast underneath.

Files lie where torchvision has them, `root/MNIST/raw/`, both gzipped and raw; here they
are verified by SHA-256. A batch that a DataLoader asks for is gathered and normalised
at once where the transform allows it (`transforms.tensors.for_batches`).
"""

from mnistry.dropin.missing import not_covered
from mnistry.dropin.torchvision.datasets.mnist import (
    EMNIST,
    KMNIST,
    MNIST,
    FashionMNIST,
)
from mnistry.dropin.torchvision.datasets.qmnist import QMNIST
from mnistry.dropin.torchvision.datasets.usps import USPS

__all__ = ["EMNIST", "KMNIST", "MNIST", "QMNIST", "USPS", "FashionMNIST"]

__getattr__ = not_covered(
    "torchvision.datasets", __all__, "Others are torchvision's own: import them there."
)
