"""Settings of torch's layers, in the form in which other libraries want them.

Rule of the file: None where torch can do something that has no plain form.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

Pair = tuple[int, int]


def both(value: int | tuple[int, ...]) -> Pair:
    """Take one number for rows and columns, or one for each.

    Example:
        >>> both(3), both((3, 5))
        ((3, 3), (3, 5))
    """
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def padding(convolution: nn.Conv2d) -> tuple[Pair, Pair] | None:
    """Return how many zeros are set around: (top, bottom), (left, right).

    Example:
        >>> padding(nn.Conv2d(1, 1, 4, padding="same"))
        ((1, 2), (1, 2))
        >>> padding(nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"))
    """
    if convolution.padding_mode != "zeros":
        return None
    if convolution.padding == "valid":
        return (0, 0), (0, 0)
    if convolution.padding == "same":
        rows, columns = (
            dilation * (size - 1)
            for dilation, size in zip(
                both(convolution.dilation), both(convolution.kernel_size), strict=True
            )
        )
        return (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)
    rows, columns = both(convolution.padding)  # type: ignore[arg-type]
    return (rows, rows), (columns, columns)


def window(pool: nn.MaxPool2d | nn.AvgPool2d) -> tuple[Pair, Pair] | None:
    """Return size and step of a pool's windows, if all of them are whole and inside.

    Example:
        >>> window(nn.MaxPool2d(2))
        ((2, 2), (2, 2))
        >>> window(nn.MaxPool2d(3, padding=1))
    """
    plain = both(pool.padding) == (0, 0) and not pool.ceil_mode
    if isinstance(pool, nn.MaxPool2d):
        plain = plain and both(pool.dilation) == (1, 1) and not pool.return_indices
    else:
        plain = plain and pool.divisor_override is None
    return (both(pool.kernel_size), both(pool.stride)) if plain else None


def window_of_adaptive(given: tuple[int, ...], shape: tuple[int, ...]) -> Pair | None:
    """Return the windows that make one shape of another, if all are of one size.

    Args:
        given: (channels, rows, columns) before pooling.
        shape: The same after it.

    Example:
        >>> window_of_adaptive((8, 6, 4), (8, 3, 1))
        (2, 4)
        >>> window_of_adaptive((8, 7, 7), (8, 3, 3))
    """
    if given[-2] % shape[-2] or given[-1] % shape[-1]:
        return None
    return given[-2] // shape[-2], given[-1] // shape[-1]


def arrays_of(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> list[NDArray[Any]] | None:
    """Return scale, shift, mean and variance of a batch norm, if it keeps them.

    Example:
        >>> [len(array) for array in arrays_of(nn.BatchNorm2d(3, affine=False))]
        [3, 3, 3, 3]
        >>> arrays_of(nn.BatchNorm2d(3, track_running_stats=False))
    """
    if norm.running_mean is None or norm.running_var is None:
        return None
    mean, variance = norm.running_mean.numpy(), norm.running_var.numpy()
    if not norm.affine:
        return [np.ones_like(mean), np.zeros_like(mean), mean, variance]
    return [norm.weight.detach().numpy(), norm.bias.detach().numpy(), mean, variance]


def is_over_classes(dim: int | None, given: tuple[int, ...]) -> bool:
    """Return whether a softmax is over the classes of each image.

    Example:
        >>> is_over_classes(1, (10,)), is_over_classes(0, (10,))
        (True, False)
    """
    return len(given) == 1 and dim in (1, -1)
