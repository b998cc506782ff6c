"""A note on a dense network in Keras that learns MNIST, its listings in their order.

The import line was `from tensorflow.keras.datasets import mnist`.
Mended: `tensorflow.keras` is `keras` since Keras 3, and `import tensorflow as tf`, which
nothing used, went with it; `RMSprop(lr=...)` is `learning_rate` since Keras 2.3.
SEED_EPOCHS shortens the ten epochs.
"""

import os

# --- one-hot rows and argmax
import numpy as np

arr = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
print(np.argmax(arr))

# --- the network
from mnistry.dropin.keras import mnist

from keras import models
from keras import layers
from keras import optimizers

from keras.utils import to_categorical

from keras.models import load_model

from keras.callbacks import ModelCheckpoint

h5file = "model_mnist.h5"

path = "D:/MD/mnist/dataset/mnist.npz"
(train_images, train_labels), (test_images, test_labels) = mnist.load_data(path)

network = models.Sequential()
network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
network.add(layers.Dense(10, activation="softmax"))

network.compile(
    optimizer=optimizers.RMSprop(learning_rate=0.001),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

train_images = train_images.reshape((60000, 28 * 28))
train_images = train_images.astype("float32") / 255

test_images = test_images.reshape((10000, 28 * 28))
test_images = test_images.astype("float32") / 255

train_labels = to_categorical(train_labels)
test_labels = to_categorical(test_labels)

network.fit(
    train_images,
    train_labels,
    epochs=int(os.environ.get("SEED_EPOCHS", "10")),
    batch_size=256,
)
test_loss, test_acc = network.evaluate(test_images, test_labels)
print("test_acc:", test_acc)

network.save(h5file)
