"""What the essay on a convolutional network does not show: imports, images, network.

The network is built from the summary that the essay prints.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras.utils import to_categorical

from mnistry.dropin.keras import mnist

__all__ = [
    "model",
    "np",
    "plt",
    "to_categorical",
    "x_test",
    "x_train",
    "y_test",
    "y_train",
]

(x_train, y_train), (x_test, y_test) = mnist.load_data()

model = keras.Sequential(
    [
        keras.layers.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 5, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(64, 5, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(100, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
print("Total params:", model.count_params())
