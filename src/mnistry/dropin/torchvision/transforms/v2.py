"""`torchvision.transforms.v2`: the same transforms, and pictures as tensors first.

Example::

    usual = v2.Compose(
        [
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize((0.1307,), (0.3081,)),
        ]
    )
"""

from mnistry.dropin.missing import not_covered
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
    ToDtype,
    ToImage,
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
    "ToDtype",
    "ToImage",
    "ToTensor",
]

__path__: list[str] = []  # so that `from … import` asks `__getattr__` for its words
__getattr__ = not_covered(
    "torchvision.transforms.v2",
    __all__,
    "Any function that takes a picture works as one, through Lambda too.",
)
