"""An essay on a convolutional network in Keras for MNIST, its listings in their order.

It shows no import line; it was `from keras.datasets import mnist`, and the network is
built from the summary it prints.
Mended: a parenthesis lost after `num_classes = 10`; `to_categorical(y=...)`, whose
argument Keras 3 names `x`; `predict_classes`, gone since Keras 2.6; lines run together
(`...randint(60000)print(`, `i = 0for`, `print(randomIntList)plot = 1`).
SEED_EPOCHS and SEED_IMAGES shorten training and test.
"""

import os

from keras import layers, models
from keras.utils import to_categorical
import matplotlib.pyplot as plt
import numpy as np

from mnistry.dropin.keras import mnist

(x_train, y_train), (x_test, y_test) = mnist.load_data()

# --- the network
model = models.Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(100, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.summary()
print("Total params:", model.count_params())

# --- a random image
randomIndx = np.random.randint(60000)
print("Random Index: {}".format(randomIndx))
plt.imshow(x_train[randomIndx], cmap="gray")
plt.title(y_train[randomIndx])
print("Shape of image: {}".format(np.shape(x_train[randomIndx])))
print(x_train[randomIndx])

# --- labels, before and after
print(repr(y_train))
y_testClasses = y_test
y_train = to_categorical(y_train, num_classes=10)
y_test = to_categorical(y_test, num_classes=10)
print(repr(y_train[0]))

# --- train
some = slice(int(os.environ.get("SEED_IMAGES", "60000")))
x_train, y_train = x_train[some], y_train[some]
x_test, y_test, y_testClasses = x_test[some], y_test[some], y_testClasses[some]

model.fit(
    x_train, y_train, epochs=int(os.environ.get("SEED_EPOCHS", "10")), batch_size=1000
)

# --- test
predictions = np.argmax(model.predict(x_test), axis=1)

evaluate = model.evaluate(x_test, y_test)
print("Loss: {}".format(evaluate[0]))
print("Accuracy: {}".format(evaluate[1]))

# --- some mistakes
wrongPredictionIndexes = []
i = 0
for actual, prediction in zip(y_testClasses, predictions):
    if actual != prediction:
        wrongPredictionIndexes.append(i)
    i = i + 1

randomIntList = np.random.randint(len(wrongPredictionIndexes), size=2)
print(randomIntList)
plot = 1
plt.figure()
for randomNum in randomIntList:
    plt.subplot(1, len(randomIntList), plot)
    imageIndex = wrongPredictionIndexes[randomNum]
    plt.imshow(x_test[imageIndex], cmap="gray")
    plt.title(
        "Actual: "
        + str(y_test[imageIndex])
        + "| Prediction: "
        + str(predictions[imageIndex])
    )

    plot = plot + 1
