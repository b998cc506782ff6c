"""`keras.datasets`: those of MNIST's family."""

from mnistry.dropin.keras.datasets import fashion_mnist, mnist
from mnistry.dropin.missing import not_covered

__all__ = ["fashion_mnist", "mnist"]

__getattr__ = not_covered(
    "keras.datasets", __all__, "Others are Keras' own: import them there."
)
