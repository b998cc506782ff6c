"""`keras.datasets.fashion_mnist`, by a shorter way."""

from mnistry.dropin.keras.datasets.fashion_mnist import load_data

__all__ = ["load_data"]
