"""Loads MNIST as Keras does, prints shapes, plots nine digits; and all of it again."""

import numpy as np
from matplotlib import pyplot

from mnistry.dropin.keras import mnist


def print_shapes(train: tuple[np.ndarray, ...], test: tuple[np.ndarray, ...]) -> None:
    for split, (images, labels) in (("train", train), ("test", test)):
        gap = "  " if split == "test" else " "
        print(f"X_{split}:{gap}{images.shape}")
        print(f"Y_{split}:{gap}{labels.shape}")


first, second = mnist.load_data()
print_shapes(first, second)
for place, image in enumerate(first[0][:9]):
    pyplot.subplot(330 + 1 + place)
    grey = pyplot.get_cmap("gray")
    pyplot.imshow(image, cmap=grey)
pyplot.show()

again, second_again = mnist.load_data()
print_shapes(again, second_again)
for place, image in enumerate(again[0][:9]):
    pyplot.subplot(330 + 1 + place)
    grey = pyplot.get_cmap("gray")
    pyplot.imshow(image, cmap=grey)
pyplot.show()
