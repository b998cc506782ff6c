"""A convolutional network in Keras that learns MNIST, and two of its mistakes."""

from tests.seeds.network import model, np, plt, to_categorical
from tests.seeds.network import x_test as exam
from tests.seeds.network import x_train as learn
from tests.seeds.network import y_test as truth
from tests.seeds.network import y_train as labels

row = np.random.randint(60000)
plt.imshow(learn[row], cmap="gray")
plt.title(labels[row])
print("Shape of image:", np.shape(learn[row]))
print(repr(labels))

one_hot = to_categorical(labels, num_classes=10)
one_hot_truth = to_categorical(truth, num_classes=10)
print(repr(one_hot[0]))

model.fit(learn, one_hot, epochs=10, batch_size=1000)
classes = np.argmax(model.predict(exam), axis=1)
loss, accuracy = model.evaluate(exam, one_hot_truth)
print(f"Loss: {loss}")
print(f"Accuracy: {accuracy}")

wrong = [place for place, digit in enumerate(classes) if digit != truth[place]]
two = np.random.randint(len(wrong), size=2)
plt.figure()
for place, which in enumerate(two, start=1):
    plt.subplot(1, len(two), place)
    plt.imshow(exam[wrong[which]], cmap="gray")
    plt.title(f"{truth[wrong[which]]}, not {classes[wrong[which]]}")
