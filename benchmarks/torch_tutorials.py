"""Two tutorials of PyTorch, written anew, each as something that learns by the epoch.

What was taken over from each is facts only: layers, optimizer, size of batches, number
of epochs. Images lie ready in memory as normalised tensors, which favours the
tutorials: theirs are read and normalised one by one, in each epoch again.
"""

from typing import Any

import numpy as np
import torch
from race import Learner
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from mnistry import Digits
from mnistry.batches import normalise
from mnistry.learn.nets import build


def example(train: Digits, seed: int) -> Learner:
    """The example of PyTorch's own pages: 1,199,882 parameters, 14 epochs.

    On a CPU it does not shuffle; nor does this.

    Source:
        pytorch/examples, mnist/main.py, BSD 3-clause.
    """
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(64 * 12 * 12, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )
    optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0)
    falling = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    learner = _learner(net, optimizer, train, shuffle=False)

    def learn() -> None:
        learner.learn()
        falling.step()

    return learner._replace(learn=learn)


def momentum(train: Digits, seed: int) -> Learner:
    """The small net of the first tutorials: 21,840 parameters, 3 epochs.

    Source:
        The note in tests/seeds/data_loader.py, whose numbers those are; it ends before
        the net, which is the one of pytorch/examples until 2019, BSD 3-clause.
    """
    torch.manual_seed(seed)
    net = build("tutorial")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.5)
    return _learner(net, optimizer, train, shuffle=True)


def _learner(
    net: nn.Module, optimizer: torch.optim.Optimizer, train: Digits, *, shuffle: bool
) -> Learner:
    pairs = TensorDataset(
        torch.from_numpy(normalise(train.images)),
        torch.from_numpy(train.labels.astype(np.int64)),
    )
    loader = DataLoader(pairs, batch_size=64, shuffle=shuffle)

    def learn() -> None:
        net.train()
        for images, truth in loader:
            optimizer.zero_grad()
            cross_entropy(net(images), truth).backward()
            optimizer.step()

    @torch.inference_mode()
    def read(images: Any) -> Any:
        net.eval()
        parts = torch.from_numpy(normalise(images)).split(1000)
        return torch.cat([net(part).argmax(1) for part in parts]).numpy()

    return Learner(
        learn=learn, read=read, parameters=sum(of.numel() for of in net.parameters())
    )
