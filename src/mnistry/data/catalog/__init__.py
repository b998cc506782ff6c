"""What exists: data sets as rows of data. Nothing here reads, fetches or computes."""

from collections.abc import Mapping
from types import MappingProxyType

from mnistry.data.catalog.emnist import EMNIST
from mnistry.data.catalog.family import FASHION_MNIST, KMNIST, QMNIST, USPS
from mnistry.data.catalog.mnist import MNIST
from mnistry.data.catalog.rows import Dataset

DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {row.name: row for row in (MNIST, FASHION_MNIST, KMNIST, QMNIST, USPS, *EMNIST)}
)
