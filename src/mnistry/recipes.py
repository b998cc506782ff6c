"""Recipes: every number that decides how a net learns, as one value.

Rule of the package: a parameter that matters is a field here, never a constant in the
loop.
"""

import dataclasses
import difflib
import math
from dataclasses import dataclass
from typing import Any, Literal

from mnistry.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The parameters of training. The defaults are moderate and safe."""

    epochs: int = 10
    """Number of epochs, 1 or more."""
    steps: int = 0
    """Length of the run in steps; 0: as many as in the epochs."""
    batch_size: int = 128
    """Largest number of images in a step; an epoch is cut into equal batches."""
    shards: int = 2
    """Largest number of parts of a batch, each of at least 8 images, which threads can
    compute in parallel; batch norms see one part at a time. This number affects the
    result, the number of threads does not."""
    optimizer: Literal["adam", "sgd", "rmsprop"] = "adam"
    learning_rate: float = 0.001
    """The largest learning rate of the run."""
    momentum: float = 0.9
    """Momentum: the share of past gradients kept in each step, 0 to below 1."""
    square_momentum: float = 0.999
    """The same for squared gradients (adam, rmsprop)."""
    weight_decay: float = 0.0
    """Weight decay: the share of each weight subtracted in a step, times the learning
    rate."""
    averaging: float = 0.0
    """The share of the moving average of weights kept in a step, 0 to below 1. The
    averaged net is validated and saved; 0: no average."""
    label_smoothing: float = 0.0
    """The share of each label that is spread over all classes. The training loss is
    then never near 0. Confidence does not suffer: the temperature is fitted afterwards,
    on held-out images with unsmoothed labels."""
    patience: int = 0
    """Stop when the loss on held-out images has not improved for so many epochs, and
    keep the weights of the best epoch; 0: never stop, keep the last weights."""
    warmup: float = 0.0
    """The share of all steps in which the learning rate rises from near 0."""
    decay: bool = False
    """After the rise the learning rate falls to 0; otherwise it stays."""
    decay_shape: Literal["linear", "cosine"] = "linear"
    """How it falls: linearly, or along half a cosine, slowly at both ends.
    Source: Loshchilov and Hutter 2017, "SGDR", arXiv:1608.03983."""
    gradient_norm: float = 0.0
    """The largest norm of the gradient of all weights (clipping); 0: no limit.
    Source: Pascanu et al. 2013, arXiv:1211.5063."""
    rotation_degrees: float = 0.0
    """Largest rotation of an image, either way."""
    scaling: float = 0.0
    """Largest change of height and of width, as a share, approximately."""
    shear: float = 0.0
    """Largest shear, in pixels per pixel of height, either way."""
    shift_pixels: float = 0.0
    """Largest shift in each direction; not only whole pixels."""
    elastic_pixels: float = 0.0
    """Elastic distortion: root mean square displacement of a pixel."""
    stroke: float = 0.0
    """Thickening or thinning, up to this share of the way to the neighbour's ink."""
    validation: float = 0.1
    """The share of training images held out for validation."""
    channels_last: bool = False
    """Store the channels of a pixel next to each other: often faster, same results."""
    precision: Literal["fastest", "float32", "bfloat16"] = "float32"
    """Precision inside the net during training; weights, loss and predictions stay
    float32. "fastest": bfloat16 if there are instructions for it (avx512_bf16,
    amx_bf16, or CUDA), otherwise float32."""
    device: Literal["fastest", "cpu", "cuda", "mps"] = "fastest"
    """The device for training. "fastest": CUDA if available, otherwise the CPU.
    Measured and tested on CPUs only; mps (Apple) is used only on request, and is
    untested."""

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            kind = "whole number" if name in _WHOLE else "number"
            fits = isinstance(value, int if name in _WHOLE else int | float)
            if not fits or not low <= value <= high:
                message = (
                    f"{name} is {value!r}; expected a {kind} from {low} to {high}."
                )
                raise UsageError(message)
        for name, words in _WORDS.items():
            value = getattr(self, name)
            if value not in words:
                listed = f"{', '.join(words[:-1])} or {words[-1]}"
                raise UsageError(f"{name} is {value!r}; expected {listed}.")

    def learning_rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of one step of a run.

        Args:
            step: 0 is the first one.
            steps: Steps of the whole run.

        Example:
            >>> recipe = Recipe(learning_rate=1, warmup=0.5, decay=True)
            >>> [recipe.learning_rate_at(step, 8) for step in range(8)]
            [0.25, 0.5, 0.75, 1.0, 0.8, 0.6, 0.4, 0.2]
        """
        rising = self.warmup * steps
        if step + 1 < rising:
            return self.learning_rate * (step + 1) / rising
        if not self.decay:
            return self.learning_rate
        falling = steps - math.ceil(rising) + 1
        left = (steps - step) / falling
        if self.decay_shape == "cosine":
            left = (1 - math.cos(math.pi * left)) / 2
        return self.learning_rate * left

    def for_few(self, count: int, *, keep_epochs: bool = False) -> "Recipe":
        """Return the recipe with the epochs and batches that few images need.

        A net takes some hundred steps to learn anything, however few there are.

        Args:
            count: The number of images.
            keep_epochs: Only reduce the batch size, and only for less than half as
                many images as MNIST has.

        Example:
            >>> few = Recipe(epochs=2, batch_size=128).for_few(132)
            >>> few.epochs, few.batch_size
            (75, 32)
            >>> Recipe(epochs=2).for_few(60_000) == Recipe(epochs=2)
            True
            >>> few = Recipe(epochs=1, batch_size=512).for_few(4000, keep_epochs=True)
            >>> few.epochs, few.batch_size
            (1, 128)
        """
        learned = max(1, round(count * (1 - self.validation)))
        if self.steps or self.epochs * math.ceil(learned / self.batch_size) >= ENOUGH:
            return self
        largest = min(self.batch_size, LARGEST_BATCH)
        if keep_epochs:
            is_large = self.batch_size > LARGE and learned < MANY
            return self.changed(batch_size=largest) if is_large else self
        batch_size = min(largest, max(SMALLEST_BATCH, learned // 32))
        epochs = math.ceil(FEWEST / math.ceil(learned / batch_size))
        return self.changed(batch_size=batch_size, epochs=max(self.epochs, epochs))

    def changed(self, **changes: Any) -> "Recipe":
        """Return the recipe with some parameters changed.

        Raises:
            UsageError: There is no such parameter, or the value is out of range.

        Example:
            >>> Recipe().changed(epochs=3).epochs
            3
        """
        names = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                listed = ", ".join(sorted(names))
                message = f"a recipe has no {name!r}; it has: {listed}.{hint}"
                raise UsageError(message)
        return dataclasses.replace(self, **changes)


ENOUGH = 200  # steps; with fewer, images count as few
FEWEST = 300  # steps if images are few
MANY = 30_000  # images; half of MNIST's: an epoch of them is enough to learn from
LARGEST_BATCH = 128  # images, if they are few
# of `fast`, two epochs of 4,000 images read 97.0 % in batches of 128, 95.6 in those of
# 512; three epochs of 1,000 read 93.6 and 86.6 %
LARGE = 256  # images
SMALLEST_BATCH = 32  # images: batch norms take their mean
_WORDS = {
    "decay_shape": ("linear", "cosine"),
    "optimizer": ("adam", "sgd", "rmsprop"),
    "precision": ("fastest", "float32", "bfloat16"),
    "device": ("fastest", "cpu", "cuda", "mps"),
}
_WHOLE = ("epochs", "steps", "batch_size", "shards", "patience")
_RANGES: tuple[tuple[str, float, float], ...] = (
    ("epochs", 1, 100_000),
    ("steps", 0, 1_000_000_000),
    ("batch_size", 1, 1_000_000),
    ("shards", 1, 256),
    ("learning_rate", 0, 1_000),
    ("momentum", 0, 0.99999),
    ("square_momentum", 0, 0.99999),
    ("weight_decay", 0, 1_000),
    ("averaging", 0, 0.99999),
    ("label_smoothing", 0, 0.99),
    ("patience", 0, 100_000),
    ("warmup", 0, 1),
    ("gradient_norm", 0, 1_000),
    ("rotation_degrees", 0, 180),
    ("scaling", 0, 1),
    ("shear", 0, 1),
    ("shift_pixels", 0, 14),
    ("elastic_pixels", 0, 14),
    ("stroke", 0, 1),
    ("validation", 0, 0.9),
)

RECIPES: dict[str, Recipe] = {
    "linear": Recipe(epochs=5),
    # the numbers of the tutorials themselves
    "mlp": Recipe(
        epochs=10, batch_size=256, optimizer="rmsprop", momentum=0, square_momentum=0.9
    ),
    "lenet": Recipe(epochs=10),
    "tutorial": Recipe(
        epochs=3, batch_size=64, optimizer="sgd", learning_rate=0.01, momentum=0.5
    ),
    "cnn": Recipe(epochs=10, batch_size=1000),
    # chosen on held-out training images
    "fast": Recipe(
        epochs=2,
        batch_size=512,
        learning_rate=0.02,
        momentum=0.7,
        square_momentum=0.9,
        warmup=0.25,
        decay=True,
        shift_pixels=1,
        channels_last=True,
        precision="fastest",
    ),
    "balanced": Recipe(
        epochs=16,
        batch_size=128,
        learning_rate=0.01,
        momentum=0.9,
        square_momentum=0.99,
        warmup=0.2,
        decay=True,
        rotation_degrees=10,
        scaling=0.1,
        shear=0.1,
        shift_pixels=1.5,
        elastic_pixels=0.7,
        averaging=0.998,
        label_smoothing=0.1,
        channels_last=True,
        precision="fastest",
    ),
    "accurate": Recipe(
        epochs=16,
        batch_size=128,
        learning_rate=0.006,
        momentum=0.9,
        square_momentum=0.99,
        weight_decay=0.02,
        averaging=0.999,
        label_smoothing=0.1,
        warmup=0.1,
        decay=True,
        rotation_degrees=10,
        scaling=0.1,
        shear=0.1,
        shift_pixels=1.5,
        elastic_pixels=0.7,
        validation=0.05,
        channels_last=True,
        precision="fastest",
    ),
}
"""One for each net, in the order of `NETS`."""

FINE_TUNING = Recipe(
    epochs=2,
    batch_size=128,
    learning_rate=0.0002,
    momentum=0.9,
    square_momentum=0.99,
    warmup=0.1,
    decay=True,
    rotation_degrees=10,
    scaling=0.1,
    shear=0.1,
    shift_pixels=1,
    elastic_pixels=0.7,
    channels_last=True,
)
"""For fine-tuning: small steps, so that a model keeps what it has learned.

Chosen of rates from 0.0002 to 0.002 on 1,500 digits of seven Swiss writers after 154 of
five others, and on drawn digits: 0.002 read 93 %, 0.0002 98 %."""
