"""A tutorial on loading and plotting MNIST with Keras, its listings in their order.

The import line was `from keras.datasets import mnist`.
Mended: the body of `for i in range(9):` had lost its indent, twice.
"""

# --- load the data set
from mnistry.dropin.keras import mnist

(train_X, train_y), (test_X, test_y) = mnist.load_data()

print("X_train: " + str(train_X.shape))
print("Y_train: " + str(train_y.shape))
print("X_test:  " + str(test_X.shape))
print("Y_test:  " + str(test_y.shape))

# --- plot it
from matplotlib import pyplot

for i in range(9):
    pyplot.subplot(330 + 1 + i)
    pyplot.imshow(train_X[i], cmap=pyplot.get_cmap("gray"))
pyplot.show()

# --- all of it once more
from mnistry.dropin.keras import mnist
from matplotlib import pyplot

(train_X, train_y), (test_X, test_y) = mnist.load_data()

print("X_train: " + str(train_X.shape))
print("Y_train: " + str(train_y.shape))
print("X_test:  " + str(test_X.shape))
print("Y_test:  " + str(test_y.shape))

from matplotlib import pyplot

for i in range(9):
    pyplot.subplot(330 + 1 + i)
    pyplot.imshow(train_X[i], cmap=pyplot.get_cmap("gray"))
pyplot.show()
