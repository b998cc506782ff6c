"""What exists: data sets as rows of data. Nothing here reads or fetches."""

from collections.abc import Mapping
from types import MappingProxyType

from mnistry.data.catalog.emnist import EMNIST
from mnistry.data.catalog.family import FASHION_MNIST, KMNIST, QMNIST, USPS
from mnistry.data.catalog.mnist import MNIST
from mnistry.data.catalog.rows import Dataset, File

DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {row.name: row for row in (MNIST, FASHION_MNIST, KMNIST, QMNIST, USPS, *EMNIST)}
)


def published_as(sha256: str) -> list[tuple[Dataset, File]]:
    """Return the data sets and files that a SHA-256 was published for.

    Args:
        sha256: Of a raw or a packed file, 64 hexadecimal digits.

    Example:
        >>> published_as("0" * 64)
        []
    """
    return [
        (row, file)
        for row in DATASETS.values()
        for file in row.files
        if sha256 in (file.sha256, file.raw_sha256)
    ]
