"""`keras.datasets.mnist`."""

from mnistry.dropin.keras.data import KerasDataset

__all__ = ["load_data"]

load_data = KerasDataset("mnist").load_data
