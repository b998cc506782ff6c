"""Where a model comes from, as plain data that travels in its file."""

import platform
from typing import Any

import numpy as np
import torch

from mnistry.digits import Digits
from mnistry.facts import sha256_of
from mnistry.version import __version__


def facts_of_digits(digits: Digits) -> dict[str, Any]:
    """Tell which digits they are.

    Returns:
        Name, split, number of images, and the SHA-256 over all bytes of the images
        followed by all of the labels; not their place, which is nobody's business.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], name="toy")
        >>> facts_of_digits(toy)["images"]
        3
    """
    return {
        "name": digits.name,
        "split": digits.split_name,
        "images": len(digits),
        "sha256": sha256_of(digits),
    }


def surroundings() -> dict[str, Any]:
    """Tell what else the weights depend on: versions, and the number of threads."""
    return {
        "mnistry": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": str(torch.__version__),
        "threads": torch.get_num_threads(),
    }
