"""Detect how a model expects its images: by the input with which it reads best.

Models trained on pixels from 0 to 1 often read pixels from 0 to 255 nearly as well, so
a difference of a few images proves nothing. Inputs are compared on the same images,
unchanged and randomly moved, so that the model errs on some. Among those that a paired
test cannot distinguish from the best, the one with the lowest loss wins: a model given
pixels 255 times too large is as confident of its errors as of the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnistry.arrays import Images
from mnistry.augment import affine
from mnistry.digits import Digits
from mnistry.errors import MnistryError, UsageError
from mnistry.metrics import compare, losses
from mnistry.predictions import Predictions
from mnistry.predictors.inputs import Input, prepare
from mnistry.predictors.kinds import Opened
from mnistry.predictors.outputs import FEWEST_CLASSES, to_predictions, together

IMAGES = 300  # of the training images; as many again are moved
PROBES = 2  # images that show whether the model accepts a layout
CLEARLY = 0.9  # accuracy above which neither inverted nor transposed images are tried
SUGGESTIVE = 0.5  # accuracy below which it is hardly the right input
SIGNIFICANT = 0.05  # p-value of McNemar's test
BLOCK_IMAGES = 1000  # read at a time: 6 MB as float64
LENET_SIDE = 32  # of the images that LeNet-5 takes, and nets made after it


@dataclass(frozen=True, slots=True)
class Trial:
    """One input, and how well a model read training images with it."""

    how: Input
    predictions: Predictions
    accuracy: float
    """On the unchanged images."""
    loss: float
    """On all images, including the moved ones; NaN if only labels are known."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {"input": str(self.how), "accuracy": self.accuracy}


def find_input(
    opened: Opened, training: Digits, *, like: Input | None, given: Iterable[str]
) -> list[Trial]:
    """Try inputs on training images.

    Args:
        opened: The model.
        training: Images that it may have learned from, at least one.
        like: What is known about the input; None: nothing.
        given: Which of its fields are known.

    Returns:
        The trials, best first; one trial if there was nothing to choose.

    Raises:
        UsageError: The model takes none of the layouts, or not the pixels given.
    """
    known = like or Input()
    given = frozenset(given)
    if "pixels" in given:
        _expect_pixels(opened, known.pixels)
    few = training.choose(IMAGES)
    base = _first_that_runs(opened, few, known, given)
    moved = affine(few.images, np.random.default_rng(0))
    both = Digits(
        np.concatenate([few.images, moved]),
        np.concatenate([few.labels, few.labels]),
        classes=training.classes,
    )
    pixels = [base.pixels] if "pixels" in given else opened.pixels
    refused: list[str] = []
    inputs = (replace(base, pixels=name) for name in pixels)
    trials = _tried(opened, both, inputs, refused)
    is_free = not {"pixels", "inverted", "transposed"} & given
    if is_free and max((trial.accuracy for trial in trials), default=0) < CLEARLY:
        turned = [
            replace(trial.how, inverted=inverted, transposed=transposed)
            for trial in trials
            for inverted in (False, True)
            for transposed in (False, True)
            if inverted or transposed
        ]
        trials += _tried(opened, both, turned, refused)
    if not trials:
        message = (
            f"the model reads {training.name} {training.split_name} with no range of"
            f" pixels, 0 to 1 nor 0 to 255: {'; '.join(dict.fromkeys(refused))}"
        )
        raise UsageError(message)
    return _best_first(trials, both, opened.pixels[: opened.usual])


def _expect_pixels(opened: Opened, given: str) -> None:
    if given not in opened.pixels:
        message = (
            f"input says {given!r}, but the model takes pixels of type"
            f" {np.dtype(opened.dtype)}; expected {', '.join(opened.pixels)}. Write"
            " that in its place, or leave it out."
        )
        raise UsageError(message)


def _first_that_runs(
    opened: Opened, few: Digits, known: Input, given: frozenset[str]
) -> Input:
    """Find a layout with which a model returns a label or a row for each image."""
    layouts = (known.layout,) if "layout" in given else opened.layouts
    side = _side(opened.side, few.images)
    if "side" in given:
        sides: Sequence[int] = (known.side,)
    else:
        sides = (side,) if opened.side else (0, LENET_SIDE)
    pixels = (known.pixels,) if "pixels" in given else opened.pixels
    probes = few[:PROBES]
    errors: dict[str, list[str]] = {}
    for side in sides:
        for layout in layouts:
            for name in pixels:
                how = replace(known, layout=layout, side=side, pixels=name)
                try:
                    read(opened, probes.images, how, probes.classes)
                except Exception as error:  # noqa: BLE001 - whatever a library raises
                    errors.setdefault(_first_line(error), []).append(layout)
                else:
                    return how
    tried = [
        f"{', '.join(dict.fromkeys(names))}: {error}" for error, names in errors.items()
    ]
    message = (
        "the model takes none of the layouts tried ("
        + "; ".join(tried)[:900]
        + "). Expected one that takes images and returns a label, or a number for each"
        " class. Name its input, such as '0-1 nchw 28x28' (as_predictor's input, or"
        " --input), or pass a function that takes images (n, rows, columns) and returns"
        " labels."
    )
    raise UsageError(message)


def _side(declared: int, images: Images) -> int:
    """Return the side to resize images to; 0 if they need no resizing."""
    return 0 if images.shape[1:] == (declared, declared) else declared


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__} {lines[0] if lines else ''}".strip()[:160]


def read(
    opened: Opened, images: Images, how: Input, names: Sequence[str] = ()
) -> Predictions:
    """Run a model on images, in batches.

    Args:
        opened: The model.
        images: (n, rows, columns) uint8.
        how: How it expects them.
        names: The names of classes 0, 1, ….

    Raises:
        MnistryError: What it returns is not predictions. Its library may raise other
            errors.
    """
    if not len(images):
        return Predictions(np.zeros((0, FEWEST_CLASSES), np.float32))
    blocks = [
        images[start : start + BLOCK_IMAGES]
        for start in range(0, len(images), BLOCK_IMAGES)
    ]
    given = [opened.ask(prepare(block, how, opened.dtype)) for block in blocks]
    return to_predictions(together(given), len(images), names=names)


def _tried(
    opened: Opened, both: Digits, inputs: Iterable[Input], refused: list[str]
) -> list[Trial]:
    """Read images with each input; reasons for refusing go to `refused`."""
    trials = []
    half = len(both) // 2
    for how in inputs:
        try:
            predictions = read(opened, both.images, how, both.classes)
            loss = float(losses(both.labels, predictions.logits).mean())
        except (MnistryError, ValueError, AssertionError) as error:
            refused.append(_first_line(error))
            continue  # NaN from too large pixels, or the model's own check
        right = predictions.labels == both.labels
        lost = np.nan if predictions.only_labels else loss
        trials.append(Trial(how, predictions, float(right[:half].mean()), lost))
    return trials


def _best_first(trials: list[Trial], both: Digits, usual: Sequence[str]) -> list[Trial]:
    """Sort trials: first those as good as the best, usual inputs and low losses."""

    def right(trial: Trial) -> int:
        return int(np.count_nonzero(trial.predictions.labels == both.labels))

    def is_as_good(trial: Trial) -> bool:
        labels = (one.predictions.labels for one in (best, trial))
        return compare(both.labels, *labels).p_value >= SIGNIFICANT

    ordered = sorted(trials, key=right, reverse=True)
    best = ordered[0]
    good = [trial for trial in ordered if is_as_good(trial)]
    lost = {id(one): one.loss for one in good if not one.predictions.only_labels}
    good.sort(key=lambda one: (one.how.pixels not in usual, lost.get(id(one), 0)))
    return good + [trial for trial in ordered if not any(trial is one for one in good)]


def suits(trials: Sequence[Trial]) -> bool:
    """Return whether an input was detected; a given one counts as detected.

    Args:
        trials: The best first.
    """
    return len(trials) == 1 or trials[0].accuracy >= SUGGESTIVE


def in_words(trials: Sequence[Trial], name: str) -> str:
    """Say in one line which input was detected, and how others did.

    Args:
        trials: The trials, best first.
        name: The name of the images they were tried on.

    Example:
        >>> one = Trial(Input(), Predictions(np.zeros((1, 2))), 0.98, 0.1)
        >>> in_words([one], "mnist train")
        'input 0-1 nchw'
    """
    best, *others = trials
    if not others:
        return f"input {best.how}"
    found = f"found on {IMAGES} images of {name}"
    shares = ", ".join(
        f"{trial.how} {100 * trial.accuracy:.1f} %" for trial in others[:3]
    )
    if suits(trials):
        return f"input {best.how}, {found}: {100 * best.accuracy:.1f} % right; {shares}"
    shares = ", ".join(f"{trial.how} {100 * trial.accuracy:.1f} %" for trial in trials)
    return (
        f"no input makes this model read: of {IMAGES} images of {name} it read, by"
        f" input, {shares}. If it wants another one, set it; 11.35 % is what ones alone"
        " give"
    )
