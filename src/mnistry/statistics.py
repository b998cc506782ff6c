"""Descriptive statistics of digits: labels, brightness, ink, duplicates."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mnistry.arrays import Images
from mnistry.digits import Digits

INK_STEPS = 8  # bars of the ink histogram, each 32 grey values wide


def digits_sha256(digits: Digits) -> str:
    """Return the SHA-256 over all bytes of the images, followed by all of the labels.

    Example:
        >>> digits_sha256(Digits(np.zeros((1, 28, 28), np.uint8), [7], name="toy"))[:8]
        'cd738fae'
    """
    digest = hashlib.sha256(np.ascontiguousarray(digits.images).data)
    digest.update(np.ascontiguousarray(digits.labels).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Facts:
    """Statistics of one split.

    Attributes:
        images: Shape of the images, (n, rows, columns).
        labels: Shape of the labels, (n,).
        counts: Images of each label.
        mean: Mean of all pixels divided by 255.
        standard_deviation: Their standard deviation.
        ink: Share of pixels in each of eight equal steps from 0 (paper) to 255 (ink).
        duplicates: Images that are the same, byte for byte, as an earlier one.
    """

    images: tuple[int, ...]
    labels: tuple[int, ...]
    counts: tuple[int, ...]
    mean: float
    standard_deviation: float
    ink: tuple[float, ...]
    duplicates: int

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain data, for JSON."""
        return asdict(self)


def facts(digits: Digits) -> Facts:
    """Compute the statistics of one split.

    Args:
        digits: One split; every pixel is read.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 7, 1])
        >>> facts(toy).duplicates, facts(toy).mean
        (2, 0.0)
    """
    grey = _histogram(digits.images)
    total = max(1, int(grey.sum()))
    values = np.arange(256) / 255
    mean = float(grey @ values) / total
    variance = float(grey @ (values - mean) ** 2) / total
    ink = grey.reshape(INK_STEPS, -1).sum(axis=1) / total
    return Facts(
        images=digits.images.shape,
        labels=digits.labels.shape,
        counts=tuple(digits.counts().tolist()),
        mean=mean,
        standard_deviation=variance**0.5,
        ink=tuple(ink.tolist()),
        duplicates=len(digits) - len(_distinct(digits.images)),
    )


def common(first: Digits, second: Digits) -> int:
    """Count the images of `second` that are, byte for byte, in `first` too.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 7, 1])
        >>> common(toy, toy[:1])
        1
    """
    known = _distinct(first.images)
    return sum(image.tobytes() in known for image in second.images)


def _histogram(images: Images) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Count each grey value, block by block: `bincount` widens what it is given."""
    counts = np.zeros(256, np.int64)
    for start in range(0, len(images), 1024):
        block = images[start : start + 1024]
        counts += np.bincount(block.ravel(), minlength=256)
    return counts


def _distinct(images: Images) -> set[bytes]:
    return {image.tobytes() for image in images}
