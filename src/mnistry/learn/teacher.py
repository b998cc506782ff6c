"""The teacher of knowledge distillation: its probabilities in place of labels.

Rule of the package: a teacher is anything with `predict`; it does not change.
"""

import numpy as np
import torch

from mnistry.arrays import Images
from mnistry.digits import Digits
from mnistry.errors import CheckpointError, ShapeError
from mnistry.learn.device import autocast
from mnistry.learn.run import Run
from mnistry.predictions import Predictor, expect_predictor
from mnistry.recipes import Recipe


def set_teacher(run: Run, teacher: Predictor, digits: Digits) -> None:
    """Set the teacher of a run, and record it in the facts.

    Raises:
        UsageError: It has no `predict`.
        ShapeError: It does not take such images, or its classes are not the net's.
    """
    expect_predictor(teacher)
    if not len(digits):
        return  # `train` refuses these itself
    known = teacher.predict(digits.images[:1]).probabilities.shape[1]
    classes = int(run.facts["classes"])
    if known != classes:
        message = (
            f"the teacher has {known} classes; expected {classes}, as the net"
            " has. Pass one that learned from such digits."
        )
        raise ShapeError(message)
    run.teacher = teacher
    run.facts["teacher"] = _described(teacher)


def check_teacher(run: Run, teacher: Predictor | None) -> Predictor | None:
    """Check that a run is resumed with the same teacher, if it had one.

    Raises:
        CheckpointError: It is another one, or there is only one before or now.
    """
    had = run.facts.get("teacher")
    given = None if teacher is None else _described(teacher)
    if had != given:
        message = (
            f"the run learned from {had or 'no teacher'}; expected the same, not"
            f" {given or 'none'}. Pass the same teacher, or train anew."
        )
        raise CheckpointError(message)
    return teacher


def teacher_probabilities(
    teacher: Predictor, images: Images, recipe: Recipe
) -> torch.Tensor:
    """Return a teacher's probabilities (n, classes) float32."""
    with autocast(recipe):
        probabilities = teacher.predict(images).probabilities
    return torch.from_numpy(np.array(probabilities)).to(recipe.device)


def _described(teacher: Predictor) -> str:
    return repr(teacher).strip("<>")
