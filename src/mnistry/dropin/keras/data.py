"""What `keras.datasets` has as modules: a name, and `load_data`."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from mnistry.arrays import Images, Labels
from mnistry.data import load
from mnistry.errors import FormatError
from mnistry.files import npz
from mnistry.views.keras import to_keras

Arrays = tuple[tuple[Images, Labels], tuple[Images, Labels]]


@dataclass(frozen=True, slots=True)
class KerasDataset:
    """One of `keras.datasets`: what Keras has as a module, with `load_data`."""

    name: str

    def load_data(self, path: str | os.PathLike[str] = "mnist.npz") -> Arrays:
        """Load train and test as arrays that may be written into.

        Args:
            path: A name without a folder: our cache. A file that exists: that file.

        Returns:
            `(x_train, y_train), (x_test, y_test)`: images (n, 28, 28) and labels (n,),
            all uint8.

        Raises:
            FormatError: The file at `path` is not Keras' npz.
            FetchError: The data is not on this machine and no mirror could give it.
        """
        file = Path(path)
        if file.is_file():
            return _read(file)
        if file.name != os.fspath(path):
            warnings.warn(
                f"there is no file {path}: {self.name} comes from mnistry's cache, and"
                " nothing is written there",
                stacklevel=2,
            )
        train, test = load.load(self.name)
        return to_keras(train), to_keras(test)


def _read(file: Path) -> Arrays:
    splits = npz.load(file)
    if not {"train", "test"} <= splits.keys():
        message = (
            f"{file} is not Keras' npz: it has the splits {', '.join(splits)}; expected"
            " x_train, y_train, x_test and y_test. Give another path, or none."
        )
        raise FormatError(message)
    return to_keras(splits["train"]), to_keras(splits["test"])
