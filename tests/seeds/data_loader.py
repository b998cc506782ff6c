"""torchvision's MNIST under a DataLoader; a first batch, twelve of its images."""

import torch
from matplotlib import pyplot
from torch.utils.data import DataLoader

from mnistry.dropin.torchvision import datasets, transforms

torch.manual_seed(1)

prepare = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
)
learn = datasets.MNIST("./mnist_data", train=True, download=True, transform=prepare)
learn_batches = DataLoader(learn, batch_size=64, shuffle=True)

prepare = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
)
exam = datasets.MNIST("./mnist_data", train=False, download=True, transform=prepare)
exam_batches = DataLoader(exam, batch_size=1000, shuffle=True)

images, labels = next(iter(learn_batches))
print(labels)
print(images.shape)

pyplot.figure()
for place in range(12):
    pyplot.subplot(3, 4, place + 1)
    pyplot.tight_layout()
    pyplot.imshow(images[place][0], cmap="gray", interpolation="none")
    pyplot.title(f"{labels[place]}")
    pyplot.xticks([])
    pyplot.yticks([])
pyplot.show()
