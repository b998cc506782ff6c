"""The nets, one function each, sorted from the simplest to the most accurate.

Rule of the package: a net takes (n, 1, 28, 28) float32, normalised, and gives (n,
classes) logits, without softmax; all its layers are here to be read, none is built by a
loop.
"""

from collections.abc import Callable

from torch import nn

from mnistry.errors import UsageError, unknown_name

PIXELS = 28 * 28


def linear(classes: int = 10) -> nn.Module:
    """One weight for each pixel and class: 7,850 parameters."""
    return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, classes))


def mlp(classes: int = 10) -> nn.Module:
    """Two hidden layers of 512, the first net of many tutorials: 669,706 parameters."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(PIXELS, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, classes),
    )


def lenet(classes: int = 10) -> nn.Module:
    """LeNet-5 with ReLU, largest-value pooling and all connections: 61,706 parameters.

    Source:
        LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to
        document recognition", figure 2, doi:10.1109/5.726791. There the units are
        tanh, pooling averages, and the third layer sees only some maps.
    """
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, classes),
    )


def tutorial(classes: int = 10) -> nn.Module:
    """The small net of the first PyTorch tutorials, with dropout: 21,840 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 10, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(10, 20, 5),
        nn.Dropout2d(0.5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(20 * 4 * 4, 50),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(50, classes),
    )


def cnn(classes: int = 10) -> nn.Module:
    """The small net of the first Keras tutorials: 155,606 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(64 * 4 * 4, 100),
        nn.ReLU(),
        nn.Linear(100, classes),
    )


def fast(classes: int = 10) -> nn.Module:
    """The most accuracy for two seconds of two CPU cores: 26,394 parameters.

    Convolutions see 6x6 pixels in steps of 2, and pooling comes before everything
    that is computed at each place: three quarters of it fall away. No padding, for the
    border of an MNIST image is empty; no batch norm where the most places are. Widths
    are powers of two, which fill the wide registers of a CPU.

    Measured: MNIST test accuracy 99.20 ± 0.07 % (mean and standard deviation of 5
    seeds, two epochs of 54,000 images in bfloat16, recipe chosen on images held out)
    after 2.3 s of two cores: `benchmarks/record.py`.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 6, stride=2),  # (16, 12, 12)
        nn.MaxPool2d(2),  # (16, 6, 6)
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, bias=False),  # (32, 4, 4)
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, bias=False),  # (64, 2, 2)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * 2 * 2, classes),
    )


def balanced(classes: int = 10) -> nn.Module:
    """Very good within a minute or two of two CPU cores; meant for strong augmentation.

    Two convolutions on each of two levels: 107,050 parameters. Blocks of 2x2 pixels
    become four channels first: a 3x3 convolution then sees 6x6 pixels for a quarter of
    the work.

    Measured: MNIST test accuracy 99.65 ± 0.02 % (5 seeds, 16 epochs of 54,000 images in
    bfloat16, recipe chosen on images held out) after 73 s of two cores; the average of
    the five 99.69 %.
    """
    return nn.Sequential(
        nn.PixelUnshuffle(2),  # (4, 14, 14)
        nn.Conv2d(4, 32, 3, bias=False),  # (32, 12, 12)
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 48, 3, bias=False),  # (48, 10, 10)
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (48, 5, 5)
        nn.Conv2d(48, 64, 3, padding=1, bias=False),  # (64, 5, 5)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.Conv2d(64, 96, 3, bias=False),  # (96, 3, 3)
        nn.BatchNorm2d(96),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(96 * 3 * 3, classes),
    )


def accurate(classes: int = 10) -> nn.Module:
    """The most accuracy for some minutes of a CPU: 287,226 parameters.

    Two convolutions on each of three levels, the first at full resolution: blocks of
    pixels, as in `balanced`, save time, but see a digit shifted by one pixel as another
    one. Meant for elastic augmentation, label smoothing, weight averaging and bfloat16.

    Measured: MNIST test accuracy 99.66 ± 0.03 % (5 seeds, 57,000 images learned from,
    net and recipe chosen on held-out images, 6 minutes of one core each), with shifts
    (test-time augmentation) 99.67 %; the average of the five 99.71 %, with shifts
    99.72 %. Five more that learned from that average (`distill`, 11 minutes each):
    99.67 ± 0.03 %, with shifts 99.69 %; their average 99.71 %.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, bias=False),  # (16, 26, 26)
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, bias=False),  # (32, 24, 24)
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (32, 12, 12)
        nn.Conv2d(32, 64, 3, bias=False),  # (64, 10, 10)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, bias=False),  # (64, 8, 8)
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (64, 4, 4)
        nn.Conv2d(64, 128, 3, padding=1, bias=False),  # (128, 4, 4)
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.Conv2d(128, 128, 3, bias=False),  # (128, 2, 2)
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128 * 2 * 2, classes),
    )


def packaged(classes: int = 10) -> nn.Module:
    """The packaged model's net, with its batch norms folded in: 404,474 parameters.

    It is for fine-tuning the weights of `mnistry.load_model()`; from random weights it
    learns worse than `balanced`, because it has no batch norms.
    """
    return nn.Sequential(
        nn.PixelUnshuffle(2),  # (4, 14, 14)
        nn.Conv2d(4, 32, 3),  # (32, 12, 12)
        nn.ReLU(),
        nn.Conv2d(32, 48, 3),  # (48, 10, 10)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (48, 5, 5)
        nn.Conv2d(48, 80, 3, padding=1),  # (80, 5, 5)
        nn.ReLU(),
        nn.Conv2d(80, 144, 3),  # (144, 3, 3)
        nn.ReLU(),
        nn.Conv2d(144, 192, 3),  # (192, 1, 1)
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(192, classes),
    )


NETS: dict[str, Callable[[int], nn.Module]] = {
    "linear": linear,
    "mlp": mlp,
    "lenet": lenet,
    "tutorial": tutorial,
    "cnn": cnn,
    "fast": fast,
    "balanced": balanced,
    "accurate": accurate,
}
"""Nets that are trained from random weights."""

BUILDERS: dict[str, Callable[[int], nn.Module]] = NETS | {"packaged": packaged}
"""Nets that a model file may name."""


def build(net: str, classes: int = 10) -> nn.Module:
    """Build a net by its name, with fresh weights from torch's random numbers.

    Args:
        net: A key of `BUILDERS`.
        classes: Number of classes, 2 or more.

    Raises:
        UnknownNameError: There is no such net.
        UsageError: `classes` is below 2.

    Example:
        >>> sum(weights.numel() for weights in build("cnn").parameters())
        155606
    """
    if net not in BUILDERS:
        raise unknown_name("net", net, NETS)
    if classes < 2:
        message = f"classes is {classes}; expected 2 or more."
        raise UsageError(message)
    return BUILDERS[net](classes)
