"""Three tutorials of Keras, written anew, each as something that learns by the epoch.

What was taken over from each is facts only: layers, optimizer, size of batches, how the
images are scaled, number of epochs. Keras runs on torch here, as everything else in
the same table does. It shows no bar, and its time-to-accuracy does not suffer from it.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers
from race import Learner

from mnistry import Digits


def convnet(train: Digits, seed: int) -> Learner:
    """The example of Keras' own pages: 34,826 parameters, 15 epochs, 99 %.

    Source:
        keras-team/keras-io, examples/vision/mnist_convnet.py, F. Chollet, Apache 2.0.
    """
    keras.utils.set_random_seed(seed)
    return _learner(
        build_convnet(), train, _scaled, batch_size=128, validation_split=0.1
    )


def build_convnet() -> Any:
    """Build the net of `convnet`."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def dense(train: Digits, seed: int) -> Learner:
    """Two hidden layers of 512: 669,706 parameters, 10 epochs.

    Source:
        The note in tests/seeds/dense_network.py.
    """
    keras.utils.set_random_seed(seed)
    net = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    rmsprop = keras.optimizers.RMSprop(learning_rate=0.001)
    return _learner(net, train, _rows, optimizer=rmsprop, batch_size=256)


def convolutions(train: Digits, seed: int) -> Learner:
    """Kernels of 5x5 on pixels from 0 to 255: 155,606 parameters, 10 epochs.

    Source:
        The essay in tests/seeds/convolutional_network.py. It does not say which
        optimizer it took; Adam is what most others take.
    """
    keras.utils.set_random_seed(seed)
    net = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(100, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return _learner(net, train, _unscaled, batch_size=1000)


def _learner(
    net: Any,
    train: Digits,
    prepare: Callable[[Any], Any],
    *,
    optimizer: Any = "adam",
    **fit: Any,
) -> Learner:
    net.compile(
        optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"]
    )
    images, truth = prepare(train.images), keras.utils.to_categorical(train.labels, 10)

    def read(images: Any) -> Any:
        return net.predict(prepare(images), batch_size=1000, verbose=0).argmax(1)

    return Learner(
        learn=lambda: net.fit(images, truth, epochs=1, verbose=0, **fit),
        read=read,
        parameters=net.count_params(),
    )


def _scaled(images: Any) -> Any:
    return images[..., None].astype(np.float32) / 255


def _unscaled(images: Any) -> Any:
    return images[..., None].astype(np.float32)


def _rows(images: Any) -> Any:
    return images.reshape(-1, 784).astype(np.float32) / 255
