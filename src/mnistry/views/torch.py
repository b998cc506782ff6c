"""Digits as a torch data set that makes whole batches at once, not image by image.

`images` shares the digits' memory, which is read-only, but torch does not know that:
write to `images.clone()`, never to `images`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import MEAN, STANDARD_DEVIATION
from mnistry.augment import Augment
from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.extras import require
from mnistry.views import layout

if TYPE_CHECKING:
    import torch
    from torch.utils.data import Dataset
else:
    torch = require("torch", extra="train")
    Dataset = require("torch.utils.data", extra="train").Dataset

Pair = tuple[torch.Tensor, torch.Tensor]
"""Images (…, 1, rows, columns) float32, normalised; labels (…) int64."""


class TorchDigits(Dataset[Pair]):
    """Digits for `torch.utils.data.DataLoader`, and faster without it.

    Attributes:
        images: (n, rows, columns) uint8, in the digits' memory: do not write to it.
        labels: (n,) int64.
        digits: The digits it was made from.

    Example:
        >>> toy = to_torch(Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1]))
        >>> image, label = toy[0]
        >>> image.shape, label
        (torch.Size([1, 28, 28]), tensor(7))
    """

    def __init__(self, digits: Digits) -> None:
        self.digits = digits
        self.images = _shared(digits.images)
        self.labels = torch.from_numpy(digits.labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Pair]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, rows: Any) -> Pair:
        """Return one image and label for a number; a batch for a list or a slice."""
        return _normalise(self.images[rows]), self.labels[rows]

    def __getitems__(self, rows: Sequence[int]) -> list[Pair]:
        """Return the pairs of one batch, normalised together; for DataLoader."""
        images, labels = self[torch.as_tensor(rows)]
        return list(zip(images.unbind(), labels.unbind(), strict=True))

    @property
    def tensors(self) -> Pair:
        """All images (n, 1, rows, columns) float32, normalised; and labels (n,).

        Computed at each access: 188 MB for the training images of MNIST.
        """
        return self[:]

    def batches(
        self,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        augment: Augment | None = None,
    ) -> Iterator[Pair]:
        """Yield all images once, in batches, like `Digits.batches` but as tensors.

        Args:
            batch_size: Images in a batch; the last batch may have fewer.
            shuffle: Use a random order, which depends on `seed` alone.
            seed: Pass a different one for each epoch.
            dtype: Floating-point dtype of the images.
            augment: Changes images before they are normalised, such as
                `mnistry.augment.shift`; its randomness depends on `seed` alone.

        Yields:
            Images (b, 1, rows, columns), normalised; labels (b,) int64.

        Raises:
            UsageError: `batch_size` is below 1, or `dtype` is not floating-point.
        """
        batches = self.digits.batches(
            batch_size,
            shuffle=shuffle,
            seed=seed,
            dtype=NUMPY_DTYPES.get(
                dtype, np.float32 if dtype.is_floating_point else np.int64
            ),
            augment=augment,
        )
        return (
            (torch.from_numpy(images).to(dtype), torch.from_numpy(labels))
            for images, labels in batches
        )


NUMPY_DTYPES: Mapping[torch.dtype, type] = {
    torch.float16: np.float16,
    torch.float32: np.float32,
    torch.float64: np.float64,
}


def to_torch(digits: Digits) -> TorchDigits:
    """Convert digits to a torch data set, without a copy of the images.

    Args:
        digits: Any digits.

    Raises:
        MissingExtraError: torch is not installed.

    Example:
        >>> toy = to_torch(Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1]))
        >>> [len(labels) for images, labels in toy.batches(2)]
        [2, 1]
    """
    return TorchDigits(digits)


def from_torch(dataset: Any) -> Digits:
    """Convert a torch data set with all images in memory to digits.

    Args:
        dataset: A TorchDigits; a pair of tensors (images, labels), or a TensorDataset
            of them; or an object with `data` and `targets`, like torchvision's MNIST.
            Images are uint8, (n, rows, columns) or (n, 1, rows, columns).

    Returns:
        Digits, which share the memory of CPU tensors; from TorchDigits with the
        original name, classes and columns.

    Raises:
        ShapeError: Another kind of data set, or images that are not bytes.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> from_torch(to_torch(toy)) == toy
        True
    """
    if isinstance(dataset, TorchDigits):
        digits = dataset.digits
        facts = (
            digits.name,
            digits.split_name,
            digits.source,
            digits.classes,
            digits.columns,
        )
        return Digits(_array(dataset.images), _array(dataset.labels), *facts)
    if hasattr(dataset, "data") and hasattr(dataset, "targets"):
        pair = (dataset.data, dataset.targets)
    else:
        pair = getattr(dataset, "tensors", dataset)
    is_pair = isinstance(pair, Sequence) and len(pair) == 2
    if not is_pair or any(np.ndim(part) == 0 for part in pair):
        message = (
            f"{type(dataset).__name__} has no images and labels in memory; expected two"
            " tensors, or a data set with `tensors`, or with `data` and `targets`. Pass"
            " the data set that it was made from, or two tensors."
        )
        raise ShapeError(message)
    images, labels = (
        part if isinstance(part, np.ndarray) else _array(torch.as_tensor(part))
        for part in pair
    )
    if images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    return Digits(images, layout.as_bytes(labels, "labels"))


def _normalise(images: torch.Tensor) -> torch.Tensor:
    ready = images.unsqueeze(-3).to(torch.float32)
    return ready.mul_(1 / (255 * STANDARD_DEVIATION)).sub_(MEAN / STANDARD_DEVIATION)


def _array(tensor: torch.Tensor) -> NDArray[Any]:
    array: NDArray[Any] = tensor.detach().cpu().numpy()
    return array


class _Writable:
    """Presents an array as writable, so that torch does not warn."""

    def __init__(self, array: NDArray[Any]) -> None:
        address = array.__array_interface__["data"][0]
        self.array = array  # holds the memory
        self.__array_interface__ = array.__array_interface__ | {
            "data": (address, False)
        }


def _shared(array: NDArray[Any]) -> torch.Tensor:
    array = np.ascontiguousarray(array)
    return torch.from_numpy(np.asarray(_Writable(array)))
