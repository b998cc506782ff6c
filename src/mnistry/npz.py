"""Keras' mnist.npz: the four arrays in one zip of .npy files, never with pickles."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from mnistry import idx
from mnistry.errors import FormatError

NAME = "mnist.npz"
KEYS = {
    "train-images-idx3-ubyte": "x_train",
    "train-labels-idx1-ubyte": "y_train",
    "t10k-images-idx3-ubyte": "x_test",
    "t10k-labels-idx1-ubyte": "y_test",
}


def raw_bytes(path: Path, raw_name: str) -> Iterator[bytes]:
    """Give the IDX bytes of one of the four MNIST files from Keras' npz.

    Args:
        path: The npz file.
        raw_name: Such as "t10k-labels-idx1-ubyte".

    Raises:
        FormatError: Not such an npz.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            yield idx.encode(arrays[KEYS[raw_name]])
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        message = (
            f"{path} is not Keras' npz: {error}; expected the arrays"
            f" {', '.join(KEYS.values())}. Delete it and get it again."
        )
        raise FormatError(message) from error
