"""`keras.datasets.fashion_mnist`."""

from mnistry.dropin.keras.data import KerasDataset

__all__ = ["load_data"]

load_data = KerasDataset("fashion-mnist").load_data
