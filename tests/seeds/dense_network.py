"""One-hot rows, and a network of three dense layers in Keras that learns MNIST."""

import keras
import numpy as np
from keras import layers

from mnistry.dropin.keras import mnist

eight = [int(place == 8) for place in range(10)]
print(np.argmax(eight))

nowhere = "D:/MD/mnist/dataset/mnist.npz"  # on most machines
(x, y), (x_new, y_new) = mnist.load_data(nowhere)

net = keras.models.Sequential()
net.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
net.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
net.add(layers.Dense(10, activation="softmax"))
descent = keras.optimizers.RMSprop(learning_rate=0.001)
net.compile(optimizer=descent, loss="categorical_crossentropy", metrics=["accuracy"])

flat = x.reshape((60000, 28 * 28)).astype("float32") / 255
flat_new = x_new.reshape((10000, 28 * 28)).astype("float32") / 255
one_hot = keras.utils.to_categorical(y)
one_hot_new = keras.utils.to_categorical(y_new)

net.fit(flat, one_hot, epochs=10, batch_size=256)
loss, accuracy = net.evaluate(flat_new, one_hot_new)
print("test_acc:", accuracy)
net.save("model_mnist.h5")
