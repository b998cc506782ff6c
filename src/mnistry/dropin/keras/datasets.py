"""`keras.datasets`: those of MNIST's family."""

from mnistry.dropin.keras import fashion_mnist, mnist

__all__ = ["fashion_mnist", "mnist"]
