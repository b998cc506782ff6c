"""`keras.datasets.mnist`, by a shorter way."""

from mnistry.dropin.keras.datasets.mnist import load_data

__all__ = ["load_data"]
