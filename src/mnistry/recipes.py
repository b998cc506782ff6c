"""Recipes: every number that decides how a net learns, as one value.

Rule of the package: a number that matters is a field here, never a constant in the
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
    """How a net learns. The defaults learn a little of everything, safely."""

    epochs: int = 10
    """How often each image is seen, 1 or more."""
    steps: int = 0
    """Length of the run in steps; 0: as many as the epochs have."""
    batch_size: int = 128
    """Images of one step at most: an epoch is cut into equal batches."""
    shards: int = 2
    """A batch is cut into so many parts at most, none of fewer than 8 images, which as
    many threads may compute; batch norms see one part at a time. The number of threads
    changes nothing, this number does."""
    optimizer: Literal["adam", "sgd", "rmsprop"] = "adam"
    learning_rate: float = 0.001
    """The largest one of the whole run."""
    momentum: float = 0.9
    """Of past gradients, the share that stays in each step, 0 to below 1."""
    square_momentum: float = 0.999
    """The same of squared gradients (adam, rmsprop)."""
    weight_decay: float = 0.0
    """How much of each weight is taken away in a step, times the learning rate."""
    averaging: float = 0.0
    """Of the moving average of weights, the share that stays in a step, 0 to below 1.
    The averaged net is the one that is validated and saved; 0: the net as it stands."""
    label_smoothing: float = 0.0
    """This share of each label is spread over all classes. The loss of the steps is
    then never near 0. Confidence does not suffer: the temperature is
    fitted afterwards, on the images held out and their own labels."""
    patience: int = 0
    """Stop when the loss on the images held out has not been lower for so many epochs,
    and keep the weights of its best epoch; 0: never stop, take the last."""
    warmup: float = 0.0
    """Of all steps, the share in which the learning rate rises from near 0."""
    decay: bool = False
    """After the rise the learning rate falls to 0; otherwise it stays."""
    decay_shape: Literal["linear", "cosine"] = "linear"
    """How it falls: straight, or along half a cosine, slowly at first and in the end.
    Source: Loshchilov and Hutter 2017, "SGDR", arXiv:1608.03983."""
    gradient_norm: float = 0.0
    """A longer gradient, all weights together, is shortened to this; 0: never.
    Source: Pascanu et al. 2013, arXiv:1211.5063."""
    rotation_degrees: float = 0.0
    """Each image is turned by up to so much, either way."""
    scaling: float = 0.0
    """Height and width each grow or shrink by up to this share, nearly."""
    shear: float = 0.0
    """Slanted by up to so many pixels a pixel of height, either way."""
    shift_pixels: float = 0.0
    """Moved by up to so much in each direction, in parts of pixels too."""
    elastic_pixels: float = 0.0
    """Bent: how far a pixel is moved against its neighbours, root mean square."""
    stroke: float = 0.0
    """Thickened or thinned by up to this share of the way to the next pixel's ink."""
    validation: float = 0.1
    """Of the training images, the share held out for validation."""
    channels_last: bool = False
    """Keep the channels of a pixel side by side: often faster, never other results."""
    precision: Literal["fastest", "float32", "bfloat16"] = "float32"
    """Of the arithmetic inside the net while it learns; weights, loss and
    predictions stay float32. "fastest": bfloat16 where the processor has
    instructions for it (avx512_bf16, amx_bf16, or CUDA), float32 elsewhere."""
    device: Literal["fastest", "cpu", "cuda", "mps"] = "fastest"
    """Where the net learns. "fastest": CUDA where there is one, the CPU elsewhere.
    Measured and tested on CPUs only; mps (Apple) is taken only when it is asked for,
    and is untested."""

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
            steps: Of the whole run.

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
        """Make the same recipe with the epochs and batches that few images need.

        A net takes some hundred steps to learn anything, however few there are.

        Args:
            count: How many images there are.
            keep_epochs: Only large batches are made smaller, and only for less than
                half of what MNIST has.

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
        """Make the same recipe with some numbers changed.

        Raises:
            UsageError: There is no such number, or it cannot have that value.

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


ENOUGH = 200  # steps; with less of them images are few
FEWEST = 300  # steps where images are few
MANY = 30_000  # images; half of MNIST's: an epoch of them is enough to learn from
LARGEST_BATCH = 128  # images, where they are few
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
"""For a model that goes on learning: small steps, so that it keeps what it knows.

Chosen of rates from 0.0002 to 0.002 on 1,500 digits of seven Swiss writers after 154 of
five others, and on drawn digits: 0.002 read 93 %, 0.0002 98 %."""
