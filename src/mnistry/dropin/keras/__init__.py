"""`keras.datasets`: change the import line, nothing else.

    >>> from mnistry.dropin.keras import mnist
    >>> (x_train, y_train), (x_test, y_test) = mnist.load_data()  # doctest: +SKIP

Models and layers stay Keras' own. What `path` means here:

* Keras' own name for the file, or any name without a folder: MNIST, from our cache.
* A file that exists: that npz, with `x_train`, `y_train`, `x_test` and `y_test` in it.
* A path where no file is: MNIST, from our cache, with a warning. Keras
  would download to there; our cache has the same data, so nothing is written.
"""

from mnistry.dropin.keras import datasets, fashion_mnist, mnist
from mnistry.dropin.missing import not_covered

__all__ = ["datasets", "fashion_mnist", "mnist"]

__getattr__ = not_covered(
    "keras", __all__, "Models and layers are Keras' own: import them there."
)
