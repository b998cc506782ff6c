"""`torchvision.transforms`, as far as people use it with MNIST.

A transform is any callable that takes a picture; these are the usual ones.
"""

from mnistry.dropin.missing import not_covered
from mnistry.dropin.torchvision.transforms import v2
from mnistry.dropin.torchvision.transforms.geometry import (
    RandomAffine,
    RandomRotation,
    Resize,
)
from mnistry.dropin.torchvision.transforms.tensors import (
    Compose,
    Lambda,
    Normalize,
    PILToTensor,
    ToTensor,
)

__all__ = [
    "Compose",
    "Lambda",
    "Normalize",
    "PILToTensor",
    "RandomAffine",
    "RandomRotation",
    "Resize",
    "ToTensor",
    "v2",
]

__getattr__ = not_covered(
    "torchvision.transforms",
    __all__,
    "Any function that takes a picture works as one, through Lambda too.",
)
