"""Types of arrays: one name for each kind that is passed around."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import ShapeError, UsageError

Images = NDArray[np.uint8]
"""(n, rows, columns) uint8; 0 is paper, 255 is ink."""

Labels = NDArray[np.uint8]
"""(n,) uint8; what is written: 0 to 9 for digits."""

Pixels = NDArray[np.uint8]
"""(rows, columns) uint8; one picture of any size."""

Mask = NDArray[np.bool_]
"""(rows, columns) bool; true where there is ink."""

ComponentMap = NDArray[np.int32]
"""(rows, columns) int32; the number of the connected component at each pixel, or 0."""

Ink = NDArray[np.float32]
"""(rows, columns), or (n, rows, columns), float32; 0 paper to 1 ink."""

Logits = NDArray[np.float32]
"""(n, classes) float32; what a net returns before softmax."""

Probabilities = NDArray[np.float32]
"""(n, classes) float32; each row sums to 1."""

SIDE = 28  # rows and columns of MNIST's images
MEAN = 0.1307  # of all pixels of the 60,000 MNIST training images, divided by 255
STANDARD_DEVIATION = 0.3081  # of the same pixels
# the darkest pixel of four bits, and of scikit-learn's digits; of MNIST's images each
# reaches 254. Other small numbers are no scale that digits come in
FAINT = 15, 16
ENOUGH = 20  # images; so many are not all as good as blank


def as_images(array: Any) -> Images:
    """Return images as (n, rows, columns) uint8.

    Args:
        array: (n, rows, columns), perhaps with a channel axis of 1 first or last, or
            (n, 784); or an object with such `images`, like Digits. uint8 is used as it
            is. Other numbers are taken to run from 0 to 1 if none is above 1, else from
            0 to 255.

    Returns:
        The same memory where possible.

    Raises:
        ShapeError: Another shape, images without pixels, or numbers out of range. Also
            for 20 images or more whose largest number is 15 or 16, as of scikit-learn's
            digits: they would be almost blank. uint8 are accepted, with a warning.

    Example:
        >>> as_images(np.zeros((5, 784), np.float32)).shape
        (5, 28, 28)
        >>> as_images(np.array([[[[0.0, 1.0]]]])).tolist()
        [[[0, 255]]]
    """
    images = _with_pixels(array)
    if images.dtype != np.uint8:
        return _as_ink(images)
    # one dark pixel says enough: of a file only the first images are read
    if images[:ENOUGH].max(initial=0) <= max(FAINT):
        high = images.max(initial=0)
        if _is_faint(len(images), high):
            warnings.warn(_faint(len(images), high), stacklevel=4)
    return images


def as_ink(array: Any) -> Images:
    """Return images as `as_images` does, but also take uint8 of only 0 and 1 as ink.

    Example:
        >>> as_ink(np.array([[[0, 1]]], np.uint8)).tolist()
        [[[0, 255]]]
    """
    images = as_images(array)
    is_binary = images.max(initial=0) == 1
    return images * np.uint8(255) if is_binary else images


def _with_pixels(array: Any) -> NDArray[Any]:
    images = _three_axes(np.asarray(getattr(array, "images", array)))
    if not (images.shape[1] and images.shape[2]):
        message = (
            f"images have shape {images.shape}, so they have no pixels; expected 1 or"
            " more rows and columns. Was the file cut, or its header changed?"
        )
        raise ShapeError(message)
    return images


def _is_faint(count: int, high: float) -> bool:
    return count >= ENOUGH and high in FAINT


def _faint(count: int, high: float) -> str:
    return (
        f"no number in {count:,} images is above {high:g}; expected 0 paper to 255 ink,"
        f" so they would be almost blank. If {high:g} is ink, give"
        f" images * (255 / {high:g})."
    )


def _three_axes(images: NDArray[Any]) -> NDArray[Any]:
    shape = images.shape
    if len(shape) == 3:
        return images
    if len(shape) == 4 and 1 in {shape[1], shape[3]}:
        return images[:, 0] if shape[1] == 1 else images[..., 0]
    if len(shape) == 2 and shape[1] == SIDE * SIDE:
        return images.reshape(-1, SIDE, SIDE)
    mends = {
        0: "A picture file is read by mnistry.read(path, single=True).",
        2: "For one image pass images[None]; for rows of pixels pass"
        " images.reshape(n, rows, columns).",
        4: "To make colour images grey, use images.mean(axis=-1), or axis=1 if channels"
        " come first.",
    }
    mend = mends.get(len(shape), "Give several in one array.")
    message = (
        f"images have shape {shape}; expected (n, rows, columns), one channel before or"
        f" after them, or (n, 784). {mend}"
    )
    raise ShapeError(message)


def _as_ink(images: NDArray[Any]) -> Images:
    """Convert numbers to bytes; numbers up to 1 are shares of ink."""
    if images.dtype.kind not in "biuf":
        message = (
            f"images have dtype {images.dtype}; expected numbers, 0 paper to 255 ink."
            " To convert text, use images.astype(float)."
        )
        raise ShapeError(message)
    if images.dtype == np.bool_ or not images.size:
        return images.astype(np.uint8) * np.uint8(255)
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 255):  # NaN is neither
        message = (
            f"images have numbers from {low} to {high}; expected 0 paper to 255 ink, or"
            " 0 to 1. To undo normalisation, use"
            " (images * 0.3081 + 0.1307).clip(0, 1)."
        )
        raise ShapeError(message)
    if _is_faint(len(images), high):
        raise ShapeError(_faint(len(images), high))
    scale = 255 if high <= 1 else 1
    ink: Images = np.rint(images * scale).astype(np.uint8)
    return ink


def as_labels(array: Any, count: int) -> Labels:
    """Return labels as (count,) uint8.

    Args:
        array: Integers from 0 to 255, of any integer dtype.
        count: How many there must be.

    Raises:
        ShapeError: Another shape or number of labels, not integers, or out of range.

    Example:
        >>> as_labels([7, 2, 1], 3)
        array([7, 2, 1], dtype=uint8)
    """
    labels = np.asarray(array)
    if labels.shape != (count,):
        message = (
            f"labels have shape {labels.shape}; expected ({count},),"
            " one for each image. Do images and labels belong together?"
        )
        raise ShapeError(message)
    if labels.dtype == np.uint8:
        return labels
    if labels.size and not np.issubdtype(labels.dtype, np.integer):
        message = (
            f"labels have dtype {labels.dtype}; expected integers."
            " For one-hot rows use labels.argmax(axis=1)."
        )
        raise ShapeError(message)
    if labels.size and (labels.min() < 0 or labels.max() > 255):
        message = (
            f"labels run from {labels.min()} to {labels.max()};"
            " expected 0 to 255, as uint8 holds."
        )
        raise ShapeError(message)
    return labels.astype(np.uint8)


def expect_whole(name: str, value: object, *, least: int) -> None:
    """Raise unless a value is a whole number of at least `least`.

    Args:
        name: The name of the argument.
        value: What was passed.
        least: The smallest value allowed.

    Raises:
        UsageError: It is not such a number.

    Example:
        >>> expect_whole("count", np.int64(3), least=0)
    """
    if not isinstance(value, int | np.integer) or value < least:
        message = f"{name} is {value!r}; expected {least} or more, a whole number."
        raise UsageError(message)


def seeded(seed: int) -> "np.random.Generator":  # its import is not for nothing
    """Return the random number generator of a seed.

    Args:
        seed: An integer, 0 or more.

    Raises:
        UsageError: It is not such an integer.

    Example:
        >>> int(seeded(0).integers(100)) == int(seeded(0).integers(100))
        True
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        message = f"seed is {seed!r}; expected an integer, 0 or more, such as 0."
        raise UsageError(message)
    return np.random.default_rng(seed)


def stratified(
    labels: Labels, share: float, rng: "np.random.Generator"
) -> NDArray[np.bool_]:
    """Draw a share of each label's images at random (stratified sampling).

    Args:
        labels: (n,) uint8.
        share: 0 to 1. Strictly in between, a label with two or more images has at least
            one that is drawn and one that is not.
        rng: The random number generator.

    Returns:
        (n,) bool: which are drawn.

    Example:
        >>> labels = np.array([7, 7, 7, 7, 1, 1], np.uint8)
        >>> sorted(labels[stratified(labels, 0.25, seeded(0))].tolist())
        [1, 7]
    """
    drawn = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        count = round(share * len(rows))
        if 0 < share < 1 and len(rows) > 1:
            count = min(max(count, 1), len(rows) - 1)
        drawn[rows[:count]] = True
    return drawn


def one_hot(labels: Any, classes: int = 10) -> NDArray[np.float32]:
    """Return labels one-hot: rows that are 1 at the label and 0 elsewhere.

    Args:
        labels: (n,) integers from 0 to `classes` - 1, or an object with such `labels`,
            like Digits.
        classes: Length of a row.

    Returns:
        (n, classes) float32; `argmax(axis=1)` gives the labels back.

    Raises:
        ShapeError: Not one-dimensional, not integers, or a label out of range.

    Example:
        >>> one_hot([7, 2])[0]
        array([0., 0., 0., 0., 0., 0., 0., 1., 0., 0.], dtype=float32)
    """
    labels = getattr(labels, "labels", labels)
    found = as_labels(labels, len(np.atleast_1d(labels)))
    if found.size and found.max() >= classes:
        message = (
            f"there is a label {found.max()}; expected 0 to {classes - 1}."
            f" Pass classes={found.max() + 1}, or look at the labels."
        )
        raise ShapeError(message)
    return np.eye(classes, dtype=np.float32)[found]
