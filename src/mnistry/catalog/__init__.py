"""What exists: data sets as rows of data. Nothing here reads, fetches or computes."""

from collections.abc import Mapping
from types import MappingProxyType

from mnistry.catalog.emnist import EMNIST
from mnistry.catalog.family import FASHION_MNIST, KMNIST, QMNIST, USPS
from mnistry.catalog.mnist import MNIST
from mnistry.catalog.rows import Dataset

DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {row.name: row for row in (MNIST, FASHION_MNIST, KMNIST, QMNIST, USPS, *EMNIST)}
)
