"""`azureml.opendatasets.MNIST`: change the import line, nothing else.

    >>> from mnistry.dropin.azureml import MNIST
    >>> frame = MNIST.get_tabular_dataset().to_pandas_dataframe()  # doctest: +SKIP

Tables have the pixels first, row by row of the image, named "0" to "783", and `label`
last; the 60,000 training images come before the 10,000 test images. Numbers are uint8,
an eighth of Azure's memory: widen them (`.astype(int)`) before sums can pass 255.
Files are the four .gz. Nothing is reported to anybody.
"""

import numpy as np

from mnistry.data import load
from mnistry.data.catalog.mnist import MNIST as ROW
from mnistry.dropin.azureml.files import FileDataset
from mnistry.dropin.azureml.table import LABEL, TabularDataset
from mnistry.errors import unknown_name

__all__ = ["MNIST", "FileDataset", "TabularDataset"]

SPLITS = {"all": ("train", "test"), "train": ("train",), "test": ("test",)}


class MNIST:
    """MNIST as Azure Open Datasets gives it: as a table, and as files."""

    @staticmethod
    def get_tabular_dataset(
        dataset_filter: str = "all",
        enable_telemetry: bool = False,  # noqa: ARG004, FBT001, FBT002 - as Azure has it
    ) -> TabularDataset:
        """Return MNIST as a table.

        Args:
            dataset_filter: "train", "test", or "all": train, then test.
            enable_telemetry: Has no effect; nothing is ever sent.

        Raises:
            UnknownNameError: Another `dataset_filter`.
            FetchError: The data is not on this machine and no mirror could give it.
        """
        parts = tuple(
            load.load("mnist", split=split) for split in _splits(dataset_filter)
        )
        rows = np.arange(sum(map(len, parts)))
        return TabularDataset(parts, rows, (*map(str, range(28 * 28)), LABEL))

    @staticmethod
    def get_file_dataset(
        dataset_filter: str = "all",
        enable_telemetry: bool = False,  # noqa: ARG004, FBT001, FBT002
    ) -> FileDataset:
        """Return MNIST as its gzipped IDX files.

        Args:
            dataset_filter: "train", "test", or "all".
            enable_telemetry: Has no effect; nothing is ever sent.

        Raises:
            UnknownNameError: Another `dataset_filter`.
        """
        splits = (ROW.splits[split] for split in _splits(dataset_filter))
        files = [file for split in splits for file in (split.images, split.labels)]
        return FileDataset(ROW, tuple(sorted(files, key=lambda file: file.name)))


def _splits(dataset_filter: str) -> tuple[str, ...]:
    if dataset_filter not in SPLITS:
        raise unknown_name("dataset_filter", dataset_filter, SPLITS)
    return SPLITS[dataset_filter]
