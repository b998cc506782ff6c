"""Transforms of torchvision that make tensors of pictures, and compose.

`Compose` of `ToTensor` and `Normalize` has also a form for batches (`for_batches`),
with the same arithmetic and so the same bits.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry import extras
from mnistry.errors import PictureTypeError, ShapeError, UsageError

if TYPE_CHECKING:
    import torch
else:
    torch = extras.require("torch", extra="train")


class Compose:
    """Transforms one after the other.

    Example:
        >>> twice = Compose([Lambda(lambda x: 2 * x), Lambda(lambda x: x + 1)])
        >>> twice(3)
        7
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, picture: Any) -> Any:
        """Apply one after the other."""
        for transform in self.transforms:
            picture = transform(picture)
        return picture

    def __repr__(self) -> str:
        lines = "".join(f"\n    {transform}" for transform in self.transforms)
        return f"Compose({lines}\n)"


class Lambda:
    """Any function of one argument as a transform."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            message = f"Lambda got {lambd!r}; expected a function of one argument."
            raise UsageError(message)
        self.lambd = lambd

    def __call__(self, picture: Any) -> Any:
        """Apply the function."""
        return self.lambd(picture)

    def __repr__(self) -> str:
        return "Lambda()"


class PILToTensor:
    """A picture as a tensor of the same numbers: (channels, rows, columns)."""

    def __call__(self, picture: Any) -> "torch.Tensor":
        """Turn a picture, or an array (rows, columns[, channels]), into a tensor.

        Raises:
            PictureTypeError: It is neither a PIL picture nor an array.
            ShapeError: The picture has another number of axes.
        """
        if not isinstance(picture, np.ndarray) and not hasattr(picture, "getbands"):
            message = (
                f"the picture is a {type(picture).__name__}; expected a PIL picture or"
                " a NumPy array. Make it one with np.asarray(picture)."
            )
            raise PictureTypeError(message)
        array = np.array(picture)
        if array.ndim not in {2, 3}:
            message = (
                f"a picture became an array of shape {array.shape}; expected"
                " (rows, columns) or (rows, columns, channels)."
            )
            raise ShapeError(message)
        tensor = torch.from_numpy(np.atleast_3d(array))
        return tensor.permute(2, 0, 1).contiguous()

    def __repr__(self) -> str:
        return "PILToTensor()"


class ToTensor:
    """A picture as a tensor (channels, rows, columns); bytes become 0 to 1.

    Their dtype is torch's default one.

    Takes what PIL opens, or an array (rows, columns[, channels]); numbers other than
    uint8 stay as they are.

    Example:
        >>> ToTensor()(np.array([[0, 255]], np.uint8))
        tensor([[[0., 1.]]])
    """

    def __call__(self, picture: Any) -> "torch.Tensor":
        """Turn a picture, or an array (rows, columns[, channels]), into a tensor."""
        tensor = PILToTensor()(picture)
        return _to_unit(tensor)

    def __repr__(self) -> str:
        return "ToTensor()"


class ToImage:
    """Of `v2`: a picture as a tensor of the same numbers; a tensor stays as it is."""

    def __call__(self, picture: Any) -> "torch.Tensor":
        """Turn a picture, or an array (rows, columns[, channels]), into a tensor."""
        if isinstance(picture, torch.Tensor):
            return picture if picture.ndim > 2 else picture[None]
        return PILToTensor()(picture)

    def __repr__(self) -> str:
        return "ToImage()"


class ToDtype:
    """Of `v2`: a tensor of another dtype; with `scale` bytes become 0 to 1.

    Example:
        >>> pixels = torch.tensor([0, 255], dtype=torch.uint8)
        >>> ToDtype(torch.float32, scale=True)(pixels)
        tensor([0., 1.])
    """

    def __init__(self, dtype: "torch.dtype", scale: bool = False) -> None:  # noqa: FBT001, FBT002 - as torchvision has it
        self.dtype = dtype
        self.scale = scale

    def __call__(self, tensor: "torch.Tensor") -> "torch.Tensor":
        """Return the tensor in the dtype.

        Raises:
            ShapeError: Not a tensor.
        """
        if not isinstance(tensor, torch.Tensor):
            message = (
                f"ToDtype got {type(tensor).__name__}; expected a tensor. Put ToImage()"
                " before it."
            )
            raise ShapeError(message)
        is_byte, floats = tensor.dtype == torch.uint8, self.dtype.is_floating_point
        if self.scale and is_byte and floats:
            return tensor.to(self.dtype).div(255)
        if self.scale and tensor.is_floating_point() and not floats:
            largest = torch.iinfo(self.dtype).max
            return tensor.mul(largest + 1 - 1e-3).to(self.dtype)  # as torchvision does
        return tensor.to(self.dtype)

    def __repr__(self) -> str:
        return f"ToDtype({self.dtype}, scale={self.scale})"


class Normalize:
    """Subtract a mean and divide by a standard deviation, for each channel."""

    def __init__(
        self,
        mean: float | Sequence[float],
        std: float | Sequence[float],
        inplace: bool = False,  # noqa: FBT001, FBT002 - as torchvision has it
    ) -> None:
        self.mean = mean
        self.std = std
        self.inplace = inplace
        # (0.5) is a number: many forget the comma, and torchvision does not mind
        deviations = np.atleast_1d(np.asarray(std))
        if not (np.isfinite(deviations) & (deviations != 0)).all():
            message = (
                f"std is {std}; expected numbers other than 0, one for each channel."
                " For MNIST: Normalize((0.1307,), (0.3081,))"
            )
            raise UsageError(message)

    def __call__(self, tensor: "torch.Tensor") -> "torch.Tensor":
        """Return the tensor with each channel shifted and scaled.

        Raises:
            ShapeError: Not a tensor of floating numbers.
        """
        if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point():
            kind = getattr(tensor, "dtype", type(tensor).__name__)
            message = (
                f"Normalize got {kind}; expected a tensor of floating numbers."
                " Put ToTensor() before it."
            )
            raise ShapeError(message)
        mean, deviation = (
            torch.as_tensor(of, dtype=tensor.dtype, device=tensor.device).view(-1, 1, 1)
            for of in (self.mean, self.std)
        )
        tensor = tensor if self.inplace else tensor.clone()
        return tensor.sub_(mean).div_(deviation)

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


def for_batches(
    transform: object,
) -> "Callable[[torch.Tensor], torch.Tensor] | None":
    """Return a transform's form for a batch, where it has one.

    Args:
        transform: ToTensor, or Compose of ToTensor, or of ToImage and ToDtype to a
            floating dtype, and then Normalize any number of times (not subclasses).

    Returns:
        A function from (n, rows, columns) uint8 to (n, 1, rows, columns) float32, the
        same numbers as one by one; None for any other transform.

    Example:
        >>> for_batches(Compose([ToTensor(), Lambda(abs)])) is None
        True
    """
    steps: list[Any] = [transform]
    if type(transform) is Compose:
        steps = transform.transforms
    kinds = [type(step) for step in steps]
    if kinds[:1] == [ToTensor]:
        begin, rest = _to_unit, steps[1:]
    elif kinds[:2] == [ToImage, ToDtype]:
        begin, rest = steps[1], steps[2:]
    else:
        return None
    if any(type(step) is not Normalize for step in rest):
        return None
    normalise = Compose(rest)
    return lambda images: normalise(begin(images)[:, None])


def _to_unit(images: "torch.Tensor") -> "torch.Tensor":
    """Bring bytes to 0 to 1; numbers of other kinds stay as they are."""
    if images.dtype != torch.uint8:
        return images
    return images.to(torch.get_default_dtype()).div(255)
