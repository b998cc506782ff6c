"""Knowledge distillation: learning from a teacher. Read `train` first."""

import os
from typing import Any

from torch import nn

from mnistry.digits import Digits
from mnistry.learn.model import Model
from mnistry.learn.prepare import begin
from mnistry.learn.progress import StepCallback
from mnistry.learn.teacher import set_teacher
from mnistry.learn.train import continue_run
from mnistry.predictions import Predictor


def distill(
    teacher: Predictor,
    digits: Digits,
    net: str | nn.Module = "balanced",
    *,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    watch: StepCallback | bool | None = None,
    **changes: Any,
) -> Model:
    """Train a net to read as a teacher does: a large net, or an ensemble of several.

    In each step the teacher reads the very images that the net does, bent as they are,
    and its probabilities stand in for the labels: they show which digits are nearly
    another, and doubt a label that is wrong. Small nets gain most.

    Args:
        teacher: Whatever has `predict`: a model, `mnistry.average` of several, the
            packaged one. What it learned from counts: of the images held out here it
            may have seen some, unless it held out the same (seed and validation).
        digits: As for `train`; their labels serve validation.
        net: As for `train`.
        seed: As for `train`.
        folder: As for `train`. The teacher is not stored: `resume` must be given it.
        watch: As for `train`.
        **changes: Numbers of the recipe to change.

    Returns:
        As `train` does.

    Raises:
        UsageError: The teacher cannot predict.
        ShapeError: The teacher does not take such images, or knows other classes.
        MnistryError: As for `train`.

    Measured: `accurate`, taught by the ensemble of five of its kind, reads 99.67 ± 0.03
    % of MNIST's test images (5 seeds); from labels 99.66 ± 0.03 %. A net of 9,858
    parameters, taught by one `accurate`, 99.48 ± 0.08 % (3 seeds); from labels 99.43 ±
    0.07 %.

    Source:
        Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network",
        https://arxiv.org/abs/1503.02531; that image and target be augmented alike:
        Beyer et al. 2022, https://arxiv.org/abs/2106.05237.

    Example:
        >>> five = mnistry.average(models)  # doctest: +SKIP
        >>> small = distill(five, digits, "balanced")  # doctest: +SKIP
    """
    run = begin(digits, net, seed, recipe=None, changes=changes)
    set_teacher(run, teacher, digits)
    return continue_run(run, digits, folder, watch)
